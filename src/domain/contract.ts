import type { Check } from './gate-check.js';
import type { Environment } from './project.js';
import { accepts, type Field, type Signature, typeText } from './signature.js';

/** What callers of the champion would notice of the challenger, one sentence a difference. */
export interface SignatureChange {
  /** Requests that were answered are refused, or answers that were read are not there. */
  readonly breaks: readonly string[];
  /** What harms nobody. */
  readonly notes: readonly string[];
}

/** Whether a project's commit may break the callers of what serves. */
export type ContractRule = 'compatible' | 'breaking';

/** So many sentences are told; people look at the models themselves for more. */
const mostTold = 10;

/**
 * Holds a challenger's signature against the champion's, as callers see it: inputs must accept what is sent today,
 * answers must be readable as today. Columns that a model does not know are left out by MLflow, so fewer inputs break
 * nothing; parameters always have a default. A champion without signature promised nothing.
 */
export function compareSignatures(champion: Signature, challenger: Signature): SignatureChange {
  const inputs = compareSides('input', champion.inputs, challenger.inputs);
  const outputs = compareSides('output', champion.outputs, challenger.outputs);
  const params = compareParams(champion.params ?? [], challenger.params ?? []);
  return {
    breaks: bounded([...inputs.breaks, ...outputs.breaks, ...params.breaks]),
    notes: bounded([...inputs.notes, ...outputs.notes, ...params.notes]),
  };
}

/** Whether a candidate may pass the gate with what it changes for callers. */
export function contractCheck(
  { breaks }: SignatureChange,
  rule: ContractRule,
  last: Pick<Environment, 'name' | 'approval'> | undefined,
): Check[] {
  if (breaks.length === 0) return [];
  const what = `breaks callers of the champion: ${breaks.join('; ')}`;
  if (rule === 'compatible')
    return [
      {
        holds: false,
        reason: `${what} ✗ If every caller is ready for that, say \`contract: breaking\` in mlops.yaml`,
      },
    ];
  if (last !== undefined && last.approval === undefined)
    return [
      {
        holds: false,
        reason: `${what} ✗ \`contract: breaking\` needs people who approve it, and ${last.name} has \`approval: none\``,
      },
    ];
  return [{ holds: true, reason: `${what}; \`contract: breaking\` lets it pass, people decide ✓` }];
}

type Side = 'input' | 'output';

function compareSides(
  side: Side,
  before: readonly Field[] | undefined,
  now: readonly Field[] | undefined,
): SignatureChange {
  if (before === undefined) return none;
  if (now === undefined) return broken(`the signature says nothing of ${side}s any more`);
  const named = [...before, ...now].every(({ name }) => name !== undefined);
  return named ? byName(side, before, now) : byPlace(side, before, now);
}

function byName(side: Side, before: readonly Field[], now: readonly Field[]): SignatureChange {
  const breaks: string[] = [];
  const notes: string[] = [];
  const known = new Map(before.map((field) => [field.name, field]));
  const kept = new Set(now.map(({ name }) => name));
  for (const field of now) {
    const was = known.get(field.name);
    if (was !== undefined) breaks.push(...changeOf(side, `${side} ${field.name ?? ''}`, was, field));
    else if (side === 'input' && field.required)
      breaks.push(`input ${field.name ?? ''} (${typeText(field.type)}) is new and required`);
    else notes.push(`${side} ${field.name ?? ''} (${typeText(field.type)}) is new`);
  }
  for (const { name = '' } of before.filter((field) => !kept.has(field.name)))
    if (side === 'input') notes.push(`input ${name} is not read any more`);
    else breaks.push(`output ${name} is gone`);
  return { breaks, notes };
}

function byPlace(side: Side, before: readonly Field[], now: readonly Field[]): SignatureChange {
  if (before.length !== now.length || before.some(({ name }, at) => name !== now[at]?.name))
    return broken(`${side}s ${listed(before)} became ${listed(now)}`);
  const breaks = now.flatMap((field, at) => {
    const was = before[at];
    return was === undefined ? [] : changeOf(side, `${side} ${field.name ?? String(at + 1)}`, was, field);
  });
  return { breaks, notes: [] };
}

/** Inputs must take what was sent, answers must be what was read. */
function changeOf(side: Side, what: string, was: Field, is: Field): string[] {
  const [wanted, given] = side === 'input' ? [is, was] : [was, is];
  if (!accepts(wanted.type, given.type))
    return [`${what} was ${typeText(was.type)} and is ${typeText(is.type)}`];
  if (!wanted.required || given.required) return [];
  return [side === 'input' ? `${what} was optional and is required` : `${what} may be missing now`];
}

function compareParams(before: readonly Field[], now: readonly Field[]): SignatureChange {
  const known = new Map(now.map((field) => [field.name, field]));
  const breaks: string[] = [];
  const notes: string[] = [];
  for (const was of before) {
    const is = known.get(was.name);
    if (is === undefined) notes.push(`parameter ${was.name ?? ''} is not read any more`);
    else if (!accepts(is.type, was.type))
      breaks.push(`parameter ${was.name ?? ''} was ${typeText(was.type)} and is ${typeText(is.type)}`);
  }
  return { breaks, notes };
}

const none: SignatureChange = { breaks: [], notes: [] };

function broken(message: string): SignatureChange {
  return { breaks: [message], notes: [] };
}

function listed(fields: readonly Field[]): string {
  return `(${fields.map(({ name, type }) => (name === undefined ? '' : `${name}: `) + typeText(type)).join(', ')})`;
}

const longest = 200;

function bounded(sentences: readonly string[]): string[] {
  const told = sentences
    .slice(0, mostTold)
    .map((text) => (text.length > longest ? `${text.slice(0, longest)}…` : text));
  const more = sentences.length - told.length;
  return more === 0 ? told : [...told, `${more} more`];
}
