import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { LifecycleStatus } from '../../src/workflows/messages.js';
import { messages } from '../../src/workflows/messages.js';
import { type ActionRun, runPushAction, workflowIds } from '../../tools/local/action.js';
import { type Push, push, type Repository, seedGitHub } from '../../tools/local/github.js';
import { Machine } from '../../tools/local/machine.js';
import { root } from '../../tools/local/paths.js';
import { AzureControl } from './azure-control.js';
import { type ProjectEntry, policyText } from './policy-text.js';
import { temporalBinary } from './temporal-server.js';

/** Paces of a laptop; long enough for a busy one not to count a slow answer as a dead worker. */
export const timing = {
  lookFirstMs: 200,
  lookLongestMs: 1_000,
  healthLookMs: 500,
  silenceMs: 15_000,
  heartbeatMs: 15_000,
  answerMs: 15_000,
};

export interface PushOptions {
  readonly repository: Repository;
  readonly dir: string;
  readonly message?: string;
  readonly changed?: readonly string[];
  readonly timing?: object;
}

export interface Pushed {
  readonly push: Push;
  readonly run: ActionRun;
  /** Of the lifecycles that it started or found. */
  readonly ids: readonly string[];
}

const grpcNotFound = 5;
const lookMs = 150;
/** For what passes within a moment. */
const fastLookMs = 40;
const patienceMs = 240_000;
const tailLines = 15;

/** Everything as processes of its own, for one test file: Temporal server, Azure ML, GitHub, worker. */
export class Stack {
  readonly azure: AzureControl;

  private constructor(
    readonly machine: Machine,
    readonly policy: string,
    private readonly folder: string,
  ) {
    this.azure = new AzureControl(machine);
  }

  static async start(projects: Readonly<Record<string, ProjectEntry>>): Promise<Stack> {
    process.env['MLOPS_TEMPORAL_BINARY'] ??= temporalBinary();
    const folder = await mkdtemp(join(tmpdir(), 'mlops-e2e-'));
    const policy = join(folder, 'policy.yml');
    await writeFile(policy, policyText(projects));
    const machine = await Machine.start({
      folder: join(folder, 'machine'),
      say: () => undefined,
      policy,
    });
    return new Stack(machine, policy, folder);
  }

  get client(): Client {
    return this.machine.client;
  }

