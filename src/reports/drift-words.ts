import type { DriftAnalysis } from '../domain/drift.js';
import type { DriftReportInput } from './drift-types.js';
import type { Tone } from './layout.js';

export const driftVerdicts: Readonly<
  Record<DriftAnalysis['verdict'], { readonly word: string; readonly tone: Tone; readonly mark: string }>
> = {
  ok: { word: 'No drift', tone: 'good', mark: '✅' },
  breach: { word: 'Drift', tone: 'bad', mark: '⚠️' },
  missing_data: { word: 'Missing data', tone: 'warn', mark: '❔' },
};

export function periodOf({ fromMs, toMs }: DriftReportInput['window']): string {
  return `${minute(fromMs)} to ${minute(toMs)} UTC`;
}

function minute(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString().slice(0, 16).replace('T', ' ');
}

export function day(ms: number): string {
  return minute(ms).slice(0, 10);
}
