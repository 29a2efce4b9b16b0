import type { FastifyReply } from 'fastify';
import type { z } from 'zod';

const DOCS = 'https://docs.github.com/rest';

/** A failure in GitHub's shape. */
export class GitHubError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly errors?: readonly unknown[],
  ) {
    super(message);
  }

  toBody(): unknown {
    const errors = this.errors === undefined ? {} : { errors: this.errors };
    return { message: this.message, ...errors, documentation_url: DOCS, status: String(this.status) };
  }
}

export function notFound(): GitHubError {
  return new GitHubError(404, 'Not Found');
}

export function unprocessable(resource: string, field: string, code: string, message?: string): GitHubError {
  return new GitHubError(422, 'Validation Failed', [
    { resource, field, code, ...(message ? { message } : {}) },
  ]);
}

/** The body by a schema; 422 that names every bad field. */
export function readBody<T extends z.ZodType>(schema: T, body: unknown, resource: string): z.infer<T> {
  // Octokit sends an empty body where a PUT or POST has no parameters.
  const parsed = schema.safeParse(body === undefined || body === null || body === '' ? {} : body);
  if (parsed.success) return parsed.data;
  throw new GitHubError(
    422,
    'Validation Failed',
    parsed.error.issues.map(({ path, message, code }) => ({
      resource,
      field: path.join('.'),
      code: code === 'invalid_type' && message.includes('undefined') ? 'missing_field' : 'invalid',
      message,
    })),
  );
}

/** Answers anything thrown; what is no GitHubError is a mistake of ours or of the request's syntax. */
export function answerError(thrown: unknown, reply: FastifyReply): FastifyReply {
  if (thrown instanceof GitHubError) return reply.code(thrown.status).send(thrown.toBody());
  const { statusCode, status = statusCode } = thrown as { statusCode?: number; status?: number };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (status === 403) return reply.code(403).send({ message, documentation_url: DOCS });
  if (status !== undefined && status < 500)
    return reply.code(400).send({ message: 'Problems parsing JSON', documentation_url: DOCS });
  return reply.code(500).send({ message: `The emulator failed: ${message}`, documentation_url: DOCS });
}
