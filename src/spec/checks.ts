import { canonicalJson } from '../domain/canonical.js';
import type { ApprovalRule, Environment } from '../domain/project.js';
import { stepMistakes } from '../domain/rollout.js';
import { formatMs, parseDuration } from '../domain/text.js';
import type { Fault } from './fault.js';
import { toApproval, toStep } from './normalise.js';
import { fullApproval, type FullSteps, rolloutSteps } from './schema.js';
import { child, entriesOf, textOf, toPlain, type Tree } from './tree.js';
import { isElsewhere } from './values.js';

/** What no single value tells: how the parts of a file fit each other. */

/** @param tree the completed file; `file` the one that was written. */
export function checkTraining(tree: Tree, file: Tree): Fault[] {
  const train = child(file, 'train');
  const candidates = entriesOf(child(child(tree, 'train'), 'candidates'));
  const faults: Fault[] = [];
  if (train?.kind === 'branch' && child(train, 'candidates') !== undefined) {
    const single = ['job', 'set', 'metrics_from', 'model'].filter((key) => child(train, key) !== undefined);
    faults.push(
      ...single.map((key) => ({
        path: ['train'],
        key,
        message: 'stands beside `candidates`',
        fix: 'move it into a candidate',
      })),
    );
  }
  if (train?.kind === 'branch' && candidates.length === 0) {
    faults.push({
      path: ['train'],
      message: 'names no job',
      fix: 'write `train: azureml/train.yml`, or `job:` or `candidates:` below it',
    });
  }
  const data = child(tree, 'data');
  if (child(data, 'validate') !== undefined && child(data, 'prepare') === undefined) {
    faults.push({
      path: ['data', 'validate'],
      message: 'checks what `data.prepare` makes, and there is none',
      fix: 'add `data.prepare: <job file>` with named outputs, or remove `validate`',
    });
  }
  if (candidates.length > 1 && child(tree, 'gate') === undefined) {
    faults.push({
      path: ['train', 'candidates'],
      message: `${candidates.length} candidates and no gate to pick one`,
      fix: 'add `gate: <metric> >= <number>`',
    });
  }
  return [...faults, ...checkRegistered(tree, candidates.length)];
}

/** Every commit registers as many, and each version stands for files that are kept. */
const mostRegistered = 20;

function checkRegistered(tree: Tree, candidates: number): Fault[] {
  const which = textOf(child(child(tree, 'register'), 'which'));
  if (which === undefined || which === 'best' || candidates <= mostRegistered) return [];
  return [
    {
      path: ['register', 'which'],
      message: `${which} of ${candidates} candidates would be registered with every commit, ${mostRegistered} are allowed`,
      fix: 'write `which: best`, or train fewer candidates',
    },
  ];
}

/** @param tree the completed environment; each part of it that can be read is checked. */
export function checkEnvironment(name: string, tree: Tree, isLast: boolean): Fault[] {
  const approval = fullApproval.safeParse(plainOf(child(tree, 'approval')));
  const steps = rolloutSteps.safeParse(plainOf(child(child(tree, 'rollout'), 'steps')));
  const keep = textOf(child(tree, 'keep'));
  const faults: Fault[] = [
    ...(approval.success ? checkApproval(toApproval(approval.data, child(tree, 'approval'))) : []),
    ...(steps.success ? checkSteps(steps.data) : []),
    ...checkTest(child(tree, 'test')),
    ...checkMonitor(child(tree, 'monitor')),
    ...(isBatch(tree) ? checkBatch(tree) : []),
  ];
  if (isLast && keep !== undefined && parseDuration(keep) !== undefined) {
    faults.push({
      path: ['keep'],
      message: `the last environment's deployment goes after ${keep}`,
      fix: 'write `keep: always` if it is meant to serve',
      severity: 'warning',
    });
  }
  return faults.map((fault) => ({ ...fault, path: ['environments', name, ...fault.path] }));
}

