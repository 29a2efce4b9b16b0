import { z } from 'zod';
import type { Json } from '../../types.js';
import { compact, fileObject, lowerWord, object, plainTexts, text } from '../fields.js';
import { dataTypes, inputUri } from '../inputs.js';
import type { Assets, Place, Problem } from '../kind.js';
import type { Path } from '../parse.js';
import { checkPath } from '../paths.js';
import { assetId, parseReference } from '../references.js';

const input = fileObject({
  type: lowerWord(dataTypes).optional(),
  path: text,
  mode: text.optional(),
  description: text.optional(),
});

const window = object(
  {
    window_start: text.optional(),
    window_end: text.optional(),
    lookback_window_size: text.optional(),
    lookback_window_offset: text.optional(),
  },
  [],
);

const shared = {
  input_data: input,
  data_context: lowerWord([
    'model_inputs',
    'model_outputs',
    'training',
    'test',
    'validation',
    'ground_truth',
  ]).optional(),
  pre_processing_component: text.optional(),
  data_window: window.optional(),
  data_column_names: plainTexts.optional(),
};

/** Data that a monitor looks at: what production made, and what it is held against. */
export const productionData = object(shared, []);
export const referenceData = object(shared, []);
export const attributionData = object(
  {
    ...shared,
    data_column_names: z
      .record(z.enum(['prediction', 'prediction_probability', 'correlation_id']), text)
      .optional(),
  },
  [],
);
type Data = z.output<z.ZodObject<typeof shared>>;

/** Windows that follow from how often the monitor runs. */
export interface Windows {
  /** `P1D` */
  readonly production: string;
  readonly reference: string;
}

export interface Looking {
  readonly windows: Windows;
  readonly place: Place;
  readonly assets: Assets;
}

export async function checkData(
  data: Pick<Data, 'input_data'> | undefined,
  at: Path,
  place: Place,
): Promise<Problem[]> {
  if (data === undefined) return [];
  const { path } = data.input_data;
  return checkPath(place, path, [...at, 'input_data', 'path']);
}

async function common(data: Data, { place, assets }: Looking): Promise<Json> {
  const { input_data: source } = data;
  const type = source.type ?? 'uri_folder';
  return compact({
    dataContext: data.data_context,
    columns: data.data_column_names,
    jobInputType: type,
    uri: await inputUri(source.path, type, place, assets),
  });
}

async function componentOf(data: Data, { assets }: Looking): Promise<string | undefined> {
  const reference = data.pre_processing_component;
  const parsed = reference === undefined ? undefined : parseReference(reference);
  return parsed === undefined ? reference : assetId(assets, 'components', parsed);
}

/** What production made in a window that moves with time. */
export async function trailing(data: Data, looking: Looking, size?: string): Promise<Json> {
  const { data_window: span } = data;
  const named = span?.lookback_window_size;
  return compact({
    ...(await common(data, looking)),
    windowSize: named === undefined || named === 'default' ? (size ?? looking.windows.production) : named,
    windowOffset: span?.lookback_window_offset ?? 'P0D',
    preprocessingComponentId: await componentOf(data, looking),
    inputDataType: 'Trailing',
  });
}

/** What production is held against: a moving window, two days with a start and an end, or all of it. */
export async function reference(data: Data, looking: Looking): Promise<Json> {
  const { data_window: span } = data;
  if (span?.lookback_window_size !== undefined) {
    const offset = span.lookback_window_offset;
    const moved = {
      ...span,
      lookback_window_offset: offset === 'default' ? looking.windows.production : offset,
    };
    return trailing({ ...data, data_window: moved }, looking, looking.windows.reference);
  }
  if (span?.window_start !== undefined && span.window_end !== undefined) {
    return compact({
      ...(await common(data, looking)),
      preprocessingComponentId: await componentOf(data, looking),
      windowStart: `${span.window_start}T00:00:00.000Z`,
      windowEnd: `${span.window_end}T00:00:00.000Z`,
      inputDataType: 'Static',
    });
  }
  return { ...(await common(data, looking)), inputDataType: 'Fixed' };
}

/** What a deployment collects by itself, under the names that Azure gives it. */
export function collected(
  deployment: { readonly endpoint: string; readonly name: string },
  context: 'model_inputs' | 'model_outputs',
  window?: Data['data_window'],
): Data {
  const path = `azureml:${deployment.endpoint}-${deployment.name}-${context}:1`;
  return {
    input_data: { path, type: 'uri_folder' },
    data_context: context,
    ...(window === undefined ? {} : { data_window: window }),
  };
}
