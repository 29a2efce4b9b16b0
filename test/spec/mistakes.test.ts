import { expect, test } from 'vitest';
import { mistakesIn, withEnvironment } from './fixtures.js';

const environmentLine = (text: string): string => withEnvironment(text);

test.each<[string, string, string]>([
  [
    'a misspelt key',
    'train: t.yml\ngates: AUC > 1\n',
    'mlops.yaml:2:1  gates: unknown key; did you mean gate?',
  ],
  ['a key in the wrong place', 'train: t.yml\nlimits: {}\n', 'limits belongs at train.limits'],
  ['no training', 'name: x\n', 'train: is missing'],
  ['an empty file', '', 'mlops.yaml:1:1  train: is missing'],
  ['a list instead of a map', '- train: t.yml\n', 'must be a map'],
  ['a training without a job', 'train: {limits: {}}\n', 'train: names no job'],
  [
    'job beside candidates',
    'train: {job: a.yml, candidates: {b: b.yml}}\n',
    'mlops.yaml:1:9  train.job: stands beside',
  ],
  ['candidates without a gate', 'train: {candidates: {a: a.yml, b: b.yml}}\n', '2 candidates and no gate'],
  [
    'more registered with every commit than anybody looks at',
    `gate: AUC >= 0\nregister: {which: all}\ntrain: {candidates: {${Array.from({ length: 21 }, (_, n) => `c${n}: a.yml`).join(', ')}}}\n`,
    'register.which: all of 21 candidates would be registered with every commit, 20 are allowed',
  ],
  [
    'an unknown reach',
    'train: t.yml\non: {main: prod}\n',
    'on.main: is not one of the allowed values; found "prod"',
  ],
  [
    'a gate that is none',
    'train: t.yml\ngate: AUC is 0.75\n',
    'gate: must be a comparison such as AUC >= 0.75',
  ],
  [
    'a threshold without comparison',
    'train: t.yml\ngate: {metric: A, require: {A: 0.7}}\n',
    'mlops.yaml:2:32  gate.require.A',
  ],
  [
    'a duration without unit',
    'train: {job: t.yml, limits: {run: 10}}\n',
    'train.limits.run: must be a number with a unit',
  ],
  [
    'an unknown concurrency',
    'train: t.yml\nconcurrency: all\n',
    'concurrency: must be "replace", "keep" or a map',
  ],
  ['a duration of years', 'train: {job: t.yml, limits: {run: 900d}}\n', 'longer than a year'],
  ['a path outside', 'train: ../t.yml\n', 'points outside the repository; found ../t.yml'],
  ['an absolute path', 'train: /etc/passwd\n', 'must be a path inside the repository'],
  ['a bad name', 'train: t.yml\nname: my project\n', 'mlops.yaml:2:7  name: a name has letters'],
  ['an unknown base', environmentLine('extends: stag'), 'extends an unknown environment; found stag'],
  ['an endless extends', environmentLine('extends: production'), 'extends itself: production → production'],
  [
    'an override of nothing',
    environmentLine('set: {instance_count: 3}'),
    'allowed: endpoint.instance_count, deployment.instance_count',
  ],
  [
    'no endpoint',
    'train: t.yml\nenvironments: {p: {deployment: d.yml}}\n',
    'mlops.yaml:2:16  environments.p.endpoint: is missing',
  ],
  [
    'unverified approvals by two',
    environmentLine('approval: {verify: [none], required: 2}'),
    'none names nobody',
  ],
  [
    'unverified approvals of a list',
    environmentLine('approval: {verify: [none], approvers: [a]}'),
    'none names nobody',
  ],
  [
    'too few approvers',
    environmentLine('approval: {approvers: [a, A], required: 2}'),
    '2 people must approve, but only 1 may',
  ],
  [
    'a late reminder',
    environmentLine('approval: {expires: 1h, remind: 2h}'),
    'approval.remind: must lie between',
  ],
  ['nobody’s approval', environmentLine('approval: {required: 0}'), 'approval.required: must be at least 1'],
  ['a wrong verification', environmentLine('approval: {verify: [githb]}'), 'did you mean github?'],
  ['a mirror of most', environmentLine('rollout: {steps: [{mirror: 51, for: 1m}]}'), 'from 1 to 50'],
  [
    'falling traffic',
    environmentLine('rollout: {steps: [{traffic: 50, for: 1m}, {traffic: 20, for: 1m}]}'),
    '20 % is not more than the 50 % before it',
  ],
  [
    'a mirror after traffic',
    environmentLine('rollout: {steps: [{traffic: 5, for: 1m}, {mirror: 20, for: 1m}]}'),
    'put mirror steps first',
  ],
  [
    'a step without end',
    environmentLine('rollout: {steps: [{traffic: 5}]}'),
    'steps[0]: does not say for how long',
  ],
  [
    'an abort rule upside down',
    environmentLine('rollout: {abort: {error_rate: "< 1%"}}'),
    'must use > or >=',
  ],
  [
    'retrainings without a pause',
    environmentLine('monitor: {baseline: "azureml:d:1", retraining: {cooldown: 5m}}'),
    'must be an hour or longer',
  ],
  [
    'a monitoring job beside the worker that measures',
    environmentLine('monitor: {baseline: "azureml:a:1", job: {compute: "azureml:cpu"}}'),
    'environments.production.monitor.job: says where a job runs, and the worker measures; write `engine: azureml` beside it',
  ],
  [
    'a monitoring job in two places',
    environmentLine(
      'monitor: {baseline: "azureml:a:1", engine: azureml, job: {compute: "azureml:cpu", instance_type: Standard_DS3_v2}}',
    ),
    'monitor.job: names a cluster and serverless compute',
  ],
  [
    'a monitoring job on a cluster without its prefix',
    environmentLine(
      'monitor: {baseline: "azureml:a:1", engine: azureml, job: {compute: cpu, environment: node}}',
    ),
    'monitor.job.compute: must be azureml:<cluster>',
  ],
  ['a share above one', environmentLine('rollout: {abort: {error_rate: "> 5"}}'), 'is a share'],
  [
    'an unknown time zone',
    environmentLine('rollout: {window: "Mon 09:00-10:00 Mars/Base"}'),
    'time zone is unknown',
  ],
  [
    'a schedule in words',
    environmentLine('monitor: {baseline: "azureml:a:1", schedule: daily}'),
    'cron expression',
  ],
  ['a monitor without baseline', environmentLine('monitor: {window: 1h}'), 'monitor.baseline: is missing'],
  [
    'an unknown version',
    'version: 2\ntrain: t.yml\n',
    'version: is not one of the allowed values; found 2; allowed: 1',
  ],
  [
    'a test that tests nothing',
    environmentLine('test: {max_p95: 1s}'),
    'environments.production.test: says nothing to test with',
  ],
  [
    'both kinds of test',
    environmentLine('test: {input: azureml:a@latest, requests: r.json}'),
    'environments.production.test.requests: belongs to the test of an online endpoint',
  ],
  [
    'rows of an online endpoint',
    environmentLine('test: {requests: r.json, rows: ">= 1"}'),
    'environments.production.test.rows: belongs to the test of a batch endpoint',
  ],
  [
    'steps of traffic on a batch endpoint',
    environmentLine('test: {input: sample}\n    rollout: {steps: [{traffic: 10, for: 10m}]}'),
    'environments.production.rollout.steps: shares traffic between deployments, which a batch endpoint cannot',
  ],
  [
    'an abort by requests on a batch endpoint',
    environmentLine('test: {input: sample}\n    rollout: {abort: {p95: "> 1s"}}'),
    'environments.production.rollout.abort: judges requests, and a batch endpoint answers none',
  ],
  [
    'collected requests of a batch endpoint',
    environmentLine('test: {input: sample}\n    monitor: {baseline: "azureml:a@latest"}'),
    "environments.production.monitor: needs the requests that an online endpoint's data collector keeps",
  ],
  [
    'an input outside of the repository',
    environmentLine('test: {input: ../../secrets}'),
    'environments.production.test.input: points outside the repository',
  ],
  ['a prototype’s key', 'train: t.yml\n__proto__: {gate: x}\n', 'unknown key'],
])('%s', (_, text, expected) => {
  expect(mistakesIn(text).join('\n')).toContain(expected);
});

