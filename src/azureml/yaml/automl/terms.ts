import { z } from 'zod';
import { withAllowed } from '../fields.js';

/** One of Azure's terms, `LightGBM`, however it is written: `light_gbm`, `lightgbm`. Answers Azure's. */
export function term<const V extends readonly string[]>(values: V): z.ZodType<V[number]> {
  return z.unknown().transform((value, context): V[number] => {
    const found =
      typeof value === 'string' ? values.find((known) => plain(known) === plain(value)) : undefined;
    if (found !== undefined) return found;
    const message = withAllowed('unknown value', values.map(snakeTerm));
    context.issues.push({ code: 'custom', input: value, message });
    return z.NEVER;
  });
}

function plain(text: string): string {
  return text.replaceAll('_', '').toLowerCase();
}

/** `NormalizedRootMeanSquaredError` → `normalized_root_mean_squared_error`, as the official client writes it. */
export function snakeTerm(text: string): string {
  return text
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

export const verbosities = ['NotSet', 'Debug', 'Info', 'Warning', 'Error', 'Critical'] as const;

const errors = [
  'SpearmanCorrelation',
  'NormalizedRootMeanSquaredError',
  'R2Score',
  'NormalizedMeanAbsoluteError',
];
const classification = [
  'AUCWeighted',
  'Accuracy',
  'NormMacroRecall',
  'AveragePrecisionScoreWeighted',
  'PrecisionScoreWeighted',
];

/** Task → metrics that can be optimised, the default first. */
export const metrics: Readonly<Record<string, readonly string[]>> = {
  classification,
  regression: ['NormalizedRootMeanSquaredError', ...errors],
  forecasting: ['NormalizedRootMeanSquaredError', ...errors],
  text_classification: ['Accuracy', ...classification],
  text_classification_multilabel: ['Accuracy'],
  text_ner: ['Accuracy'],
  image_classification: ['Accuracy', ...classification],
  image_classification_multilabel: ['IOU', ...classification],
  image_object_detection: ['MeanAveragePrecision'],
  image_instance_segmentation: ['MeanAveragePrecision'],
};

/** Task → its name in requests. */
export const taskTypes: Readonly<Record<string, string>> = {
  classification: 'Classification',
  regression: 'Regression',
  forecasting: 'Forecasting',
  text_classification: 'TextClassification',
  text_classification_multilabel: 'TextClassificationMultilabel',
  text_ner: 'TextNER',
  image_classification: 'ImageClassification',
  image_classification_multilabel: 'ImageClassificationMultilabel',
  image_object_detection: 'ImageObjectDetection',
  image_instance_segmentation: 'ImageInstanceSegmentation',
};

const trees = [
  'GradientBoosting',
  'DecisionTree',
  'KNN',
  'SGD',
  'RandomForest',
  'ExtremeRandomTrees',
  'LightGBM',
];
const regressors = [...trees, 'ElasticNet', 'LassoLars', 'XGBoostRegressor'];

/** Task on tables → algorithms that can be allowed or blocked. */
export const algorithms: Readonly<Record<string, readonly string[]>> = {
  classification: [
    ...trees,
    'LogisticRegression',
    'MultinomialNaiveBayes',
    'BernoulliNaiveBayes',
    'SVM',
    'LinearSVM',
    'XGBoostClassifier',
  ],
  regression: regressors,
  forecasting: [
    ...regressors,
    'AutoArima',
    'Prophet',
    'Naive',
    'SeasonalNaive',
    'Average',
    'SeasonalAverage',
    'ExponentialSmoothing',
    'Arimax',
    'TCNForecaster',
  ],
};

export const transformers = [
  'TextTargetEncoder',
  'OneHotEncoder',
  'CatTargetEncoder',
  'TfIdf',
  'WoETargetEncoder',
  'LabelEncoder',
  'WordEmbedding',
  'NaiveBayes',
  'CountVectorizer',
  'HashOneHotEncoder',
] as const;

/** Parameters of image and text models whose values are Azure's terms. */
export const parameterTerms: Readonly<Record<string, readonly string[]>> = {
  learning_rate_scheduler: [
    'None',
    'WarmupCosine',
    'Step',
    'Linear',
    'Cosine',
    'CosineWithRestarts',
    'Polynomial',
    'Constant',
    'ConstantWithWarmup',
  ],
  optimizer: ['None', 'Sgd', 'Adam', 'Adamw'],
  model_size: ['None', 'Small', 'Medium', 'Large', 'ExtraLarge'],
  validation_metric_type: ['None', 'Coco', 'Voc', 'CocoVoc'],
};
