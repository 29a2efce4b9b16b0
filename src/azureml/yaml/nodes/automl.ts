import type { z } from 'zod';
import { dataPlace, searchSpaceTexts } from '../automl/body.js';
import { checkAutoMlNode } from '../automl/node-check.js';
import { tasks } from '../automl/tasks.js';
import { metrics, snakeTerm, term, verbosities } from '../automl/terms.js';
import { mapValues } from '../components/ports.js';
import { compact, isMapping, openObject, text, word } from '../fields.js';
import { inputUri } from '../inputs.js';
import type { Assets, Place } from '../kind.js';
import { nodeOutputBody, parentBinding } from './io.js';
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
  check: (node) => Promise.resolve(checkAutoMlNode(node)),
  async toRest(node, at, assets) {
    const { outputs: left, compute, task, ...rest } = node;
    const limits = rest['limits'] as Record<string, unknown> | undefined;
    const isTable = !/^(?:text|image)_/.test(task);
    const tables = await Promise.all(
      tableKeys
        .filter((key) => key in rest)
        .map(async (key) => [key, await tableText(rest[key], at.place, assets)] as const),
    );
    return compact({
      ...(isTable ? { training: {} } : {}),
      ...rest,
      ...Object.fromEntries(tables),
      search_space: spacesOf(rest['search_space']),
      sweep: sweepOf(rest['sweep']),
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
    });
  },
  outputs: (node) => Promise.resolve(mapValues(node.outputs ?? {}, () => ({ type: 'mltable' as const }))),
});

/** Search spaces as texts, which is how a job of its own has them too. */
function spacesOf(spaces: unknown): unknown {
  return Array.isArray(spaces)
    ? spaces.map((space: unknown) => (isMapping(space) ? searchSpaceTexts(space) : space))
    : spaces;
}

/** The official client says of a bandit policy what the file leaves out. */
function sweepOf(sweep: unknown): unknown {
  if (!isMapping(sweep) || !isMapping(sweep['early_termination'])) return sweep;
  const policy = sweep['early_termination'];
  if (policy['type'] !== 'bandit') return sweep;
  return { ...sweep, early_termination: { slack_factor: 0, slack_amount: 0, ...policy } };
}

const tableKeys = ['training_data', 'validation_data', 'test_data'] as const;

/**
 * What a node learns from: a binding, or (a quirk of the official client) a mapping as Python prints it, its path an
 * ARM id or address.
 */
async function tableText(value: unknown, place: Place, assets: Assets): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value;
  const { type = 'mltable', path, ...rest } = value as Record<string, unknown>;
  const text = typeof path === 'string' ? path : '';
  const uri = parentBinding.test(text) ? text : await inputUri(text, 'mltable', dataPlace(place), assets);
  const entries = Object.entries({ type, path: uri, ...rest });
  return `{${entries.map(([key, item]) => `'${key}': '${String(item)}'`).join(', ')}}`;
}
