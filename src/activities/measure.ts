import { type AzureMl, queryNumber } from '../azureml/index.js';
import type { MetricRule, MetricSource } from '../domain/project.js';
import type { Dependencies } from './dependencies.js';

/** What a query may name, and over which time it is asked. Milliseconds since the epoch. */
export interface Scope {
  readonly endpoint: string;
  readonly deployment: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** One source of numbers: answers the query's first one, `undefined` when it has none. */
type Source = (deps: Dependencies, ml: AzureMl, query: string, scope: Scope) => Promise<number | undefined>;

/** To add a source: name it in `metricSources` of the domain and in the schema, and say here how it is asked. */
const sources: Readonly<Record<MetricSource, Source>> = {
  azure_monitor: (_, ml, query, scope) => queryNumber(ml, query, scope),
  prometheus: async ({ prometheusUrl }, _, query, { toMs }) => {
    if (prometheusUrl === undefined)
      throw new Error('this worker knows no Prometheus: set MLOPS_PROMETHEUS_URL');
    return await askPrometheus(prometheusUrl, query, toMs);
  },
};

/** A number, or why there is none: a figure that cannot be had must not stop the others from being watched. */
export async function measure(
  deps: Dependencies,
  ml: AzureMl,
  { source, query }: MetricRule,
  scope: Scope,
): Promise<number | string> {
  const filled = query.replaceAll('{endpoint}', scope.endpoint).replaceAll('{deployment}', scope.deployment);
  try {
    const value = await sources[source](deps, ml, filled, scope);
    return value !== undefined && Number.isFinite(value) ? value : 'its query gives no number';
  } catch (error) {
    return `its query failed: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300);
  }
}

const longestAnswerMs = 30_000;

/** https://prometheus.io/docs/prometheus/latest/querying/api/ */
interface PrometheusAnswer {
  readonly error?: string;
  readonly data?: { readonly resultType?: string; readonly result?: readonly unknown[] };
}

/** An instant query at the end of the window; of a vector the first element counts. */
async function askPrometheus(url: string, query: string, atMs: number): Promise<number | undefined> {
  const answer = await fetch(`${url.replace(/\/+$/, '')}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query, time: String(atMs / 1000) }),
    signal: AbortSignal.timeout(longestAnswerMs),
    redirect: 'error',
  });
  const body = (await answer.json().catch(() => ({}))) as PrometheusAnswer;
  if (!answer.ok) throw new Error(`Prometheus answers ${answer.status}: ${body.error ?? answer.statusText}`);
  const { resultType, result = [] } = body.data ?? {};
  if (resultType === 'scalar') return Number(result[1]);
  const first = result[0] as { readonly value?: readonly unknown[] } | undefined;
  return first?.value === undefined ? undefined : Number(first.value[1]);
}
