import fastify from 'fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EmulatorContext } from './context.js';
import { AzureError, asAzureError } from './errors.js';

/** A service's handle: what has to be stopped before the store is closed. */
export interface Service {
  stop(): Promise<void>;
}

/** Adds a service's routes to the app. */
export type Register = (app: FastifyInstance, ctx: EmulatorContext) => Service | undefined;

/** The base URL as the client spelled it, so that URLs in answers lead back the same way (http or https). */
export function requestBase(request: FastifyRequest): string {
  const tls = 'encrypted' in request.raw.socket;
  return `${tls ? 'https' : 'http'}://${request.headers.host ?? '127.0.0.1'}`;
}

/** The HTTP application with all services; it does not listen yet. */
export function createApp(
  ctx: EmulatorContext,
  services: readonly Register[],
): { app: FastifyInstance; stop: () => Promise<void> } {
  const app = fastify({
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 1024 },
    bodyLimit: 128 * 1024 * 1024,
    forceCloseConnections: true,
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => answerError(ctx, error, reply));
  app.setNotFoundHandler((request, reply) =>
    answerError(
      ctx,
      new AzureError(404, 'NotFound', `No route for ${request.method} ${request.url.split('?')[0] ?? ''}.`),
      reply,
    ),
  );
  const handles = services.map((register) => register(app, ctx));
  return {
    app,
    stop: async () => {
      await Promise.allSettled(handles.map((handle) => handle?.stop()));
    },
  };
}

function answerError(ctx: EmulatorContext, thrown: unknown, reply: FastifyReply): FastifyReply {
  const error = asAzureError(thrown);
  if (error.status >= 500 && thrown instanceof Error && !(thrown instanceof AzureError)) {
    ctx.log(`unexpected: ${thrown.stack ?? thrown.message}`);
  }
  return reply.code(error.status).header('x-ms-error-code', error.code).send(error.toEnvelope());
}
