import type { z } from 'zod';
import type { Json } from '../../types.js';
import { pipelineComponent } from '../components/pipeline.js';
import type { ComponentValue } from '../components/component.js';
import { mapValues } from '../components/ports.js';
import { exactWord, common, compact, object, openObject, text, texts, boolean } from '../fields.js';
import { untiedOf } from '../components/bindings.js';
import { checkGraph, checkUnattended, graphBody, jobsField, scopeOf, withoutCompute } from '../graph.js';
import type { Graph } from '../graph.js';
import { checkInputs, inputsBody, jobInputs, jobOutputs, outputBody } from '../inputs.js';
import type { JobInput } from '../inputs.js';
import * as parts from '../job-parts.js';
import { kind } from '../kind.js';
import type { Assets, Place, Problem } from '../kind.js';
import { literalType } from '../nodes/inline.js';
import { checkUnattendedComponent } from '../nodes/pipeline.js';
import { checkReference, nodeComponentId, resolveComponent } from '../nodes/reference.js';
import { AUTO_NAME, armId, computeId } from '../references.js';

const schema = object({
  ...common,
  type: exactWord(['pipeline']),
  name: text.optional(),
  display_name: text.optional(),
  experiment_name: text.optional(),
  properties: texts.optional(),
  compute: text.optional(),
  settings: openObject({
    default_datastore: text.optional(),
    default_compute: text.optional(),
    continue_on_step_failure: boolean.optional(),
    force_rerun: boolean.optional(),
  }).optional(),
  services: parts.services.optional(),
  identity: parts.identity.optional(),
  inputs: jobInputs.optional(),
  outputs: jobOutputs.optional(),
  jobs: jobsField.optional(),
  component: text.optional(),
});
type PipelineJob = z.infer<typeof schema>;

/** `az ml job create` with `type: pipeline`. */
export const pipelineJob = kind<PipelineJob>({
  name: 'pipelineJob',
  roles: ['job'],
  family: 'job',
  order: 6,
  detects: (value) =>
    /^pipeline$/i.test(String(value['type'])) || (value['type'] === undefined && 'jobs' in value),
  schema,
  async check(job, place) {
    if (job.component !== undefined && job.jobs !== undefined) {
      return [{ path: ['component'], message: 'a pipeline has jobs or a component, not both' }];
    }
    return [
      ...(await checkInputs(unbound(job.inputs ?? {}), place)),
      ...(job.component === undefined
        ? await checkJobs(job, place)
        : await checkReference(job.component, pipelineComponent, place)),
    ];
  },
  async checkUnattended(job, place) {
    return job.component === undefined
      ? checkUnattended(await scopeOf(graphOf(job, place), place))
      : checkUnattendedComponent(job.component, place);
  },
  async toRest(job, place, assets) {
    return {
      resource: `/jobs/${job.name ?? AUTO_NAME}`,
      body: { properties: await properties(job, place, assets) },
    };
  },
});

async function checkJobs(job: PipelineJob, place: Place): Promise<Problem[]> {
  const graph = graphOf(job, place);
  const scope = await scopeOf(graph, place);
  const problems = [...(await checkGraph(graph, scope, place)), ...untiedOf(job.jobs, job.outputs ?? {})];
  const hasCompute = job.compute !== undefined || job.settings?.default_compute !== undefined;
  // Files with mistakes cannot be asked for their nodes.
  if (hasCompute || problems.some(({ severity }) => severity !== 'warning')) return problems;
  const fix = 'add compute: to the node, or settings: {default_compute: azureml:<cluster>} to the pipeline';
  const lacking = await withoutCompute(scope);
  return [
    ...problems,
    ...lacking.map((path) => ({ path: ['jobs', ...path], message: 'no compute is set', fix })),
  ];
}

