/** Everything that an `AzureError` tells besides its message. */
export interface AzureErrorFields {
  /** Outermost code, e.g. `UserError`; `NetworkError` where there was no answer. */
  readonly code: string;
  /** Innermost code, e.g. `JobPropertyImmutable`. */
  readonly innerCode?: string;
  /** Every code of the envelope, outermost first. */
  readonly codes?: readonly string[];
  /** HTTP status; absent where there was no answer or an operation failed after it was accepted. */
  readonly status?: number;
  readonly requestId?: string;
  /** What the service asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly target?: string;
  /** What was asked, e.g. `PUT jobs/j1`. */
  readonly operation: string;
}

/** The only error that this folder throws for an answer of Azure, or for the lack of one. The message is the innermost reason. */
export class AzureError extends Error implements AzureErrorFields {
  readonly code: string;
  readonly innerCode?: string;
  readonly codes: readonly string[];
  readonly status?: number;
  readonly requestId?: string;
  readonly retryAfterMs?: number;
  readonly target?: string;
  readonly operation: string;

  constructor(message: string, fields: AzureErrorFields, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AzureError';
    this.code = fields.code;
    this.codes = fields.codes ?? [fields.code];
    this.operation = fields.operation;
    if (fields.innerCode !== undefined) this.innerCode = fields.innerCode;
    if (fields.status !== undefined) this.status = fields.status;
    if (fields.requestId !== undefined) this.requestId = fields.requestId;
    if (fields.retryAfterMs !== undefined) this.retryAfterMs = fields.retryAfterMs;
    if (fields.target !== undefined) this.target = fields.target;
  }

  /** Whether any code of the envelope is one of `codes`, compared without case. */
  has(...codes: readonly string[]): boolean {
    const wanted = codes.map((code) => code.toLowerCase());
    return this.codes.some((code) => wanted.includes(code.toLowerCase()));
  }
}

type Json = Record<string, unknown>;

export type Headers = Readonly<Record<string, string>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

interface Layer {
  readonly code?: string;
  readonly message?: string;
  readonly target?: string;
}

/**
 * Envelopes nest in three ways: `details[]`, `innererror`, and Azure ML's `additionalInfo[{type: 'InnerError', info:
 * {value: {code, innerError}}}]`.
 */
function layersOf(node: unknown, depth = 0): Layer[] {
  if (!isObject(node) || depth > 12) return [];
  const code = text(node['code']);
  const message = text(node['message']);
  const target = text(node['target']);
  const own: Layer = {
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    ...(target === undefined ? {} : { target }),
  };
  return [own, ...inside(node).flatMap((inner) => layersOf(inner, depth + 1))];
}

function inside(node: Json): unknown[] {
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const info = list(node['additionalInfo'])
    .filter(isObject)
    .filter((entry) => entry['type'] === 'InnerError' && isObject(entry['info']))
    .map((entry) => (entry['info'] as Json)['value']);
  return [...info, node['innererror'], node['innerError'], ...list(node['details'])];
}

/** `Retry-After` in seconds or as a date, or the millisecond forms that Azure also sends. */
export function retryAfterMs(headers: Headers, now = Date.now()): number | undefined {
  const millis = Number(headers['retry-after-ms'] ?? headers['x-ms-retry-after-ms'] ?? Number.NaN);
  if (Number.isFinite(millis)) return Math.max(0, millis);
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const seconds = Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** The error of an envelope `{error: {…}}`, or of whatever else came with a bad status. */
export function errorFromBody(
  body: unknown,
  about: { readonly operation: string; readonly status?: number; readonly headers?: Headers },
): AzureError {
  const envelope = isObject(body) && isObject(body['error']) ? body['error'] : body;
  const layers = layersOf(envelope);
  const codes = layers.flatMap((layer) => (layer.code === undefined ? [] : [layer.code]));
  const innerCode = codes.length > 1 ? codes.at(-1) : undefined;
  const message = layers.findLast((layer) => layer.message !== undefined)?.message;
  const target = layers.findLast((layer) => layer.target !== undefined)?.target;
  const headers = about.headers ?? {};
  const requestId =
    headers['x-ms-request-id'] ?? headers['x-ms-correlation-request-id'] ?? headers['x-request-id'];
  const wait = retryAfterMs(headers);
  return new AzureError(
    message ?? plainText(body) ?? `HTTP status ${about.status ?? 'unknown'} without a reason`,
    {
      code: codes[0] ?? text(isObject(body) ? body['error_code'] : undefined) ?? `Http${about.status ?? ''}`,
      codes,
      operation: about.operation,
      ...(innerCode === undefined ? {} : { innerCode }),
      ...(about.status === undefined ? {} : { status: about.status }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
      ...(target === undefined ? {} : { target }),
    },
  );
}

function plainText(body: unknown): string | undefined {
  const found = text(body);
  return found === undefined
    ? undefined
    : found
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim()
        .slice(0, 500);
}

/** Anything that the SDK, storage or the network threw, as an AzureError; one that is already, unchanged. */
export function asAzureError(thrown: unknown, operation: string): AzureError {
  if (thrown instanceof AzureError) return thrown;
  const fields: Json = isObject(thrown) ? thrown : {};
  const status = typeof fields['statusCode'] === 'number' ? fields['statusCode'] : undefined;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (status === undefined) {
    const credential = /Credential|Authentication/.test(text(fields['name']) ?? '');
    const code = credential ? 'CredentialUnavailable' : 'NetworkError';
    // What the system calls it (ECONNRESET, ENOTFOUND) is the innermost code.
    const innerCode = credential ? undefined : text(fields['code']);
    const codes = innerCode === undefined ? [code] : [code, innerCode];
    const inner = innerCode === undefined ? {} : { innerCode };
    return new AzureError(message, { code, codes, operation, ...inner }, { cause: thrown });
  }
  const details = isObject(fields['details']) ? fields['details'] : {};
  const code = text(details['errorCode']) ?? text(fields['code']) ?? `Http${status}`;
  const requestId = text(details['requestId']) ?? text(fields['requestId']);
  return new AzureError(
    firstLine(message),
    { code, status, operation, ...(requestId === undefined ? {} : { requestId }) },
    { cause: thrown },
  );
}

/** Storage appends request id and time on lines of their own. */
function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
}
