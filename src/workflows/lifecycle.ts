import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  executeChild,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import { setupId } from '../domain/keys.js';
import type { ModelRef } from '../domain/model.js';
import { messageOf, mistakesOf } from './failures.js';
import { begin } from './lifecycle/begin.js';
import {
  activitiesFor,
  at,
  courteously,
  type Lifecycle,
  type LifecycleBase,
  lifecycleOf,
  writeRecord,
} from './lifecycle/context.js';
import { develop, type Development } from './lifecycle/develop.js';
import { untilNewer } from './giving-way.js';
import { integrate, share } from './lifecycle/integrate.js';
import { showPlan } from './lifecycle/plan.js';
import { promote, supersededVerdict } from './lifecycle/promote.js';
import { Outgrown, renewed, untilQuiet } from './lifecycle/outgrown.js';
import { proposeRetiring } from './lifecycle/stranded.js';
import type { Tracker } from './lifecycle/tracker.js';
import { watch } from './lifecycle/watch.js';
import type {
  LifecycleInput,
  LifecycleStatus,
  LifecycleVerdict,
  Reach,
  SetupInput,
  SetupResult,
} from './messages.js';
import type { setup } from './setup.js';

/**
 * One commit's way through the six phases. Decisions (a gate not met, a rejection, a newer commit) end it as
 * completed with a verdict; what cannot go on fails it; what the world blocks waits.
 */
export async function lifecycle(input: LifecycleInput): Promise<LifecycleStatus> {
  const base = begin(input);
  const { tracker, parking, core } = base;
  tracker.show();
  let running: Lifecycle | undefined;
  let next: LifecycleInput | undefined;
  try {
    const loaded = await parking.step('load', () => core.loadProject({ ...at(base), ...reachOf(input) }));
    running = lifecycleOf(base, loaded);
    tracker.note(...loaded.notes);
    tellWhenKept(base, running);
    tracker.verdict(await passPhases(running));
  } catch (error) {
    if (error instanceof Outgrown) {
      tracker.note(`${error.message}: asked anew in the next one, answers given so far are void`);
      next = renewed(input, tracker, error);
    } else {
      endAsFailed(tracker, error);
      throw error;
    }
  } finally {
    const ended = running;
    await CancellationScope.nonCancellable(async () => {
      // Who asked for the end belongs to the record. Where nobody did, waiting would move later commands of old histories.
      if (!allHandlersFinished()) await condition(allHandlersFinished);
      if (ended !== undefined)
        await writeRecord(ended).catch((error: unknown) => {
          tracker.note(`the record could not be written: ${messageOf(error)}`);
        });
      await tracker.surfaces.settled(workflowInfo().workflowId);
      await condition(allHandlersFinished);
    });
  }
  if (next !== undefined) {
    await untilQuiet();
    await continueAsNew<typeof lifecycle>(next);
  }
  return tracker.snapshot();
}

async function passPhases(lifecycle: Lifecycle): Promise<LifecycleVerdict> {
  const { input } = lifecycle;
  const model = input.resume?.model ?? (await modelToRelease(lifecycle));
  if (typeof model === 'string') return model;
  const verdict = await promote(lifecycle, model);
  if (verdict === 'released') await watch(lifecycle);
  return verdict;
}

/** Everything before the release; a verdict where the lifecycle ends there. */
async function modelToRelease(lifecycle: Lifecycle): Promise<ModelRef | LifecycleVerdict> {
  const { loaded, input, core, id } = lifecycle;
  if (input.trigger === 'push') {
    await courteously(() =>
      core.supersedeOlder({ ...at(lifecycle), lifecycleId: id, branch: loaded.branch }),
    );
  }
  const stands = await untilNewer(lifecycle.superseded, async () => {
    await setUp(lifecycle);
    await proposeRetiring(lifecycle);
    return true;
  });
  if (stands === undefined) return supersededVerdict(lifecycle);
  if (loaded.reach === 'plan') {
    await showPlan(lifecycle);
    return 'planned';
  }
  return input.release === undefined ? await makeModel(lifecycle) : await enterWith(lifecycle, input.release);
}

