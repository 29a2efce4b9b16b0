import { createHmac, randomUUID } from 'node:crypto';
import type { Delivery, Hook, Repo, State } from './state.js';

/** How long GitHub waits for a receiver. */
const PATIENCE_MS = 10_000;
/** Deliveries that are kept of each hook. */
const KEPT = 250;

/** An event for the hooks of a repository; `action` is null for events that have none. */
export interface HookEvent {
  readonly event: string;
  readonly action: string | null;
  readonly installationId: number | null;
  readonly payload: Record<string, unknown>;
}

/** Sends events to the hooks that ask for them, signed, and keeps what became of it. */
export interface Webhooks {
  wanted(repo: Repo, event: string): Hook[];
  /** Keeps a delivery and sends it; the promise of its end is for nobody to wait for. */
  send(repo: Repo, hook: Hook, event: HookEvent, again?: Delivery): Delivery;
  /** Sends what was kept and not sent when the emulator ended. */
  recover(): void;
  stop(): Promise<void>;
}

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
function signature(algorithm: 'sha1' | 'sha256', secret: string, body: string): string {
  return `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`;
}

function requestOf(hook: Hook, delivery: Delivery): { headers: Record<string, string>; body: string } {
  const { content_type, secret } = hook.config;
  const text = JSON.stringify(delivery.payload);
  const isForm = content_type === 'form';
  const body = isForm ? new URLSearchParams({ payload: text }).toString() : text;
  const repository = delivery.payload['repository'] as { id?: number } | undefined;
  const headers = {
    accept: '*/*',
    'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
    'user-agent': 'GitHub-Hookshot/emulator',
    'x-github-delivery': delivery.guid,
    'x-github-event': delivery.event,
    'x-github-hook-id': String(hook.id),
    'x-github-hook-installation-target-id': String(repository?.id ?? 0),
    'x-github-hook-installation-target-type': 'repository',
    ...(secret !== undefined && {
      'x-hub-signature': signature('sha1', secret, body),
      'x-hub-signature-256': signature('sha256', secret, body),
    }),
  };
  return { headers, body };
}

type Ending = Pick<Delivery, 'status' | 'statusCode' | 'responseHeaders' | 'responseBody'>;

async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  stop: AbortSignal,
): Promise<Ending> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.any([patience, stop]),
    });
    return {
      status: answer.ok ? 'OK' : `Invalid HTTP Response: ${answer.status}`,
      statusCode: answer.status,
      responseHeaders: Object.fromEntries(answer.headers),
      responseBody: (await answer.text()).slice(0, 25_000),
    };
  } catch {
    const isLate = patience.aborted;
    return {
      status: isLate ? 'timed out' : 'failed to connect to host',
      statusCode: isLate ? 504 : 502,
      responseHeaders: null,
      responseBody: null,
    };
  }
}

export function createWebhooks(state: State, now: () => string): Webhooks {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();

  async function deliver(repo: Repo, hook: Hook, delivery: Delivery): Promise<void> {
    const { headers, body } = requestOf(hook, delivery);
    const since = performance.now();
    const ending = await post(hook.config.url, headers, body, stopping.signal);
    // One that the emulator's end cut off stays pending and is sent at the next start.
    if (stopping.signal.aborted) return;
    const duration = Math.round(performance.now() - since) / 1000;
    state.deliveries.put(repo, {
      ...delivery,
      ...ending,
      duration,
      requestHeaders: headers,
      updatedAt: now(),
    });
  }

  function start(repo: Repo, hook: Hook, delivery: Delivery): void {
    const run = deliver(repo, hook, delivery).finally(() => running.delete(run));
    running.add(run);
  }

  function forgetOld(repo: Repo, hook: Hook): void {
    const own = state.deliveries.list(repo).filter(({ hookId }) => hookId === hook.id);
    for (const { id } of own.slice(0, Math.max(0, own.length - KEPT))) state.deliveries.remove(repo, id);
  }

  return {
    wanted: (repo, event) =>
      state.hooks
        .list(repo)
        .filter(({ active, events }) => active && (events.includes(event) || events.includes('*'))),
    send(repo, hook, { event, action, installationId, payload }, again) {
      const at = now();
      const delivery = state.deliveries.put(repo, {
        ...{ id: state.nextId(), by: hook.by, createdAt: at, updatedAt: at },
        ...{ hookId: hook.id, guid: again?.guid ?? randomUUID(), redelivery: again !== undefined },
        ...{ event, action, installationId, payload },
        ...{ duration: 0, status: 'pending', statusCode: 0 },
        ...{ requestHeaders: {}, responseHeaders: null, responseBody: null },
      });
      forgetOld(repo, hook);
      start(repo, hook, delivery);
      return delivery;
    },
    recover() {
      for (const { value: repo } of state.repos.list())
        for (const delivery of state.deliveries.list(repo)) {
          const hook = state.hooks.get(repo, delivery.hookId);
          if (delivery.status === 'pending' && hook !== undefined) start(repo, hook, delivery);
        }
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
