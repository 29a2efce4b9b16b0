/** One entry of `error.details` in Azure's envelope. */
export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
  readonly details?: readonly ErrorDetail[];
}

/** What every Azure service answers with a status of 400 or above. */
export interface ErrorEnvelope {
  readonly error: ErrorDetail;
}

/** A failure that is answered as it stands: HTTP status and Azure's envelope. */
export class AzureError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details?: readonly ErrorDetail[],
    readonly target?: string,
  ) {
    super(message);
    this.name = 'AzureError';
  }

  toEnvelope(): ErrorEnvelope {
    return { error: this.toDetail() };
  }

  toDetail(): ErrorDetail {
    return {
      code: this.code,
      message: this.message,
      ...(this.target === undefined ? {} : { target: this.target }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}

/** 404 as Resource Manager answers it. `resource` is e.g. `Microsoft.MachineLearningServices/workspaces/w1`. */
export function resourceNotFound(resource: string, resourceGroup: string): AzureError {
  return new AzureError(
    404,
    'ResourceNotFound',
    `The Resource '${resource}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

/** 400 as the Azure ML management service answers a request that breaks a rule of it. */
export function userError(message: string, status = 400, details?: readonly ErrorDetail[]): AzureError {
  return new AzureError(status, 'UserError', message, details);
}

/** 413 in Resource Manager's words; its limit is 4 MB. https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits */
function tooLarge(): AzureError {
  return new AzureError(413, 'RequestContentTooLarge', 'The request content size exceeds the maximum size.');
}

/** Anything thrown, as an error to answer: what we did not foresee becomes 500 without its stack. */
export function asAzureError(thrown: unknown): AzureError {
  if (thrown instanceof AzureError) return thrown;
  const { code, message, statusCode } = describe(thrown);
  if (statusCode === 413) return tooLarge();
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new AzureError(statusCode, fastifyCode(code, statusCode), message);
  }
  return new AzureError(500, 'InternalServerError', `The emulator failed: ${message}`);
}

function describe(thrown: unknown): { code: string; message: string; statusCode: number | undefined } {
  const fields = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as Record<string, unknown>;
  return {
    code: typeof fields['code'] === 'string' ? fields['code'] : '',
    message: thrown instanceof Error ? thrown.message : String(thrown),
    statusCode: typeof fields['statusCode'] === 'number' ? fields['statusCode'] : undefined,
  };
}

function fastifyCode(code: string, status: number): string {
  if (code === 'FST_ERR_BAD_URL') return 'InvalidRequestUri';
  if (status === 415) return 'UnsupportedMediaType';
  return code.startsWith('FST_ERR_CTP') || status === 400 ? 'InvalidRequestContent' : 'BadRequest';
}
