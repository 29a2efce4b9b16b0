import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { readBaseline } from '../../tools/parity/baseline.js';
import { judge } from '../../tools/parity/judge.js';
import { readGoldens } from '../../tools/parity/recordings.js';
import { against, differencesText } from '../../tools/parity/report.js';
import { Sources } from '../../tools/parity/sources.js';

/**
 * Recordings of what Microsoft's own client sends, kept outside the repository because of their size; MLOPS_GOLDENS
 * names their folder.
 */
const folder = process.env['MLOPS_GOLDENS'] ?? '';

describe.skipIf(!existsSync(folder))('files of the official client', () => {
  const goldens = existsSync(folder) ? readGoldens(folder) : [];
  const baseline = readBaseline(process.cwd());
  const sources = new Sources();
  afterAll(() => {
    sources.remove();
  });

  for (const golden of goldens) {
    const { kind, yaml } = golden.recording;
    it(`are sent and refused as it does: ${kind} ${yaml}`, async () => {
      const [judged] = against(baseline, [await judge(golden, sources)]);
      const losses = judged?.losses ?? [];
      expect(losses.length === 0 ? '' : differencesText(yaml, losses)).toBe('');
    });
  }
});
