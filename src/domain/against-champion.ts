import type { ChampionScore, FinishedCandidate } from './evaluation.js';
import { type Check, isNumber, own } from './gate-check.js';
import type { Gate } from './project.js';
import { compareText, formatNumber, formatPair, formatShare } from './text.js';

/** Absorbs what binary fractions add to `0.85 - 0.845`; far below any metric's meaning. */
const rounding = 1e-12;

/**
 * Whether a candidate may take the champion's place: by the gate's metric, by the interval of the difference and by
 * slice. Figures that were measured on different data are not compared.
 */
export function againstChampion(gate: Gate, candidate: FinishedCandidate, champion: ChampionScore): Check[] {
  if (!isNumber(own(candidate.metrics, gate.metric))) return [];
  const incomparable = whyIncomparable(gate, candidate, champion);
  if (incomparable !== undefined) return [incomparable];
  return [
    ...improvement(gate, candidate, champion),
    ...sureness(gate, candidate),
    ...sliceLosses(gate, candidate, champion),
  ];
}

/** Inputs whose data versions differ, in words. */
export function differentData(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): string[] {
  return Object.keys({ ...before, ...now })
    .filter((input) => before[input] !== now[input])
    .sort(compareText)
    .map((input) => `${input} ${before[input] ?? 'none'}, now ${now[input] ?? 'none'}`);
}

/**
 * A champion that an evaluation job could not score beside the challenger stops the release, as does a comparison that
 * was asked for by number. Without either, data that has changed since (a retraining's does) leaves nothing to compare.
 */
function whyIncomparable(
  gate: Gate,
  candidate: FinishedCandidate,
  { model, version, metrics, data, evaluation }: ChampionScore,
): Check | undefined {
  const name = `the champion ${model}:${version}`;
  if (evaluation !== undefined && 'problem' in evaluation) {
    return { holds: false, reason: `${name} could not be scored beside it: ${evaluation.problem} ✗` };
  }
  if (!isNumber(own(metrics, gate.metric))) return undefined;
  const before = evaluation?.data ?? data;
  const now = evaluation === undefined ? candidate.data : (candidate.evaluation?.data ?? {});
  const changes = before === undefined ? [] : differentData(before, now);
  if (changes.length === 0) return undefined;
  const fact = `${gate.metric} of ${name} was measured on other data (${changes.join('; ')})`;
  if (evaluation !== undefined) {
    return { holds: false, reason: `${fact}: a version was added meanwhile, retry the lifecycle ✗` };
  }
  const asked = gate.minImprovement !== 0 || gate.maxSliceLoss !== undefined;
  const advice = 'gate.evaluate scores both on the same';
  return asked
    ? { holds: false, reason: `${fact}, so nothing is compared; ${advice} ✗` }
    : { holds: true, reason: `${fact}; not compared, ${advice}` };
}

function improvement(gate: Gate, { metrics }: FinishedCandidate, champion: ChampionScore): Check[] {
  const value = own(metrics, gate.metric) ?? Number.NaN;
  const name = `the champion ${champion.model}:${champion.version}`;
  const old = own(champion.metrics, gate.metric);
  if (!isNumber(old)) return [unknownChampion(gate, name, champion)];
  const gain = gate.goal === 'maximize' ? value - old : old - value;
  const holds = gain + rounding >= gate.minImprovement;
  const [shown, shownOld] = formatPair(value, old);
  const by = formatNumber(Math.abs(gain));
  const against =
    gain === 0
      ? `equals ${name} (${shownOld})`
      : `${gain > 0 ? 'beats' : 'is worse than'} ${name} (${shownOld}) by ${by}`;
  const needed = `required ${formatNumber(gate.minImprovement)}`;
  return [{ holds, reason: `${gate.metric} ${shown} ${against}, ${needed} ${holds ? '✓' : '✗'}` }];
}

/** The interval of the difference; with a `confidence` its lower end has to reach what is required. */
function sureness(gate: Gate, { evaluation }: FinishedCandidate): Check[] {
  const needed = gate.evaluate?.confidence;
  const { gain, unsure } = evaluation ?? {};
  if (gain === undefined) {
    if (unsure === undefined && needed === undefined) return [];
    const reason = `no interval of the difference in ${gate.metric}: ${unsure ?? 'nothing was scored'}`;
    return [needed === undefined ? { holds: true, reason } : { holds: false, reason: `${reason} ✗` }];
  }
  const { low, high, confidence, rows } = gain;
  const interval = `${formatNumber(low, 3)} to ${formatNumber(high, 3)}`;
  const fact = `${gate.metric} gains ${interval} over the champion at ${formatShare(confidence)} confidence (paired bootstrap, ${rows} rows)`;
  if (needed === undefined) return [{ holds: true, reason: fact }];
  const holds = low + rounding >= gate.minImprovement;
  const bound = `at least ${formatNumber(gate.minImprovement)} required`;
  return [{ holds, reason: `${fact}, ${bound} ${holds ? '✓' : '✗'}` }];
}

/**
 * No slice of the gate's metric (`AUC.under_40`) may lose more than allowed. A slice that the champion had and the
 * challenger did not log fails: not measuring it must not hide its loss.
 */
function sliceLosses(
  { metric, goal, maxSliceLoss }: Gate,
  { metrics }: FinishedCandidate,
  champion: ChampionScore,
): Check[] {
  if (maxSliceLoss === undefined) return [];
  const slices = Object.keys(champion.metrics)
    .filter((name) => name.startsWith(`${metric}.`))
    .sort(compareText);
  return slices.flatMap((slice) => {
    const old = own(champion.metrics, slice);
    if (!isNumber(old)) return [];
    const value = own(metrics, slice);
    if (!isNumber(value)) return [{ holds: false, reason: `${slice} was not logged, the champion has it ✗` }];
    const loss = goal === 'maximize' ? old - value : value - old;
    const holds = loss <= maxSliceLoss + rounding;
    if (loss <= 0) return [];
    const [shown, shownOld] = formatPair(value, old);
    const words = `${slice} ${shown} loses ${formatNumber(loss)} to the champion's ${shownOld}, allowed ${formatNumber(maxSliceLoss)}`;
    return [{ holds, reason: `${words} ${holds ? '✓' : '✗'}` }];
  });
}

/** A gate whose metric has been changed would never pass again if it always insisted on the comparison. */
function unknownChampion(gate: Gate, name: string, champion: ChampionScore): Check {
  const logged = Object.keys(champion.metrics).sort(compareText).join(', ') || 'none';
  const fact = `${name} has no ${gate.metric} to compare with (it has: ${logged})`;
  return gate.minImprovement > 0
    ? { holds: false, reason: `${fact}; set gate.min_improvement to 0 to release without a comparison ✗` }
    : { holds: true, reason: `${fact}; not compared` };
}
