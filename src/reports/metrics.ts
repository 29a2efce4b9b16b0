import type {
  CandidateResult,
  CandidateVerdict,
  ChampionScore,
  FailedCandidate,
  FinishedCandidate,
  GateVerdict,
  NamedPredicted,
} from '../domain/evaluation.js';
import type { Gate } from '../domain/project.js';
import { compareText } from '../domain/text.js';

/** What an evaluation report tells of: one lifecycle's candidates and the decision between them. */
export interface EvaluationReportInput {
  readonly project: string;
  /** `owner/name` */
  readonly repository: string;
  readonly commit: string;
  readonly trigger: string;
  readonly candidates: readonly CandidateResult[];
  /** The rule that was applied. */
  readonly gate?: Gate;
  /** What came of it. */
  readonly verdict?: GateVerdict;
  readonly champion?: ChampionScore;
  /** Held-out predictions, of the runs that logged them; the best candidate's first, the champion's last. */
  readonly predicted?: readonly NamedPredicted[];
  /** Label → web address: the commit, the workflow, the studio. */
  readonly links?: Readonly<Record<string, string>>;
}

export function finished({ candidates }: EvaluationReportInput): FinishedCandidate[] {
  return candidates.filter((candidate) => candidate.kind === 'finished');
}

export function failed({ candidates }: EvaluationReportInput): FailedCandidate[] {
  return candidates.filter((candidate) => candidate.kind === 'failed');
}

/** Winner first, the others in their order. */
export function winnerFirst(input: EvaluationReportInput): FinishedCandidate[] {
  const best = input.verdict?.best;
  const all = finished(input);
  return [
    ...all.filter(({ candidate }) => candidate === best),
    ...all.filter(({ candidate }) => candidate !== best),
  ];
}

export interface SliceName {
  readonly metric: string;
  readonly slice: string;
}

/** `AUC.age_under_40` is a slice of AUC where the run logged AUC too; `f1.0` alone is a metric with a dot. */
export function sliceOf(name: string, metrics: ReadonlySet<string>): SliceName | undefined {
  const dot = name.indexOf('.');
  const metric = name.slice(0, dot);
  const slice = name.slice(dot + 1);
  return dot > 0 && slice !== '' && metrics.has(metric) ? { metric, slice } : undefined;
}

export interface MetricNames {
  /** Metrics of the whole, the gate's first, then what it requires, then by name. */
  readonly whole: readonly string[];
  /** Metric → slices of it. */
  readonly slices: ReadonlyMap<string, readonly string[]>;
}

export function metricNames(input: EvaluationReportInput): MetricNames {
  const logged = new Set(finished(input).flatMap(({ metrics }) => Object.keys(metrics)));
  const first = input.gate === undefined ? [] : [input.gate.metric, ...Object.keys(input.gate.require)];
  const rank = (name: string): number => {
    const index = first.indexOf(name);
    return index < 0 ? first.length : index;
  };
  const names = [...logged].sort((a, b) => rank(a) - rank(b) || compareText(a, b));
  const slices = new Map<string, string[]>();
  const whole: string[] = [];
  for (const name of names) {
    const slice = sliceOf(name, logged);
    if (slice === undefined) whole.push(name);
    else slices.set(slice.metric, [...(slices.get(slice.metric) ?? []), slice.slice]);
  }
  return { whole, slices };
}

/** Metrics are named by users: `constructor` is a name like any other. */
export function valueOf(metrics: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(metrics, name) ? metrics[name] : undefined;
}

/** Beyond this the difference of two numbers may overflow, which no chart can draw. */
const largestDrawn = 1e300;

export function drawable(value: number): boolean {
  return Math.abs(value) < largestDrawn;
}

export function drawableOf(metrics: Readonly<Record<string, number>>, name: string): number | undefined {
  const value = valueOf(metrics, name);
  return value !== undefined && drawable(value) ? value : undefined;
}

export function championName({ model, version }: ChampionScore): string {
  return `${model}:${version}`;
}

/** One check of one candidate. The gate's sentences end in ✓ or ✗; without a mark they only inform. */
export interface CheckLine {
  readonly candidate: string;
  readonly passed?: boolean;
  readonly words: string;
}

/** Winner first, the others in their order. */
export function checkLines({ verdict }: EvaluationReportInput): CheckLine[] {
  const all = verdict?.verdicts ?? [];
  const best = ({ candidate }: CandidateVerdict): boolean => candidate === verdict?.best;
  return [...all.filter(best), ...all.filter((one) => !best(one))].flatMap(linesOf);
}

function linesOf({ candidate, passed, reasons }: CandidateVerdict): CheckLine[] {
  // A candidate that fails without a failed check, because its job did, fails by what is said of it.
  const unmarked = passed || reasons.some((reason) => reason.endsWith('✗')) ? undefined : false;
  return reasons.map((reason) => {
    const mark = /\s*([✓✗])$/.exec(reason)?.[1];
    const result = mark === undefined ? unmarked : mark === '✓';
    return {
      candidate,
      ...(result !== undefined && { passed: result }),
      words: reason.replace(/\s*[✓✗]$/, ''),
    };
  });
}

export interface Headline {
  readonly text: string;
  readonly badge: string;
  readonly tone: 'good' | 'bad' | 'note';
}

export function headlineOf(input: EvaluationReportInput): Headline {
  const { verdict, gate } = input;
  if (verdict === undefined) return { text: 'not judged yet', badge: 'No verdict', tone: 'note' };
  const text = verdict.summary.replace(/ ?[✓✗]/g, '');
  if (!verdict.passed) return { text, badge: 'Gate not passed', tone: 'bad' };
  return {
    text,
    badge: gate === undefined ? 'No gate set' : 'Gate passed',
    tone: gate === undefined ? 'note' : 'good',
  };
}
