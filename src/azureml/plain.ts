import { createDefaultHttpClient, createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { asAzureError, AzureError } from './errors.js';
import type { Headers } from './errors.js';
import { isLoopback } from './transport.js';

const http = createDefaultHttpClient();

export interface PlainRequest {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** For errors. */
  readonly operation: string;
}

/**
 * A POST past the SDK's pipeline: services other than Resource Manager must not be sent its token, and a request
 * that measures an endpoint's health must not be repeated behind our back. Any status is an answer.
 */
export async function post(
  request: PlainRequest,
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: string }> {
  const insecure = request.url.startsWith('http:');
  if (insecure && !isLoopback(request.url)) {
    throw new AzureError(`refused to ask ${new URL(request.url).host} without TLS`, {
      code: 'InsecureAddress',
      operation: request.operation,
    });
  }
  try {
    const response = await http.sendRequest(
      createPipelineRequest({
        url: request.url,
        method: 'POST',
        headers: createHttpHeaders(request.headers),
        body: request.body,
        timeout: request.timeoutMs,
        abortSignal: AbortSignal.timeout(request.timeoutMs),
        allowInsecureConnection: insecure,
      }),
    );
    return { status: response.status, headers: response.headers.toJSON(), body: response.bodyAsText ?? '' };
  } catch (thrown) {
    throw asAzureError(thrown, request.operation);
  }
}
