import type { Problem } from '../kind.js';
import { problemsOf, valueAt } from '../mistakes.js';
import { autoMlSchema } from './tasks.js';

const tables = ['training_data', 'validation_data', 'test_data'] as const;

/**
 * What is wrong with an AutoML job that is a node of a pipeline: it keeps to the rules of its task, but everywhere a
 * `${{parent.…}}` may stand for a value, and keys that no job knows go along.
 */
export function checkAutoMlNode(node: Readonly<Record<string, unknown>>): Problem[] {
  const job: Record<string, unknown> = { ...node, outputs: undefined };
  for (const key of tables) {
    if (typeof job[key] === 'string') job[key] = { path: job[key] };
  }
  const { error } = autoMlSchema.safeParse(job);
  const issues = (error?.issues ?? []).filter(
    ({ code, path }) => code !== 'unrecognized_keys' || path.length > 0,
  );
  return problemsOf({ issues }, job).filter(({ path }) => !isBinding(valueAt(job, path)));
}

function isBinding(value: unknown): boolean {
  return typeof value === 'string' && /\$\{\{.+\}\}/.test(value);
}
