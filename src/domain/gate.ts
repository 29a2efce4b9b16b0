import { againstChampion } from './against-champion.js';
import { contractCheck, type ContractRule } from './contract.js';
import type {
  CandidateResult,
  CandidateVerdict,
  ChampionScore,
  FinishedCandidate,
  GateVerdict,
} from './evaluation.js';
import { type Check, isNumber, own } from './gate-check.js';
import type { Condition, Environment, Gate } from './project.js';
import { compareText, formatOp, formatPair, meets, nearest } from './text.js';

/**
 * Holds every candidate against the gate and the champion and picks the best that passes. A metric that is missing
 * or not finite fails; candidates whose job failed, or whose run logged no model, are never picked. Equal metrics
 * are settled by the candidate's name. Without a gate a finished run passes, unless it breaks callers of the champion.
 * @returns verdicts in the order of `candidates`; `best` and `summary` do not depend on it.
 */
export function judge(
  gate: Gate | undefined,
  candidates: readonly CandidateResult[],
  champion?: ChampionScore,
  callers: CallersRule = {},
): GateVerdict {
  const verdicts = candidates.map((candidate) => judgeCandidate(gate, candidate, champion, callers));
  const passing = new Set(verdicts.filter(({ passed }) => passed).map(({ candidate }) => candidate));
  const ranked = candidates
    .filter(
      (result): result is FinishedCandidate => result.kind === 'finished' && passing.has(result.candidate),
    )
    .sort((a, b) => compareCandidates(gate, a, b));
  const best = ranked.find(({ model }) => model !== undefined);
  return {
    passed: best !== undefined,
    ...(best !== undefined && { best: best.candidate }),
    verdicts,
    summary: summarise(best, ranked, verdicts),
  };
}

/** What the project says of models that break callers of the champion, and where they would go. */
export interface CallersRule {
  readonly rule?: ContractRule;
  /** The last environment. */
  readonly last?: Pick<Environment, 'name' | 'approval'>;
}

const ungated: Check = { holds: true, reason: 'no gate is set' };

function judgeCandidate(
  gate: Gate | undefined,
  result: CandidateResult,
  champion: ChampionScore | undefined,
  { rule = 'compatible', last }: CallersRule,
): CandidateVerdict {
  const { candidate } = result;
  if (result.kind === 'failed') {
    return { candidate, passed: false, reasons: [`its job failed: ${result.reason}`] };
  }
  const noModel = result.model === undefined ? ['its run logged no model, so it cannot be registered'] : [];
  const contract = result.contract === undefined ? [] : contractCheck(result.contract, rule, last);
  const checks = [
    ...(gate === undefined ? [ungated] : requirements(gate, result)),
    ...(gate === undefined || champion === undefined ? [] : againstChampion(gate, result, champion)),
    ...contract,
  ];
  const value = gate === undefined ? undefined : result.metrics[gate.metric];
  return {
    candidate,
    passed: checks.every(({ holds }) => holds),
    ...(isNumber(value) && { value }),
    reasons: [...checks.map(({ reason }) => reason), ...noModel],
  };
}

/** The gate's own metric must be there even if nothing is required of it: candidates are ranked by it. */
function requirements(gate: Gate, { metrics }: FinishedCandidate): Check[] {
  const required = Object.entries(gate.require).map(([metric, condition]) =>
    require(metric, condition, metrics),
  );
  if (Object.hasOwn(gate.require, gate.metric) || isNumber(own(metrics, gate.metric))) return required;
  return [{ holds: false, reason: missing(gate.metric, metrics) }, ...required];
}

function require(metric: string, condition: Condition, metrics: Readonly<Record<string, number>>): Check {
  const value = own(metrics, metric);
  if (!isNumber(value)) return { holds: false, reason: missing(metric, metrics) };
  const holds = meets(value, condition);
  const [shown, bound] = formatPair(value, condition.value);
  return {
    holds,
    reason: holds
      ? `${metric} ${shown} ${formatOp(condition.op)} ${bound} ✓`
      : `${metric} ${shown} is not ${formatOp(condition.op)} ${bound} ✗`,
  };
}

function missing(metric: string, metrics: Readonly<Record<string, number>>): string {
  const value = own(metrics, metric);
  if (value !== undefined) return `${metric} is ${value}, which is no number to decide on ✗`;
  const logged = Object.keys(metrics).sort(compareText);
  if (logged.length === 0) return `${metric} was not logged, nor was any other metric ✗`;
  const meant = nearest(metric, logged);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `${metric} was not logged; logged were ${logged.join(', ')}${hint} ✗`;
}

function compareCandidates(gate: Gate | undefined, a: FinishedCandidate, b: FinishedCandidate): number {
  const byName = compareText(a.candidate, b.candidate);
  if (gate === undefined) return byName;
  const [first, second] = [own(a.metrics, gate.metric) ?? 0, own(b.metrics, gate.metric) ?? 0];
  return (gate.goal === 'maximize' ? second - first : first - second) || byName;
}

function summarise(
  best: FinishedCandidate | undefined,
  passing: readonly FinishedCandidate[],
  verdicts: readonly CandidateVerdict[],
): string {
  const sorted = [...verdicts].sort((a, b) => compareText(a.candidate, b.candidate));
  if (best !== undefined) {
    const reasons = sorted.find(({ candidate }) => candidate === best.candidate)?.reasons ?? [];
    return `${best.candidate} is the best of ${verdicts.length}: ${reasons.join('; ')}`;
  }
  if (verdicts.length === 0) return 'no candidate was trained';
  if (passing.length > 0) {
    return `${passing.map(({ candidate }) => candidate).join(', ')}: passed, but no run logged a model to register`;
  }
  return `no candidate passes: ${sorted.map(({ candidate, reasons }) => `${candidate}: ${reasons.join('; ')}`).join(' | ')}`;
}
