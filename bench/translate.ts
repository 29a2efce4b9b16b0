import { dirname } from 'node:path';
import { translateFile } from '../src/azureml/index.js';
import { benchFile, startWarmClient } from './azure-ai-ml.js';
import { compare } from './measure.js';

/** Of one round. */
const FILES = 100;
/** V8 goes on compiling for thousands of runs, where Python is warm after one. */
const UNTIL_WARM = 4_000;

/** Milliseconds to translate a file `times` times in this process. */
async function translate(path: string, times: number): Promise<number> {
  const files = { root: dirname(path), dir: dirname(path) };
  const began = performance.now();
  for (let time = 0; time < times; time += 1) await translateFile(files, { file: path, set: {} });
  return performance.now() - began;
}

const python = process.env['MLOPS_BENCH_PYTHON'];
if (python === undefined) throw new Error('MLOPS_BENCH_PYTHON names no Python with azure-ai-ml');
for (const name of ['job.yml', 'pipeline.yml']) {
  const path = benchFile(name);
  const client = await startWarmClient(python, path);
  try {
    const first = await translate(path, FILES);
    await translate(path, UNTIL_WARM);
    await compare(
      `Loading ${name} and converting it to its requests, ${FILES} times`,
      { name: 'translateFile, warm', run: () => translate(path, FILES) },
      { name: 'azure-ai-ml, warm', run: () => client.convert(FILES) },
    );
    console.log(`  translateFile, the first ${FILES} of a process: ${first.toFixed(0)} ms`);
  } finally {
    await client.stop();
  }
}
