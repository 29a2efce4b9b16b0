import { expect, test } from 'vitest';
import { approversAt, dueAt } from '../../src/domain/approval-times.js';
import { approval } from './fixtures.js';

const rule = {
  ...approval,
  approvers: ['ann'],
  expiresMs: 1_000,
  remindMs: 300,
  escalate: { afterMs: 500, to: ['max', 'ann'] },
};

test('after a while those listed for it may answer too, and nobody else', () => {
  expect(approversAt(rule, 10, 509)).toEqual(['ann']);
  expect(approversAt(rule, 10, 510)).toEqual(['ann', 'max']);
  expect(approversAt(approval, 10, 10_000)).toEqual(approval.approvers);
  expect(approversAt({ ...rule, approvers: [] }, 10, 10_000)).toEqual([]);
});

test('people are reminded again and again, and the next moment is never missed', () => {
  expect(dueAt(rule, 0, 0)).toEqual({ reminders: 0, escalated: false, nextInMs: 300 });
  expect(dueAt(rule, 0, 300)).toEqual({ reminders: 1, escalated: false, nextInMs: 200 });
  expect(dueAt(rule, 0, 500)).toEqual({ reminders: 1, escalated: true, nextInMs: 100 });
  expect(dueAt(rule, 0, 950)).toEqual({ reminders: 3, escalated: true, nextInMs: 50 });
  expect(dueAt(approval, 0, 0)).toEqual({ reminders: 0, escalated: false, nextInMs: approval.expiresMs });
});

test('reminders go on from the run that asked first; escalation waits anew', () => {
  expect(dueAt(rule, 200, 200, 0)).toEqual({ reminders: 0, escalated: false, nextInMs: 100 });
  expect(dueAt(rule, 200, 300, 0)).toEqual({ reminders: 1, escalated: false, nextInMs: 300 });
  expect(dueAt(rule, 450, 699, 0)).toEqual({ reminders: 2, escalated: false, nextInMs: 201 });
  expect(dueAt(rule, 450, 950, 0)).toMatchObject({ reminders: 3, escalated: true });
});
