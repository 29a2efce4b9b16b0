import type { z } from 'zod';
import type { Json } from '../types.js';
import { seconds } from './durations.js';
import { checkEnvironment } from './environment-checks.js';
import { environmentField, environmentId } from './environments.js';
import { anyValues, anything, choose, compact, fileObject, integer, object, text } from './fields.js';
import { checkName } from './endpoint-parts.js';
import type { Assets, Place, Problem } from './kind.js';
import { codeId } from './code.js';
import { anonymousModel, checkModel, inlineModelSchema } from './kinds/model.js';
import type { ModelSpec } from './kinds/model.js';
import { checkPath } from './paths.js';
import { assetId, parseReference, versionedReference } from './references.js';

const modelReference = versionedReference('model');

/** What every deployment of a model may hold. */
export const deploymentShape = {
  name: text,
  endpoint_name: text,
  description: text.optional(),
  id: text.optional(),
  tags: anyValues.optional(),
  properties: anything.optional(),
  model: choose<string | ModelSpec>((value) =>
    typeof value === 'string' ? modelReference : inlineModelSchema,
  ).optional(),
  code_configuration: fileObject({ code: text, scoring_script: text }).optional(),
  environment: environmentField.optional(),
  environment_variables: anyValues.optional(),
};

type Deployment = z.output<z.ZodObject<typeof deploymentShape>>;

/** What is wrong with what the deployment names, and with its name. */
export async function checkDeployment(deployment: Deployment, place: Place): Promise<Problem[]> {
  const { environment, model } = deployment;
  return [
    ...checkName(deployment.name, 'a deployment'),
    ...(environment === undefined ? [] : await checkEnvironment(environment, place, ['environment'])),
    ...(await checkScript(deployment, place)),
    ...(typeof model === 'object' ? await checkModel(model, place, ['model']) : []),
  ];
}

async function checkScript({ code_configuration: code }: Deployment, place: Place): Promise<Problem[]> {
  if (code === undefined) return [];
  const reference = parseReference(code.code);
  if (reference?.kind === 'name') {
    const fix = `write ${code.code}:1`;
    return [{ path: ['code_configuration', 'code'], message: 'names no version', found: code.code, fix }];
  }
  if (reference?.kind === 'uri' && !code.code.startsWith('azureml://')) {
    const fix = 'write the path of a folder, or azureml:/subscriptions/…/codes/<name>/versions/<version>';
    const message = 'a scoring script is taken from the commit or from a version in Azure';
    return [{ path: ['code_configuration', 'code'], message, found: code.code, fix }];
  }
  if (reference !== undefined) return [];
  const folder = await checkPath(place, code.code, ['code_configuration', 'code']);
  if (folder.length > 0) return folder;
  const script = `${code.code.replace(/\/+$/, '')}/${code.scoring_script}`;
  return checkPath(place, script, ['code_configuration', 'scoring_script'], 'file');
}

/** What a deployment brings with it, uploaded and registered: ARM ids. */
export interface Dependencies {
  readonly codeConfiguration?: Json;
  readonly environmentId?: string;
  readonly model?: string;
}

/** In the official client's order: code, environment, model. */
export async function dependencies(
  deployment: Deployment,
  place: Place,
  assets: Assets,
): Promise<Dependencies> {
  const { code_configuration: code, environment, model } = deployment;
  const codeConfiguration =
    code === undefined
      ? undefined
      : { codeId: await codeId(code.code, place, assets), scoringScript: code.scoring_script };
  const environmentOf =
    environment === undefined
      ? undefined
      : await environmentId(environment, place, assets, { keepsName: true });
  return compact({
    codeConfiguration,
    environmentId: environmentOf,
    model: await modelId(model, place, assets),
  });
}

async function modelId(
  model: Deployment['model'],
  place: Place,
  assets: Assets,
): Promise<string | undefined> {
  if (model === undefined) return undefined;
  if (typeof model !== 'string') return anonymousModel(model, place, assets);
  const reference = parseReference(model);
  return reference === undefined ? model : assetId(assets, 'models', reference);
}

/** Azure does not tell names of deployments apart by case; the official client writes them small. */
export function deploymentName({ name }: { readonly name: string }): string {
  return name.toLowerCase();
}

export const probe = object(
  {
    failure_threshold: integer.optional(),
    success_threshold: integer.optional(),
    timeout: integer.optional(),
    period: integer.optional(),
    initial_delay: integer.optional(),
  },
  [],
);

export function probeBody(spec: z.infer<typeof probe> | undefined): Json | undefined {
  if (spec === undefined) return undefined;
  return compact({
    failureThreshold: spec.failure_threshold,
    successThreshold: spec.success_threshold,
    timeout: seconds(spec.timeout),
    period: seconds(spec.period),
    initialDelay: seconds(spec.initial_delay),
  });
}
