import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatorContext } from '../context.js';
import { AzureError, asAzureError } from '../errors.js';
import type { ErrorDetail } from '../errors.js';
import { getResource } from '../resources.js';
import type { Json } from '../resources.js';

/** A long-running operation as it is kept in the store. */
export interface Operation {
  readonly id: string;
  readonly kind: string;
  readonly resourceId: string;
  readonly payload: Json;
  readonly startTime: string;
  status: 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled';
  endTime?: string;
  error?: ErrorDetail;
}

/** The work behind a kind of operation; it must bear being run again after a restart. */
export interface OperationWork {
  run(operation: Operation): Promise<void> | void;
  /** Writes the failure into the resource. */
  failed?(operation: Operation, error: AzureError): void;
}

export interface Operations {
  define(kind: string, work: OperationWork): void;
  /** Stores the operation and runs it in the background; `prefix` is e.g. `oeidp`. */
  start(kind: string, prefix: string, resourceId: string, payload?: Json): Operation;
  get(id: string): Operation | undefined;
  /** Resolves when an operation has ended. */
  settled(id: string): Promise<Operation>;
  /** Runs again what the emulator's last process left unfinished. */
  recover(): void;
  stop(): Promise<void>;
}

/** Long-running operations: durable, at least `lroDelayMs` long, failing where a fault names `kind`. */
export function createOperations(ctx: EmulatorContext): Operations {
  const stored = ctx.store.collection<Operation>('operations');
  const works = new Map<string, OperationWork>();
  const running = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  // A getter through a function: the compiler must not assume that the flag stays as it was.
  const stopped = () => stopping.signal.aborted;

  async function perform(operation: Operation): Promise<void> {
    const work = works.get(operation.kind);
    try {
      await sleep(ctx.lroDelayMs, undefined, { signal: stopping.signal });
      await ctx.faults.check(operation.kind);
      if (stopped()) return;
      await work?.run(operation);
      if (!stopped()) end(operation, 'Succeeded');
    } catch (thrown) {
      if (stopped()) return;
      const error = rejection(thrown);
      ctx.log(`${operation.kind} of ${operation.resourceId} failed: ${error.code}: ${error.message}`);
      work?.failed?.(operation, error);
      end(operation, 'Failed', error.toDetail());
    }
  }

  function end(operation: Operation, status: Operation['status'], error?: ErrorDetail): void {
    const ended = { ...operation, status, endTime: new Date().toISOString() };
    stored.put(operation.id, error === undefined ? ended : { ...ended, error });
  }

  function launch(operation: Operation): void {
    const done = perform(operation).finally(() => running.delete(operation.id));
    running.set(operation.id, done);
  }

  return {
    define: (kind, work) => {
      works.set(kind, work);
    },
    start(kind, prefix, resourceId, payload = {}) {
      const id = `${prefix}:${workspaceGuid(ctx, resourceId)}:${randomUUID()}`;
      const startTime = new Date().toISOString();
      const operation: Operation = { id, kind, resourceId, payload, startTime, status: 'InProgress' };
      stored.put(id, operation);
      launch(operation);
      return operation;
    },
    get: (id) => stored.get(id),
    async settled(id) {
      await running.get(id);
      const operation = stored.get(id);
      if (operation === undefined) throw new AzureError(404, 'NotFound', `Operation ${id} was not found.`);
      return operation;
    },
    recover() {
      for (const { value } of stored.list()) if (value.status === 'InProgress') launch(value);
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled([...running.values()]);
    },
  };
}

/** Services reject with `{code, message}`; anything else is a failure of ours. */
function rejection(thrown: unknown): AzureError {
  if (thrown instanceof AzureError || typeof thrown !== 'object' || thrown === null)
    return asAzureError(thrown);
  const { code, message } = thrown as { code?: unknown; message?: unknown };
  if (typeof code !== 'string' || typeof message !== 'string') return asAzureError(thrown);
  return new AzureError(400, code, message);
}

function workspaceGuid(ctx: EmulatorContext, resourceId: string): string {
  const workspace = /^.*?\/workspaces\/[^/]+/i.exec(resourceId)?.[0];
  const guid =
    workspace === undefined ? undefined : getResource(ctx.store, workspace)?.properties['workspaceId'];
  return typeof guid === 'string' ? guid : randomUUID();
}