function isBatch(environment: Tree): boolean {
  return child(child(environment, 'test'), 'input') !== undefined;
}

const testKeys = { online: ['requests', 'max_p95'], batch: ['input', 'type', 'rows', 'require', 'limits'] };

/** Requests test an online endpoint, input a batch endpoint: one of them says which of both this is. */
function checkTest(test: Tree | undefined): Fault[] {
  if (test?.kind !== 'branch') return [];
  const batch = child(test, 'input') !== undefined;
  if (!batch && child(test, 'requests') === undefined) {
    const fix = 'name `requests` of an online endpoint, or `input` of a batch endpoint';
    return [{ path: ['test'], message: 'says nothing to test with', fix }];
  }
  return testKeys[batch ? 'online' : 'batch']
    .filter((key) => child(test, key) !== undefined)
    .map((key) => ({
      path: ['test'],
      key,
      message: `belongs to the test of ${batch ? 'an online' : 'a batch'} endpoint`,
      fix: batch
        ? 'a batch endpoint is tested by `input`: remove it'
        : 'an online endpoint is tested by `requests`: remove it',
    }));
}

function checkMonitor(monitor: Tree | undefined): Fault[] {
  const job = child(monitor, 'job');
  if (job === undefined) return [];
  const path = ['monitor', 'job'];
  if (textOf(child(monitor, 'engine')) !== 'azureml') {
    const fix = 'write `engine: azureml` beside it, or remove it';
    return [{ path, message: 'says where a job runs, and the worker measures', fix }];
  }
  if (child(job, 'compute') === undefined || child(job, 'instance_type') === undefined) return [];
  return [
    { path, message: 'names a cluster and serverless compute', fix: 'keep `compute` or `instance_type`' },
  ];
}

/** What needs traffic that can be shared, or requests that can be looked at, has no meaning for a batch endpoint. */
function checkBatch(environment: Tree): Fault[] {
  const rollout = child(environment, 'rollout');
  const shared =
    'shares traffic between deployments, which a batch endpoint cannot: its default is switched at once';
  const seen =
    'judges requests, and a batch endpoint answers none: the job of `test.input` judges its deployments';
  const collected =
    "needs the requests that an online endpoint's data collector keeps; a batch endpoint keeps none";
  const keys = [
    ...present(rollout, ['steps'], shared),
    ...present(rollout, ['abort', 'compare', 'metrics'], seen),
  ].map(([key, message]) => ({ path: ['rollout', key], message, fix: `remove \`rollout.${key}\`` }));
  const monitor = present(environment, ['monitor'], collected).map(([key, message]) => ({
    path: [key],
    message,
    fix: 'remove `monitor`, or compare the input with the training data in a step of the pipeline that uses it',
  }));
  return [...keys, ...monitor];
}

/** Those of the keys that say something. */
function present(tree: Tree | undefined, keys: readonly string[], message: string): [string, string][] {
  return keys.flatMap((key): [string, string][] => {
    const value = plainOf(child(tree, key));
    const says = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
    return says ? [[key, message]] : [];
  });
}

function plainOf(tree: Tree | undefined): unknown {
  return tree === undefined ? undefined : toPlain(tree);
}

