import { z } from 'zod';
import type { Json } from '../../types.js';
import { choose, compact, fileObject, lowerWord, object, text } from '../fields.js';
import { kind } from '../kind.js';
import type { Assets, Place, Problem } from '../kind.js';
import type { Target, Windows } from '../monitors/data.js';
import { defaultSignals } from '../monitors/default-signals.js';
import { checkSignal, signal, signalBody } from '../monitors/signals.js';
import { assetId, parseReference, versionedReference } from '../references.js';
import { scheduleReadOnly, scheduleRest, scheduleShape } from '../schedule-parts.js';
import type { Trigger } from '../schedule-parts.js';

const definition = object(
  {
    compute: object(
      {
        compute_type: text.optional(),
        instance_type: text,
        runtime_version: z.enum(['3.4', '3.5'], 'expected the text 3.4 or 3.5, in quotes'),
      },
      [],
    ),
    monitoring_target: object(
      {
        model_id: versionedReference('model').optional(),
        ml_task: lowerWord(['classification', 'regression', 'questionanswering']).optional(),
        endpoint_deployment_id: text.optional(),
      },
      [],
    ).optional(),
    monitoring_signals: z.record(z.string(), signal).optional(),
    alert_notification: choose<string | { emails?: string[] | undefined }>((value) =>
      typeof value === 'string'
        ? lowerWord(['azmonitoring'])
        : object({ emails: z.array(text).optional() }, []),
    ).optional(),
  },
  [],
);
type Definition = z.infer<typeof definition>;

const schema = fileObject({ ...scheduleShape, create_monitor: definition }, scheduleReadOnly);
type Schedule = z.infer<typeof schema>;

/** `az ml schedule create` for a monitor of a model in production. */
export const monitorSchedule = kind<Schedule>({
  name: 'monitorSchedule',
  family: 'schedule',
  roles: ['setup'],
  order: 10,
  detects: (value) => 'create_monitor' in value,
  schema,
  check: ({ create_monitor: monitor }, place) => checkMonitor(monitor, place),
  async toRest(schedule, place, assets) {
    const monitorDefinition = await definitionBody(schedule, place, assets);
    return scheduleRest(schedule, { actionType: 'CreateMonitor', monitorDefinition });
  },
});

async function checkMonitor(monitor: Definition, place: Place): Promise<Problem[]> {
  const watched = targetOf(monitor);
  if (watched === 'unreadable') {
    const fix = 'write azureml:<endpoint>:<deployment>';
    const path = ['create_monitor', 'monitoring_target', 'endpoint_deployment_id'];
    return [{ path, message: 'names no deployment of an online endpoint', fix }];
  }
  const signals = Object.entries(monitor.monitoring_signals ?? {});
  if (signals.length === 0 && watched === undefined) {
    const message = 'a monitor without signals needs a deployment that collects its inputs and outputs';
    const fix = 'add monitoring_signals:, or monitoring_target.endpoint_deployment_id';
    return [{ path: ['create_monitor'], message, fix }];
  }
  const found = await Promise.all(
    signals.map(([name, one]) =>
      checkSignal(one, ['create_monitor', 'monitoring_signals', name], watched, place),
    ),
  );
  return found.flat();
}

/** Endpoint and deployment that are watched; undefined for none. */
function targetOf({ monitoring_target: target }: Definition): Target | 'unreadable' | undefined {
  const id = target?.endpoint_deployment_id?.replace(/^azureml:/, '');
  if (id === undefined) return undefined;
  const [, endpoint, name] =
    /\/onlineEndpoints\/([^/]+)\/deployments\/([^/]+)$/i.exec(id) ?? /^([^:/]+):([^:/]+)$/.exec(id) ?? [];
  return endpoint === undefined || name === undefined ? 'unreadable' : { endpoint, name };
}

async function definitionBody(schedule: Schedule, place: Place, assets: Assets): Promise<Json> {
  const { create_monitor: monitor, trigger } = schedule;
  const watched = targetOf(monitor);
  const target = watched === 'unreadable' ? undefined : watched;
  const looking = { windows: windowsOf(trigger), place, assets };
  const given = monitor.monitoring_signals ?? {};
  const signals =
    Object.keys(given).length === 0 ? defaultSignals(monitor.monitoring_target?.ml_task) : given;
  const bodies = await Promise.all(
    Object.entries(signals).map(
      async ([name, one]) => [name, await signalBody(one, target, looking)] as const,
    ),
  );
  return compact({
    computeConfiguration: {
      runtimeVersion: monitor.compute.runtime_version,
      instanceType: monitor.compute.instance_type,
      computeIdentity: { computeIdentityType: 'AmlToken' },
      computeType: 'ServerlessSpark',
    },
    monitoringTarget:
      monitor.monitoring_target === undefined ? undefined : await targetBody(monitor, target, assets),
    signals: Object.fromEntries(bodies),
    alertNotificationSetting: alertBody(monitor.alert_notification),
  });
}

async function targetBody(
  { monitoring_target: spec }: Definition,
  target: Target | undefined,
  assets: Assets,
) {
  const model = spec?.model_id === undefined ? undefined : parseReference(spec.model_id);
  const id = spec?.endpoint_deployment_id?.replace(/^azureml:/, '');
  return compact({
    taskType: spec?.ml_task ?? 'classification',
    deploymentId:
      target === undefined || id?.startsWith('/') === true
        ? id
        : `${assets.workspace}/onlineEndpoints/${target.endpoint}/deployments/${target.name}`,
    modelId:
      model === undefined || target !== undefined
        ? spec?.model_id?.replace(/^azureml:(?!\/\/)/, '')
        : await assetId(assets, 'models', model),
  });
}

function alertBody(given: Definition['alert_notification']): Json | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string') return { alertNotificationType: 'AzureMonitor' };
  return {
    alertNotificationType: 'Email',
    emailNotificationSetting: compact({ emails: given.emails, emailOn: ['JobFailed', 'JobCompleted'] }),
  };
}

/** As long as the time between two looks; the reference twice that. A cron expression counts as a week. */
function windowsOf(trigger: Trigger): Windows {
  if (trigger.type === 'cron') return { production: 'P7D', reference: 'P14D' };
  const { frequency, interval } = trigger;
  const days = { minute: 1, hour: 1, day: interval, week: interval * 7, month: interval * 30 }[frequency];
  return { production: `P${days}D`, reference: `P${days * 2}D` };
}
