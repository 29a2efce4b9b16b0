import { z } from 'zod';
import { AzureError } from '../errors.js';
import { nameOf, parentId } from '../ids.js';
import type { StoredResource } from '../resources.js';

/** One place that collected rows are written to. */
export interface CollectionSpec {
  readonly name: string;
  readonly dataId: string | undefined;
  /** Share of requests that are collected, 0 to 1. */
  readonly samplingRate: number;
}

/** How an instance is asked whether it is well. */
export interface ProbeSpec {
  /** 0 where the deployment does not say: Azure waits 10 s, which helps nobody here. */
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

/** What a stored online deployment asks for, with Azure's defaults filled in; times in milliseconds. */
export interface DeploymentSpec {
  readonly id: string;
  readonly endpointId: string;
  readonly endpointName: string;
  readonly name: string;
  readonly instances: number;
  readonly model: string | undefined;
  readonly code: { readonly codeId: string | undefined; readonly scoringScript: string } | undefined;
  readonly environmentId: string | undefined;
  readonly environmentVariables: Record<string, string>;
  readonly requestTimeoutMs: number;
  readonly maxConcurrentPerInstance: number;
  /** How long a request may wait for an instance; managed deployments count it as part of the request's timeout. */
  readonly maxQueueWaitMs: number;
  readonly liveness: ProbeSpec;
  readonly readiness: ProbeSpec;
  readonly collections: readonly CollectionSpec[];
}

const DURATION =
  /^P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Milliseconds of an ISO 8601 duration up to days, as Azure ML writes them. */
export function durationMs(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match || text.endsWith('P') || text.endsWith('T')) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part || 0));
  return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * 1000;
}

const duration = z.string().transform((text, issues) => {
  const value = durationMs(text);
  if (value !== undefined) return value;
  issues.addIssue({ code: 'custom', message: `"${text}" is no ISO 8601 duration such as PT5S.` });
  return z.NEVER;
});

const probe = z.object({
  initialDelay: duration.nullish(),
  period: duration.nullish(),
  timeout: duration.nullish(),
  successThreshold: z.number().int().min(1).nullish(),
  failureThreshold: z.number().int().min(1).nullish(),
});

const MOST_TIMEOUT_MS = 180_000;

const properties = z.object({
  endpointComputeType: z.string().nullish(),
  model: z.string().nullish(),
  codeConfiguration: z.object({ codeId: z.string().nullish(), scoringScript: z.string().min(1) }).nullish(),
  environmentId: z.string().nullish(),
  environmentVariables: z.record(z.string(), z.coerce.string()).nullish(),
  requestSettings: z
    .object({
      requestTimeout: duration
        .refine(
          (value) => value > 0 && value <= MOST_TIMEOUT_MS,
          'must be more than 0 and at most PT3M (180 s).',
        )
        .nullish(),
      maxQueueWait: duration.nullish(),
      maxConcurrentRequestsPerInstance: z.number().int().min(1).nullish(),
    })
    .nullish(),
  livenessProbe: probe.nullish(),
  readinessProbe: probe.nullish(),
  dataCollector: z
    .object({
      collections: z.record(
        z.string(),
        z.object({
          dataCollectionMode: z.string().nullish(),
          dataId: z.string().nullish(),
          samplingRate: z.number().min(0).max(1).nullish(),
        }),
      ),
    })
    .nullish(),
});

type Properties = z.infer<typeof properties>;

function collectionsOf({ dataCollector }: Properties): CollectionSpec[] {
  return Object.entries(dataCollector?.collections ?? {})
    .filter(([, { dataCollectionMode }]) => dataCollectionMode?.toLowerCase() === 'enabled')
    .map(([name, { dataId, samplingRate }]) => ({
      name,
      dataId: dataId ?? undefined,
      samplingRate: samplingRate ?? 1,
    }));
}

/** With Azure's defaults: every 10 s, 2 s for an answer, 30 failures in a row. */
function probeOf(given: z.infer<typeof probe> | null | undefined): ProbeSpec {
  return {
    initialDelayMs: given?.initialDelay ?? 0,
    periodMs: given?.period ?? 10_000,
    timeoutMs: given?.timeout ?? 2000,
    successThreshold: given?.successThreshold ?? 1,
    failureThreshold: given?.failureThreshold ?? 30,
  };
}

/** `maxQueueWait` is deprecated for managed deployments, whose `requestTimeout` has to allow for the queue. */
function queueWaitOf({ endpointComputeType, requestSettings }: Properties): number {
  const isKubernetes = endpointComputeType?.toLowerCase() === 'kubernetes';
  return isKubernetes ? (requestSettings?.maxQueueWait ?? 500) : Infinity;
}

/** Reads a stored deployment; throws `BadArgument` that names every field that cannot be read. */
export function readDeployment(resource: StoredResource): DeploymentSpec {
  const parsed = properties.safeParse(resource.properties);
  if (!parsed.success) {
    const found = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new AzureError(400, 'BadArgument', `Deployment ${resource.name} cannot be read: ${found}`);
  }
  const { data } = parsed;
  const capacity = resource.sku?.['capacity'];
  const endpointId = parentId(resource.id);
  return {
    id: resource.id,
    endpointId,
    endpointName: nameOf(endpointId),
    name: resource.name,
    instances: typeof capacity === 'number' && capacity > 0 ? capacity : 1,
    model: data.model ?? undefined,
    code: data.codeConfiguration
      ? {
          codeId: data.codeConfiguration.codeId ?? undefined,
          scoringScript: data.codeConfiguration.scoringScript,
        }
      : undefined,
    environmentId: data.environmentId ?? undefined,
    environmentVariables: data.environmentVariables ?? {},
    requestTimeoutMs: data.requestSettings?.requestTimeout ?? 5000,
    maxConcurrentPerInstance: data.requestSettings?.maxConcurrentRequestsPerInstance ?? 1,
    maxQueueWaitMs: queueWaitOf(data),
    liveness: probeOf(data.livenessProbe),
    readiness: probeOf(data.readinessProbe),
    collections: collectionsOf(data),
  };
}
