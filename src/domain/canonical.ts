import canonicalize from 'canonicalize';
import type { Evidence } from './approval.js';
import { compareText, formatNumber } from './text.js';

/**
 * JSON as RFC 8785 (JCS) writes it: one text for one value, whatever order its keys were made in. For hashing.
 * @throws TypeError for what JSON cannot hold: NaN, infinities, cycles, lone surrogates, functions, `undefined`.
 */
export function canonicalJson(value: unknown): string {
  const text = asTypeError(() => canonicalize(value));
  if (text === undefined) throw new TypeError(`not JSON: ${typeof value}`);
  return text;
}

function asTypeError<T>(serialise: () => T): T {
  try {
    return serialise();
  } catch (error) {
    throw new TypeError(`not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** What an approver reads: one Markdown table, the same for the Temporal UI, GitHub and the terminal. */
export function evidenceText(evidence: Evidence): string {
  const { model, target } = evidence;
  const rows: readonly (readonly [string, string])[] = [
    ['project', `${evidence.project} → ${evidence.environment}`],
    ['commit', code(evidence.commit.slice(0, 12))],
    ['model', `${code(`${model.name}:${model.version}`)} (${code(model.hash.slice(0, 12))})`],
    ...(model.registry === undefined
      ? []
      : [['registry', `${code(model.registry.id)} (${code(model.registry.hash.slice(0, 12))})`] as const]),
    ['code', code(evidence.codeHash.slice(0, 12))],
    ['data', list(evidence.data, (name, version) => `${name}: ${code(version)}`)],
    ['metrics', list(evidence.metrics, (name, value) => `${name} ${formatNumber(value)}`)],
    ['endpoint', code(target.endpoint)],
    ['deployment', `${code(target.deployment)} (${code(target.deploymentHash.slice(0, 12))})`],
    ...(target.costs === undefined
      ? []
      : [['costs by', list(target.costs, (name, value) => `${name} ${code(value)}`)] as const]),
    ...(evidence.trial === undefined
      ? []
      : [['test', `${evidence.trial.rows} rows by job ${code(evidence.trial.job)}`] as const]),
    ...(evidence.contract === undefined ? [] : [['breaks', evidence.contract] as const]),
    ['rollout', evidence.rollout],
    ...(evidence.steering === undefined ? [] : [['change', evidence.steering] as const]),
  ];
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${cell(value)} |`)].join('\n');
}

function list<T>(values: Readonly<Record<string, T>>, show: (name: string, value: T) => string): string {
  const entries = Object.entries(values).sort(([a], [b]) => compareText(a, b));
  return entries.length === 0 ? 'none' : entries.map(([name, value]) => show(name, value)).join(', ');
}

/** Names come from the commit under judgement: they must not be able to draw rows or links of their own. */
function cell(text: string): string {
  return text
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replaceAll('[', '\\[')
    .replaceAll('@', '@\u200b');
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}
