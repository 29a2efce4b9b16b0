import { z } from 'zod';
import type { Json } from '../../types.js';
import { anything, compact, fileObject, lowerWord, object, plainTexts, text } from '../fields.js';
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

const windowKeys = {
  window_start: text.optional(),
  window_end: text.optional(),
  lookback_window_size: text.optional(),
  lookback_window_offset: text.optional(),
};
const window = object(windowKeys, []);

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
/** What a model of text was asked and answered; the official client fails over a window of it without a size. */
export const textData = object(
  {
    input_data: input,
    data_column_names: anything.optional(),
    data_window: object({ ...windowKeys, lookback_window_size: text }, []).optional(),
  },
  [],
);
export type TextData = z.output<typeof textData>;
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

async function common(data: Data, looking: Looking): Promise<Json> {
  return compact({
    dataContext: data.data_context,
    columns: data.data_column_names,
    ...(await source(data, looking)),
  });
}

async function source({ input_data: data }: Pick<Data, 'input_data'>, { place, assets }: Looking) {
  const type = data.type ?? 'uri_folder';
  return { jobInputType: type, uri: await inputUri(data.path, type, place, assets) };
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

/** As `trailing`, but a window's size goes as it stands: `default` is left to the service. */
export async function trailingText(data: TextData, looking: Looking): Promise<Json> {
  const { data_window: span = { lookback_window_size: looking.windows.production } } = data;
  return compact({
    columns: data.data_column_names,
    ...(await source(data, looking)),
    windowSize: span.lookback_window_size,
    windowOffset: span.lookback_window_offset ?? 'P0D',
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

/** A deployment that a monitor watches. */
export interface Target {
  readonly endpoint: string;
  readonly name: string;
}

/** What a deployment collects by itself, under the names that Azure gives it. */
export function collected(
  deployment: Target,
  context: 'model_inputs' | 'model_outputs' | 'app_traces',
  window?: Data['data_window'],
): Data {
  const path = `azureml:${deployment.endpoint}-${deployment.name}-${context}:1`;
  return {
    input_data: { path, type: 'uri_folder' },
    ...(context === 'app_traces' ? {} : { data_context: context }),
    ...(window === undefined ? {} : { data_window: window }),
  };
}
