import { expect, test } from 'vitest';
import { formatDuration, linesBetween } from '../../src/cli/progress-lines.js';
import { createProgress, formatLine } from '../../src/cli/terminal.js';
import { type LifecycleStatus, phases } from '../../src/workflows/messages.js';
import { Kept } from './support.js';

const begun: LifecycleStatus = {
  project: 'diabetes',
  repository: 'acme/models',
  commit: 'a'.repeat(40),
  trigger: 'push',
  phases: phases.map((phase) => ({ phase, state: 'pending', summary: '' })),
  candidates: [],
  models: [],
  decisions: [],
  releases: {},
  notes: [],
  why: '',
};

const withPhase = (state: 'running' | 'done', summary: string): LifecycleStatus => ({
  ...begun,
  phases: begun.phases.map((phase) =>
    phase.phase === 'train' ? { ...phase, state, summary, startedAt: 1_000, finishedAt: 13_400 } : phase,
  ),
});

test('what is pending says nothing', () => {
  expect(linesBetween(undefined, begun)).toEqual([]);
});

test('a phase is told when it begins, when its summary changes and when it ends, once each', () => {
  const [running, later, done] = [
    withPhase('running', 'preparing the data'),
    withPhase('running', 'training a, b'),
    withPhase('done', 'b is best'),
  ];
  expect(linesBetween(begun, running)).toMatchObject([{ tone: 'running', text: 'preparing the data' }]);
  expect(linesBetween(running, running)).toEqual([]);
  expect(linesBetween(running, later)).toMatchObject([{ tone: 'running', text: 'training a, b' }]);
  expect(linesBetween(later, done)).toMatchObject([{ tone: 'done', label: 'train', ms: 12_400 }]);
});

test('a candidate that failed comes with the last lines of its log and the link', () => {
  const failed = {
    kind: 'failed',
    candidate: 'tree',
    reason: 'exit code 1',
    log: 'KeyError: BMI\n',
    link: 'https://studio.example/j1',
  } as const;
  const [line] = linesBetween(begun, { ...begun, candidates: [failed] });
  expect(
    line &&
      formatLine(line)
        .split('\n')
        .map((text) => text.trim()),
  ).toEqual(['✖    tree: exit code 1', 'KeyError: BMI', 'https://studio.example/j1']);
});

test('each step of a rollout is told with its traffic', () => {
  const step = (percent: number): LifecycleStatus => ({
    ...begun,
    releases: {
      'mlops/acme.models/diabetes/aaaaaaaaaaaa/production': {
        endpoint: 'diabetes',
        owner: 'o',
        state: 'running',
        step: `${percent} %`,
        traffic: { 'd-1': 100 - percent, 'd-2': percent },
      },
    },
  });
  expect(linesBetween(step(10), step(10))).toEqual([]);
  expect(linesBetween(step(10), step(50))).toMatchObject([
    { text: 'production: 50 % (traffic d-1 50 %, d-2 50 %)' },
  ]);
});

test('where nobody watches every line is plain text', () => {
  const out = new Kept();
  const progress = createProgress(out, false);
  progress.print({ tone: 'running', label: 'train', text: 'training' });
  progress.print({ tone: 'done', label: 'train', text: 'b is best', ms: 12_400 });
  expect(out.text).toBe('▸ train     training\n✔ train     b is best  12s\n');
});

test('times are as exact as people read them', () => {
  expect([400, 12_400, 200_000, 7_500_000].map(formatDuration)).toEqual(['0.4s', '12s', '3m 20s', '2h 5m']);
});
