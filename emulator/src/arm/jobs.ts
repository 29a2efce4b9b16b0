import { isDeepStrictEqual } from 'node:util';
import type { EmulatorContext } from '../context.js';
import { userError } from '../errors.js';
import { ML, keyOf, nameOf } from '../ids.js';
import { getResource, resourcesOf, updateProperties } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { isChild } from '../runner/children.js';
import { existing, isJson, propertiesOf, requiredText, store } from './crud.js';
import { checkJob } from './job-checks.js';
import { childrenOf, listReply } from './listing.js';
import { accepted, ok, visible } from './replies.js';
import type { ArmReply, ArmRequest, ArmServices, ResourceType } from './types.js';

/** From which a job does not come back. */
export const FINAL: readonly string[] = ['Completed', 'Failed', 'Canceled'];

/** What may still change after a job was submitted; the rest of the body is what makes it this job. */
const MUTABLE = ['description', 'tags', 'displayName', 'properties', 'isArchived'];
const READ_ONLY = ['status', 'parameters', 'services', 'provisioningState'];

/** Jobs: PUT submits once; the same body again changes nothing, another one is refused. */
export function jobType(arm: ArmServices): ResourceType {
  const { ctx, operations } = arm;
  operations.define('job.cancel', { run: ({ resourceId }) => arm.runner.cancel(keyOf(resourceId)) });
  operations.define('job.delete', {
    run: async ({ resourceId }) => {
      await arm.runner.cancel(keyOf(resourceId));
      resourcesOf(ctx.store).remove(keyOf(resourceId));
    },
  });
  const missing = (request: ArmRequest) => () => userError(`Run ${nameOf(request.path)} was not found.`, 404);
  return {
    type: `${ML}/workspaces/jobs`,
    get: (request) => ok(presentJob(existing(ctx, request, missing(request)))),
    list: (request) =>
      listReply(request, childrenOf(ctx.store, request.path).filter(asked(request)), presentJob),
    put: (request) => {
      const before = getResource(ctx.store, request.path);
      return before === undefined ? submit(arm, request) : change(ctx, request, before);
    },
    remove: (request) => {
      const job = existing(ctx, request, missing(request));
      return accepted(request, operations.start('job.delete', 'jd', job.id));
    },
    actions: {
      cancel: (request) => {
        const job = existing(ctx, request, missing(request));
        if (FINAL.includes(String(job.properties['status']))) return { status: 200 };
        updateProperties(ctx.store, job.id, { status: 'CancelRequested' });
        return accepted(request, operations.start('job.cancel', 'jc', job.id));
      },
    },
  };
}

/**
 * A job that has not ended shows no default output: azure-ai-ml would read its logs there by a signature that it cannot
 * make from the datastore's SAS, instead of by run history.
 */
function presentJob(job: StoredResource): Record<string, unknown> {
  const { default: logs, ...outputs } = (job.properties['outputs'] ?? {}) as Json;
  if (logs === undefined || FINAL.includes(String(job.properties['status']))) return visible(job);
  return { ...visible(job), properties: { ...job.properties, outputs } };
}

/** Those that somebody submitted (children are listed by run history), of `jobType`, with outputs registered as `assetName`. */
function asked(request: ArmRequest): (job: StoredResource) => boolean {
  const type = request.query['jobType']?.toLowerCase();
  const asset = request.query['assetName'];
  return (job) =>
    !isChild(job) &&
    (type === undefined || String(job.properties['jobType']).toLowerCase() === type) &&
    (asset === undefined || outputsOf(job).some((output) => output['assetName'] === asset));
}

function outputsOf(job: StoredResource): Json[] {
  return Object.values((job.properties['outputs'] ?? {}) as Json).filter(isJson);
}

function submit(arm: ArmServices, request: ArmRequest): ArmReply {
  const { ctx } = arm;
  const name = nameOf(request.path);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}$/.test(name)) {
    throw userError(
      `Job name '${name}' must be 1 to 255 letters, digits, dashes or underscores and begin with a letter or digit.`,
    );
  }
  const given = propertiesOf(request.body);
  checkJob(ctx, request, given);
  const { resource } = store(
    ctx,
    request,
    { ...given, ...completed(ctx, given, name, request) },
    { _request: immutableOf(given) },
  );
  arm.runner.submit(keyOf(resource.id));
  // The runner has given the outputs their URIs by now.
  return { status: 201, body: presentJob(getResource(ctx.store, resource.id) ?? resource) };
}

/** What the service adds to a submitted job. */
function completed(ctx: EmulatorContext, given: Json, name: string, request: ArmRequest): Json {
  const workspace = request.path.slice(0, request.path.toLowerCase().lastIndexOf('/jobs/'));
  const tracking = `azureml://${new URL(request.base).host}/mlflow/v1.0${workspace}`;
  const outputs = (given['outputs'] ?? {}) as Json;
  return {
    displayName: given['displayName'] ?? name,
    experimentName: given['experimentName'] ?? 'Default',
    isArchived: given['isArchived'] ?? false,
    tags: given['tags'] ?? {},
    properties: given['properties'] ?? {},
    inputs: given['inputs'] ?? {},
    outputs: {
      ...outputs,
      default: {
        jobOutputType: 'uri_folder',
        mode: 'ReadWriteMount',
        uri: `azureml://datastores/workspaceartifactstore/ExperimentRun/dcid.${name}`,
      },
    },
    services: {
      ...((given['services'] ?? {}) as Json),
      Tracking: { jobServiceType: 'Tracking', endpoint: tracking, port: null, status: null },
      Studio: {
        jobServiceType: 'Studio',
        endpoint: `${ctx.publicUrl()}/runs/${name}?wsid=${workspace}`,
        port: null,
        status: null,
      },
    },
    status: 'NotStarted',
  };
}

/** The part of a body that may not change; what the service added to an earlier answer does not count. */
function immutableOf(properties: Json): Json {
  const ignored = new Set([...MUTABLE, ...READ_ONLY]);
  const kept = Object.entries(properties).filter(([key]) => !ignored.has(key));
  const named = Object.fromEntries(kept);
  named['experimentName'] ??= 'Default';
  const outputs = { ...((named['outputs'] ?? {}) as Json) };
  delete outputs['default'];
  return compact({ ...named, outputs });
}

/** Without nulls and empty objects, which clients send or leave out at will. */
function compact(json: Json): Json {
  const isEmpty = (value: unknown) =>
    value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(json).filter(([, value]) => !isEmpty(value)));
}

function change(ctx: EmulatorContext, request: ArmRequest, before: StoredResource): ArmReply {
  const given = propertiesOf(request.body);
  requiredText(given, 'jobType');
  const kept = before['_request'] as Json;
  const asked = immutableOf(given);
  const changed = [...new Set([...Object.keys(kept), ...Object.keys(asked)])].filter(
    (key) => !isDeepStrictEqual(kept[key], asked[key]),
  );
  if (changed.length > 0) throw immutable(changed);
  const update = Object.fromEntries(
    MUTABLE.flatMap((key) => ((given[key] ?? undefined) === undefined ? [] : [[key, given[key]]])),
  );
  return ok(presentJob(updateProperties(ctx.store, before.id, update) ?? before));
}

function immutable(fields: readonly string[]) {
  return userError(
    "A job with this name already exists. If you are trying to create a new job, use a different name. If you are trying to update an existing job, the existing job's " +
      `${fields.join(', ')} cannot be changed. Only description, tags, displayName, properties, and isArchived can be updated.`,
    400,
    fields.map((target) => ({ code: 'JobPropertyImmutable', message: `${target} is immutable.`, target })),
  );
}
