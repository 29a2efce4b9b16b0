import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** @returns {string} a new folder that goes when the test ends */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-tools-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Sets environment variables until the test ends; undefined takes one away.
 * @param {Record<string, string | undefined>} variables
 */
export function setEnvironment(variables) {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    assign(name, value);
    onTestFinished(() => assign(name, before));
  }
}

/** @param {string} name @param {string | undefined} value */
function assign(name, value) {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
