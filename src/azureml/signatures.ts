import { z } from 'zod';
import type { Field, Signature, ValueType } from '../domain/signature.js';
import type { AzureMl } from './client.js';
import { readText } from './downloads.js';
import { parseYaml } from './yaml/parse.js';

/**
 * What an MLflow model takes and answers, by the file MLmodel at an address.
 * @returns an empty signature for a model that has none, or none that can be read
 */
export async function signatureAt(ml: AzureMl, uri: string): Promise<Signature> {
  const text = await readText(ml, `${uri.replace(/\/$/, '')}/MLmodel`);
  return text === undefined ? {} : readSignature(text);
}

const sides = z.looseObject({
  signature: z.looseObject({
    inputs: z.string().nullish(),
    outputs: z.string().nullish(),
    params: z.string().nullish(),
  }),
});

/** @param mlmodel text of the file */
export function readSignature(mlmodel: string): Signature {
  const found = sides.safeParse(parseYaml(mlmodel).value);
  if (!found.success) return {};
  const { inputs, outputs, params } = found.data.signature;
  const [taken, answered, set] = [inputs, outputs, params].map(fieldsIn);
  return {
    ...(taken !== undefined && { inputs: taken }),
    ...(answered !== undefined && { outputs: answered }),
    ...(set !== undefined && { params: set }),
  };
}

function fieldsIn(json: string | null | undefined): Field[] | undefined {
  if (json === null || json === undefined) return undefined;
  try {
    const found = z.array(fieldShape).safeParse(JSON.parse(json));
    return found.success ? found.data.map(toField) : undefined;
  } catch {
    return undefined;
  }
}

/** As MLflow writes types: https://github.com/mlflow/mlflow/blob/master/mlflow/types/schema.py */
interface Shape {
  readonly type: string;
  readonly items?: Shape | undefined;
  readonly values?: Shape | undefined;
  readonly properties?: Readonly<Record<string, NamedShape>> | undefined;
  readonly 'tensor-spec'?: { readonly dtype: string; readonly shape: readonly number[] } | undefined;
}
interface NamedShape extends Shape {
  readonly name?: string | null | undefined;
  readonly required?: boolean | undefined;
}

const shape: z.ZodType<Shape> = z.lazy(() => fieldShape);
const fieldShape: z.ZodType<NamedShape> = z.looseObject({
  type: z.string(),
  name: z.string().nullish(),
  required: z.boolean().optional(),
  items: shape.optional(),
  values: shape.optional(),
  properties: z
    .record(
      z.string(),
      z.lazy(() => fieldShape),
    )
    .optional(),
  'tensor-spec': z.looseObject({ dtype: z.string(), shape: z.array(z.number()) }).optional(),
});

function toField({ name, required = true, ...type }: NamedShape): Field {
  return { ...(typeof name === 'string' && { name }), type: toType(type), required };
}

function toType({ type, items, values, properties, 'tensor-spec': tensor }: Shape): ValueType {
  if (tensor !== undefined) return { kind: 'tensor', type: tensor.dtype, shape: tensor.shape };
  if (items !== undefined) return { kind: 'array', of: toType(items) };
  if (values !== undefined) return { kind: 'map', of: toType(values) };
  if (properties === undefined) return { kind: 'scalar', type };
  return {
    kind: 'object',
    fields: Object.entries(properties).map(([name, property]) => toField({ ...property, name })),
  };
}
