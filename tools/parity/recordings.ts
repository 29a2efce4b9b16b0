import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What Microsoft's client sent for one file, and what it needed for it. */
export interface Recording {
  /** Path of the YAML below the sources. */
  readonly yaml: string;
  readonly kind: string;
  readonly ok: boolean;
  readonly assisted: boolean;
  readonly assist?: Assist;
  readonly error?: { readonly message: string };
  readonly requests: readonly Recorded[];
  /** Placeholder → random uuid that the client made. */
  readonly guids?: Readonly<Record<string, string>>;
}

export interface Assist {
  /** Stands for flags of the command line. */
  readonly paramsOverride?: readonly Readonly<Record<string, unknown>>[];
  readonly cwd?: string;
  /** Files and folders (with a trailing slash) that were made for the recording. */
  readonly placeholderFiles?: readonly string[];
  /** `{{ NAME }}` → text. */
  readonly templateVars?: Readonly<Record<string, string>>;
}

export interface Recorded {
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly blob?: Blobs;
}

export interface Blobs {
  readonly container: string;
  readonly puts: number;
  readonly bytes: number;
  /** At most 25. */
  readonly names: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** One pair of sources and recordings. */
export interface Golden {
  readonly sources: string;
  readonly recording: Recording;
}

const pairs = [
  { sources: 'files', recordings: 'requests' },
  { sources: 'probes', recordings: 'probes.out' },
  { sources: 'errors', recordings: 'errors.out' },
];

/** Every recording below `folder`, whose layout is that of its README. Throws when there is none. */
export function readGoldens(folder: string): Golden[] {
  const found = pairs.flatMap(({ sources, recordings }) => {
    const root = join(folder, recordings);
    if (!existsSync(root)) return [];
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.ya?ml\.json$/.test(name))
      .sort()
      .map((name) => ({
        sources: join(folder, sources),
        recording: JSON.parse(inAzure(readFileSync(join(root, name), 'utf8'))) as Recording,
      }));
  });
  if (found.length === 0) throw new Error(`${folder} holds no recordings`);
  return found;
}

/** The recorder's cloud has a login address of its own. */
function inAzure(recording: string): string {
  return recording.replaceAll('https://login.stub.test', 'https://login.microsoftonline.com');
}
