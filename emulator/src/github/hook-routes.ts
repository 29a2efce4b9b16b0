import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { EVENTS } from './events.js';
import { GitHubError, notFound, readBody, unprocessable } from './errors.js';
import { idParam, now, paginate } from './hub.js';
import type { Hub, RepoRequest } from './hub.js';
import type { Delivery, Hook, Repo } from './state.js';
import type { Json } from './views/json.js';
import { repoUrl } from './views/repositories.js';

const insecure = z
  .union([z.enum(['0', '1']), z.literal(0), z.literal(1)])
  .transform((value) => (String(value) === '1' ? ('1' as const) : ('0' as const)));
const config = z.object({
  url: z.url({ protocol: /^https?$/ }),
  content_type: z.enum(['json', 'form']).default('form'),
  secret: z.string().optional(),
  insecure_ssl: insecure.default('0'),
});
const newHook = z.object({
  name: z.literal('web').default('web'),
  config,
  events: z.array(z.string()).default(['push']),
  active: z.boolean().default(true),
});
const change = z.object({
  config: config.optional(),
  events: z.array(z.string()).optional(),
  add_events: z.array(z.string()).optional(),
  remove_events: z.array(z.string()).optional(),
  active: z.boolean().optional(),
});

const HIDDEN = '********';

function known(events: readonly string[]): string[] {
  const names: readonly string[] = ['*', ...EVENTS];
  const unknown = events.filter((event) => !names.includes(event));
  if (unknown.length > 0)
    throw unprocessable(
      'Hook',
      'events',
      'invalid',
      `The emulator does not send ${unknown.join(', ')}. It sends: ${EVENTS.join(', ')}.`,
    );
  return [...new Set(events)];
}

function lastResponse(hub: Hub, repo: Repo, hook: Hook): Json {
  const last = hub.state.deliveries
    .list(repo)
    .filter(({ hookId, status }) => hookId === hook.id && status !== 'pending')
    .at(-1);
  if (last === undefined) return { code: null, status: 'unused', message: null };
  return { code: last.statusCode, status: 'active', message: last.status };
}

function hookView(hub: Hub, repo: Repo, hook: Hook): Json {
  const url = `${repoUrl(hub, repo)}/hooks/${hook.id}`;
  return {
    type: 'Repository',
    id: hook.id,
    name: 'web',
    active: hook.active,
    events: hook.events,
    config: { ...hook.config, ...(hook.config.secret !== undefined && { secret: HIDDEN }) },
    created_at: hook.createdAt,
    updated_at: hook.updatedAt,
    url,
    test_url: `${url}/tests`,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    last_response: lastResponse(hub, repo, hook),
  };
}

function deliveryItem(repo: Repo, delivery: Delivery): Json {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.createdAt,
    redelivery: delivery.redelivery,
    duration: delivery.duration,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: repo.id,
    throttled_at: null,
  };
}

function deliveryView(repo: Repo, delivery: Delivery): Json {
  return {
    ...deliveryItem(repo, delivery),
    request: { headers: delivery.requestHeaders, payload: delivery.payload },
    response: { headers: delivery.responseHeaders, payload: delivery.responseBody },
  };
}

/** Webhooks of repositories, which only their administrators may see, and what became of their deliveries. */
export function registerHooks(app: FastifyInstance, hub: Hub): void {
  const { hooks, deliveries } = hub.state;
  const at = '/repos/:owner/:repo/hooks';

  function administered(request: FastifyRequest): RepoRequest {
    const found = hub.repo(request);
    hub.require(request, found.repo, 'admin');
    return found;
  }

  function hookOf(request: FastifyRequest): { repo: Repo; hook: Hook } {
    const { repo } = administered(request);
    const hook = hooks.get(repo, idParam(request, 'id'));
    if (!hook) throw notFound();
    return { repo, hook };
  }

  function deliveryOf(request: FastifyRequest): { repo: Repo; hook: Hook; delivery: Delivery } {
    const { repo, hook } = hookOf(request);
    const delivery = deliveries.get(repo, idParam(request, 'delivery'));
    if (delivery?.hookId !== hook.id) throw notFound();
    return { repo, hook, delivery };
  }

  function ping(repo: Repo, hook: Hook, request: FastifyRequest): void {
    const actor = hub.require(request);
    const payload = { zen: 'Keep it logically awesome.', hook_id: hook.id, hook: hookView(hub, repo, hook) };
    hub.sendTo(hook, repo, actor, 'ping', payload);
  }

  app.get(at, (request, reply) => {
    const { repo } = administered(request);
    return paginate(request, reply, hub.base(), hooks.list(repo)).map((hook) => hookView(hub, repo, hook));
  });

  app.post(at, async (request, reply) => {
    const { repo } = administered(request);
    const { events, active, config: given } = readBody(newHook, request.body, 'Hook');
    if (hooks.list(repo).some((hook) => hook.config.url === given.url))
      throw new GitHubError(422, 'Validation Failed', [
        { resource: 'Hook', code: 'custom', message: 'Hook already exists on this repository' },
      ]);
    const hook = hooks.put(repo, {
      ...hub.stamp(hub.require(request)),
      active,
      events: known(events),
      config: given,
    });
    ping(repo, hook, request);
    return reply.code(201).send(hookView(hub, repo, hook));
  });

  app.get(`${at}/:id`, (request) => {
    const { repo, hook } = hookOf(request);
    return hookView(hub, repo, hook);
  });

  app.patch(`${at}/:id`, (request) => {
    const { repo, hook } = hookOf(request);
    const body = readBody(change, request.body, 'Hook');
    const added = [...(body.events ?? hook.events), ...(body.add_events ?? [])];
    const events = known(added.filter((event) => body.remove_events?.includes(event) !== true));
    const changed = {
      ...hook,
      events,
      active: body.active ?? hook.active,
      config: body.config ?? hook.config,
      updatedAt: now(),
    };
    return hookView(hub, repo, hooks.put(repo, changed));
  });

  app.delete(`${at}/:id`, async (request, reply) => {
    const { repo, hook } = hookOf(request);
    hooks.remove(repo, hook.id);
    return reply.code(204).send();
  });

  app.post(`${at}/:id/pings`, async (request, reply) => {
    const { repo, hook } = hookOf(request);
    ping(repo, hook, request);
    return reply.code(204).send();
  });

  app.get(`${at}/:id/deliveries`, (request) => {
    const { repo, hook } = hookOf(request);
    const { per_page = '30', cursor } = request.query as { per_page?: string; cursor?: string };
    return deliveries
      .list(repo)
      .filter(({ id, hookId }) => hookId === hook.id && (cursor === undefined || id < Number(cursor)))
      .reverse()
      .slice(0, Math.min(100, Math.max(1, Number(per_page) || 30)))
      .map((delivery) => deliveryItem(repo, delivery));
  });

  app.get(`${at}/:id/deliveries/:delivery`, (request) => {
    const { repo, delivery } = deliveryOf(request);
    return deliveryView(repo, delivery);
  });

  app.post(`${at}/:id/deliveries/:delivery/attempts`, async (request, reply) => {
    const { repo, hook, delivery } = deliveryOf(request);
    hub.webhooks.send(repo, hook, delivery, delivery);
    return reply.code(202).send({});
  });
}
