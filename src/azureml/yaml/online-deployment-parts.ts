import type { z } from 'zod';
import type { Json } from '../types.js';
import { seconds } from './durations.js';
import { dataCollector, dataCollectorBody } from './data-collector.js';
import {
  checkDeployment,
  dependencies,
  deploymentName,
  deploymentShape,
  probe,
  probeBody,
} from './deployment-parts.js';
import { boolean, compact, integer, object, snakeWord, text, variant } from './fields.js';
import type { Assets, Place, Problem, Rest } from './kind.js';

const defaultScale = object({ type: snakeWord(['default']) }, []);
const targetScale = object(
  {
    type: snakeWord(['target_utilization']),
    polling_interval: integer.optional(),
    target_utilization_percentage: integer.optional(),
    min_instances: integer.optional(),
    max_instances: integer.optional(),
  },
  [],
);
type Scale = z.infer<typeof defaultScale> | z.infer<typeof targetScale>;

const scaleSettings = variant<Scale>('type', { default: defaultScale, target_utilization: targetScale });

/** What every deployment of an online endpoint may hold. */
export const onlineShape = {
  ...deploymentShape,
  app_insights_enabled: boolean.optional(),
  scale_settings: scaleSettings.optional(),
  request_settings: object(
    {
      request_timeout_ms: integer.optional(),
      max_concurrent_requests_per_instance: integer.optional(),
      max_queue_wait_ms: integer.optional(),
    },
    [],
  ).optional(),
  liveness_probe: probe.optional(),
  readiness_probe: probe.optional(),
  provisioning_state: text.optional(),
  instance_count: integer.optional(),
  type: snakeWord(['managed', 'kubernetes']).optional(),
  model_mount_path: text.optional(),
  instance_type: text.optional(),
  data_collector: dataCollector.optional(),
};

export type OnlineDeployment = z.output<z.ZodObject<typeof onlineShape>>;

export async function checkOnline(deployment: OnlineDeployment, place: Place): Promise<Problem[]> {
  return [...(await checkDeployment(deployment, place)), ...longRequest(deployment)];
}

/** Azure refuses more than 180 seconds for one request. */
function longRequest({ request_settings: settings }: OnlineDeployment): Problem[] {
  const timeout = settings?.request_timeout_ms ?? 0;
  if (timeout <= 180_000) return [];
  return [
    {
      path: ['request_settings', 'request_timeout_ms'],
      message: 'Azure allows at most 180000 ms for a request',
      found: String(timeout),
      severity: 'warning',
    },
  ];
}

/** `own`: what only this sort of deployment sends, beside `endpointComputeType`. */
export async function onlineRest(
  deployment: OnlineDeployment,
  place: Place,
  assets: Assets,
  own: Json,
): Promise<Rest> {
  const name = deploymentName(deployment);
  const { data_collector: collector, request_settings: settings } = deployment;
  const target = { endpoint: deployment.endpoint_name, deployment: name };
  const collected =
    collector === undefined ? undefined : await dataCollectorBody(collector, target, place, assets);
  const properties = compact({
    ...(await dependencies(deployment, place, assets)),
    modelMountPath: deployment.model_mount_path,
    scaleSettings: scaleBody(deployment.scale_settings),
    properties: deployment.properties ?? {},
    description: deployment.description,
    environmentVariables: deployment.environment_variables ?? {},
    appInsightsEnabled: deployment.app_insights_enabled ?? false,
    requestSettings:
      settings === undefined
        ? undefined
        : compact({
            maxQueueWait: millis(settings.max_queue_wait_ms),
            maxConcurrentRequestsPerInstance: settings.max_concurrent_requests_per_instance,
            requestTimeout: millis(settings.request_timeout_ms),
          }),
    livenessProbe: probeBody(deployment.liveness_probe),
    readinessProbe: probeBody(deployment.readiness_probe),
    instanceType: deployment.instance_type,
    dataCollector: collected,
    ...own,
  });
  const body = {
    location: await assets.location(),
    properties,
    tags: deployment.tags ?? {},
    sku: compact({ name: 'Default', capacity: deployment.instance_count }),
  };
  return { resource: `/onlineEndpoints/${deployment.endpoint_name}/deployments/${name}`, body };
}

function millis(value: number | undefined): string | undefined {
  return seconds(value === undefined ? undefined : value / 1000);
}

function scaleBody(scale: Scale | undefined): Json | undefined {
  if (scale === undefined) return undefined;
  if (scale.type === 'default') return { scaleType: 'Default' };
  return compact({
    minInstances: scale.min_instances,
    maxInstances: scale.max_instances,
    pollingInterval: seconds(scale.polling_interval),
    targetUtilizationPercentage: scale.target_utilization_percentage,
    scaleType: 'TargetUtilization',
  });
}
