import type { BatchTest } from '../domain/project.js';
import { stat } from 'node:fs/promises';
import { dataVersion } from './assets.js';
import { childRuns } from './child-runs.js';
import type { AzureMl } from './client.js';
import { getEndpoint } from './endpoints.js';
import { AzureError, errorFromBody } from './errors.js';
import { objectHash } from './hash.js';
import { jobLogTail } from './job-files.js';
import { jobMetrics } from './metrics.js';
import { post } from './plain.js';
import { resolveInside } from './source-files.js';
import type { SourceFiles } from './source-files.js';
import { uploadLocal } from './uploads.js';
import { parseReference } from './yaml/references.js';

/** Data that a call of a batch endpoint scores. */
export interface BatchData {
  readonly type: NonNullable<BatchTest['type']>;
  /** ARM id of a data asset's version, or an address. */
  readonly uri: string;
}

export interface BatchCall {
  readonly endpoint: string;
  /** Absent: the default one. */
  readonly deployment?: string;
  /** Name that the job is to have; Azure gives it one otherwise. */
  readonly name?: string;
  readonly experiment?: string;
  readonly data: BatchData;
}

const answerWithinMs = 120_000;

/** As the service spells the types, which are also the names of the only input. */
const wireTypes = { uri_file: 'UriFile', uri_folder: 'UriFolder', mltable: 'MLTable' } as const;

/**
 * Starts a job of a batch endpoint, in the form of azure-ai-ml's `batch_endpoints.invoke`; answers the job's name. The
 * one that was asked for is sent as azure-ai-ml sends `job_name`; should the service choose another, that one counts.
 * @throws AzureError for what the endpoint refuses
 */
export async function invokeBatch(ml: AzureMl, call: BatchCall): Promise<string> {
  const { endpoint, deployment, name, experiment, data } = call;
  const operation = `invoke ${endpoint}`;
  const type = wireTypes[data.type];
  const properties = {
    inputData: { [type]: { jobInputType: type, uri: data.uri } },
    ...(name !== undefined && { name }),
    ...(experiment !== undefined && { properties: { experimentName: experiment } }),
  };
  const token = await ml.connection.credential.getToken('https://ml.azure.com/.default');
  const answer = await post({
    url: await addressOf(ml, endpoint, operation),
    body: JSON.stringify({ properties }),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: `Bearer ${token?.token ?? ''}`,
      ...(deployment !== undefined && { 'azureml-model-deployment': deployment }),
    },
    timeoutMs: answerWithinMs,
    operation,
  });
  const body = jsonIn(answer.body);
  if (answer.status >= 300)
    throw errorFromBody(body ?? answer.body, { operation, status: answer.status, headers: answer.headers });
  const job = (body as { readonly name?: string } | undefined)?.name;
  if (job !== undefined) return job;
  throw new AzureError('the endpoint took the call and named no job', { code: 'NoJob', operation });
}

async function addressOf(ml: AzureMl, endpoint: string, operation: string): Promise<string> {
  const view = await getEndpoint(ml, endpoint, 'batch');
  if (view?.scoringUri !== undefined) return view.scoringUri;
  const lacks = view === undefined ? 'does not exist' : 'has no address yet';
  const message = `batch endpoint ${endpoint} ${lacks} in workspace ${ml.target.name}`;
  throw new AzureError(message, { code: 'EndpointNotFound', status: 404, target: endpoint, operation });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A call's data as people name it, in place: data assets by their version, files of this machine uploaded. */
export async function batchData(
  ml: AzureMl,
  files: SourceFiles,
  { input, type }: Pick<BatchTest, 'input' | 'type'>,
): Promise<BatchData> {
  const reference = parseReference(input);
  if (reference?.kind === 'version' || reference?.kind === 'label') {
    const version = reference.kind === 'version' ? reference.version : reference.label;
    const asset = await dataVersion(ml, reference.name, version);
    if (asset !== undefined) return { type: type ?? typeOf(asset.type), uri: asset.id };
    throw notThere(
      `workspace ${ml.target.name} has no data asset ${reference.name}, version ${version}`,
      input,
    );
  }
  if (reference !== undefined)
    return { type: type ?? 'uri_folder', uri: reference.kind === 'arm' ? reference.id : input };
  const path = await resolveInside(files, files.dir, input);
  const sent = await uploadLocal(ml, path, files.root, { name: 'batch-input', version: '1' });
  const uri = `azureml://datastores/${sent.datastore}/paths/${sent.path}${sent.isFolder ? '/' : ''}`;
  return { type: type ?? (sent.isFolder ? 'uri_folder' : 'uri_file'), uri };
}

function typeOf(type: string): BatchData['type'] {
  return type === 'uri_file' || type === 'mltable' ? type : 'uri_folder';
}

function notThere(message: string, target: string): AzureError {
  return new AzureError(message, { code: 'NotFound', status: 404, target, operation: 'find input' });
}

/** What tells a call's data from other data: the name that it was given, and the contents of files of the project. */
export async function identityOfData(files: SourceFiles, input: string): Promise<string> {
  if (parseReference(input) !== undefined) return input;
  const path = await resolveInside(files, files.dir, input);
  await stat(path);
  return `${input} ${await objectHash(path)}`;
}

/** Metrics of a job and of its steps; where several log the same name, the last step's counts. */
export async function batchMetrics(ml: AzureMl, job: string): Promise<Record<string, number>> {
  const runs = [job, ...(await childRuns(ml, job)).map(({ runId }) => runId)];
  const found = await Promise.all(runs.map((run) => jobMetrics(ml, run)));
  return Object.assign({}, ...found) as Record<string, number>;
}

/** What the steps of a job printed last; empty when none has a log. */
export async function batchLogTail(ml: AzureMl, job: string, lines: number): Promise<string> {
  const runs = [job, ...(await childRuns(ml, job)).map(({ runId }) => runId)];
  const logs = await Promise.all(runs.map((run) => jobLogTail(ml, run, lines)));
  return logs.findLast((log) => log !== '') ?? '';
}
