import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../tools/prepare/paths.mjs';
import { atLeast, inspectMachine, missingPrerequisites } from '../../tools/prepare/prerequisites.mjs';

const complete = { node: '20.19.0', npm: true, python: 'Python 3.10.1', venv: true, uv: false };

describe('missing prerequisites', () => {
  it('are none on a complete machine', () => {
    expect(missingPrerequisites(complete, { python: true })).toEqual([]);
  });

  it('are all named at once, each on one line with what was found and where to get it', () => {
    const bare = { node: '18.20.4', npm: false, python: undefined, venv: false, uv: false };
    const lines = missingPrerequisites(bare, { python: true });
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^Node\.js 20\.19 or newer .* found 18\.20\.4: .*https:\/\/nodejs\.org/);
    expect(lines[1]).toMatch(/^npm .*https:\/\/nodejs\.org/);
    expect(lines[2]).toMatch(
      /^Python 3\.10 or newer .* found none: .*https:\/\/www\.python\.org.*apt install/,
    );
    for (const line of lines) expect(line).not.toContain('\n');
  });

  it('include the venv module, unless uv makes the environments', () => {
    const withoutVenv = { ...complete, venv: false };
    expect(missingPrerequisites(withoutVenv, { python: true })).toEqual([
      expect.stringContaining('apt install python3-venv'),
    ]);
    expect(missingPrerequisites({ ...withoutVenv, uv: true }, { python: true })).toEqual([]);
  });

  it('do not include Python where nothing needs it', () => {
    expect(missingPrerequisites({ ...complete, python: undefined }, { python: false })).toEqual([]);
  });

  it('are none on the machine that runs these tests', async () => {
    expect(missingPrerequisites(await inspectMachine({ python: true }), { python: true })).toEqual([]);
  });

  it('end npm start with one line before anything is started', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'tools', 'start.mjs')], {
      // npm itself counts as there; neither Python nor uv can be found.
      env: { PATH: '/nonexistent', npm_execpath: 'npm-cli.js' },
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Python 3\.10 or newer is needed[^\n]*\n$/);
  });
});

describe('version comparison', () => {
  it.each([
    ['20.19.0', [20, 19], true],
    ['20.18.9', [20, 19], false],
    ['22.0.0', [20, 19], true],
    ['Python 3.9.18', [3, 10], false],
    ['go1.26.8', [1, 26], true],
    ['1.3', [1, 3, 1], false],
    [undefined, [1], false],
    ['unknown', [0], false],
  ])('%s is at least %j: %s', (found, least, expected) => {
    expect(atLeast(found, least)).toBe(expected);
  });
});
