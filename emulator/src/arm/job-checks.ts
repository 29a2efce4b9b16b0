import type { EmulatorContext } from '../context.js';
import { userError } from '../errors.js';
import { nameOf, workspaceIdOf } from '../ids.js';
import { getResource } from '../resources.js';
import type { Json } from '../resources.js';
import { readGraph } from '../runner/pipeline/graph.js';
import { readSweep } from '../runner/sweep/spec.js';
import { requireAsset } from './asset-kinds.js';
import { isJson, objectOf, requiredText, textOf } from './crud.js';
import type { ArmRequest } from './types.js';

const TYPES = ['Command', 'Sweep', 'Pipeline', 'AutoML', 'Spark', 'Labeling', 'FineTuning', 'Distillation'];
const INPUTS = [
  'literal',
  'uri_file',
  'uri_folder',
  'mltable',
  'custom_model',
  'mlflow_model',
  'triton_model',
];

/** Refuses what Azure refuses at submission: unknown types, missing fields, references to nothing. */
export function checkJob(ctx: EmulatorContext, request: ArmRequest, job: Json): void {
  const kind = requiredText(job, 'jobType');
  if (!TYPES.includes(kind)) throw userError(`jobType '${kind}' is none of ${TYPES.join(', ')}.`);
  requireCompute(ctx, request, job);
  checkInputs(job);
  objectOf(job, 'outputs');
  checkTimeout(job);
  if (kind === 'Command') checkCommand(ctx, request, job);
  if (kind === 'Pipeline') checkPipeline(ctx, request, job);
  if (kind !== 'Sweep') return;
  readSweep(job);
  checkCommand(ctx, request, objectOf(job, 'trial'));
}

function checkCommand(ctx: EmulatorContext, request: ArmRequest, job: Json): void {
  requiredText(job, 'command');
  const environment = requiredText(job, 'environmentId');
  if (!/^(\/subscriptions\/|azureml:)/i.test(environment))
    throw userError(`environmentId '${environment}' is no id of an environment.`);
  requireAsset(ctx, request, 'environments', environment);
  requireAsset(ctx, request, 'codes', job['codeId']);
}

function checkPipeline(ctx: EmulatorContext, request: ArmRequest, job: Json): void {
  if (textOf(job, 'componentId') !== undefined) requireAsset(ctx, request, 'components', job['componentId']);
  else {
    readGraph(objectOf(job, 'jobs'), objectOf(job, 'inputs'));
    for (const [name, step] of Object.entries(objectOf(job, 'jobs'))) checkStep(ctx, request, name, step);
  }
}

/** Steps that run a component; those of AutoML and of control flow do not. */
const RUN_A_COMPONENT = ['command', 'parallel', 'pipeline', 'spark', 'sweep'];

function checkStep(ctx: EmulatorContext, request: ArmRequest, name: string, step: unknown): void {
  if (!isJson(step)) throw userError(`Step '${name}' must be an object.`);
  const type = requiredText(step, 'type');
  if (!RUN_A_COMPONENT.includes(type)) return;
  const holder = type === 'sweep' ? objectOf(step, 'trial') : step;
  const component = textOf(holder, 'componentId');
  if (component === undefined)
    throw userError(`Step '${name}' of type ${type} names no component: its componentId is required.`);
  if (/\/versions\/[^/]+$/.test(component)) requireAsset(ctx, request, 'components', component);
}

function requireCompute(ctx: EmulatorContext, request: ArmRequest, job: Json): void {
  const compute = textOf(job, 'computeId');
  if (compute === undefined || compute === '') return;
  const name = nameOf(compute);
  if (name === 'serverless' || name === 'local' || /\/virtualclusters\//i.test(compute)) return;
  const id = compute.startsWith('/') ? compute : `${workspaceIdOf(request.path) ?? ''}/computes/${name}`;
  if (getResource(ctx.store, id) === undefined) throw userError(`Unknown compute target '${name}'.`);
}

function checkInputs(job: Json): void {
  for (const [name, input] of Object.entries(objectOf(job, 'inputs'))) {
    if (!isJson(input)) throw userError(`Input '${name}' must be an object.`);
    const kind = requiredText(input, 'jobInputType');
    if (!INPUTS.includes(kind))
      throw userError(`jobInputType '${kind}' of input '${name}' is none of ${INPUTS.join(', ')}.`);
    const field = kind === 'literal' ? 'value' : 'uri';
    if (typeof input[field] !== 'string')
      throw userError(`Input '${name}' of type ${kind} needs the field ${field}.`);
  }
}

function checkTimeout(job: Json): void {
  const timeout = textOf(objectOf(job, 'limits'), 'timeout');
  if (timeout !== undefined && !/^P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/.test(timeout)) {
    throw userError(`limits.timeout '${timeout}' is no ISO 8601 duration such as PT1H.`);
  }
}
