import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keepTag, lifecycleTag, outputsGone, outputsTag, projectTag } from '../../src/domain/tags.js';
import {
  type EndpointFound,
  type Inventory,
  judgeUpkeep,
  type UpkeepRules,
} from '../../src/domain/upkeep.js';

const dayMs = 24 * 3_600_000;
const now = 1_000 * dayMs;
const old = now - 100 * dayMs;
const rules: UpkeepRules = { now, olderThanMs: 30 * dayMs, versions: 1, busyProjects: [], neededModels: {} };
const ours = { [projectTag]: 'diabetes', [lifecycleTag]: 'mlops/acme.models/diabetes/1' };
const nothing: Inventory = {
  ...{ workspace: 'dev', endpoints: [], models: [], jobs: [], schedules: [], records: [] },
};
const owner = {
  deployments: ['d-champion', 'd-previous'],
  retiring: [],
  models: ['diabetes:7'],
  busy: false,
};
const model = (version: string, more: object = {}) => ({
  ...{ name: 'diabetes', version, tags: ours, isArchived: false, createdAt: old + Number(version) },
  ...more,
});
const verdicts = (found: Partial<Inventory>, more: Partial<UpkeepRules> = {}) =>
  Object.fromEntries(
    judgeUpkeep([{ ...nothing, ...found }], { ...rules, ...more }).map(({ id, action, why }) => [
      id,
      [action, why],
    ]),
  );

test('deployments that nobody needs go; what serves, or may have to serve, stays', () => {
  const deployment = (name: string, more: object = {}) => ({ name, tags: ours, createdAt: old, ...more });
  const endpoint = {
    name: 'live',
    kind: 'online' as const,
    traffic: { 'd-champion': 90, 'd-serves': 10 },
    mirror: { 'd-mirrored': 10 },
    owner,
    deployments: [
      deployment('d-champion'),
      deployment('d-previous'),
      deployment('d-serves'),
      deployment('d-mirrored'),
      deployment('d-new', { createdAt: now }),
      deployment('d-ageless', { createdAt: undefined }),
      deployment('d-kept', { tags: { ...ours, [keepTag]: 'audit' } }),
      deployment('d-left'),
      deployment('blue', { tags: {} }),
    ],
  };
  const judged = verdicts({ endpoints: [endpoint] });
  const going = Object.entries(judged).filter(([, [action]]) => action !== 'keep');
  expect(going.map(([id]) => id)).toEqual(['live/d-left']);
  expect(judged['live/blue']).toBeUndefined();
  const busy = verdicts({ endpoints: [{ ...endpoint, owner: { ...owner, busy: true } }] });
  expect(busy['live/d-left']).toEqual(['keep', 'a release runs on its endpoint']);
  const orphan: EndpointFound = { ...endpoint };
  delete (orphan as { owner?: unknown }).owner;
  expect(verdicts({ endpoints: [orphan] })['live/d-left']?.[1]).toContain('does not answer');
});

test('model versions are archived first, and deleted when they are archived', () => {
  const endpoint = {
    ...{ name: 'live', kind: 'online' as const, traffic: {}, mirror: {}, owner },
    deployments: [{ name: 'd-1', model: 'diabetes:3', tags: ours, createdAt: old }],
  };
  const judged = verdicts({
    endpoints: [endpoint],
    models: [
      model('1'),
      model('2', { isArchived: true }),
      model('3', { isArchived: true }),
      model('4', { tags: { ...ours, [keepTag]: '' } }),
      model('5', { tags: {} }),
      model('7'),
      model('8'),
    ],
  });
  expect(judged).toMatchObject({
    'diabetes:1': ['archive', 'not among the newest 1, and nothing needs it'],
    'diabetes:2': ['delete', 'archived, and nothing needs it'],
    'diabetes:3': ['keep', 'deployed as live/d-1'],
    'diabetes:4': ['keep', 'somebody keeps it'],
    'diabetes:7': ['keep', 'needed by the endpoint live'],
    'diabetes:8': ['keep', 'among the newest 1 versions'],
  });
  expect(judged['diabetes:5']).toBeUndefined();
  const elsewhere = (more: Partial<UpkeepRules>) =>
    verdicts({ models: [model('1', { isArchived: true })] }, more)['diabetes:1'];
  expect(elsewhere({ neededModels: { 'diabetes:1': 'needed by the endpoint live in prod' } })).toEqual([
    'keep',
    'needed by the endpoint live in prod',
  ]);
  const unknown: UpkeepRules = { now, olderThanMs: rules.olderThanMs, versions: 1, busyProjects: [] };
  expect(
    judgeUpkeep([{ ...nothing, models: [model('1', { isArchived: true })] }], unknown).map(
      ({ action }) => action,
    ),
  ).toEqual(['keep']);
});

