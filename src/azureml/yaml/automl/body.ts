import type { Json } from '../../types.js';
import { mapValues } from '../components/ports.js';
import { isoSeconds } from '../durations.js';
import { pythonText } from '../expressions.js';
import { compact } from '../fields.js';
import { inputModes, inputUri } from '../inputs.js';
import { camel } from '../job-parts.js';
import type { Assets, Place } from '../kind.js';
import { earlyTerminationBody, searchSpaceBody } from '../sweep-parts.js';
import type { SearchDistribution } from '../sweep-parts.js';
import type { AutoMlJob, Forecasting, TableData } from './tasks.js';
import { metrics, parameterTerms, taskTypes } from './terms.js';

/** `taskDetails` of an AutoML job. */
export async function taskDetails(job: AutoMlJob, place: Place, assets: Assets): Promise<Json> {
  const data = async (table: TableData | undefined) =>
    table === undefined ? undefined : tableBody(table, place, assets);
  const isTable = !/^(?:text|image)_/.test(job.task);
  const isText = job.task.startsWith('text_');
  return compact({
    targetColumnName: job.target_column_name,
    trainingData: await data(job.training_data),
    validationData: await data(job.validation_data),
    testData: await data(job.test_data),
    validationDataSize: job.validation_data_size,
    testDataSize: job.test_data_size,
    weightColumnName: job.weight_column_name,
    cvSplitColumnNames: job.cv_split_column_names,
    nCrossValidations: autoOr(job.n_cross_validations),
    featurizationSettings: featurizationBody(job, isTable),
    limitSettings: limitsBody(job, isTable, isText),
    trainingSettings: trainingBody(job),
    sweepSettings: sweepBody(job),
    [isText ? 'fixedParameters' : 'modelSettings']:
      job.training_parameters === undefined
        ? undefined
        : { ...unsaid(isText), ...parametersBody(job.training_parameters) },
    searchSpace: job.search_space?.map((space) => ({ ...unsaid(isText), ...camel(searchSpaceTexts(space)) })),
    primaryMetric:
      job.task === 'text_ner' || job.task === 'text_classification_multilabel'
        ? undefined
        : (job.primary_metric ?? metrics[job.task]?.[0]),
    positiveLabel: job.positive_label,
    logVerbosity: job.log_verbosity ?? 'Info',
    forecastingSettings: job.forecasting === undefined ? undefined : forecastingBody(job.forecasting),
    taskType: taskTypes[job.task],
  });
}

/** Where the tables of a job are named from. */
export function dataPlace(place: Place): Place {
  return { ...place, dir: place.files.dir };
}

async function tableBody(table: TableData, place: Place, assets: Assets): Promise<Json> {
  return compact({
    uri: await inputUri(table.path, 'mltable', dataPlace(place), assets),
    mode: table.mode === undefined ? undefined : inputModes[table.mode],
    jobInputType: 'mltable',
  });
}

function autoOr(value: 'auto' | number | undefined): Json | undefined {
  if (value === undefined) return undefined;
  return value === 'auto' ? { mode: 'Auto' } : { value, mode: 'Custom' };
}

function featurizationBody({ featurization }: AutoMlJob, isTable: boolean): Json | undefined {
  if (featurization === undefined) return undefined;
  if (!isTable) return compact({ datasetLanguage: featurization.dataset_language });
  return compact({
    blockedTransformers: featurization.blocked_transformers,
    columnNameAndTypes: featurization.column_name_and_types,
    datasetLanguage: featurization.dataset_language,
    mode: featurization.mode ?? 'auto',
    transformerParams: featurization.transformer_params ?? {},
    enableDnnFeaturization: featurization.enable_dnn_featurization,
  });
}

function minutes(value: number | undefined): string | undefined {
  return value === undefined ? undefined : isoSeconds(value * 60);
}

function limitsBody({ limits }: AutoMlJob, isTable: boolean, isText: boolean): Json | undefined {
  if (limits === undefined) return undefined;
  const { timeout_minutes: timeout, trial_timeout_minutes: trial, ...counts } = limits;
  return compact({
    // Text jobs run one trial on one node unless they say more; sweeps of tables exist no longer, but are sent as 0.
    ...(isText ? { maxTrials: 1, maxNodes: 1 } : {}),
    ...camel(counts),
    timeout: minutes(timeout),
    trialTimeout: minutes(trial),
    ...(isTable ? { sweepConcurrentTrials: 0, sweepTrials: 0 } : {}),
  });
}

function trainingBody({ training }: AutoMlJob): Json | undefined {
  if (training === undefined) return undefined;
  const {
    ensemble_model_download_timeout_minutes: download,
    stack_ensemble_settings: stack,
    ...rest
  } = training;
  return compact({
    ...camel(rest),
    ensembleModelDownloadTimeout: minutes(download),
    stackEnsembleSettings: stack === undefined ? undefined : camel(stack),
  });
}

function sweepBody({ sweep }: AutoMlJob): Json | undefined {
  if (sweep === undefined) return undefined;
  const { sampling_algorithm: algorithm, early_termination: policy } = sweep;
  return compact({
    samplingAlgorithm: typeof algorithm === 'object' ? algorithm.type : algorithm,
    earlyTermination: policy === undefined ? undefined : earlyTerminationBody(policy),
  });
}

const textParameters = [
  'gradientAccumulationSteps',
  'learningRate',
  'learningRateScheduler',
  'modelName',
  'numberOfEpochs',
  'trainingBatchSize',
  'validationBatchSize',
  'warmupRatio',
  'weightDecay',
];

/** Of a text model the official client sends as null what the file does not say. */
function unsaid(isText: boolean): Json {
  return Object.fromEntries((isText ? textParameters : []).map((name) => [name, null]));
}

type Plain = string | number | boolean;

function parametersBody(parameters: Readonly<Record<string, Plain>>): Json {
  return camel(mapValues(parameters, (value, key) => termOf(key, value)));
}

function termOf(key: string, value: Plain): Plain {
  const plain = (text: string) => text.replaceAll('_', '').toLowerCase();
  const known = parameterTerms[key]?.find((one) => plain(one) === plain(String(value)));
  return known ?? value;
}

/** A search space as text: `choice('a','b')`, `uniform(0.1,1)`. */
export function searchSpaceTexts(space: Readonly<Record<string, unknown>>): Record<string, string> {
  return mapValues(space, (value) =>
    typeof value === 'object' && value !== null
      ? distributionText(value as SearchDistribution)
      : pythonText(value as Plain, false),
  );
}

function distributionText(distribution: SearchDistribution): string {
  const [name, args] = searchSpaceBody({ one: distribution })['one'] as [string, unknown[]];
  const values = name === 'choice' ? (args[0] as Plain[]) : (args as Plain[]);
  const written = values.map((value) =>
    typeof value === 'string' ? `'${value}'` : pythonText(value, false),
  );
  return `${name}(${written.join(',')})`;
}

function forecastingBody(spec: Forecasting): Json {
  const { forecast_horizon, target_lags, target_rolling_window_size, seasonality, ...rest } = spec;
  return compact({
    ...camel(rest),
    forecastHorizon: autoOr(forecast_horizon),
    targetLags:
      target_lags === undefined
        ? undefined
        : target_lags === 'auto'
          ? { mode: 'Auto' }
          : { values: target_lags, mode: 'Custom' },
    targetRollingWindowSize: autoOr(target_rolling_window_size),
    seasonality: autoOr(seasonality),
  });
}
