import type { Client } from '@temporalio/client';
import {
  approvePrefix,
  type DecisionPayload,
  type EndpointStatus,
  type LifecycleStatus,
  messages,
  rejectPrefix,
  type SteeringPayload,
} from '../workflows/messages.js';
import { type Started, startLifecycle, type StartRequest } from './start-lifecycle.js';

/** Lifecycles and endpoints for programs, over any Temporal client. Ids are workflow ids (`domain/keys.ts`). */
export interface MlopsClient {
  /** Starts a lifecycle, or finds the one that its business key has started before. */
  start(request: StartRequest): Promise<Started>;
  status(lifecycleId: string): Promise<LifecycleStatus>;
  /** Waits until the lifecycle has ended. @throws WorkflowFailedError for one that failed or was cancelled */
  result(lifecycleId: string): Promise<LifecycleStatus>;
  /** Answers the pending approval `code`; who that is, the workflow proves by itself. */
  approve(lifecycleId: string, code: string, payload?: DecisionPayload): Promise<void>;
  reject(lifecycleId: string, code: string, payload?: DecisionPayload): Promise<void>;
  /** Wakes what is blocked. */
  retry(lifecycleId: string): Promise<void>;
  cancel(lifecycleId: string): Promise<void>;
  endpoint(endpointId: string): Promise<EndpointStatus>;
  rollback(endpointId: string, payload?: SteeringPayload): Promise<void>;
  hold(endpointId: string, payload?: SteeringPayload): Promise<void>;
  resume(endpointId: string, payload?: SteeringPayload): Promise<void>;
}

export function createMlopsClient(client: Client): MlopsClient {
  const handle = (id: string) => client.workflow.getHandle(id);
  const send = async (id: string, signal: string, payload?: object): Promise<void> => {
    await handle(id).signal(signal, ...(payload === undefined ? [] : [payload]));
  };
  return {
    start: (request) => startLifecycle(client, request),
    status: (id) => handle(id).query<LifecycleStatus>(messages.status),
    result: async (id) => (await handle(id).result()) as LifecycleStatus,
    approve: (id, code, payload) => send(id, `${approvePrefix}${code}`, payload),
    reject: (id, code, payload) => send(id, `${rejectPrefix}${code}`, payload),
    retry: (id) => send(id, messages.retry),
    cancel: async (id) => {
      await handle(id).cancel();
    },
    endpoint: (id) => handle(id).query<EndpointStatus>(messages.status),
    rollback: (id, payload) => send(id, messages.rollback, payload),
    hold: (id, payload) => send(id, messages.hold, payload),
    resume: (id, payload) => send(id, messages.resume, payload),
  };
}
