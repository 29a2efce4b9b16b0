import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** What a scoring server answered. */
export interface ServerAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Asks a scoring server over a connection of its own, closed with the answer. Fetch keeps connections open, and gunicorn's
 * sync worker, the only one of an instance, waits on a silent one for seconds in which it answers nobody else.
 */
export async function ask(
  url: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: Buffer | undefined },
  signal: AbortSignal,
): Promise<ServerAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, method, headers, signal });
    asked.on('error', reject).on('response', (answer) => {
      const { statusCode: status = 0, statusMessage: reason = '' } = answer;
      buffer(answer).then((body) => {
        resolve({ status, reason, headers: answer.headers, body });
      }, reject);
    });
    asked.end(body);
  });
}