test('all mistakes of a file come at once, in the order of its lines', () => {
  const found = mistakesIn(`nmae: x
on: {main: all}
train: {candidates: {a: {jbo: a.yml}}, limits: {queue: 5}}
environments:
  production: {deployment: d.yml, approval: {required: 2, approvers: [a]}, rollout: {steps: [{mirror: 90, for: 1m}]}}
`);
  expect(found.map((text) => text.split(': ')[0])).toEqual([
    'mlops.yaml:1:1  nmae',
    'mlops.yaml:2:12  on.main',
    'mlops.yaml:3:22  train.candidates.a.job',
    'mlops.yaml:3:26  train.candidates.a.jbo',
    'mlops.yaml:3:56  train.limits.queue',
    'mlops.yaml:5:3  environments.production.endpoint',
    'mlops.yaml:5:56  environments.production.approval.required',
    'mlops.yaml:5:103  environments.production.rollout.steps[0].mirror',
  ]);
});

test('two environments may not write to one endpoint, unless it has another name', () => {
  const two = (extra: string): string[] =>
    mistakesIn(`train: t.yml
environments:
  a: {endpoint: e.yml, deployment: d.yml}
  b: {extends: a, keep: always${extra}}
`);
  expect(two('').join()).toContain('environments.b.endpoint: is the endpoint of a in the same workspace');
  expect(two(', set: {endpoint.name: other}')).toEqual([]);
});

test('a last environment that inherits an end is warned of, not refused', () => {
  expect(mistakesIn(withEnvironment('keep: 2h'))).toEqual([
    expect.stringMatching(/^warning: mlops\.yaml:6:11 {2}environments\.production\.keep: .* goes after 2h/),
  ]);
});

test('a mistake in an inherited setting is told where it was written, once', () => {
  const found = mistakesIn(`train: t.yml
environments:
  a: {workspace: x, endpoint: e.yml, deployment: d.yml, keep: 5}
  b: {extends: a, workspace: y}
`);
  expect(found).toEqual([
    expect.stringContaining('mlops.yaml:3:63  environments.a.keep: must be "always" or a duration'),
  ]);
});
