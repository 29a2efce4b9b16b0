import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dockerStages, read, root } from './compose.js';

const stages = dockerStages();
const finals = ['worker', 'emulator'] as const;

/** Sources of the COPY instructions of a stage, apart those from other stages. */
function copied(stage: string): string[] {
  const lines = (stages.get(stage) ?? '').match(/^COPY (?!--from).*$/gm) ?? [];
  return lines.flatMap((line) => line.split(' ').slice(1, -1));
}

/** The program that a stage starts. */
function command(stage: string): string[] {
  const [, json = '[]'] = /^CMD (\[.*\])$/m.exec(stages.get(stage) ?? '') ?? [];
  return JSON.parse(json) as string[];
}

describe('deploy/Dockerfile', () => {
  it('starts from one exact version of Node on a slim Debian', () => {
    expect(read('deploy/Dockerfile')).toMatch(/^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-bookworm-slim$/m);
  });

  it.each([...stages.keys()])(
    'stage %s copies only what exists and its ignore file lets through',
    (stage) => {
      const allowed = read('deploy/Dockerfile.dockerignore')
        .split('\n')
        .filter((line) => line.startsWith('!'))
        .map((line) => line.slice(1));
      for (const path of copied(stage)) {
        expect(existsSync(join(root, path)), path).toBe(true);
        expect(
          allowed.some((one) => `${path}/`.startsWith(`${one}/`) || one.startsWith(`${path}/`)),
          path,
        ).toBe(true);
      }
    },
  );

  it.each([...stages.keys()])('stage %s takes files only from stages before it', (stage) => {
    const names = [...stages.keys()];
    const sources = [...(stages.get(stage) ?? '').matchAll(/--from=(\S+)/g)].map(([, name]) => name ?? '');
    for (const source of sources) expect(names.slice(0, names.indexOf(stage))).toContain(source);
  });

  it.each(finals)('%s runs without root', (stage) => {
    expect(stages.get(stage)).toMatch(/^USER node$/m);
  });

  it('the worker is what a build without a target makes, with what was bundled for it', () => {
    expect([...stages.keys()].at(-1)).toBe('worker');
    expect(stages.get('worker')).toContain(
      'COPY --from=build /app/lib/monitoring-job.mjs /app/lib/workflow-bundle.js lib/',
    );
    expect(command('worker')).toEqual(['node', 'lib/src/worker.js']);
    expect(existsSync(join(root, 'src/worker.ts'))).toBe(true);
  });

  it('the emulator is started with options that it has', () => {
    const [, script = '', ...args] = command('emulator');
    expect(existsSync(join(root, script))).toBe(true);
    const source = read('emulator/src/main.ts');
    for (const option of args.filter((arg) => arg.startsWith('--'))) {
      expect(source).toContain(`'${option}`);
    }
  });

  it('installs the same uv as the preparation does', () => {
    const [, version] = /UV_VERSION = '([\d.]+)'/.exec(read('tools/prepare/python.mjs')) ?? [];
    expect(stages.get('emulator')).toContain(`uv==${version ?? ''}\n`);
  });
});
