import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import type { Environments, PythonEnvironment } from '../runner/environments.js';
import { fetchCode, fetchModel } from './assets.js';
import type { LocalModel } from './assets.js';
import { MLFLOW_SCRIPT } from './mlflow-script.js';
import type { DeploymentSpec } from './spec.js';

/** What an instance of a deployment is started with. */
export interface Launch {
  readonly python: string;
  readonly env: Record<string, string>;
  readonly entryScript: string;
  readonly appRoot: string;
  readonly model: LocalModel | undefined;
}

const SERVER = 'azureml-inference-server-http';

/** Lays out model, code and environment of a deployment below `root`, as Azure ML's container has them below /var/azureml-app. */
export async function assemble(
  ctx: EmulatorContext,
  environments: Environments,
  spec: DeploymentSpec,
  root: string,
  onLine: (line: string) => void,
): Promise<Launch> {
  const model = spec.model === undefined ? undefined : await fetchModel(ctx, spec.id, spec.model, root);
  const appRoot = join(root, 'app');
  await mkdir(appRoot, { recursive: true });
  const entryScript = spec.code
    ? await customScript(ctx, spec, spec.code, appRoot)
    : await noCodeScript(spec, model, appRoot);
  const environment = await environmentOf(environments, spec, model, onLine);
  const mlflowDir: Record<string, string> =
    model?.mlflow === undefined ? {} : { AZUREML_EMULATOR_MLFLOW_MODEL: model.mlflow.dir };
  return {
    python: environment.python,
    env: { ...environment.env, ...mlflowDir },
    entryScript,
    appRoot,
    model,
  };
}

async function customScript(
  ctx: EmulatorContext,
  spec: DeploymentSpec,
  code: NonNullable<DeploymentSpec['code']>,
  appRoot: string,
): Promise<string> {
  if (code.codeId === undefined)
    throw new AzureError(400, 'BadArgument', `Deployment ${spec.name} has a scoringScript but no codeId.`);
  const dir = await fetchCode(ctx, spec.id, code.codeId, appRoot);
  const script = resolve(dir, code.scoringScript);
  const outside = relative(dir, script).startsWith('..');
  if (!outside && (await exists(script))) return script;
  const found = (await readdir(dir, { recursive: true })).slice(0, 20).join(', ');
  throw new AzureError(
    400,
    'BadArgument',
    `The scoring script '${code.scoringScript}' is not in the code of deployment ${spec.name}. Found: ${found}.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function noCodeScript(
  spec: DeploymentSpec,
  model: LocalModel | undefined,
  appRoot: string,
): Promise<string> {
  if (model?.mlflow === undefined)
    throw new AzureError(
      400,
      'BadArgument',
      `Deployment ${spec.name} has no codeConfiguration, which only models of type mlflow_model may omit. Add a scoring script, or register the model as mlflow_model.`,
    );
  const file = join(appRoot, 'mlflow_score.py');
  await writeFile(file, MLFLOW_SCRIPT);
  return file;
}

function environmentOf(
  environments: Environments,
  spec: DeploymentSpec,
  model: LocalModel | undefined,
  onLine: (line: string) => void,
): Promise<PythonEnvironment> {
  const noCode = spec.code === undefined && model?.mlflow !== undefined;
  if (spec.environmentId !== undefined || !noCode)
    return environments.ensure(spec.environmentId, noCode ? [SERVER, 'pandas'] : [SERVER], onLine);
  const { conda } = model.mlflow;
  // A model logged with mlflow-skinny asks for it; the script needs one of the two, and pandas.
  const mlflow = /^\W*mlflow\b/m.test(conda) || conda.includes('"mlflow') ? [] : ['mlflow-skinny'];
  return environments.ensureFromConda(conda, [SERVER, 'pandas', ...mlflow], onLine);
}

/** Environment variables of an instance: Azure's own, then the environment's, then the deployment's. */
export function instanceEnv(
  spec: DeploymentSpec,
  launch: Launch,
  instance: string,
  workspace: { name: string },
): NodeJS.ProcessEnv {
  return {
    HOME: process.env['HOME'],
    LANG: process.env['LANG'] ?? 'C.UTF-8',
    TMPDIR: process.env['TMPDIR'],
    PATH: process.env['PATH'],
    ...launch.env,
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    AML_APP_ROOT: launch.appRoot,
    AZUREML_ENTRY_SCRIPT: basename(launch.entryScript),
    ...(launch.model === undefined ? {} : { AZUREML_MODEL_DIR: launch.model.dir }),
    SERVICE_NAME: spec.endpointName,
    WORKSPACE_NAME: workspace.name,
    HOSTNAME: instance,
    SERVICE_VERSION: '1.0',
    // The router's own limit has to strike first: it answers 408, the server would answer 500.
    SCORING_TIMEOUT_MS: String(Math.round(spec.requestTimeoutMs) + 250),
    WORKER_TIMEOUT: '300',
    ...spec.environmentVariables,
  };
}
