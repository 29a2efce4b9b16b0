import type { Serving } from './serving.js';
import type { SetupFiles, SpokenWorkspace } from './setup-files.js';
import type { Training } from './training.js';

/** All that was found and answered; what the files are written from. */
export interface Proposal {
  /** Name of the project. */
  readonly name: string;
  /** Folder of `mlops.yaml` from the repository's root, `.` for the root. */
  readonly path: string;
  /** `owner/name` on GitHub. */
  readonly repository: string;
  readonly defaultBranch: string;
  readonly training: Training;
  readonly serving?: Serving;
  readonly setup: SetupFiles;
  readonly workspace: SpokenWorkspace;
}
