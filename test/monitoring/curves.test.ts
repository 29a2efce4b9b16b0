import { beforeAll, describe, expect, it } from 'vitest';
import { readPredicted } from '../../src/monitoring/index.js';
import { folder, write } from './support.js';

let dir: string;
beforeAll(async () => {
  dir = await folder();
});

const read = async (text: string): ReturnType<typeof readPredicted> =>
  readPredicted([await write(dir, 'predictions-*.csv', text)]);

/** Generated scores with ties, and the areas by counting every pair. */
function generated(): { readonly csv: string; readonly auc: number } {
  const rows = Array.from({ length: 600 }, (_, i) => ({
    label: (i * 7919) % 3 === 0 ? 1 : 0,
    score: (((i * 104_729) % 97) + ((i * 7919) % 3 === 0 ? 20 : 0)) / 120,
  }));
  const [sick, well] = [1, 0].map((label) => rows.filter((row) => row.label === label));
  let better = 0;
  for (const a of sick ?? [])
    for (const b of well ?? []) better += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
  const auc = better / ((sick?.length ?? 0) * (well?.length ?? 0));
  return {
    csv: ['label,probability', ...rows.map(({ label, score }) => `${label},${score}`)].join('\n'),
    auc,
  };
}

describe('held-out predictions', () => {
  it('give areas as counted by pairs, and curves that end where they must', async () => {
    const { csv, auc } = generated();
    const { rows, curves, notes } = await read(csv);
    expect([rows, notes]).toEqual([600, []]);
    expect(curves?.auc).toBeCloseTo(auc, 12);
    expect(curves?.roc[0]).toEqual({ falsePositives: 0, truePositives: 0 });
    expect(curves?.roc.at(-1)).toEqual({ falsePositives: 1, truePositives: 1 });
    expect(curves?.precisionRecall.at(-1)).toEqual({ recall: 1, precision: curves?.prevalence });
    expect(curves?.calibration.reduce((sum, { count }) => sum + count, 0)).toBe(600);
  });

  it('count what was taken for what, also of classes by name', async () => {
    const { confusion, curves, notes } = await read('label,prediction\ncat,cat\ncat,dog\ndog,dog\nfox,dog\n');
    expect(confusion).toEqual({
      labels: ['cat', 'dog', 'fox'],
      counts: [
        [1, 1, 0],
        [0, 1, 0],
        [0, 1, 0],
      ],
    });
    expect([curves, notes]).toEqual([undefined, ['no probabilities, so no curves']]);
  });

  it('say why there is no curve: one class, impossible probabilities, no such column', async () => {
    const single = await read('label,probability\n1,0.4\n1,0.9\n');
    expect(single).toMatchObject({
      rows: 2,
      confusion: {
        labels: ['0', '1'],
        counts: [
          [0, 0],
          [1, 1],
        ],
      },
      notes: ['only one class among the labels, so no curves'],
    });
    const odd = await read('label,probability\n1,0.9\n0,NaN\n0,0.1\n1,1.5\n,0.2\n');
    expect(odd.rows).toBe(2);
    expect(odd.notes[0]).toMatch(/^3 rows without a label/);
    await expect(read('truth,p\n1,0.3\n')).rejects.toThrow('they have truth, p');
  });

  it('fold thousands of classes into one row, and keep few points of many', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `c${i},c${i}`);
    const { confusion } = await read(['label,prediction', ...many].join('\n'));
    expect(confusion.labels).toHaveLength(13);
    expect(confusion.counts.flat().reduce((a, b) => a + b)).toBe(10_000);
    const scores = Array.from({ length: 20_000 }, (_, i) => `${i % 2},${((i * 7919) % 20_000) / 20_000}`);
    const { curves } = await read(['label,probability', ...scores].join('\n'));
    expect(curves?.roc.length).toBeLessThan(250);
  });
});
