import { beforeAll, describe, expect, it } from 'vitest';
import { readPaired } from '../../src/monitoring/index.js';
import { folder, write } from './support.js';

let dir: string;
beforeAll(async () => {
  dir = await folder();
});

const pair = async (champion: string, challenger: string): ReturnType<typeof readPaired> =>
  readPaired({
    champion: await write(dir, 'champion-*.csv', champion),
    challenger: await write(dir, 'challenger-*.csv', challenger),
  });

describe('held-out predictions of two models', () => {
  it('pair off by their id, whatever their order', async () => {
    const { champion, challenger } = await pair(
      'id,label,probability\na,1,0.9\nb,0,0.2\nc,1,0.6\n',
      'id,label,probability\nc,1,0.7\na,1,0.3\nb,0,0.1\n',
    );
    expect(champion).toEqual({
      truth: ['1.0', '0.0', '1.0'],
      told: ['1.0', '0.0', '1.0'],
      score: [0.9, 0.2, 0.6],
    });
    expect(challenger.score).toEqual([0.3, 0.1, 0.7]);
    expect(challenger.told).toEqual(['0.0', '0.0', '1.0']);
  });

  it('pair off by their order where one has no id, and stay in it', async () => {
    const labels = Array.from({ length: 20_000 }, (_, row) => (row * 7919) % 3);
    const csv = ['label,prediction', ...labels.map((label) => `${label},${label}`)].join('\n');
    const numbered = ['id,label,prediction', ...labels.map((label, row) => `${row},${label},1`)].join('\n');
    const { champion, challenger } = await pair(csv, numbered);
    expect(champion.truth).toEqual(labels.map((label) => `${label}.0`));
    expect(challenger.truth).toEqual(champion.truth);
  });

  it.each([
    [
      'another number of rows',
      'label,prediction\n1,1\n0,1\n',
      'label,prediction\n1,1\n',
      'on 2 rows, the challenger on 1',
    ],
    ['no row', 'label,prediction\n', 'label,prediction\n', 'there is no row'],
    [
      'other ids',
      'id,label,prediction\na,1,1\nb,0,0\n',
      'id,label,prediction\na,1,1\nc,0,0\n',
      '1 row of each have no partner',
    ],
    [
      'an id twice',
      'id,label,prediction\na,1,1\na,1,0\n',
      'id,label,prediction\na,1,1\nb,1,0\n',
      '2 rows of the champion have 1 different ids',
    ],
    [
      'a row without id',
      'id,label,prediction\na,1,1\n,1,0\n',
      'id,label,prediction\na,1,1\nb,1,0\n',
      '2 rows of the champion have 1 different ids',
    ],
    [
      'other labels',
      'label,prediction\n1,1\n0,0\n',
      'label,prediction\n1,1\n1,0\n',
      '1 row with another label for each model',
    ],
    [
      'a label missing',
      'label,prediction\n1,1\n,0\n',
      'label,prediction\n1,1\n0,0\n',
      '1 row without a label',
    ],
    ['other columns', 'label,prediction\n1,1\n', 'y,prediction\n1,1\n', 'they have y, prediction'],
  ])('are not compared with %s', async (_, champion, challenger, why) => {
    await expect(pair(champion, challenger)).rejects.toThrow(why);
  });
});
