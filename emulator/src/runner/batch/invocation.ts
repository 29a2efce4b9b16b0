import { userError } from '../../errors.js';
import type { Json } from '../../resources.js';
import type { JobInput, JobOutput } from '../job.js';
import { jsonOf, plainText } from '../pipeline/json.js';

/** What a call of a batch endpoint asks for, in the form of jobs. */
export interface Invocation {
  readonly jobName: string | undefined;
  readonly experimentName: string | undefined;
  readonly inputs: Readonly<Record<string, JobInput>>;
  readonly outputs: Readonly<Record<string, JobOutput>>;
  /** Settings of the deployment that hold for this call. */
  readonly overrides: Json;
}

/**
 * Reads `properties` of an invocation. Azure's REST samples write `InputData`, azure-ai-ml `inputData`; both are read:
 * https://learn.microsoft.com/azure/machine-learning/how-to-access-data-batch-endpoints-jobs
 */
export function readInvocation(properties: Json): Invocation {
  const {
    inputdata,
    outputdata,
    name,
    jobname,
    experimentname,
    properties: own,
    ...overrides
  } = lowered(properties);
  const inputs = Object.entries(jsonOf(inputdata)).map(([name, value]) => [
    name,
    inputOf(name, lowered(value)),
  ]);
  const outputs = Object.entries(jsonOf(outputdata)).map(([name, value]) => [name, outputOf(lowered(value))]);
  return {
    // azure-ai-ml sends `name` and `properties.experimentName`.
    jobName: textOf(name) ?? textOf(jobname),
    experimentName: textOf(experimentname) ?? textOf(lowered(own)['experimentname']),
    inputs: Object.fromEntries(inputs) as Record<string, JobInput>,
    outputs: Object.fromEntries(outputs) as Record<string, JobOutput>,
    overrides,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function lowered(value: unknown): Json {
  return Object.fromEntries(Object.entries(jsonOf(value)).map(([key, inner]) => [key.toLowerCase(), inner]));
}

/** `UriFolder` is `uri_folder` where jobs are described. */
function typeOf(value: unknown, otherwise: string): string {
  const text = plainText(value, otherwise);
  return text.replace(/[a-z](?=[A-Z])/g, '$&_').toLowerCase();
}

function inputOf(name: string, { jobinputtype, uri, value }: Json): JobInput {
  const jobInputType = typeOf(jobinputtype, 'uri_folder');
  if (jobInputType === 'literal') return { jobInputType, value: plainText(value) };
  if (typeof uri !== 'string' || uri === '') throw userError(`Input '${name}' of the invocation has no uri.`);
  return { jobInputType, uri };
}

function outputOf({ joboutputtype, uri }: Json): JobOutput {
  return { jobOutputType: typeOf(joboutputtype, 'uri_folder'), ...(typeof uri === 'string' ? { uri } : {}) };
}
