import type { z } from 'zod';
import type { Mistake } from '../../domain/mistake.js';
import type { CodeOptions } from '../code-folder.js';
import type { SourceFiles } from '../source-files.js';
import type { Json } from '../types.js';
import type { Path } from './parse.js';

/** What a file is used for where `mlops.yaml` names it. */
export type Role = 'job' | 'endpoint' | 'deployment' | 'batchEndpoint' | 'batchDeployment' | 'setup';

export type AssetType = 'data' | 'models' | 'environments' | 'components';

/** A file's place: what its relative paths start from. */
export interface Place {
  readonly files: SourceFiles;
  /** Absolute folder of the YAML file. */
  readonly dir: string;
  /** Whether the number at `path` was written as a float. */
  readonly isFloat: (path: Path) => boolean;
  /** Reads another YAML file of this family, named from this one; each once. `set`: overrides. */
  readonly open: (path: string, family: string, set?: Readonly<Record<string, unknown>>) => Promise<Opened>;
}

/** Another file that this one names. */
export interface Opened {
  /** There when the file holds no error. */
  readonly loaded?: Loaded;
  readonly mistakes: readonly Mistake[];
}

/** A file that was read, checked against its kind, and put through its overrides. */
export interface Loaded {
  /** Relative to the repository's root. */
  readonly file: string;
  readonly kind: Kind;
  /** As the kind's schema answers it. */
  readonly value: unknown;
  readonly place: Place;
}

export interface Upload {
  /** Name of the datastore. */
  readonly datastore: string;
  /** Path in it, without a trailing slash. */
  readonly path: string;
  readonly isFolder: boolean;
  /** `https://…` address of the same. */
  readonly url: string;
}

/** What translating needs of a workspace; a recording one translates without Azure. */
export interface Assets {
  /** ARM id. */
  readonly workspace: string;
  location(): Promise<string>;
  /** Uploads code unless the workspace holds the same; answers its ARM id. `path`: absolute folder or file. */
  code(path: string | undefined, options?: CodeOptions): Promise<string>;
  /** Registers code that lies at an `http(s)://` address; answers its ARM id. */
  codeAt(address: string): Promise<string>;
  /** Uploads to `LocalUpload/{content hash}/…`, unless it is there. */
  upload(
    path: string,
    asset: { readonly name: string; readonly version: string; readonly datastore?: string },
  ): Promise<Upload>;
  /** Registers a version unless it is there; answers its ARM id. */
  register(type: AssetType, name: string, version: string, properties: Json): Promise<string>;
  /** Newest version, by time of creation. Throws AzureError 404 when there is none. */
  latest(type: AssetType, name: string): Promise<string>;
  /** Version that a file without one gets: 1, or the next. */
  next(type: AssetType, name: string): Promise<string>;
}

export interface Problem {
  readonly path: Path;
  readonly message: string;
  readonly found?: string;
  readonly allowed?: readonly string[];
  readonly fix?: string;
  /** Default `error`. */
  readonly severity?: 'error' | 'warning';
  /** Mistakes of another file that this place names; they are told instead of this one. */
  readonly mistakes?: readonly Mistake[];
}

/** What to send for a file. */
export interface Rest {
  /** Path below the workspace, `/data/d1/versions/3`; or from the root, `/subscriptions/…`. */
  readonly resource: string;
  /** Default `PUT`. */
  readonly method?: 'PUT' | 'POST';
  readonly body: Json;
  readonly query?: Readonly<Record<string, string>>;
}

/** One kind of `az ml` file. */
export interface Kind<T = unknown> {
  /** As in the file names of Microsoft's schemas, `managedOnlineDeployment`. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** Kinds that one command of `az ml` reads, such as `job`: what is in the file decides among them, not `$schema`. */
  readonly family?: string;
  /** Where a plan must make it: lower first. */
  readonly order: number;
  /** Whether a file without a telling `$schema` is of this kind. */
  readonly detects: (value: Readonly<Record<string, unknown>>) => boolean;
  readonly schema: z.ZodType<T>;
  /** What a schema cannot say: files that must be there, names that must agree. */
  readonly check?: (value: T, place: Place) => Promise<Problem[]>;
  /** What is asked of a file that is submitted itself, not of one that another file names. */
  readonly checkAlone?: (value: T) => Problem[];
  /** What is asked of a file that `mlops.yaml` names: a lifecycle starts it, and nobody watches what it costs. */
  readonly checkUnattended?: (value: T, place: Place) => Promise<Problem[]>;
  readonly toRest: (value: T, place: Place, assets: Assets) => Promise<Rest>;
}

/** Keeps the type of the parsed value within a kind; the registry holds kinds of any. */
export function kind<T>(definition: Kind<T>): Kind {
  return definition as unknown as Kind;
}
