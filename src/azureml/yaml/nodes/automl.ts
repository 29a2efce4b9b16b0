import type { z } from 'zod';
import { tasks } from '../automl/tasks.js';
import { metrics, snakeTerm, term, verbosities } from '../automl/terms.js';
import { mapValues } from '../components/ports.js';
import { compact, openObject, text, word } from '../fields.js';
import { nodeOutputBody } from './io.js';
import { nodeKeys, nodeType } from './node.js';
import { armPrefixed, computeId } from '../references.js';

const { outputs, name, display_name, description, tags, properties } = nodeKeys;

const schema = openObject({
  outputs,
  name,
  display_name,
  description,
  tags,
  properties,
  type: word(['automl']),
  task: word(tasks),
  compute: text.optional(),
  log_verbosity: term(verbosities).optional(),
  primary_metric: text.optional(),
});
type AutoMlNode = z.infer<typeof schema>;

/** An AutoML job of a pipeline: sent in the words of the file. */
export const autoMlNode = nodeType<AutoMlNode>({
  type: 'automl',
  schema,
  check: () => Promise.resolve([]),
  toRest(node, at, assets) {
    const { outputs: left, compute, task, ...rest } = node;
    const limits = rest['limits'] as Record<string, unknown> | undefined;
    return Promise.resolve(
      compact({
        ...rest,
        name: at.name,
        tags: node.tags ?? {},
        properties: node.properties ?? {},
        task,
        outputs: compact(mapValues(left ?? {}, nodeOutputBody)),
        compute: compute === undefined ? undefined : armPrefixed(computeId(assets.workspace, compute)),
        log_verbosity: snakeTerm(node.log_verbosity ?? 'Info'),
        primary_metric: node.primary_metric ?? snakeTerm(metrics[task]?.[0] ?? ''),
        limits:
          limits !== undefined && task.startsWith('text_')
            ? { max_trials: 1, max_nodes: 1, ...limits }
            : limits,
      }),
    );
  },
  outputs: (node) => Promise.resolve(mapValues(node.outputs ?? {}, () => ({ type: 'mltable' as const }))),
});
