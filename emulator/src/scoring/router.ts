import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EmulatorContext } from '../context.js';
import { refusal } from './auth.js';
import type { Collector } from './collector.js';
import { createEndpointFinder } from './endpoints.js';
import type { FoundEndpoint } from './endpoints.js';
import { forward, problem } from './forward.js';
import type { ScoreAnswer } from './forward.js';
import type { InstanceGroup } from './group.js';
import { Share, WeightedChoice } from './traffic.js';
import { trafficRow } from './traffic-log.js';
import type { Call, TrafficLog } from './traffic-log.js';

export interface InferenceParts {
  /** The instances of a deployment, by ARM id; pending while they start. */
  readonly groupOf: (deploymentId: string) => Promise<InstanceGroup> | undefined;
  readonly collector: Collector;
  readonly trafficLog: TrafficLog;
}

/** Which deployment answers a call, or why none does. */
type Choice = { readonly deployment: string; readonly mirrored: boolean } | { readonly refused: ScoreAnswer };

const DEPLOYMENT_HEADER = 'azureml-model-deployment';

/** Adds `/inference/{workspace guid}/{endpoint}/score` and `/swagger.json`. */
export function registerInference(app: FastifyInstance, ctx: EmulatorContext, parts: InferenceParts): void {
  const find = createEndpointFinder(ctx);
  const choices = new Map<string, WeightedChoice>();
  const mirrors = new Map<string, Share>();

  function choose(endpoint: FoundEndpoint['endpoint'], request: FastifyRequest): Choice {
    const refused = refusal(endpoint, request.headers.authorization, ctx.faults.clock.now());
    if (refused !== undefined) return { refused: problem(401, refused, `Unauthorized: ${refused}.`) };
    const asked = request.headers[DEPLOYMENT_HEADER];
    if (typeof asked === 'string' && asked !== '') return { deployment: asked, mirrored: false };
    const key = endpoint.id.toLowerCase();
    const choice = choices.get(key) ?? new WeightedChoice();
    choices.set(key, choice);
    const deployment = choice.next(percentages(endpoint.properties['traffic']));
    if (deployment !== undefined) return { deployment, mirrored: true };
    const message = `No deployment of endpoint ${endpoint.name} has traffic. Set the endpoint's traffic first.`;
    return { refused: problem(404, 'NotFound', message) };
  }

  async function run(call: Call, deployment: string, path: string): Promise<ScoreAnswer> {
    const { endpoint } = call.found;
    const group = await parts.groupOf(`${endpoint.id}/deployments/${deployment}`)?.catch(() => undefined);
    if (group === undefined)
      return problem(404, 'NotFound', `Endpoint ${endpoint.name} has no running deployment '${deployment}'.`);
    const answer = await forward(group, path, call.request);
    if (path === '/score') collect(parts.collector, group, call, answer);
    return answer;
  }

  /** Copies of a request whose answers nobody sees; the client does not wait for them. */
  function mirror(call: Call): void {
    const { id, properties } = call.found.endpoint;
    for (const [deployment, percent] of Object.entries(percentages(properties['mirrorTraffic']))) {
      const key = `${id}/${deployment}`.toLowerCase();
      const share = mirrors.get(key) ?? new Share();
      mirrors.set(key, share);
      if (!share.next(percent / 100)) continue;
      const started = performance.now() - call.receivedMs;
      void run(call, deployment, '/score').then((answer) => {
        parts.trafficLog.add(trafficRow(call, deployment, answer, performance.now() - started));
      });
    }
  }

  async function serve(request: FastifyRequest, reply: FastifyReply, path: string): Promise<FastifyReply> {
    const { guid, endpoint: name } = request.params as { guid: string; endpoint: string };
    const found = find(guid, name);
    if (found === undefined)
      return respond(
        reply,
        '',
        problem(404, 'NotFound', `There is no endpoint ${name} in workspace ${guid}.`),
      );
    const call = openCall(request, reply, found);
    const choice = choose(found.endpoint, request);
    if ('refused' in choice) {
      parts.trafficLog.add(trafficRow(call, '', choice.refused, reply.elapsedTime));
      return respond(reply, '', choice.refused);
    }
    if (choice.mirrored && path === '/score') mirror(call);
    const answer = await run(call, choice.deployment, path);
    parts.trafficLog.add(trafficRow(call, choice.deployment, answer, reply.elapsedTime));
    return respond(reply, choice.deployment, answer);
  }

  // In a scope of its own: bodies of any type reach the model as they came.
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    const base = '/inference/:guid/:endpoint';
    scope.route({
      method: ['GET', 'POST'],
      url: `${base}/score`,
      handler: (request, reply) => serve(request, reply, '/score'),
    });
    scope.get(`${base}/swagger.json`, (request, reply) => serve(request, reply, '/swagger.json'));
    done();
  });
}

function percentages(value: unknown): Record<string, number> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, percent]) => [name, Number(percent)]));
}

function openCall(request: FastifyRequest, reply: FastifyReply, found: FoundEndpoint): Call {
  const requestId = randomUUID();
  const given = request.headers['x-ms-client-request-id'];
  const clientId = typeof given === 'string' ? given.slice(0, 100) : '';
  const headers: Record<string, string> = {
    'content-type': request.headers['content-type'] ?? 'application/json',
    'x-request-id': requestId,
    ...(clientId === '' ? {} : { 'x-ms-client-request-id': clientId }),
  };
  const body = Buffer.isBuffer(request.body) && request.method !== 'GET' ? request.body : undefined;
  reply.header('x-request-id', requestId).header('x-ms-request-id', requestId);
  if (clientId !== '') reply.header('x-ms-client-request-id', clientId);
  return {
    found,
    request: { method: request.method, body, headers },
    path: request.url.split('?')[0] ?? '',
    protocol: `HTTP/${request.raw.httpVersion}`,
    userAgent: request.headers['user-agent'] ?? '',
    requestId,
    clientId,
    receivedMs: reply.elapsedTime,
  };
}

function collect(collector: Collector, group: InstanceGroup, call: Call, answer: ScoreAnswer): void {
  if (answer.modelStatus === undefined || group.spec.collections.length === 0) return;
  const { model } = group.launch;
  collector.collect({
    spec: group.spec,
    instance: answer.instance ?? group.spec.name,
    modelVersion: model?.version,
    inputNames: model?.mlflow?.inputs,
    requestId: call.requestId,
    correlationId: call.clientId === '' ? call.requestId : call.clientId,
    request: call.request.body?.toString('utf8') ?? '',
    response: answer.status < 400 ? answer.body.toString('utf8') : undefined,
  });
}

function respond(reply: FastifyReply, deployment: string, answer: ScoreAnswer): FastifyReply {
  if (deployment !== '') reply.header(DEPLOYMENT_HEADER, deployment);
  if (answer.modelStatus !== undefined && answer.modelStatus >= 400) {
    reply.header('ms-azureml-model-error-statuscode', String(answer.modelStatus));
    reply.header('ms-azureml-model-error-reason', answer.modelReason);
  }
  return reply.code(answer.status).header('content-type', answer.contentType).send(answer.body);
}
