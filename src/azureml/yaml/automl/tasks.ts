import { z } from 'zod';
import { exactWord, boolean, choose, common, integer, number, object, text, texts, word } from '../fields.js';
import { jobOutputs } from '../inputs.js';
import * as parts from '../job-parts.js';
import { earlyTermination, samplingAlgorithm, searchDistribution } from '../sweep-parts.js';
import { algorithms, metrics, taskTypes, term, transformers, verbosities } from './terms.js';

/** Tables that a job learns from; their paths start where the client runs, not where the file lies. */
export const tableData = object({
  type: word(['mltable']).optional(),
  path: text,
  mode: word(['download', 'ro_mount', 'eval_mount', 'eval_download', 'direct']).optional(),
  path_on_compute: text.optional(),
  datastore: text.optional(),
  description: text.optional(),
});
export type TableData = z.infer<typeof tableData>;

const shared = {
  ...common,
  type: exactWord(['automl']),
  name: text.optional(),
  display_name: text.optional(),
  experiment_name: text.optional(),
  properties: texts.optional(),
  compute: text.optional(),
  services: parts.services.optional(),
  identity: parts.identity.optional(),
  environment_id: text.optional(),
  environment_variables: texts.optional(),
  outputs: jobOutputs.optional(),
  resources: parts.resources.optional(),
  queue_settings: parts.queueSettings.optional(),
  log_verbosity: term(verbosities).optional(),
  training_data: tableData,
  validation_data: tableData.optional(),
};

const limits = {
  max_concurrent_trials: integer.optional(),
  max_trials: integer.optional(),
  timeout_minutes: integer.optional(),
};
const autoOr = choose<'auto' | number>((value) => (typeof value === 'string' ? word(['auto']) : integer));
const list = choose<string[]>((value) =>
  Array.isArray(value) ? z.array(text) : text.transform((one) => [one]),
);

const featurization = object({
  mode: word(['auto', 'off', 'custom']).optional(),
  blocked_transformers: z.array(term(transformers)).optional(),
  column_name_and_types: texts.optional(),
  dataset_language: text.optional(),
  transformer_params: z
    .record(
      term(['Imputer', 'TfIdf', 'HashOneHotEncoder']) as unknown as z.ZodString,
      z.array(
        object({ fields: z.array(text).optional(), parameters: z.record(text, z.unknown()).optional() }),
      ),
    )
    .optional(),
  enable_dnn_featurization: boolean.optional(),
});

const forecasting = object({
  country_or_region_for_holidays: text.optional(),
  cv_step_size: integer.optional(),
  forecast_horizon: autoOr.optional(),
  target_lags: choose<'auto' | number[]>((value) => {
    if (Array.isArray(value)) return z.array(integer);
    return typeof value === 'string' ? word(['auto']) : integer.transform((one) => [one]);
  }).optional(),
  target_rolling_window_size: autoOr.optional(),
  time_column_name: text.optional(),
  time_series_id_column_names: list.optional(),
  frequency: text.optional(),
  feature_lags: word(['none', 'auto']).optional(),
  seasonality: autoOr.optional(),
  short_series_handling_config: word(['none', 'auto', 'pad', 'drop']).optional(),
  use_stl: word(['none', 'season', 'season_trend']).optional(),
  target_aggregate_function: word(['none', 'sum', 'max', 'min', 'mean']).optional(),
  features_unknown_at_forecast_time: list.optional(),
});

function training(task: string) {
  const names = z.array(term(algorithms[task] ?? []));
  return object({
    enable_dnn_training: boolean.optional(),
    enable_model_explainability: boolean.optional(),
    enable_onnx_compatible_models: boolean.optional(),
    enable_stack_ensemble: boolean.optional(),
    enable_vote_ensemble: boolean.optional(),
    ensemble_model_download_timeout_minutes: integer.optional(),
    stack_ensemble_settings: object({
      stack_meta_learner_kwargs: z.record(text, z.unknown()).optional(),
      stack_meta_learner_train_percentage: number.optional(),
      stack_meta_learner_type: text,
    }).optional(),
    training_mode: word(['auto', 'distributed', 'non_distributed']).optional(),
    allowed_training_algorithms: names.optional(),
    blocked_training_algorithms: names.optional(),
  });
}

