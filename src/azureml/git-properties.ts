import type { Tags } from './types.js';

/** What is known of the git tree that a job's files come from. */
export interface GitState {
  /** Address of the remote. */
  readonly url?: string;
  /** Short, `main`. */
  readonly branch?: string;
  readonly commit?: string;
  /** Whether files differ from the commit. */
  readonly dirty?: boolean;
  readonly buildId?: string;
  readonly buildUri?: string;
}

/**
 * Properties of a job with those by which Studio and MLflow link it to its commit, named as the official client does
 * (`get_git_properties` of azure-ai-ml, operations/_job_ops_helper.py): none are added where the file sets one of them.
 */
export function withGit(properties: Tags, git: GitState | undefined): Tags {
  const found = git === undefined ? {} : gitProperties(git);
  return Object.keys(found).some((name) => name in properties) ? properties : { ...properties, ...found };
}

function gitProperties({ url, branch, commit, dirty, buildId, buildUri }: GitState): Tags {
  // The official client drops everything that tells of the tree then; who reads a job must not read a token.
  const tree =
    url !== undefined && holdsSecret(url)
      ? {}
      : {
          'mlflow.source.git.repoURL': url,
          'mlflow.source.git.branch': branch,
          'mlflow.source.git.commit': commit,
          // As Python prints it.
          'azureml.git.dirty': dirty === undefined ? undefined : dirty ? 'True' : 'False',
        };
  const all = { ...tree, 'azureml.git.build_id': buildId, 'azureml.git.build_uri': buildUri };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** A user or token before the `@` of https or http; a password in any address. `git@host:…` is neither. */
function holdsSecret(url: string): boolean {
  return /^https?:\/\/(?:[^/@]+\/)?[^/@]+@/i.test(url) || /^[a-z][a-z0-9+.-]*:\/\/[^/@:]*:[^/@]+@/i.test(url);
}
