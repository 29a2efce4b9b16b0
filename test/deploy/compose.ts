import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const root = join(import.meta.dirname, '..', '..');

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: string;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly profiles?: readonly string[];
  readonly network_mode?: string;
  readonly restart?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export const composeText = read('docker-compose.yml');
export const compose = parse(composeText) as ComposeFile;
export const services = Object.entries(compose.services);

/** A service of the file; fails when there is none of that name. */
export function service(name: string): ComposeService {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

/** Names and values of an env file as Compose reads it. */
export function envFile(path: string): Map<string, string> {
  const lines = read(path)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name = '', value = ''] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
      return [name, value];
    }),
  );
}

/** Stages of deploy/Dockerfile by name, each the text of its instructions. */
export function dockerStages(): Map<string, string> {
  const parts = read('deploy/Dockerfile').split(/^FROM .* AS (\S+)$/m);
  const stages = new Map<string, string>();
  for (let i = 1; i < parts.length; i += 2) stages.set(parts[i] ?? '', parts[i + 1] ?? '');
  return stages;
}