function metricOf(task: string) {
  return { task: word([task]), primary_metric: term(metrics[task] ?? []).optional() };
}

function tabular(task: string) {
  return object({
    ...shared,
    ...metricOf(task),
    target_column_name: text,
    test_data: tableData.optional(),
    test_data_size: number.optional(),
    validation_data_size: number.optional(),
    cv_split_column_names: z.array(text).optional(),
    n_cross_validations: autoOr.optional(),
    weight_column_name: text.optional(),
    featurization: featurization.optional(),
    limits: object({
      ...limits,
      enable_early_termination: boolean.optional(),
      exit_score: number.optional(),
      max_cores_per_trial: integer.optional(),
      max_nodes: integer.optional(),
      trial_timeout_minutes: integer.optional(),
    }).optional(),
    training: training(task).optional(),
    ...(task === 'classification' ? { positive_label: text.optional() } : {}),
    ...(task === 'forecasting' ? { forecasting: forecasting.optional() } : {}),
  });
}

const parameterValue = choose<unknown>((value) =>
  typeof value === 'object' ? searchDistribution : z.union([z.string(), z.number(), z.boolean()]),
);
const deep = {
  sweep: object({
    sampling_algorithm: samplingAlgorithm.optional(),
    early_termination: earlyTermination.optional(),
  }).optional(),
  training_parameters: z.record(text, z.union([z.string(), z.number(), z.boolean()])).optional(),
  search_space: z.array(z.record(text, parameterValue)).optional(),
};

function nlp(task: string) {
  return object({
    ...shared,
    ...metricOf(task),
    ...deep,
    target_column_name: task === 'text_ner' ? text.optional() : text,
    featurization: object({ dataset_language: text.optional() }).optional(),
    limits: object({
      ...limits,
      max_nodes: integer.optional(),
      trial_timeout_minutes: integer.optional(),
    }).optional(),
  });
}

function image(task: string) {
  return object({
    ...shared,
    ...metricOf(task),
    ...deep,
    target_column_name: text,
    test_data: tableData.optional(),
    test_data_size: number.optional(),
    validation_data_size: number.optional(),
    limits: object(limits).optional(),
  });
}

type Tabular = z.infer<ReturnType<typeof tabular>> & {
  readonly positive_label?: string;
  readonly forecasting?: z.infer<typeof forecasting>;
};
type Deep = z.infer<ReturnType<typeof nlp>> & z.infer<ReturnType<typeof image>>;

/** An AutoML job of any task; what only some tasks have is optional. */
export type AutoMlJob = Omit<Tabular, 'featurization' | 'limits' | 'task'> &
  Pick<Deep, 'sweep' | 'training_parameters' | 'search_space'> & {
    readonly task: string;
    readonly featurization?: Partial<z.infer<typeof featurization>>;
    readonly limits?: NonNullable<Tabular['limits']>;
  };
export type Forecasting = z.infer<typeof forecasting>;

export const tasks = Object.keys(taskTypes);

const schemas = new Map(
  tasks.map((task) => {
    const schema = task.startsWith('text_')
      ? nlp(task)
      : task.startsWith('image_')
        ? image(task)
        : tabular(task);
    return [task, schema as unknown as z.ZodType<AutoMlJob>];
  }),
);
const unknownTask = object({ task: word(tasks) }) as unknown as z.ZodType<AutoMlJob>;

export const autoMlSchema = choose<AutoMlJob>((value) => {
  const task = typeof value === 'object' && value !== null ? (value as { task?: unknown }).task : undefined;
  const name = typeof task === 'string' ? task.toLowerCase() : '';
  return schemas.get(name) ?? unknownTask;
});
