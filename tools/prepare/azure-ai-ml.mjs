import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { cacheFolder } from './paths.mjs';
import { runOrThrow } from './processes.mjs';

export const AZURE_AI_ML_VERSION = '1.35.2';

/**
 * A Python with Microsoft's own client, which benchmarks measure against: what MLOPS_BENCH_PYTHON names, else an
 * environment in the cache folder (about 205 MB).
 * @param {string | undefined} uv makes it several times faster than pip
 * @returns {Promise<string>} path of the interpreter
 */
export async function ensureAzureAiMl(uv) {
  const given = process.env['MLOPS_BENCH_PYTHON'];
  if (given) return given;
  const folder = join(cacheFolder(), `azure-ai-ml-${AZURE_AI_ML_VERSION}`);
  const python = join(folder, 'bin', 'python');
  await withLock('azure-ai-ml', async () => {
    if (existsSync(join(folder, 'complete'))) return;
    console.log(`installing azure-ai-ml ${AZURE_AI_ML_VERSION} to measure against`);
    rmSync(folder, { recursive: true, force: true });
    const wanted = [`azure-ai-ml==${AZURE_AI_ML_VERSION}`, 'marshmallow<4'];
    await runOrThrow('python3', ['-m', 'venv', folder]);
    if (uv === undefined) await runOrThrow(python, ['-m', 'pip', 'install', '--quiet', ...wanted]);
    else await runOrThrow(uv, ['pip', 'install', '--quiet', '--python', python, ...wanted]);
    writeFileSync(join(folder, 'complete'), '');
  });
  return python;
}
