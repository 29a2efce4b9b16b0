import type { z } from 'zod';
import type { Json } from '../../types.js';
import { dataCollector, dataCollectorBody } from '../data-collector.js';
import { isoSeconds } from '../durations.js';
import { codeId } from '../code.js';
import { checkEnvironment, environmentField, environmentId } from '../environments.js';
import {
  boolean,
  choose,
  common,
  compact,
  environmentVariables,
  integer,
  number,
  object,
  text,
  texts,
  word,
} from '../fields.js';
import { kind } from '../kind.js';
import type { Assets, Place, Problem } from '../kind.js';
import { checkPath } from '../paths.js';
import { assetId, parseReference, versionedReference } from '../references.js';
import { anonymousModel, modelSchema } from './model.js';
import type { ModelSpec } from './model.js';
import { endpointName } from './online-endpoint.js';

const probe = object({
  failure_threshold: integer.optional(),
  success_threshold: integer.optional(),
  timeout: number.optional(),
  period: number.optional(),
  initial_delay: number.optional(),
});

const schema = object({
  ...common,
  type: word(['managed']).optional(),
  name: endpointName,
  endpoint_name: text,
  properties: texts.optional(),
  model: choose<string | ModelSpec>((value) =>
    typeof value === 'string' ? versionedReference('model') : modelSchema,
  ).optional(),
  code_configuration: object({ code: text.optional(), scoring_script: text.optional() }).optional(),
  environment: environmentField.optional(),
  environment_variables: environmentVariables.optional(),
  app_insights_enabled: boolean.optional(),
  scale_settings: object({ type: word(['default']) }).optional(),
  request_settings: object({
    request_timeout_ms: integer.optional(),
    max_concurrent_requests_per_instance: integer.optional(),
    max_queue_wait_ms: integer.optional(),
  }).optional(),
  model_mount_path: text.optional(),
  instance_type: text,
  instance_count: integer.optional(),
  liveness_probe: probe.optional(),
  readiness_probe: probe.optional(),
  startup_probe: probe.optional(),
  egress_public_network_access: word(['enabled', 'disabled']).optional(),
  private_network_connection: boolean.optional(),
  data_collector: dataCollector.optional(),
});
type Deployment = z.infer<typeof schema>;

/** `az ml online-deployment create` for a managed endpoint. */
export const managedOnlineDeployment = kind<Deployment>({
  name: 'managedOnlineDeployment',
  roles: ['deployment'],
  order: 9,
  detects: (value) => 'endpoint_name' in value && 'instance_type' in value,
  schema,
  async check(deployment, place) {
    return [
      ...(deployment.environment === undefined
        ? []
        : await checkEnvironment(deployment.environment, place, ['environment'], (path, at) =>
            checkPath(place, path, at),
          )),
      ...(await checkScript(deployment, place)),
      ...(typeof deployment.model === 'object'
        ? await checkPath(place, deployment.model.path, ['model', 'path'])
        : []),
      ...longQueue(deployment),
    ];
  },
  async toRest(deployment, place, assets) {
    const body = compact({
      location: await assets.location(),
      properties: await properties(deployment, place, assets),
      tags: deployment.tags ?? {},
      sku: { name: 'Default', capacity: deployment.instance_count ?? 1 },
    });
    return { resource: `/onlineEndpoints/${deployment.endpoint_name}/deployments/${deployment.name}`, body };
  },
});

async function checkScript({ code_configuration: code }: Deployment, place: Place): Promise<Problem[]> {
  if (code?.code === undefined) return [];
  const folder = await checkPath(place, code.code, ['code_configuration', 'code']);
  if (folder.length > 0 || code.scoring_script === undefined || parseReference(code.code) !== undefined)
    return folder;
  const script = `${code.code.replace(/\/+$/, '')}/${code.scoring_script}`;
  return checkPath(place, script, ['code_configuration', 'scoring_script'], 'file');
}

/** Azure refuses more than 180 seconds for one request. */
function longQueue({ request_settings: settings }: Deployment): Problem[] {
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

async function properties(deployment: Deployment, place: Place, assets: Assets): Promise<Json> {
  const { code_configuration: code, request_settings: settings } = deployment;
  const target = { endpoint: deployment.endpoint_name, deployment: deployment.name };
  return compact({
    codeConfiguration:
      code === undefined
        ? undefined
        : compact({
            codeId: code.code === undefined ? undefined : await codeId(code.code, place, assets),
            scoringScript: code.scoring_script,
          }),
    environmentId:
      deployment.environment === undefined
        ? undefined
        : await environmentId(deployment.environment, place, assets),
    model: await modelId(deployment.model, place, assets),
    modelMountPath: deployment.model_mount_path,
    scaleSettings: deployment.scale_settings === undefined ? undefined : { scaleType: 'Default' },
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
    instanceType: deployment.instance_type,
    readinessProbe: probeBody(deployment.readiness_probe),
    startupProbe: probeBody(deployment.startup_probe),
    dataCollector:
      deployment.data_collector === undefined
        ? undefined
        : await dataCollectorBody(deployment.data_collector, target, place, assets),
    endpointComputeType: 'Managed',
    egressPublicNetworkAccess: deployment.egress_public_network_access,
    privateNetworkConnection: deployment.private_network_connection,
  });
}

async function modelId(
  model: Deployment['model'],
  place: Place,
  assets: Assets,
): Promise<string | undefined> {
  if (model === undefined) return undefined;
  if (typeof model !== 'string') return anonymousModel(model, place, assets);
  const reference = parseReference(model);
  return reference === undefined ? model : assetId(assets, 'models', reference);
}

function millis(value: number | undefined): string | undefined {
  return value === undefined ? undefined : isoSeconds(value / 1000);
}

function probeBody(spec: z.infer<typeof probe> | undefined): Json | undefined {
  if (spec === undefined) return undefined;
  const seconds = (value: number | undefined) => (value === undefined ? undefined : isoSeconds(value));
  return compact({
    failureThreshold: spec.failure_threshold,
    successThreshold: spec.success_threshold,
    timeout: seconds(spec.timeout),
    period: seconds(spec.period),
    initialDelay: seconds(spec.initial_delay),
  });
}
