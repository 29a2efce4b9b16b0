import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { parse, stringify } from 'yaml';
import type { EmulatorContext } from '../../context.js';
import { userError } from '../../errors.js';
import { getResource } from '../../resources.js';
import type { Json, StoredResource } from '../../resources.js';
import { registerVersion } from '../assets.js';
import type { JobOutput } from '../job.js';
import { secondsOf } from '../parallel/command.js';
import { jsonOf, plainText } from '../pipeline/json.js';
import { listBlobs } from '../transfer.js';
import { readText, resolveUri } from '../uris.js';
import type { Invocation } from './invocation.js';

const STEP = 'batchscoring';
const SCORE = 'score';

/** The pipeline that scores with a model: one step in mini-batches, whose output `score` holds the predictions. */
export async function modelStep(
  ctx: EmulatorContext,
  workspaceId: string,
  deployment: StoredResource,
  invocation: Invocation,
): Promise<Json> {
  const settings = settingsOf(deployment, invocation.overrides);
  const model = modelOf(ctx, settings);
  const [dataName, data] = onlyInput(invocation);
  const code = jsonOf(settings['codeConfiguration']);
  const isMlflow = model.properties['modelType'] === 'mlflow_model';
  const noCode = typeof code['scoringScript'] !== 'string';
  if (noCode && !isMlflow)
    throw userError(
      `Deployment ${deployment.name} has no codeConfiguration, which only models of type mlflow_model may omit.`,
    );
  const environment =
    settings['environmentId'] ?? (isMlflow ? await environmentOf(ctx, workspaceId, model) : undefined);
  // Under its own name, so that it lies in AZUREML_MODEL_DIR as Azure has it there.
  const modelName = posix.basename(plainText(model.properties['modelUri']).replace(/\/$/, '')) || 'model';
  const place = placeOf(settings, invocation.outputs[SCORE]);
  const spec = {
    type: 'parallel',
    is_deterministic: false,
    inputs: { [dataName]: { type: data.jobInputType }, [modelName]: { type: 'custom_model' } },
    outputs: { [SCORE]: { type: 'uri_folder' } },
    input_data: `\${{inputs.${dataName}}}`,
    task: {
      type: 'run_function',
      code: code['codeId'],
      entry_script: noCode ? 'mlflow:' : code['scoringScript'],
      environment,
      append_row_to: `\${{outputs.${SCORE}}}`,
    },
    mini_batch_size: settings['miniBatchSize'],
    error_threshold: settings['errorThreshold'],
    max_concurrency_per_instance: settings['maxConcurrencyPerInstance'],
    retry_settings: {
      max_retries: jsonOf(settings['retrySettings'])['maxRetries'],
      timeout: secondsOf(jsonOf(settings['retrySettings'])['timeout']),
    },
    resources: { instance_count: jsonOf(settings['resources'])['instanceCount'] ?? 1 },
    environment_variables: jsonOf(settings['environmentVariables']),
    driver_options: {
      model: `\${{inputs.${modelName}}}`,
      'output-file-name': place.file,
      'summary-only': /^summaryonly$/i.test(plainText(settings['outputAction'])),
      ...(noCode ? { delimiter: ',' } : {}),
    },
  };
  const version = createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 32);
  const component = registerVersion(ctx, workspaceId, 'components', {
    ...{ name: 'azureml_anonymous', version },
    properties: { componentSpec: spec, isAnonymous: true },
  });
  return {
    computeId: settings['compute'],
    inputs: { [dataName]: data },
    outputs: { [SCORE]: place.output },
    jobs: {
      [STEP]: {
        type: 'parallel',
        componentId: component.id,
        computeId: settings['compute'],
        inputs: {
          [dataName]: { value: `\${{parent.inputs.${dataName}}}`, job_input_type: 'literal' },
          [modelName]: { uri: model.id, job_input_type: 'custom_model' },
        },
        outputs: { [SCORE]: { value: `\${{parent.outputs.${SCORE}}}`, type: 'literal' } },
      },
    },
  };
}

/** Those of the deployment; a call may set some of them anew. */
function settingsOf({ properties }: StoredResource, overrides: Json): Json {
  const own = Object.keys(properties).map((key) => [key, overrides[key.toLowerCase()] ?? properties[key]]);
  return Object.fromEntries(own) as Json;
}

function modelOf(ctx: EmulatorContext, settings: Json): StoredResource {
  const { assetId } = jsonOf(settings['model']);
  const found = typeof assetId === 'string' ? getResource(ctx.store, assetId) : undefined;
  if (found !== undefined) return found;
  throw userError(`The model ${plainText(assetId)} of the deployment was not found.`, 404);
}

function onlyInput({ inputs }: Invocation): [string, Invocation['inputs'][string]] {
  const [first, ...more] = Object.entries(inputs);
  if (first !== undefined && more.length === 0) return first;
  throw userError(`Model deployments take exactly one input, found ${Object.keys(inputs).length}.`);
}

/** Folder and file of the predictions: the call's own place may name the file. */
function placeOf(settings: Json, asked: JobOutput | undefined): { file: string; output: JobOutput } {
  const file = plainText(settings['outputFileName'], 'predictions.csv');
  const uri = asked?.uri ?? undefined;
  if (uri === undefined) return { file, output: { jobOutputType: 'uri_folder' } };
  if (asked?.jobOutputType !== 'uri_file') return { file, output: { jobOutputType: 'uri_folder', uri } };
  const at = uri.lastIndexOf('/');
  return { file: uri.slice(at + 1), output: { jobOutputType: 'uri_folder', uri: uri.slice(0, at) } };
}

/** The environment that an MLflow model was logged with, registered under the hash of its text. */
async function environmentOf(
  ctx: EmulatorContext,
  workspaceId: string,
  model: StoredResource,
): Promise<string> {
  const root = resolveUri(ctx, workspaceId, model.id);
  const file = (await listBlobs(ctx, root))
    .filter((name) => name.endsWith('/conda.yaml'))
    .sort((a, b) => a.length - b.length)[0];
  if (file === undefined)
    throw userError(`The MLflow model ${model.id} has no conda.yaml: give the deployment an environment.`);
  const condaFile = withReaders(await readText(ctx, { ...root, prefix: file }));
  const version = createHash('sha256').update(condaFile).digest('hex');
  const registered = registerVersion(ctx, workspaceId, 'environments', {
    ...{ name: 'CliV2AnonymousEnvironment', version },
    properties: { condaFile, isAnonymous: true },
  });
  return registered.id;
}

/** What files are read and models loaded with; a model that names them keeps its own versions. */
function withReaders(conda: string): string {
  const spec = jsonOf(parse(conda));
  const missing = ['pandas', 'mlflow-skinny'].filter((name) => !conda.includes(name.replace(/-.*/, '')));
  const given = Array.isArray(spec['dependencies']) ? (spec['dependencies'] as unknown[]) : [];
  return missing.length === 0 ? conda : stringify({ ...spec, dependencies: [...given, { pip: missing }] });
}
