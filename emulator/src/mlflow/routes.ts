import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { EmulatorContext } from '../context.js';
import { invalid } from './errors.js';
import { askedWorkspace } from './workspace.js';
import type { Workspace } from './workspace.js';

/** An operation of MLflow's REST API: its fields come from the query, the body and the path, whichever has them. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/2.0/mlflow`. */
  readonly path: string;
  readonly answer: (ws: Workspace, input: unknown) => unknown;
}

/** Protobuf's JSON leaves fields out or sends null; both mean "not given". */
export function optional<S extends z.ZodType>(schema: S) {
  return schema.nullish().transform((value) => value ?? undefined);
}

export const text = z.string();
/** 64-bit integers may come as strings, and always do in a query. */
export const integer = z.coerce.number().int();
/** A repeated field, which a query with one value shows as a single one. */
export const texts = z
  .union([z.array(z.string()), z.string().transform((one) => [one])])
  .nullish()
  .transform((value) => value ?? []);
export const keyValues = z
  .array(
    z.object({
      key: z.string(),
      value: z
        .string()
        .nullish()
        .transform((value) => value ?? ''),
    }),
  )
  .nullish()
  .transform((list) => Object.fromEntries((list ?? []).map(({ key, value }) => [key, value])));
/** Old clients say `run_uuid`. */
export const runFields = { run_id: optional(text), run_uuid: optional(text) };

/** Id of the run that a request names. */
export function runIdOf(input: { run_id?: string | undefined; run_uuid?: string | undefined }): string {
  const id = input.run_id ?? input.run_uuid;
  if (id === undefined || id === '') throw invalid("Missing value for required parameter 'run_id'.");
  return id;
}

export function route<S extends z.ZodRawShape>(
  method: Route['method'],
  path: string,
  shape: S,
  answer: (ws: Workspace, input: z.infer<z.ZodObject<S>>) => unknown,
): Route {
  const schema = z.object(shape);
  return {
    method,
    path,
    answer: (ws, input) => {
      const parsed = schema.safeParse(input);
      if (parsed.success) return answer(ws, parsed.data);
      const mistakes = parsed.error.issues.map((issue) => `'${issue.path.join('.')}': ${issue.message}`);
      throw invalid(`Invalid value for parameter ${mistakes.join('; ')}`);
    },
  };
}

/** Adds operations to a scope whose prefix names the workspace. */
export function addRoutes(app: FastifyInstance, ctx: EmulatorContext, routes: readonly Route[]): void {
  for (const { method, path, answer } of routes) {
    app.route({
      method,
      url: `/api/2.0/mlflow/${path}`,
      handler: async (request, reply) => {
        const params = request.params as Record<string, string>;
        const result = await answer(askedWorkspace(ctx, request), inputOf(request, params));
        return reply.send(result ?? {});
      },
    });
  }
}

function inputOf(request: FastifyRequest, params: Record<string, string>): Record<string, unknown> {
  const body = typeof request.body === 'object' && request.body !== null ? request.body : {};
  if (Array.isArray(body)) throw invalid('The body of a request must be a JSON object.');
  return { ...(request.query as Record<string, unknown>), ...body, ...params };
}
