import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../tools/prepare/paths.mjs';
import { builtBinary, requireGo } from '../../tools/prepare/temporal-build.mjs';
import { ensureTemporal } from '../../tools/prepare/temporal.mjs';
import { setEnvironment, temporaryFolder } from './temporary.mjs';

const unset = { TEMPORAL_ADDRESS: undefined, MLOPS_TEMPORAL_BINARY: undefined };

function recorder() {
  /** @type {string[]} */
  const lines = [];
  const push = (/** @type {string} */ text) => void lines.push(text);
  return { lines, step: push, note: push };
}

/**
 * A PATH with nothing on it but one program that prints a line.
 * @param {string} name
 * @param {string} line
 */
function pathWith(name, line) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), `#!/bin/sh\necho '${line}'\n`);
  chmodSync(join(folder, name), 0o755);
  return [folder, '/bin', '/usr/bin'].join(delimiter);
}

describe('the Temporal server', () => {
  it('is the one that TEMPORAL_ADDRESS names, with nothing to get', async () => {
    setEnvironment({ ...unset, TEMPORAL_ADDRESS: 'temporal.example:7233' });
    const report = recorder();
    expect(await ensureTemporal(root, Promise.resolve(), report)).toEqual({});
    expect(report.lines).toEqual([]);
  });

  it('is the temporal of the PATH when that is new enough', async () => {
    const PATH = pathWith('temporal', 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)');
    setEnvironment({ ...unset, PATH });
    const env = await ensureTemporal(root, Promise.resolve(), recorder());
    expect(env).toEqual({ MLOPS_TEMPORAL_BINARY: join(PATH.split(delimiter)[0] ?? '', 'temporal') });
  });

  it('is the cached binary, keyed by what it was built from, when the one on the PATH is too old', async () => {
    setEnvironment({
      ...unset,
      PATH: pathWith('temporal', 'temporal version 0.13.0'),
      XDG_CACHE_HOME: temporaryFolder(),
    });
    const cached = builtBinary(root);
    mkdirSync(dirname(cached), { recursive: true });
    writeFileSync(cached, '');
    expect(await ensureTemporal(root, Promise.resolve(), recorder())).toEqual({
      MLOPS_TEMPORAL_BINARY: cached,
    });
  });

  it('needs Go when nothing else worked, said with all the reasons', async () => {
    setEnvironment({
      ...unset,
      PATH: pathWith('go', 'go version go1.22.1 linux/amd64'),
      XDG_CACHE_HOME: temporaryFolder(),
      MLOPS_TEMPORAL_DOWNLOAD: 'never',
    });
    const failure = ensureTemporal(root, Promise.resolve(), recorder());
    await expect(failure).rejects.toThrow(/switched off.*\nGo 1\.26 or newer .* found 1\.22\.1: .*go\.dev/);
  });

  it('is built with the Go of this version or newer', async () => {
    setEnvironment({ PATH: pathWith('go', 'go version go1.26.0 linux/amd64') });
    await expect(requireGo([])).resolves.toBeUndefined();
  });
});
