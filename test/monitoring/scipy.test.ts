import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { FeatureDrift } from '../../src/monitoring/index.js';
import { analyse } from '../../src/monitoring/index.js';
import { runPython } from '../support/python.js';
import { folder } from './support.js';

const reference = z.record(
  z.string(),
  z.looseObject({
    kind: z.enum(['numerical', 'categorical']),
    gap: z.number().optional(),
    sd: z.number().optional(),
    exactP: z.boolean().optional(),
  }),
);

let dir: string;
let expected: z.infer<typeof reference>;
beforeAll(async () => {
  dir = await folder();
  const script = fileURLToPath(new URL('scipy_reference.py', import.meta.url));
  expected = reference.parse(JSON.parse(await runPython(script, [dir])));
}, 180_000);

async function compare(name: string, mode: 'exact' | 'one-pass'): Promise<FeatureDrift> {
  const { features } = await analyse({
    baseline: [join(dir, `${name}.baseline.csv`)],
    collectedInputs: [],
    currentTable: [join(dir, `${name}.current.csv`)],
    windowFromMs: 0,
    windowToMs: 0,
    mode,
    plan: { numericalThreshold: 0.1, categoricalThreshold: 0.1, minRows: 1 },
  });
  const [feature] = features;
  if (feature === undefined) throw new Error(`${name} was not compared`);
  return feature;
}

/** Equal to 1e-9, relative where numbers are large. */
function near(found: number, wanted: unknown, tolerance = 1e-9): boolean {
  return Math.abs(found - Number(wanted)) <= tolerance * Math.max(1, Math.abs(Number(wanted)));
}

describe('beside SciPy', () => {
  it('says the same to 1e-9 where it is exact', async () => {
    const differing: string[] = [];
    for (const [name, wanted] of Object.entries(expected)) {
      const { statistics, baseline } = await compare(name, 'exact');
      expect(statistics.length).toBe(wanted.kind === 'numerical' ? 4 : 3);
      for (const { metric, value, gap } of statistics) {
        // Beyond 10,000 values SciPy itself takes a limit distribution, of another approximation than ours.
        const tolerance =
          metric === 'TwoSampleKolmogorovSmirnovTest' && wanted.exactP === false ? 0.01 : 1e-9;
        if (!near(value, wanted[metric], tolerance))
          differing.push(`${name} ${metric}: ${value}, SciPy ${String(wanted[metric])}`);
        if (gap !== undefined && !near(gap, wanted.gap))
          differing.push(`${name} gap: ${gap}, SciPy ${wanted.gap}`);
      }
      if (wanted.sd !== undefined && !near(baseline.sd ?? NaN, wanted.sd))
        differing.push(`${name} sd: ${baseline.sd}, NumPy ${wanted.sd}`);
    }
    expect(differing).toEqual([]);
    expect(Object.keys(expected).length).toBeGreaterThan(12);
  });

  it('is within the bound that it states after one pass, at most 0.001 deviations', async () => {
    const wrong: string[] = [];
    for (const [name, wanted] of Object.entries(expected)) {
      for (const { metric, value, gap, error } of (await compare(name, 'one-pass')).statistics) {
        const off =
          gap === undefined ? Math.abs(value - Number(wanted[metric])) : Math.abs(gap - Number(wanted.gap));
        const limit = metric === 'NormalizedWassersteinDistance' ? 0.001 : 1;
        if (off > error + 1e-9 * Math.max(1, Number(wanted[metric])) || error > limit)
          wrong.push(`${name} ${metric}: off by ${off}, stated ${error}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
