import { AzureError, asAzureError } from '../errors.js';

/** MLflow's names of errors, with the HTTP status its server gives them. */
const STATUS = {
  INVALID_PARAMETER_VALUE: 400,
  BAD_REQUEST: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  INVALID_STATE: 500,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  PERMISSION_DENIED: 403,
  TEMPORARILY_UNAVAILABLE: 503,
  INTERNAL_ERROR: 500,
} as const;

export type MlflowCode = keyof typeof STATUS;

/** A failure in the form of MLflow's REST API: `{error_code, message}`. */
export class MlflowError extends Error {
  readonly status: number;

  constructor(
    readonly code: MlflowCode,
    message: string,
  ) {
    super(message);
    this.name = 'MlflowError';
    this.status = STATUS[code];
  }
}

export function notFound(what: string): MlflowError {
  return new MlflowError('RESOURCE_DOES_NOT_EXIST', `${what} was not found.`);
}

export function invalid(message: string): MlflowError {
  return new MlflowError('INVALID_PARAMETER_VALUE', message);
}

const CODE_OF_STATUS: Partial<Record<number, MlflowCode>> = {
  400: 'INVALID_PARAMETER_VALUE',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  503: 'TEMPORARILY_UNAVAILABLE',
};

/** Status and body that answer anything thrown. */
export function toAnswer(thrown: unknown): { status: number; body: { error_code: string; message: string } } {
  if (thrown instanceof MlflowError)
    return { status: thrown.status, body: { error_code: thrown.code, message: thrown.message } };
  const { status, message } = thrown instanceof AzureError ? thrown : asAzureError(thrown);
  return {
    status,
    body: {
      error_code: CODE_OF_STATUS[status] ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR'),
      message,
    },
  };
}
