import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GitState } from '../azureml/index.js';

const execute = promisify(execFile);

/** What a git checkout says of itself. */
export interface Checkout {
  /** Absolute path of its root. */
  readonly root: string;
  /** Full SHA of HEAD; absent before the first commit. */
  readonly commit?: string;
  /** `refs/heads/main`; absent where HEAD is detached. */
  readonly ref?: string;
  /** `owner/name` of the remote `origin`. */
  readonly repository?: string;
}

/** The checkout that a folder stands in; undefined where there is none, or no git. */
export async function readCheckout(folder: string): Promise<Checkout | undefined> {
  const root = await git(folder, 'rev-parse', '--show-toplevel');
  if (root === undefined) return undefined;
  const [commit, ref, url] = await Promise.all([
    git(root, 'rev-parse', '--verify', '--quiet', 'HEAD'),
    git(root, 'symbolic-ref', '--quiet', 'HEAD'),
    git(root, 'remote', 'get-url', 'origin'),
  ]);
  const repository = url === undefined ? undefined : repositoryOf(url);
  return {
    root,
    ...(commit !== undefined && { commit }),
    ...(ref !== undefined && { ref }),
    ...(repository !== undefined && { repository }),
  };
}

/** `owner/name` of a remote's address: https, ssh, or `git@host:owner/name.git`. */
export function repositoryOf(url: string): string | undefined {
  const path = url.replace(/\/+$/, '').replace(/\.git$/, '');
  const [, owner, name] = /[/:]([\w.-]+)\/([\w.-]+)$/.exec(path) ?? [];
  return owner === undefined || name === undefined ? undefined : `${owner}/${name}`;
}

/** Full SHA of what somebody calls a commit; undefined when this checkout does not know it. */
export async function resolveCommit({ root }: Checkout, text: string): Promise<string | undefined> {
  return await git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${text}^{commit}`);
}

/** Text of a file at a commit, by its path from the root. */
export async function fileAt({ root }: Checkout, commit: string, path: string): Promise<string | undefined> {
  return await git(root, 'show', `${commit}:${path}`);
}

/** Whether `origin` holds a commit, as far as this checkout has heard; a worker reads from there. */
export async function isPushed({ root }: Checkout, commit: string): Promise<boolean> {
  return (await git(root, 'branch', '--remotes', '--contains', commit)) !== undefined;
}

/** Files that are committed or could be: paths below the folder, without what `.gitignore` names. */
export async function listFiles(folder: string): Promise<string[] | undefined> {
  const listed = await git(folder, 'ls-files', '-z', '--cached', '--others', '--exclude-standard');
  return listed?.split('\0').filter((path) => path !== '');
}

/**
 * What the official client would say of the folder it runs in: environment variables first, then git
 * (`get_git_properties` of azure-ai-ml, operations/_job_ops_helper.py).
 */
export async function gitState(folder: string, env: NodeJS.ProcessEnv): Promise<GitState> {
  const isTree = (await git(folder, 'rev-parse', '--is-inside-work-tree')) === 'true';
  const ask = async (name: string, ...args: string[]) =>
    filled(env[name]) ?? (isTree ? await git(folder, ...args) : undefined);
  const [url, branch, commit, dirty] = await Promise.all([
    ask('AZUREML_GIT_REPOSITORY_URI', 'ls-remote', '--get-url'),
    ask('AZUREML_GIT_BRANCH', 'symbolic-ref', '--short', 'HEAD'),
    ask('AZUREML_GIT_COMMIT', 'rev-parse', 'HEAD'),
    isDirty(folder, isTree, env['AZUREML_GIT_DIRTY']),
  ]);
  const buildId = filled(env['AZUREML_GIT_BUILD_ID']);
  const buildUri = filled(env['AZUREML_GIT_BUILD_URI']);
  return {
    ...(url !== undefined && { url }),
    ...(branch !== undefined && { branch }),
    ...(commit !== undefined && { commit }),
    ...(dirty !== undefined && { dirty }),
    ...(buildId !== undefined && { buildId }),
    ...(buildUri !== undefined && { buildUri }),
  };
}

async function isDirty(
  folder: string,
  isTree: boolean,
  said: string | undefined,
): Promise<boolean | undefined> {
  if (said !== undefined && said !== '') return /^\s*(?:true|1)\s*$/i.test(said);
  const changed = isTree ? await output(folder, 'status', '--porcelain', '.') : said;
  return changed === undefined ? undefined : changed !== '';
}

function filled(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** Output without the last line's end; undefined where git fails, is not there, or says nothing. */
async function git(cwd: string, ...args: string[]): Promise<string | undefined> {
  const text = (await output(cwd, ...args))?.replace(/\n$/, '');
  return text === '' ? undefined : text;
}

async function output(cwd: string, ...args: string[]): Promise<string | undefined> {
  try {
    return (await execute('git', args, { cwd, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch {
    return undefined;
  }
}
