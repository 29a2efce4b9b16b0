import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import { NO_CODE_PACKAGES, SERVER_PACKAGE } from '../runner/environments.js';
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

/** Lays out model, code and environment of a deployment below `root`, as Azure ML's container has them below /var/azureml-app. */
export async function assemble(
  ctx: EmulatorContext,
  environments: Environments,
  spec: DeploymentSpec,
  root: string,
  onLine: (line: string) => void,
): Promise<Launch> {
  const appRoot = join(root, 'app');
  await mkdir(appRoot, { recursive: true });
  const fetching = spec.model === undefined ? undefined : fetchModel(ctx, spec.id, spec.model, root);
  const [model, [entryScript, environment]] = await Promise.all([
    fetching,
    spec.code
      ? Promise.all([
          customScript(ctx, spec, spec.code, appRoot),
          environments.ensure(spec.environmentId, [SERVER_PACKAGE], onLine),
        ])
      : noCode(environments, spec, fetching, appRoot, onLine),
  ]);
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

/** The emulator's own scoring script for an MLflow model, and the environment that the model asks for. */
async function noCode(
  environments: Environments,
  spec: DeploymentSpec,
  model: Promise<LocalModel> | undefined,
  appRoot: string,
  onLine: (line: string) => void,
): Promise<[script: string, environment: PythonEnvironment]> {
  const mlflow = (await model)?.mlflow;
  if (mlflow === undefined)
    throw new AzureError(
      400,
      'BadArgument',
      `Deployment ${spec.name} has no codeConfiguration, which only models of type mlflow_model may omit. Add a scoring script, or register the model as mlflow_model.`,
    );
  const script = join(appRoot, 'mlflow_score.py');
  await writeFile(script, MLFLOW_SCRIPT);
  if (spec.environmentId !== undefined)
    return [script, await environments.ensure(spec.environmentId, NO_CODE_PACKAGES, onLine)];
  // A model logged with mlflow-skinny asks for it; the script needs one of the two, and pandas.
  const named = /^\W*mlflow\b/m.test(mlflow.conda) || mlflow.conda.includes('"mlflow');
  const packages = named ? NO_CODE_PACKAGES : [...NO_CODE_PACKAGES, 'mlflow-skinny'];
  return [script, await environments.ensureFromConda(mlflow.conda, packages, onLine)];
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
