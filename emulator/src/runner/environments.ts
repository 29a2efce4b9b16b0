import type { EmulatorContext } from '../context.js';
import { createVenvCache } from './venvs.js';
import { readCondaSpec } from './conda.js';
import { plain, specOfEnvironment } from './environment-specs.js';

/** The package that every deployment's server is started from. */
export const SERVER_PACKAGE = 'azureml-inference-server-http';
/** What the server of an MLflow model without a scoring script needs beside the model's own packages. */
export const NO_CODE_PACKAGES: readonly string[] = [SERVER_PACKAGE, 'pandas'];

export interface PythonEnvironment {
  /** Path of the interpreter. */
  readonly python: string;
  /** PATH and VIRTUAL_ENV for processes that run in it. */
  readonly env: Record<string, string>;
}

/** Python environments of jobs and deployments, as virtual environments that are made once per specification. */
export interface Environments {
  /**
   * The virtual environment of an environment version (ARM id, or the id of a curated environment). `extraPackages`
   * are pip requirements added to it where it does not name them itself. Progress goes to `onLine`. Throws `UserError` that names what cannot be had.
   */
  ensure(
    environmentId: string | undefined,
    extraPackages: readonly string[],
    onLine: (line: string) => void,
  ): Promise<PythonEnvironment>;
  /** The same for the text of a conda.yaml, as MLflow models carry it. */
  ensureFromConda(
    condaYaml: string,
    extraPackages: readonly string[],
    onLine: (line: string) => void,
  ): Promise<PythonEnvironment>;
  /** The same for pip requirements: what the emulator itself runs by. */
  ensureFromPip(requirements: readonly string[], onLine: (line: string) => void): Promise<PythonEnvironment>;
}

/** Reads AZUREML_EMULATOR_CACHE and AZUREML_EMULATOR_UV; needs `python3` (3.10 or newer) on PATH. */
export function createEnvironments(ctx: EmulatorContext): Environments {
  const venvs = createVenvCache(ctx.log);
  return {
    async ensure(environmentId, extraPackages, onLine) {
      const spec = await specOfEnvironment(ctx, environmentId, onLine);
      return venvs.ensure(spec, extraPackages, onLine);
    },
    async ensureFromConda(condaYaml, extraPackages, onLine) {
      return venvs.ensure(readCondaSpec(condaYaml), extraPackages, onLine);
    },
    ensureFromPip: (requirements, onLine) => venvs.ensure(plain(requirements), [], onLine),
  };
}
