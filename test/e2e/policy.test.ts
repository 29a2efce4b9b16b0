import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LifecycleStatus } from '../../src/workflows/messages.js';
import { edit, Stack } from '../support/stack.js';
import { tiny, tinyEntries } from '../support/tiny.js';

let stack: Stack;

const strict = { approval: { required: 2, approvers: ['octocat', 'grace-hopper'], verify: ['github'] } };

beforeAll(async () => {
  stack = await Stack.start({
    ...tinyEntries('owned', 'thief', 'burglar', 'tampered'),
    strict: { repository: 'contoso/strict', environments: { production: strict } },
  });
});
afterAll(() => stack.stop());

/** Pushes a project and expects that it is refused before Azure hears of it. */
async function refused(name: string, ...changes: readonly (readonly [string, string])[]): Promise<string> {
  const project = await tiny(stack, name);
  await edit(project.dir, 'mlops.yaml', ...changes);
  const since = await stack.azure.now();
  const { verdict, why, candidates } = await stack.ended(await stack.start(project));
  expect(verdict).toBe('failed');
  expect(candidates).toEqual([]);
  const asked = (await stack.azure.requests(since)).filter(({ path }) => path.startsWith('/subscriptions/'));
  expect(asked).toEqual([]);
  return why;
}

test('a repository that the operators did not list', async () => {
  expect(await refused('unlisted')).toMatch(/RepositoryNotListed: contoso\/unlisted .*Ask the operators/s);
});

test("another project's name", async () => {
  const why = await refused('thief', ['name: thief\n', 'name: owned\n']);
  expect(why).toMatch(/ProjectNotOwned: .*owned belongs to contoso\/owned/s);
});

test("another project's endpoint", async () => {
  const why = await refused('burglar', ['endpoint.name: burglar', 'endpoint.name: owned']);
  expect(why).toMatch(/EndpointNotOwned: .*belongs to owned \(contoso\/owned\)/s);
});

test('approvals looser than the policy, every one of them named', async () => {
  const why = await refused('strict');
  expect(why).toMatch(/ApprovalTooLoose: environments\.production\.approval\.required: found 1; .*2 or more/);
  expect(why).toMatch(/VerificationForbidden: environments\.production\.approval\.verify: found none/);
});

test("a commit's change of the rules that judge it does not hold for it", async () => {
  const project = await tiny(stack, 'owned');
  await stack.commit(project);
  await edit(
    project.dir,
    'mlops.yaml',
    ['approval: { required: 1, verify: [none] }', 'approval: none'],
    ['traffic: 50, for: 4s', 'traffic: 90, for: 1s'],
  );
  const id = await stack.start(project);
  const { approval, notes } = await stack.until(
    id,
    'an approval is asked',
    (status) => status.approval !== undefined,
  );
  const note = (setting: string): unknown =>
    expect.stringMatching(
      new RegExp(`environments\\.production\\.${setting}.*main's rule judges this commit`),
    );
  expect(notes).toEqual(expect.arrayContaining([note('approval'), note('rollout')]));
  expect(approval?.required).toBe(1);

  await stack.client.workflow.getHandle(id).signal(approval?.reject ?? '', { reason: 'not like this' });
  expect((await stack.ended(id)).verdict).toBe('rejected');
  expect(await stack.azure.endpoint('prod', 'owned')).toEqual({ traffic: {}, deployments: [] });
});

test('a model that somebody changes while it goes up: what was approved is not that, and the traffic goes back', async () => {
  const project = await tiny(stack, 'tampered');
  const first = await stack.start(project);
  await stack.approve(first);
  expect((await stack.ended(first)).verdict).toBe('released');
  const before = await stack.azure.endpoint('prod', 'tampered');
  expect(Object.values(before.traffic)).toEqual([100]);

  await edit(project.dir, 'azureml/train.yml', ['threshold: 5\n', 'threshold: 5.001\n']);
  const id = await stack.start(project);
  await stack.approve(id);
  const halfWay = (status: LifecycleStatus): boolean =>
    Object.values(status.releases).some(
      ({ endpoint, step }) => endpoint === 'tampered' && step.startsWith('traffic 50'),
    );
  const { models } = await stack.until(id, 'half of the traffic', halfWay);
  const [registered] = models;
  const path = `models/${registered?.name}/versions/${registered?.version}`;
  const model = await stack.azure.get<{ properties: { tags: Record<string, string> } }>('dev', path);
  await stack.azure.put('dev', path, {
    properties: {
      ...model?.properties,
      tags: { ...model?.properties.tags, 'mlops.hash': 'of another model' },
    },
  });

  const { verdict, why } = await stack.ended(id);
  expect([verdict, why]).toEqual(['failed', expect.stringContaining('NotApproved')]);
  expect(await stack.azure.endpoint('prod', 'tampered')).toEqual(before);
});
