import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatorContext } from '../context.js';
import { getResource, resourcesOf, RESOURCES } from '../resources.js';
import type { StoredResource } from '../resources.js';
import type { Store } from '../store.js';
import { nextRun } from './trigger.js';

/** Fires schedules by the clock of jobs. */
export interface Scheduler {
  /** To be called once jobs can be submitted. Times that passed while nothing ran are left out. */
  start(): void;
  stop(): Promise<void>;
}

const TICK_MS = 250;
/** After a longer pause the machine has slept: what it slept through is not made up for. */
const SLEPT_MS = 60_000;
/** A clock that goes very fast would bury the machine under jobs. */
const MOST_AT_ONCE = 20;

const IS_SCHEDULE = /\/workspaces\/[^/]+\/schedules\/[^/]+$/;

/** How far the clock of jobs was ahead when an emulator of this folder ran last. */
export function lastLead(store: Store): number {
  return store.collection<number>('clock').get('lead') ?? 0;
}

/** `fire` submits what the schedule is for, at the time that it was due (milliseconds since 1970). */
export function createScheduler(
  ctx: EmulatorContext,
  fire: (schedule: StoredResource, due: number) => Promise<void>,
): Scheduler {
  const keys = new Set<string>();
  const control = new AbortController();
  const isStopping = () => control.signal.aborted;
  let watch: () => void = () => undefined;
  let ended = Promise.resolve();

  async function look(from: number, to: number): Promise<void> {
    for (const key of keys) {
      const schedule = getResource(ctx.store, key);
      if (schedule === undefined) keys.delete(key);
      else await fireDue(schedule, from, to);
    }
  }

  async function fireDue(schedule: StoredResource, from: number, to: number): Promise<void> {
    let due = nextRun(schedule, from);
    for (let count = 0; due !== undefined && due <= to && count < MOST_AT_ONCE; count += 1) {
      await fire(schedule, due).catch((error: unknown) => {
        ctx.log(`schedule ${schedule.name}: ${error instanceof Error ? error.message : String(error)}`);
      });
      due = nextRun(schedule, due);
    }
  }

  function keepLead(): void {
    const lead = ctx.faults.clock.lead();
    if (lead - lastLead(ctx.store) > 1) ctx.store.collection<number>('clock').put('lead', lead);
  }

  async function run(): Promise<void> {
    const { clock } = ctx.faults;
    let [seen, looked] = [clock.now(), Date.now()];
    while (!isStopping()) {
      await sleep(TICK_MS, undefined, { signal: control.signal, ref: false }).catch(() => undefined);
      const slept = Date.now() - looked > SLEPT_MS;
      looked = Date.now();
      const now = clock.now();
      if (!slept && !isStopping()) await look(seen, now);
      keepLead();
      seen = now;
    }
  }

  return {
    start() {
      for (const key of resourcesOf(ctx.store).keys()) if (IS_SCHEDULE.test(key)) keys.add(key);
      watch = ctx.store.changes.watch(({ collection, key }) => {
        if (collection === RESOURCES && IS_SCHEDULE.test(key)) keys.add(key);
      });
      ended = run();
    },
    async stop() {
      watch();
      control.abort();
      await ended;
    },
  };
}
