import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCommand } from '../../src/domain/command.js';
import { formatMarker, parseMarkers, type Marker } from '../../src/domain/marker.js';
import { defaultProjectName, projectName } from '../../src/domain/project-name.js';
import { reachesFurther, reachOf } from '../../src/domain/reach.js';

test('a marker survives any text around and in it, and never ends its HTML comment early', () => {
  const text = fc.string({ minLength: 1 });
  const marker = fc.record(
    { lifecycle: text, project: text, environment: text, code: text, endpoint: text },
    { requiredKeys: ['lifecycle', 'project'] },
  );
  fc.assert(
    fc.property(marker, fc.string(), (written: Marker, around) => {
      const hidden = formatMarker(written);
      expect(hidden.slice(4, -3)).not.toMatch(/--|>/);
      expect(parseMarkers(`${around}\n${hidden}\n${around}`)).toEqual([written]);
    }),
  );
});

test('what is no marker is skipped', () => {
  expect(
    parseMarkers('<!-- mlops {"lifecycle":1,"project":"x"} --><!-- mlops {oops} --><!-- mlops null --> text'),
  ).toEqual([]);
});

test.each([
  ['/approve 3f2a9c41d07b', { kind: 'approve', code: '3f2a9c41d07b' }],
  ['/reject 3f2a9c41d07b  too slow \r\nmore', { kind: 'reject', code: '3f2a9c41d07b', reason: 'too slow' }],
  ['/retry', { kind: 'retry' }],
  ['/rollback diabetes', { kind: 'rollback', project: 'diabetes' }],
  ['/approve', { kind: 'malformed', problem: expect.stringContaining('/approve <12 digits>') as string }],
  ['/approve 3F2A9C41D07B', { kind: 'malformed', problem: expect.any(String) as string }],
  [' /retry', undefined],
  ['> /approve 3f2a9c41d07b', undefined],
  ['/approver 3f2a9c41d07b', undefined],
  ['text\n/cancel', undefined],
  ['', undefined],
])('comment %j', (body, expected) => {
  expect(parseCommand(body)).toEqual(expected);
});

test.each([
  [undefined, 'refs/heads/main', 'production'],
  [undefined, 'refs/heads/other', undefined],
  [undefined, 'refs/pull/3/head', 'plan'],
  [undefined, 'refs/tags/v1', undefined],
  [{ 'feature/**': 'train', main: 'production' }, 'refs/heads/feature/a/b', 'train'],
  [{ 'feature/**': 'train', main: 'production' }, 'refs/pull/3/head', undefined],
  [{ '**': 'plan', main: 'production' }, 'refs/heads/main', 'production'],
  [{ pull_request: 'train' }, 'refs/heads/pull_request', undefined],
] as const)('rules %j and ref %s: %s', (rules, ref, expected) => {
  expect(reachOf(rules, ref, 'main')).toBe(expected);
});

test('reaches are ordered', () => {
  expect(reachesFurther('production', 'train')).toBe(true);
  expect(reachesFurther('plan', 'plan')).toBe(false);
});

test.each([
  ['acme/models', 'teams/diabetes', 'diabetes'],
  ['acme/models', '.', 'models'],
  ['acme/acme.github.io', '.', 'acme-github-io'],
  ['acme/models', '_x y', 'x-y'],
  ['acme/models', '...', 'project'],
])('the project of %s in %s is called %s', (repository, path, expected) => {
  expect(defaultProjectName(repository, path)).toBe(expected);
  expect(expected).toMatch(projectName);
});