test('outputs of jobs go where no model version that stays comes from them', () => {
  const job = (name: string, more: object = {}) => ({
    ...{ name, tags: ours, isFinal: true, makesData: false, createdAt: old },
    ...more,
  });
  const from = (name: string) => ({ tags: { ...ours, 'mlops.job': name, 'mlops.commit': `${name}-commit` } });
  const found = {
    models: [model('1', { ...from('gone'), isArchived: true }), model('2', from('used'))],
    jobs: [
      job('gone'),
      job('used'),
      job('loser'),
      job('runs', { isFinal: false }),
      job('prepare', { makesData: true }),
      job('done', { tags: { ...ours, [outputsTag]: outputsGone } }),
      job('half', { tags: { ...ours, [outputsTag]: 'deleting' } }),
      job('foreign', { tags: {} }),
    ],
    records: [
      { folder: 'mlops/diabetes/used-commit', commit: 'used-commit', newestAt: old },
      { folder: 'mlops/diabetes/other', commit: 'other', newestAt: old },
      { folder: 'mlops/diabetes/monitoring/live/1', newestAt: now },
    ],
    schedules: [
      { id: 'mlops/monitor/1/live', isNeeded: true },
      { id: 'mlops/monitor/1/gone', isNeeded: false },
    ],
  };
  const going = (more: Partial<UpkeepRules> = {}) =>
    Object.entries(verdicts(found, more)).flatMap(([id, [action]]) => (action === 'keep' ? [] : [id]));
  expect(going()).toEqual(['diabetes:1', 'gone', 'loser', 'half', 'mlops/monitor/1/gone']);
  expect(going({ busyProjects: ['diabetes'] })).toEqual(['diabetes:1', 'mlops/monitor/1/gone']);
  expect(going({ recordsOlderThanMs: 50 * dayMs })).toContain('mlops/diabetes/other');
  expect(going({ recordsOlderThanMs: 50 * dayMs })).not.toContain('mlops/diabetes/used-commit');
});

test('whatever is found, nothing goes that is foreign, kept, young, served or owned', () => {
  const tags = fc.record(
    { [projectTag]: fc.constant('diabetes'), [lifecycleTag]: fc.constant('l'), [keepTag]: fc.constant('') },
    { requiredKeys: [] },
  );
  const createdAt = fc.integer({ min: old, max: now });
  const names = ['a', 'b', 'c', 'd'];
  const share = fc.dictionary(fc.constantFrom(...names), fc.integer({ min: 0, max: 100 }));
  const inventory = fc.record({
    workspace: fc.constant('dev'),
    endpoints: fc.array(
      fc.record(
        {
          name: fc.constant('live'),
          kind: fc.constant('online' as const),
          traffic: share,
          mirror: share,
          owner: fc.record({
            deployments: fc.subarray(names),
            retiring: fc.subarray(names),
            models: fc.subarray(names.map((name) => `m:${name}`)),
            busy: fc.boolean(),
          }),
          deployments: fc.uniqueArray(
            fc.record(
              { name: fc.constantFrom(...names), tags, createdAt },
              { requiredKeys: ['name', 'tags'] },
            ),
            { selector: ({ name }) => name },
          ),
        },
        { requiredKeys: ['name', 'kind', 'traffic', 'mirror', 'deployments'] },
      ),
      { maxLength: 1 },
    ),
    models: fc.uniqueArray(
      fc.record({
        name: fc.constant('m'),
        version: fc.constantFrom(...names),
        tags,
        isArchived: fc.boolean(),
        createdAt,
      }),
      { selector: ({ version }) => version },
    ),
    jobs: fc.constant([]),
    schedules: fc.constant([]),
    records: fc.constant([]),
  });
  fc.assert(
    fc.property(inventory, (found) => {
      for (const { id, kind, action } of judgeUpkeep([found], rules)) {
        if (action === 'keep') continue;
        const [endpoint] = found.endpoints;
        if (kind === 'deployment') {
          const name = id.split('/')[1] ?? '';
          const view = endpoint?.deployments.find((one) => one.name === name);
          expect(Object.keys(view?.tags ?? {})).toContain(lifecycleTag);
          expect(Object.keys(view?.tags ?? {})).not.toContain(keepTag);
          expect((endpoint?.traffic[name] ?? 0) + (endpoint?.mirror[name] ?? 0)).toBe(0);
          expect(endpoint?.owner?.busy).toBe(false);
          expect([
            ...(endpoint?.owner?.deployments ?? []),
            ...(endpoint?.owner?.retiring ?? []),
          ]).not.toContain(name);
          expect(now - (view?.createdAt ?? now)).toBeGreaterThanOrEqual(rules.olderThanMs);
        } else {
          const view = found.models.find(({ version }) => id === `m:${version}`);
          expect(Object.keys(view?.tags ?? {})).toContain(projectTag);
          expect(Object.keys(view?.tags ?? {})).not.toContain(keepTag);
          expect(endpoint?.owner?.models ?? []).not.toContain(id);
        }
      }
    }),
  );
});