/** Values that are tied to something are checked by what they are tied to. */
function unbound(inputs: Readonly<Record<string, JobInput>>): Record<string, JobInput> {
  return Object.fromEntries(
    Object.entries(inputs).filter(([, input]) => typeof input !== 'object' || !input.path.startsWith('${{')),
  );
}

function graphOf(job: PipelineJob, place: Place): Graph {
  return {
    jobs: job.jobs ?? {},
    input: (name) => {
      const input = job.inputs?.[name];
      if (input === undefined) return undefined;
      if (typeof input !== 'object') return { type: literalType(input, place.isFloat(['inputs', name])) };
      return { type: input.type ?? 'uri_folder', mode: input.mode };
    },
    output: (name) => {
      const output = job.outputs?.[name];
      return output === undefined ? undefined : { type: output?.type ?? 'uri_folder', mode: output?.mode };
    },
  };
}

async function properties(job: PipelineJob, place: Place, assets: Assets): Promise<Json> {
  const { component, io } = await componentOf(job, place, assets);
  return compact({
    computeId: job.compute === undefined ? undefined : computeId(assets.workspace, job.compute),
    componentId: component,
    displayName: job.display_name ?? io.displayName ?? job.name ?? AUTO_NAME,
    tags: job.tags ?? {},
    description: job.description ?? io.description,
    properties: job.properties ?? {},
    experimentName: job.experiment_name ?? parts.experimentName(place),
    jobs: component === undefined ? await graphBody(await scopeOf(graphOf(job, place), place), assets) : {},
    isArchived: false,
    inputs: await inputsBody(said({ ...io.inputs, ...job.inputs }), place, assets),
    outputs: mapValues({ ...io.outputs, ...job.outputs }, outputBody),
    settings: settingsBody(job, component !== undefined, assets),
    services: job.services === undefined ? undefined : parts.servicesBody(job.services),
    identity: job.identity === undefined ? undefined : parts.identityBody(job.identity),
    jobType: 'Pipeline',
  });
}

/** The official client does not send a pipeline's input that is an empty text. */
function said(inputs: Readonly<Record<string, JobInput>>): Record<string, JobInput> {
  return Object.fromEntries(Object.entries(inputs).filter(([, input]) => input !== ''));
}

interface PipelineIo {
  readonly inputs: Readonly<Record<string, JobInput>>;
  readonly outputs: NonNullable<PipelineJob['outputs']>;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
}

/** ARM id of the pipeline's component, and what it brings: defaults of its inputs, its outputs. */
async function componentOf(
  job: PipelineJob,
  place: Place,
  assets: Assets,
): Promise<{ readonly component?: string; readonly io: PipelineIo }> {
  if (job.component === undefined) return { io: { inputs: {}, outputs: {} } };
  const component = await resolveComponent(job.component, pipelineComponent, place);
  const id = await nodeComponentId(component, assets);
  return {
    component: id,
    io: component.kind === 'local' ? ioOf(component.value) : { inputs: {}, outputs: {} },
  };
}

function ioOf(component: ComponentValue): PipelineIo {
  const defaults = Object.entries(component.inputs ?? {}).flatMap(([name, port]) =>
    'default' in port && port.default !== undefined ? [[name, port.default] as const] : [],
  );
  return {
    inputs: Object.fromEntries(defaults),
    outputs: mapValues(component.outputs ?? {}, ({ type, mode }) => compact({ type, mode }) as never),
    displayName: component.display_name,
    description: component.description,
  };
}

function settingsBody({ settings = {} }: PipelineJob, isComponent: boolean, assets: Assets): Json {
  const { default_compute: compute, default_datastore: datastore, ...rest } = settings;
  return compact({
    ...rest,
    default_compute: compute === undefined ? undefined : computeId(assets.workspace, compute),
    default_datastore: datastore === undefined ? undefined : armId(assets.workspace, 'datastores', datastore),
    _source: isComponent ? 'REMOTE.WORKSPACE.JOB' : 'YAML.JOB',
  });
}
