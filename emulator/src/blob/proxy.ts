import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Agent, request as sendRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { EmulatorContext } from '../context.js';
import { ACCOUNT } from './azurite-process.js';

const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'te', 'trailer', 'upgrade'];

/**
 * Blob under this server's own address too, and so over https, which `azure-ai-ml` asks for whatever a datastore says.
 * Requests go to Azurite as they are: a signature covers path, query and headers, but not the host.
 */
export function registerBlobProxy(app: FastifyInstance, ctx: EmulatorContext): void {
  const agent = new Agent({ keepAlive: true });
  app.addHook('onClose', (_app, done) => {
    agent.destroy();
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => {
    done(null, payload);
  });
  for (const url of [`/${ACCOUNT}`, `/${ACCOUNT}/*`]) {
    app.route({
      method: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS'],
      url,
      bodyLimit: Number.MAX_SAFE_INTEGER,
      handler: async (request, reply) => {
        await ctx.blob.ready;
        const answer = await forward(agent, new URL(ctx.blob.url).origin, request);
        await relay(answer, reply);
        return reply;
      },
    });
  }
}

/**
 * azure-ai-ml 1.28 forgets the account in the path of a signed address; nothing but Blob's addresses is signed like this.
 */
export function withAccount(url: string): string {
  const query = new URLSearchParams(url.split('?')[1] ?? '');
  const isSigned = query.has('sv') && query.has('sig');
  return !isSigned || url.startsWith(`/${ACCOUNT}/`) ? url : `/${ACCOUNT}${url}`;
}

function forward(agent: Agent, origin: string, { raw }: FastifyRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = sendRequest(
      `${origin}${raw.url ?? ''}`,
      { agent, ...(raw.method === undefined ? {} : { method: raw.method }), headers: raw.headers },
      resolve,
    );
    sent.once('error', reject);
    pipeline(raw, sent).catch(reject);
  });
}

/** As it came: the framework would change headers that clients compare. */
async function relay(answer: IncomingMessage, reply: FastifyReply): Promise<void> {
  reply.hijack();
  const headers = Object.entries(answer.headers).filter(([name]) => !HOP_BY_HOP.includes(name));
  reply.raw.writeHead(answer.statusCode ?? 502, Object.fromEntries(headers));
  // A client that hung up is no error of ours.
  await pipeline(answer, reply.raw).catch(() => undefined);
}