  async stop(): Promise<void> {
    await this.machine.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async repositories(...repositories: readonly Repository[]): Promise<void> {
    await seedGitHub(this.machine.addresses, ...repositories);
  }

  /** A copy of a folder of the checkout, to be changed and pushed. */
  async checkout(source: string): Promise<string> {
    const dir = await mkdtemp(join(this.folder, 'checkout-'));
    await cp(join(root, source), dir, { recursive: true });
    return dir;
  }

  /** Pushes a folder where no Action listens. */
  async commit({ repository, dir, message = 'Change the model' }: PushOptions): Promise<Push> {
    return await push(this.machine.addresses, { repository, dir, message });
  }

  /** Pushes a folder and runs the Action for it. */
  async push(options: PushOptions): Promise<Pushed> {
    const pushed = await this.commit(options);
    const run = await this.action(pushed, options);
    return { push: pushed, run, ids: workflowIds(run) };
  }

  /** Runs the Action for a commit that was pushed. */
  async action(pushed: Push, options: PushOptions): Promise<ActionRun> {
    const { repository, dir, changed = ['mlops.yaml'] } = options;
    const run = await runPushAction(this.machine.addresses, {
      repository,
      pushed,
      workspace: dir,
      changed,
      timing: { ...timing, ...options.timing },
    });
    if (run.code !== 0) throw new Error(`the Action failed:\n${run.log}`);
    return run;
  }

  /** Pushes a folder with one project; the id of its lifecycle. */
  async start(options: PushOptions): Promise<string> {
    const { ids, run } = await this.push(options);
    const [id] = ids;
    if (id === undefined) throw new Error(`the Action started nothing:\n${run.log}`);
    return id;
  }

  async status(id: string): Promise<LifecycleStatus> {
    return await this.client.workflow.getHandle(id).query<LifecycleStatus>(messages.status);
  }

  /** Waits until a lifecycle's status satisfies `holds`; ends early when it has ended otherwise. */
  async until(
    id: string,
    what: string,
    holds: (status: LifecycleStatus) => boolean,
  ): Promise<LifecycleStatus> {
    let last: LifecycleStatus | undefined;
    return await this.eventually(
      () => `${id}: ${what}; last: ${last?.why ?? 'no status'}`,
      async () => {
        last = await this.status(id).catch(() => last);
        if (last === undefined) return undefined;
        if (holds(last)) return last;
        if (last.verdict !== undefined)
          throw new Error(await this.withLogs(`${id} ended as ${last.verdict} before ${what}: ${last.why}`));
        return undefined;
      },
    );
  }

  /** Answers an approval as a second person, once it is asked. */
  async approve(id: string): Promise<void> {
    const { approval } = await this.until(
      id,
      'an approval is asked',
      (status) => status.approval !== undefined,
    );
    await this.client.workflow.getHandle(id).signal(approval?.approve ?? '', { by: 'grace-hopper' });
  }

  /** How often a workflow has asked for an activity; 0 for a workflow that is not there yet. */
  async countScheduled(workflowId: string, activity: string): Promise<number> {
    const history = await this.client.workflow
      .getHandle(workflowId)
      .fetchHistory()
      .catch((error: unknown) => {
        if (isGrpcServiceError(error) && (error.code satisfies number as number) === grpcNotFound)
          return undefined;
        throw error;
      });
    return (history?.events ?? []).filter(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === activity,
    ).length;
  }

  /** Waits until a workflow has asked for an activity more often than `before`. */
  async scheduled(workflowId: string, activity: string, before = 0): Promise<void> {
    await this.eventually(
      () => `${workflowId} asks for ${activity}`,
      async () => ((await this.countScheduled(workflowId, activity)) > before ? true : undefined),
      patienceMs,
      fastLookMs,
    );
  }

  /** Its status when it has ended, whatever the verdict. */
  async ended(id: string): Promise<LifecycleStatus> {
    const handle = this.client.workflow.getHandle(id);
    await this.eventually(
      async () => `${id} ends; last: ${(await this.status(id).catch(() => undefined))?.why ?? 'no status'}`,
      async () => {
        const { status } = await handle.describe();
        return status.name === 'RUNNING' ? undefined : true;
      },
    );
    return await this.status(id);
  }

  /** Polls until `look` finds something. @throws after its patience, with the ends of the logs */
  async eventually<T>(
    what: () => string | Promise<string>,
    look: () => Promise<T | undefined>,
    patience = patienceMs,
    everyMs = lookMs,
  ): Promise<T> {
    const deadline = Date.now() + patience;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > deadline)
        throw new Error(await this.withLogs(`waited ${patience / 1000} s until ${await what()}`));
      await pause(everyMs);
    }
  }

  private async withLogs(problem: string): Promise<string> {
    const tails = await Promise.all(
      ['worker', 'emulator', 'temporal'].map(async (name) => {
        const text = await readFile(join(this.machine.folder, `${name}.log`), 'utf8').catch(() => '');
        return `--- ${name}.log\n${text.trimEnd().split('\n').slice(-tailLines).join('\n')}`;
      }),
    );
    return [problem, ...tails].join('\n');
  }
}

/** Replaces texts in a file of a checkout; each must be there. */
export async function edit(
  dir: string,
  file: string,
  ...changes: readonly (readonly [string, string])[]
): Promise<void> {
  let text = await readFile(join(dir, file), 'utf8');
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  await writeFile(join(dir, file), text);
}
