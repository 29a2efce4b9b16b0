import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeHash, objectHash } from '../../src/azureml/hash.js';
import type { Json } from '../../src/azureml/types.js';
import type { Assets } from '../../src/azureml/yaml/kind.js';
import { inspect, load } from '../../src/azureml/yaml/load.js';
import { kinds } from '../../src/azureml/yaml/registry.js';

/**
 * Recordings of what Microsoft's own client sends for a file, kept outside the repository because of their size;
 * MLOPS_GOLDENS names their folder.
 * What must agree: the body of every PUT, names and versions made from content, blob names.
 */
const goldens = process.env['MLOPS_GOLDENS'] ?? '';

interface Recording {
  readonly yaml: string;
  readonly kind: string;
  readonly ok: boolean;
  readonly assisted: boolean;
  readonly requests: readonly {
    readonly method?: string;
    readonly path?: string;
    readonly body?: { readonly properties?: Record<string, unknown> };
    readonly blob?: { readonly names: readonly string[] };
  }[];
}

interface Put {
  readonly path: string;
  readonly body: unknown;
}

const known = new Set(kinds.map(({ name }) => name));
const sets = [
  { sources: join(goldens, 'probes'), recordings: join(goldens, 'probes.out') },
  { sources: join(goldens, 'files'), recordings: join(goldens, 'requests') },
  { sources: join(goldens, 'errors'), recordings: join(goldens, 'errors.out') },
];

function recordingsOf(set: (typeof sets)[number]): { source: string; recording: Recording }[] {
  const index = join(set.recordings, 'index.json');
  const list = existsSync(index)
    ? index
    : join(goldens, set.recordings.endsWith('requests') ? 'index.json' : 'none');
  if (!existsSync(list)) return [];
  const entries = JSON.parse(readFileSync(list, 'utf8')) as { yaml: string; kind: string }[];
  return entries
    .filter(({ kind, yaml }) => known.has(kind) && existsSync(join(set.recordings, `${yaml}.json`)))
    .map(({ yaml }) => ({
      source: join(set.sources, yaml),
      recording: JSON.parse(readFileSync(join(set.recordings, `${yaml}.json`), 'utf8')) as Recording,
    }));
}

/** A workspace as the recordings' stub was: every asset exists as version 1; code is known by its hash. */
function recorder() {
  const puts: Put[] = [];
  const blobs = new Set<string>();
  const assets: Assets = {
    workspace: '{ws}',
    location: () => Promise.resolve('eastus'),
    code: async (path) => `code ${await codeHash(path)}`,
    async upload(path, { datastore = 'workspaceblobstore' }) {
      const isFolder = statSync(path).isDirectory();
      const name = `LocalUpload/${await objectHash(path)}/${basename(path)}`;
      blobs.add(name);
      const url = `https://goldenstore.blob.core.windows.net/azureml-blobstore/${name}`;
      return { datastore, path: name, isFolder, url };
    },
    register(type, name, version, properties) {
      const path = `{ws}/${type}/${name}/versions/${version}`;
      puts.push({ path, body: { properties } });
      return Promise.resolve(path);
    },
    latest: () => Promise.resolve('1'),
    next: () => Promise.resolve('1'),
  };
  return { assets, puts, blobs };
}

/** Random names and the recorder's own folder are not the file's. */
function normal(put: Put, codes: ReadonlyMap<string, string>, routed: boolean): Put {
  let json = JSON.stringify({ ...put, path: put.path.replace(/\/jobs\/.*/, '/jobs/') });
  for (const [id, hash] of codes) json = json.replaceAll(id, `code ${hash}`);
  json = json.replaceAll('{wsuri}', wsuri).replaceAll('{rg}/providers', '{rg}/providers');
  // How the official client hashes an inference_config is not known.
  if (routed) {
    json = json.replace(/(CliV2AnonymousEnvironment\/versions\/)[0-9a-f]{64}/g, '$1hash');
  }
  const read = JSON.parse(json) as Put;
  const properties = (read.body as { properties?: Record<string, unknown> }).properties ?? {};
  for (const key of ['displayName', 'experimentName']) {
    if (/^<|^cwd/.test(JSON.stringify(properties[key] ?? '<').slice(1)))
      Reflect.deleteProperty(properties, key);
  }
  return read;
}

function isRouted(puts: readonly Put[]): boolean {
  return JSON.stringify(puts).includes('inferenceConfig');
}

const wsuri = 'subscriptions//resourcegroups//workspaces/';

function recorded(recording: Recording): { puts: Put[]; blobs: string[] } {
  const codes = new Map<string, string>();
  const puts: Put[] = [];
  for (const { method, path = '', body } of recording.requests) {
    if (method !== 'PUT') continue;
    const inner = body?.properties?.['properties'] as Json | undefined;
    if (path.includes('/codes/')) codes.set(path, String(inner?.['hash_sha256']));
    else puts.push({ path, body });
  }
  const blobs = recording.requests
    .flatMap(({ blob }) => blob?.names ?? [])
    .filter((name) => name.startsWith('LocalUpload'));
  return { puts: puts.map((put) => normal(put, codes, isRouted(puts))), blobs };
}

/** READMEs, notebooks and templates of the sources are not kept next to the recordings; hashes over them cannot come out. */
function isWhole(recording: Recording): boolean {
  const names = recording.requests.flatMap(({ blob }) => blob?.names ?? []);
  return !names.some((name) => /README|\.ipynb$|\.jinja2$/.test(name));
}

const byPath = (a: Put, b: Put) => a.path.localeCompare(b.path);

describe.skipIf(!existsSync(goldens))('files of the official client', () => {
  for (const set of sets) {
    for (const { source, recording } of recordingsOf(set)) {
      if (recording.assisted || (recording.ok && !isWhole(recording))) continue;
      const files = { root: set.sources, dir: dirname(source) };
      const ref = { file: basename(source), set: {} };

      if (!recording.ok) {
        it(`refuses ${recording.yaml}`, async () => {
          const { mistakes } = await inspect(files, ref);
          expect(mistakes.filter(({ severity }) => severity === 'error').length).toBeGreaterThan(0);
        });
        continue;
      }
      it(`translates ${recording.yaml}`, async () => {
        const { assets, puts, blobs } = recorder();
        const loaded = await load(files, ref);
        expect(loaded.kind.name).toBe(recording.kind);
        const { resource, body } = await loaded.kind.toRest(loaded.value, loaded.place, assets);
        const sent = [...puts, { path: `{ws}${resource}`, body }].map((put) =>
          normal(put, new Map(), isRouted(puts)),
        );
        const wanted = recorded(recording);
        expect(sent.sort(byPath)).toEqual(wanted.puts.sort(byPath));
        const folders = new Set([...blobs].map((name) => name.split('/').slice(0, 2).join('/')));
        expect(folders).toEqual(new Set(wanted.blobs.map((name) => name.split('/').slice(0, 2).join('/'))));
      });
    }
  }
});