async function setUp(lifecycle: Lifecycle): Promise<void> {
  const { tracker, loaded, id, input } = lifecycle;
  // A pull request's plan neither makes anything nor waits for anybody.
  const mode = loaded.reach === 'plan' ? 'plan' : loaded.setup;
  tracker.phase(
    'setup',
    'running',
    mode === 'apply' ? 'creating what is missing' : 'checking the Azure resources',
  );
  const result = await executeChild<typeof setup>('setup', {
    workflowId: setupId(id),
    args: [
      {
        ...at(lifecycle),
        mode,
        lifecycleId: id,
        ...(input.timing === undefined ? {} : { timing: input.timing }),
      },
    ],
  });
  tracker.phase('setup', 'done', describeSetup(result, mode));
}

function describeSetup({ created, updated, unchanged }: SetupResult, mode: SetupInput['mode']): string {
  const changes = [...created, ...(mode === 'check' ? [] : updated)].join(', ');
  if (changes === '') return `${unchanged} resources stand, nothing to change`;
  return `${mode === 'apply' ? 'made' : 'would make'} ${changes}`;
}

/** Training up to registration; a verdict where the lifecycle ends before there is a model to release. */
async function makeModel(lifecycle: Lifecycle): Promise<ModelRef | LifecycleVerdict> {
  const { loaded, tracker } = lifecycle;
  const development = await develop(lifecycle);
  if (development === undefined) return supersededVerdict(lifecycle);
  if (!development.gate.passed) return verdictWithoutModel(development);
  if (loaded.reach === 'train') return 'evaluated';
  if (lifecycle.superseded() !== undefined) return supersededVerdict(lifecycle);
  const model = await integrate(lifecycle, development);
  if (model === undefined)
    return lifecycle.superseded() === undefined ? 'evaluated' : supersededVerdict(lifecycle);
  if (loaded.project.environments.length > 0) return model;
  for (const phase of ['stage', 'promote', 'monitor'] as const)
    tracker.phase(phase, 'skipped', 'no environment in mlops.yaml');
  return 'registered';
}

/** A candidate can meet the gate and still have logged no model: that is an evaluation, not a failure. */
function verdictWithoutModel({ gate }: Development): LifecycleVerdict {
  return gate.verdicts.some(({ passed }) => passed) ? 'evaluated' : 'gate_failed';
}

/** One that keeps its place says so, for whoever wonders why two run. */
function tellWhenKept({ superseded, tracker }: LifecycleBase, { concurrency }: Lifecycle): void {
  if (concurrency.newer !== 'keep') return;
  condition(() => superseded() !== undefined).then(
    () => {
      const { commit = '' } = superseded() ?? {};
      tracker.note(`commit ${commit.slice(0, 12)} is newer; \`concurrency: keep\` lets this one go on`);
    },
    () => undefined,
  );
}

/** A release of a registered model enters at staging. */
async function enterWith(
  lifecycle: Lifecycle,
  { model, version }: NonNullable<LifecycleInput['release']>,
): Promise<ModelRef> {
  const { tracker, loaded, parking } = lifecycle;
  tracker.phase('train', 'skipped', 'a registered model is released');
  const ref = await parking.step('find model', () =>
    activitiesFor(lifecycle, loaded.project.workspace).quick.findModel({ ...at(lifecycle), model, version }),
  );
  await share(lifecycle, ref);
  tracker.phase('register', 'done', `${ref.name}:${ref.version}`);
  return ref;
}

function reachOf({ reach }: LifecycleInput): { reach?: Reach } {
  return reach === undefined ? {} : { reach };
}

function endAsFailed(tracker: Tracker, error: unknown): void {
  const cancelled = isCancellation(error);
  const message = cancelled ? 'cancelled' : messageOf(error);
  delete tracker.status.approval;
  tracker.stop(message);
  tracker.verdict(cancelled ? 'cancelled' : 'failed', mistakesOf(error));
}
