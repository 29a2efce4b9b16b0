import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { approve, push, resultOf } from '../support/workflow-driving.js';
import { type Lab, startLab } from '../support/workflow-lab.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.clear());
afterAll(() => lab.stop());

test('a push goes all the way to production', async () => {
  const stage = await lab.stage();
  const handle = await push(stage);
  const question = await approve(handle);
  const status = await resultOf(handle);
  expect(status.verdict).toBe('released');
  expect(question.environment).toBe('production');
  console.log(JSON.stringify(status, undefined, 1));
});
