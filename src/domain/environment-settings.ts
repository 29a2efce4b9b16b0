import type { AbortRules, Condition, Environment, FileRef } from './project.js';
import { canonicalJson } from './canonical.js';
import { describeRollout } from './rollout.js';
import { formatMs, formatNumber, formatShare } from './text.js';

/** An environment as `path in mlops.yaml` → value as people write it, for comparing two of them. */
export function environmentSettings(environment: Environment): ReadonlyMap<string, string> {
  const { approval, rollout, monitor, test, batch, keepMs } = environment;
  const settings: Record<string, string | undefined> = {
    workspace: environment.workspace,
    endpoint: fileText(environment.endpoint),
    deployment: fileText(environment.deployment),
    keep: keepMs === 'always' ? 'always' : formatMs(keepMs),
    'test.requests': test?.requests,
    'test.max_p95': duration(test?.maxP95Ms),
    'test.input': batch && `${batch.input}${batch.type === undefined ? '' : ` (${batch.type})`}`,
    'test.rows': batch && `${batch.rows.op} ${formatNumber(batch.rows.value)}`,
    'test.require': batch && Object.keys(batch.require).length > 0 ? canonicalJson(batch.require) : undefined,
    'test.limits': batch && `queue ${formatMs(batch.queueMs)}, run ${formatMs(batch.runMs)}`,
    approval: approval === undefined ? 'none' : undefined,
    'approval.required': approval && String(approval.required),
    'approval.rejections': approval?.rejections === undefined ? undefined : String(approval.rejections),
    'approval.approvers': approval && (listText(approval.approvers) ?? 'anyone with maintain'),
    'approval.expires': duration(approval?.expiresMs),
    'approval.remind': duration(approval?.remindMs),
    'approval.escalate.after': duration(approval?.escalate?.afterMs),
    'approval.escalate.to': listText(approval?.escalate?.to),
    'approval.verify': listText(approval?.verify),
    'approval.allow_authors': approval && String(approval.allowAuthors),
    'rollout.steps': describeRollout(rollout),
    ...abortTexts(rollout.abort),
    'rollout.abort.predictions':
      rollout.abort.predictions &&
      `${rollout.abort.predictions.op} ${formatNumber(rollout.abort.predictions.value)}`,
    'rollout.compare':
      rollout.compare &&
      `${rollout.compare.minRequests} requests, alpha ${formatNumber(rollout.compare.alpha)}, up to ${formatShare(rollout.compare.slower)} slower, extended by ${formatMs(rollout.compare.extendMs)}`,
    ...Object.fromEntries(
      (rollout.metrics ?? []).map(({ name, source, query, abort }) => [
        `rollout.metrics.${name}`,
        `${source} ${query} ${abort.op} ${formatNumber(abort.value)}`,
      ]),
    ),
    'rollout.keep_previous': formatMs(rollout.keepPreviousMs),
    'rollout.window': rollout.window,
    'monitor.schedule': monitor?.schedule,
    'monitor.window': duration(monitor?.windowMs),
    'monitor.baseline': monitor?.baseline,
    'monitor.on_breach': monitor?.onBreach,
    'monitor.retraining':
      monitor?.retraining &&
      `at most ${monitor.retraining.max} in ${formatMs(monitor.retraining.windowMs)}, ${formatMs(monitor.retraining.cooldownMs)} apart, ${monitor.retraining.maxFruitless} that are fruitless`,
    'monitor.thresholds.numerical': monitor && String(monitor.numericalThreshold),
    'monitor.thresholds.categorical': monitor && String(monitor.categoricalThreshold),
    'monitor.thresholds.psi': number(monitor?.psiThreshold),
    'monitor.thresholds.ks': number(monitor?.ksThreshold),
    'monitor.thresholds.chi_squared': number(monitor?.chiSquaredThreshold),
    'monitor.mode': monitor?.mode,
    'monitor.predictions': monitor?.predictions && canonicalJson(monitor.predictions),
    'monitor.performance': monitor?.performance && canonicalJson(monitor.performance),
    'monitor.min_rows': monitor && String(monitor.minRows),
  };
  return new Map(
    Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function fileText({ file, set }: FileRef): string {
  return Object.keys(set).length === 0 ? file : `${file} with ${canonicalJson(set)}`;
}

function abortTexts({ errorRate, ...latencies }: AbortRules): Record<string, string | undefined> {
  const text = (condition: Condition | undefined, show: (value: number) => string): string | undefined =>
    condition && `${condition.op} ${show(condition.value)}`;
  return {
    'rollout.abort.error_rate': text(errorRate, formatShare),
    'rollout.abort.p50': text(latencies.p50, formatMs),
    'rollout.abort.p95': text(latencies.p95, formatMs),
    'rollout.abort.p99': text(latencies.p99, formatMs),
  };
}

function number(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function duration(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : formatMs(milliseconds);
}

function listText(names: readonly string[] | undefined): string | undefined {
  return names === undefined || names.length === 0 ? undefined : names.join(', ');
}
