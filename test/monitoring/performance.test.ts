import { beforeAll, describe, expect, it } from 'vitest';
import { judgePerformance } from '../../src/domain/performance.js';
import { measurePerformance } from '../../src/monitoring/index.js';
import { collectedLine, folder, hour, noon, write } from './support.js';

let dir: string;
beforeAll(async () => {
  dir = await folder();
});

const window = { windowFromMs: noon - 24 * hour, windowToMs: noon };
const columns = { id: 'id', label: 'sick', prediction: 'output', probability: 'p' };

/** Lines of outputs: an id, then the rows that its request carried. */
function outputs(requests: readonly (readonly [string, readonly object[]])[]): Promise<string> {
  const lines = requests.map(([id, rows]) =>
    JSON.stringify({ ...(JSON.parse(collectedLine(rows)) as object), correlationid: id }),
  );
  return write(dir, 'outputs-*.jsonl', [...lines, '{"cut off', ''].join('\n'));
}

describe('performance with labels that came later', () => {
  it('joins by correlation id, rows of one request by their place, and computes what scikit-learn does', async () => {
    const collectedOutputs = [
      await outputs([
        ['a', [{ output: 1, p: 0.9 }]],
        ['b', [{ output: 0, p: 0.4 }]],
        [
          'c',
          [
            { output: 1, p: 0.6 },
            { output: 0, p: 0.2 },
          ],
        ],
        ['unlabelled', [{ output: 1, p: 0.5 }]],
        ['mlops-test-1', [{ output: 1, p: 0.5 }]],
      ]),
    ];
    const labels = [await write(dir, 'labels-*.csv', 'id,sick\na,1\nb,1\nc_0,0\nc_1,0\nother,1\n')];
    const found = await measurePerformance({ collectedOutputs, labels, columns, ...window });
    expect(found).toMatchObject({ predictions: 5, labelled: 4 });
    expect(found.metrics['accuracy']).toBeCloseTo(0.5, 12);
    // One hit, one missed, one taken for sick: 2 / (2 + 1 + 1).
    expect(found.metrics['f1']).toBeCloseTo(0.5, 12);
    // Of the four pairs of a sick and a healthy one, only 0.4 before 0.6 is the wrong way round.
    expect(found.metrics['auc']).toBeCloseTo(0.75, 12);
    const loss = -(Math.log(0.9) + Math.log(0.4) + Math.log(0.4) + Math.log(0.8)) / 4;
    expect(found.metrics['log_loss']).toBeCloseTo(loss, 12);
  });

  it('takes the mean F1 over classes that are no yes and no, and says no AUC', async () => {
    const collectedOutputs = [
      await outputs([
        ['a', [{ output: 'x' }]],
        ['b', [{ output: 'y' }]],
        ['c', [{ output: 'y' }]],
      ]),
    ];
    const labels = [await write(dir, 'labels-*.csv', 'id,sick\na,x\nb,y\nc,z\n')];
    const { metrics } = await measurePerformance({ collectedOutputs, labels, columns, ...window });
    expect(Object.keys(metrics)).toEqual(['accuracy', 'f1']);
    expect(metrics['f1']).toBeCloseTo((1 + 2 / 3 + 0) / 3, 12);
  });

  it('counts no label as nothing to judge by, and names what the labels lack', async () => {
    const labels = [await write(dir, 'labels-*.csv', 'id,sick\nq,1\n')];
    const none = await measurePerformance({ collectedOutputs: [], labels, columns, ...window });
    expect(none).toEqual({ predictions: 0, labelled: 0, metrics: {} });
    expect(judgePerformance(none, { accuracy: { op: '>=', value: 0.5 } }, 1)).toMatchObject({
      verdict: 'missing_data',
    });
    const wrong = [await write(dir, 'labels-*.csv', 'request,ill\nq,1\n')];
    await expect(
      measurePerformance({ collectedOutputs: [], labels: wrong, columns, ...window }),
    ).rejects.toThrow('the labels have no column id, sick; they have request, ill');
  });

  it('breaches when a requirement is not met, and is missing data when none can be computed', () => {
    const found = { predictions: 100, labelled: 80, metrics: { accuracy: 0.7 } };
    const judged = judgePerformance(found, { accuracy: { op: '>=', value: 0.8 } }, 50);
    expect(judged).toEqual({ verdict: 'breach', checks: ['accuracy 0.7 is not ≥ 0.8 ✗'] });
    expect(judgePerformance(found, { auc: { op: '>=', value: 0.8 } }, 50).verdict).toBe('missing_data');
    expect(judgePerformance(found, { accuracy: { op: '>', value: 0.6 } }, 50).verdict).toBe('ok');
  });
});
