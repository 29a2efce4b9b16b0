import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Prediction } from '../domain/comparison.js';

/** More rows than this make no comparison of two deployments any surer. */
const mostRows = 50_000;

/**
 * Answers in the data collector's JSON lines, one for each row: the last column that is a number or a text, which for
 * one column is the answer itself and for probabilities that of the last class. Lines that are no JSON are left out.
 */
export async function readPredictions(
  files: readonly string[],
  window: { readonly fromMs: number; readonly toMs: number },
): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(file, 'utf8') })) {
      if (predictions.length >= mostRows) return predictions;
      predictions.push(...predictionsOf(line, window));
    }
  }
  return predictions;
}

function predictionsOf(
  line: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Prediction[] {
  const { xrequestid, correlationid, time, data } = parsed(line);
  const at = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  // A mirrored copy may be answered after the window's end while its original was answered within.
  if (!(at >= fromMs && at < toMs)) return [];
  const id = typeof xrequestid === 'string' ? xrequestid : correlationid;
  const rows: unknown[] = Array.isArray(data) ? data : [data];
  return rows.flatMap((row, index): Prediction[] => {
    const value = answerOf(row);
    return value === undefined ? [] : [{ key: `${typeof id === 'string' ? id : `${at}`}/${index}`, value }];
  });
}

function answerOf(row: unknown): Prediction['value'] | undefined {
  if (typeof row === 'number' || typeof row === 'string') return row;
  if (typeof row !== 'object' || row === null) return undefined;
  const answers = Object.values(row).filter(
    (value): value is Prediction['value'] => typeof value === 'number' || typeof value === 'string',
  );
  return answers.at(-1);
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
