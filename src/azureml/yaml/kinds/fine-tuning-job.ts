import { z } from 'zod';
import type { Json } from '../../types.js';
import { dataPlace } from '../automl/body.js';
import { mapValues } from '../components/ports.js';
import {
  choose,
  common,
  compact,
  integer,
  number,
  object,
  plainTexts,
  snakeWord,
  text,
  word,
} from '../fields.js';
import { checkInput, inputUri, jobOutputs, outputBody } from '../inputs.js';
import * as parts from '../job-parts.js';
import { kind } from '../kind.js';
import type { Assets, Place, Problem } from '../kind.js';
import { AUTO_NAME, parseReference } from '../references.js';

const tasks = [
  ...['chat_completion', 'text_completion', 'text_classification', 'question_answering'],
  ...['text_summarization', 'token_classification', 'text_translation', 'image_classification'],
  ...['image_instance_segmentation', 'image_object_detection', 'video_multi_object_tracking'],
];
const providers = { custom: 'Custom', azure_open_ai: 'AzureOpenAI' } as const;

const delivery = {
  mode: word(['download', 'ro_mount', 'direct']).optional(),
  datastore: text.optional(),
};
/**
 * The service takes every one as a file; its path starts where the client runs, not where the job's file lies. Where the
 * type is not said the official client puts a `/` behind a file's address; this one does not.
 */
const data = choose<{ path: string; type: 'uri_file' | 'uri_folder' }>((value) =>
  typeof value === 'string'
    ? text.transform((path) => ({ path, type: 'uri_file' as const }))
    : object({
        ...delivery,
        type: word(['uri_file', 'uri_folder']).default('uri_file'),
        path: text,
        path_on_compute: text.optional(),
      }),
);

const texts = z.record(z.string(), text.nullable());
const openAiParameters = object({
  n_epochs: integer.optional(),
  learning_rate_multiplier: number.optional(),
  batch_size: integer.optional(),
});

const shape = {
  ...common,
  type: z.literal('finetuning'),
  name: text.optional(),
  display_name: text.optional(),
  experiment_name: text.optional(),
  tags: plainTexts.optional(),
  properties: plainTexts.optional(),
  compute: text.optional(),
  resources: object({ instance_types: z.array(text) }).optional(),
  queue_settings: parts.queueSettings.optional(),
  outputs: jobOutputs.optional(),
  task: snakeWord(tasks),
  model: object({
    ...delivery,
    type: word(['custom_model', 'mlflow_model', 'triton_model']).optional(),
    path: text,
  }),
  training_data: data,
  validation_data: data.optional(),
};
const variants = {
  custom: object({ ...shape, model_provider: z.literal('custom'), hyperparameters: texts.optional() }),
  azure_open_ai: object({
    ...shape,
    model_provider: z.literal('azure_open_ai'),
    hyperparameters: openAiParameters.optional(),
  }),
};
type FineTuningJob = z.infer<(typeof variants)[keyof typeof variants]>;
const unknownProvider = z.looseObject({ model_provider: z.enum(['custom', 'azure_open_ai']) });

const schema = choose<FineTuningJob>((value) => {
  const provider = (value as { model_provider?: unknown } | null)?.model_provider;
  return provider === 'custom' || provider === 'azure_open_ai'
    ? variants[provider]
    : unknownProvider.transform(() => z.NEVER);
});

/** `az ml job create` with `type: finetuning`: a model of a registry learns from a team's own texts. */
export const fineTuningJob = kind<FineTuningJob>({
  name: 'fineTuningJob',
  roles: ['job'],
  family: 'job',
  order: 6,
  detects: (value) => value['type'] === 'finetuning',
  schema,
  check: async (job, place) => [...(await checkData(job, place)), ...ignored(job), ...unlike(job)],
  async toRest(job, place, assets) {
    const properties = await fineTuningBody(job, place, assets);
    return { resource: `/jobs/${job.name ?? AUTO_NAME}`, body: { properties } };
  },
});

async function checkData(job: FineTuningJob, place: Place): Promise<Problem[]> {
  const found = await Promise.all(
    (['training_data', 'validation_data'] as const).map(async (key) => {
      const given = job[key];
      return given === undefined ? [] : checkInput(given, [key, 'path'], dataPlace(place));
    }),
  );
  return found.flat();
}

/** Keys that the official client reads and drops: Azure OpenAI brings machines of its own. */
function ignored(job: FineTuningJob): Problem[] {
  if (job.model_provider === 'custom') return [];
  const keys = (['compute', 'resources', 'queue_settings'] as const).filter((key) => job[key] !== undefined);
  return keys.map((key) => {
    const message = `is not sent: jobs of azure_open_ai run on machines of Azure OpenAI`;
    return { path: [key], message, fix: `remove ${key}:`, severity: 'warning' };
  });
}

/** What Azure cannot find, or the official client fails over. */
function unlike({ model, compute }: FineTuningJob): Problem[] {
  const isLocal = parseReference(model.path) === undefined;
  return [
    ...(isLocal
      ? [
          {
            path: ['model', 'path'],
            message: 'is sent as it stands; a model on this machine is not uploaded for fine-tuning',
            found: model.path,
            fix: 'register the model and write azureml:<name>:<version>, or name one of a registry',
            severity: 'warning' as const,
          },
        ]
      : []),
    ...(compute?.toLowerCase() === 'local'
      ? [
          {
            path: ['compute'],
            message: 'fine-tuning does not run on the machine of the client',
            found: compute,
          },
        ]
      : []),
  ];
}

async function fineTuningBody(job: FineTuningJob, place: Place, assets: Assets): Promise<Json> {
  const isOwn = job.model_provider === 'custom';
  return compact({
    displayName: job.display_name ?? job.name ?? AUTO_NAME,
    description: job.description,
    experimentName: job.experiment_name ?? parts.experimentName(place),
    tags: job.tags ?? {},
    properties: job.properties ?? {},
    // Compute and model go by the names that the file gives them: the official client looks neither up.
    computeId: isOwn ? plainName(job.compute) : undefined,
    fineTuningDetails: await detailsBody(job, place, assets),
    isArchived: false,
    outputs: mapValues(job.outputs ?? {}, outputBody),
    resources:
      isOwn && job.resources !== undefined ? { instanceTypes: job.resources.instance_types } : undefined,
    queueSettings:
      isOwn && job.queue_settings !== undefined ? parts.queueBody(job.queue_settings) : undefined,
    jobType: 'FineTuning',
  });
}

async function detailsBody(job: FineTuningJob, place: Place, assets: Assets): Promise<Json> {
  const sent = async (given: z.infer<typeof data> | undefined) =>
    given === undefined
      ? undefined
      : {
          uri: await inputUri(given.path, given.type, dataPlace(place), assets),
          jobInputType: 'uri_file',
        };
  return compact({
    taskType: Object.keys(parts.camel({ [job.task]: true }))[0],
    model: { uri: plainName(job.model.path), jobInputType: 'mlflow_model' },
    modelProvider: providers[job.model_provider],
    trainingData: await sent(job.training_data),
    validationData: await sent(job.validation_data),
    hyperParameters: hyperParameters(job),
  });
}

function hyperParameters({ hyperparameters: given, ...job }: FineTuningJob): Json | undefined {
  if (given === undefined || job.model_provider === 'custom') return given;
  return parts.camel(given);
}

/** `azureml:phi:3` → `phi:3`; addresses stay. */
function plainName(reference: string | undefined): string | undefined {
  return reference?.replace(/^azureml:(?!\/\/)/, '');
}