function checkApproval(rule: ApprovalRule): Fault[] {
  const faults: Fault[] = [];
  const add = (key: string, message: string, fix: string): void => {
    faults.push({ path: ['approval', key], message, fix });
  };
  if (rule.verify.includes('none') && (rule.required !== 1 || rule.approvers.length > 0)) {
    add(
      'verify',
      'none names nobody, so it can neither count several people nor keep to a list',
      'leave out none, or `required` and `approvers`',
    );
  }
  const known = new Set([...rule.approvers, ...(rule.escalate?.to ?? [])].map((name) => name.toLowerCase()));
  const hasTeam = [...known].some((name) => name.startsWith('@'));
  if (rule.approvers.length > 0 && !hasTeam && known.size < rule.required) {
    add(
      'required',
      `${rule.required} people must approve, but only ${known.size} may`,
      'name more approvers or a team',
    );
  }
  if (rule.expiresMs <= 0) add('expires', 'leaves nobody the time to answer', 'write a longer time');
  if (rule.remindMs !== undefined && (rule.remindMs <= 0 || rule.remindMs >= rule.expiresMs)) {
    add('remind', `must lie between 0 and the expiry (${formatMs(rule.expiresMs)})`, 'remind earlier');
  }
  if (rule.escalate !== undefined && rule.approvers.length === 0) {
    add(
      'escalate',
      'widens no list: whoever has maintain may answer anyway',
      'name `approvers`, or leave it out',
    );
  }
  if (rule.escalate !== undefined && rule.escalate.afterMs >= rule.expiresMs) {
    add('escalate', `comes no earlier than the expiry (${formatMs(rule.expiresMs)})`, 'escalate earlier');
  }
  return faults;
}

function checkSteps(steps: FullSteps): Fault[] {
  const sums = steps.flatMap((step, index): Fault[] => {
    const sum = sumOf(step);
    const path = ['rollout', 'steps', index];
    return sum === 100
      ? []
      : [{ path, message: `its traffic adds up to ${sum}`, fix: 'give every step 100 in sum' }];
  });
  const mistakes = stepMistakes(steps.map(toStep));
  return [
    ...sums,
    ...mistakes.map(({ index, ...mistake }) => ({ path: ['rollout', 'steps', index], ...mistake })),
  ];
}

/** A plain number leaves the rest to the champion. */
function sumOf(step: FullSteps[number]): number {
  if ('mirror' in step || typeof step.traffic === 'number') return 100;
  return step.traffic.champion + step.traffic.challenger;
}

/** Two environments that write to one endpoint would undo each other's traffic. */
export function checkTargets(environments: readonly Environment[]): Fault[] {
  const seen = new Map<string, string>();
  return environments.flatMap(({ name, workspace, endpoint }): Fault[] => {
    const target = canonicalJson([workspace, endpoint.file, endpoint.set['name'] ?? null]);
    const other = seen.get(target);
    seen.set(target, other ?? name);
    if (other === undefined) return [];
    return [
      {
        path: ['environments', name, 'endpoint'],
        message: `is the endpoint of ${other} in the same workspace`,
        found: `${endpoint.file} in ${workspace}`,
        fix: `give ${name} its own workspace, or another name by \`set: {endpoint.name: …}\``,
      },
    ];
  });
}

/** Every path of the file that would leave the repository. `folder` is the file's own. */
export function checkPaths(tree: Tree, folder: string): Fault[] {
  return pathsIn(tree, []).flatMap(([path, text]): Fault[] =>
    resolvePath(folder, text) === undefined
      ? [
          {
            path,
            message: 'points outside the repository',
            found: text,
            fix: 'keep to files of this repository',
          },
        ]
      : [],
  );
}

type Places = readonly (readonly [(string | number)[], string])[];

function pathsIn(tree: Tree, path: (string | number)[]): Places {
  const last = path.at(-1);
  if (last === 'set') return [];
  const text = textOf(tree);
  const isPath =
    last === 'file' || last === 'job' || last === 'requests' || (path[0] === 'paths' && path.length === 2);
  const isInput = last === 'input' && text !== undefined && !isElsewhere(text);
  if (text !== undefined) return isPath || isInput ? [[path, text]] : [];
  if (tree.kind === 'list') return tree.items.flatMap((item, index) => pathsIn(item, [...path, index]));
  return entriesOf(tree).flatMap(([key, item]) => pathsIn(item, [...path, key]));
}

/** `../shared` in `models/a` → `models/shared`; `undefined` when it leaves the repository. `.` is its root. */
export function resolvePath(folder: string, path: string): string | undefined {
  const parts: string[] = [];
  for (const part of [...folder.split('/'), ...path.split('/')]) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.length === 0 ? '.' : parts.join('/');
}
