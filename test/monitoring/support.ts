import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { AnalyseInput } from '../../src/monitoring/index.js';

export type Row = Readonly<Record<string, unknown>>;

/** A folder that goes when the test file has run. */
export async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'mlops-monitoring-test-'));
  afterAll(() => rm(made, { recursive: true, force: true }));
  return made;
}

export const noon = Date.UTC(2026, 0, 15, 12);
export const hour = 3_600_000;

/** A line as the data collector writes it. */
export function collectedLine(data: unknown, atMs = noon - hour, correlationid = 'a-1'): string {
  return JSON.stringify({
    specversion: '1.0',
    id: '725aa8af-0834-415c-aaf5-c76d0c08f694',
    type: 'azureml.inference.model_inputs',
    datacontenttype: 'application/json',
    time: new Date(atMs).toISOString(),
    data,
    correlationid,
    collectdatatype: 'pandas.core.frame.DataFrame',
    contentrange: 'bytes 0-116/117',
  });
}

let files = 0;

export async function write(dir: string, name: string, text: string): Promise<string> {
  const path = join(dir, name.replace('*', String((files += 1))));
  await writeFile(path, text);
  return path;
}

export function collect(dir: string, rows: readonly Row[], atMs?: number): Promise<string> {
  return write(dir, '*.jsonl', rows.map((row) => `${collectedLine([row], atMs)}\n`).join(''));
}

export function baseline(dir: string, rows: readonly Row[]): Promise<string> {
  return write(dir, 'baseline-*.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** An input over both files with Azure's thresholds and no least number of rows. */
export function input(
  baselineFile: string,
  requests: string,
  rest: Partial<AnalyseInput> = {},
): AnalyseInput {
  return {
    collectedInputs: [requests],
    baseline: [baselineFile],
    windowFromMs: noon - 24 * hour,
    windowToMs: noon,
    plan: { numericalThreshold: 0.1, categoricalThreshold: 0.1, minRows: 1 },
    ...rest,
  };
}
