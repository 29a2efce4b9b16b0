import { IANAZone } from 'luxon';
import { z } from 'zod';
import { reaches } from '../domain/reach.js';
import { fullGate, gate } from './gate-schema.js';
import { fileObject, fileRef, measuredJob, set } from './job-schema.js';
import { fullMonitor, monitorObject } from './monitor-schema.js';
import { fullTest, jobLimits, testObject } from './test-schema.js';
import {
  condition,
  duration,
  environmentName,
  latencyAbort,
  name,
  people,
  percent,
  person,
  relativePath,
  shareCondition,
  tolerance,
  verification,
} from './values.js';

/** `mlops.yaml` as people write it. The JSON schema for editors is generated from `projectFile`. */

const candidateObject = measuredJob.extend({
  model: z
    .string()
    .min(1)
    .optional()
    .describe(
      '`outputs.<name>` of the job, or the artifact path that the run logs its model under; default: model',
    ),
});
const candidate = z.union([relativePath, candidateObject]);

const limits = jobLimits.extend({
  parallel: z.int().min(1).max(100).optional().describe('Jobs at once; default 4'),
});

const trainObject = candidateObject.partial().extend({
  candidates: z.record(name, candidate).optional().describe('Several jobs, of which the gate picks'),
  limits: limits.optional(),
});

const newer = z.enum(['replace', 'keep']);
const concurrencyObject = z.strictObject({
  newer: newer
    .optional()
    .describe("Whether a newer commit of the branch takes this one's place; default replace"),
  spare: duration.optional().describe('Jobs that have run for longer are left to finish; default 1h'),
});

const validate = z.strictObject({
  rows: condition.optional(),
  nulls: z
    .record(z.string(), shareCondition('<', 'names what is allowed, so it must use < or <='))
    .optional()
    .describe('Column → allowed share of missing values'),
  columns: z.array(z.string().min(1)).min(1).optional().describe('Columns that must be there'),
  ranges: z
    .record(
      z.string(),
      z.tuple([z.number(), z.number()]).refine(([least, most]) => least <= most, {
        error: 'must be [least, largest]',
      }),
    )
    .optional()
    .describe('Column → [least, largest] value'),
  categories: z
    .record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean()])).min(1))
    .optional()
    .describe('Column → allowed values'),
});

const approvalObject = z.strictObject({
  approvers: people.optional().describe('Logins and "@org/team"s; default: anyone with maintain'),
  required: z.int().min(1).max(20).optional().describe('How many people; default 1'),
  rejections: z.int().min(1).max(20).optional().describe('How many people must reject to end it; default 1'),
  expires: duration.optional().describe('default 72h'),
  remind: duration.optional().describe('How often people are reminded; default never'),
  escalate: z
    .strictObject({ after: duration, to: z.union([person, people.min(1)]) })
    .optional()
    .describe('Who else may answer after a while'),
  verify: z.array(verification).min(1).optional().describe('Any of these proves who decided'),
  allow_authors: z.boolean().optional().describe('Only where the policy allows it'),
});

const mirrorStep = z.strictObject({ mirror: percent(50), for: duration });
const share = z.int({ error: 'must be a whole percentage' }).min(0).max(100);
/** `10` is the challenger's share; the champion keeps the rest, which the longer form says too. */
const traffic = z.union([percent(100), z.strictObject({ champion: share, challenger: share })]);
const trafficStep = z.strictObject({ traffic, for: duration.optional() });

export const rolloutSteps = z.array(z.union([mirrorStep, trafficStep])).max(20);

const windowPattern =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(-(Mon|Tue|Wed|Thu|Fri|Sat|Sun))? ([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d \S+$/;
const windowHint = 'must be days, hours and a time zone, e.g. "Mon-Thu 09:00-16:00 Europe/Berlin"';

const compareObject = z.strictObject({
  min_requests: z.int().min(1).max(100_000).optional().describe('Of either side; default 50'),
  extend: duration.optional().describe('How much longer a step may last that has seen fewer; default 1h'),
  alpha: z
    .number()
    .gt(0)
    .max(0.5)
    .optional()
    .describe('Most chance, in one step, to take an equal challenger for a worse one; default 0.01'),
  slower: tolerance.optional().describe('How much slower still counts as equal; default 10%'),
});

const query = z.string().min(1).max(4_000).describe('`{endpoint}` and `{deployment}` stand for the names');
const prometheusMetric = z.strictObject({ prometheus: query, abort: condition });
const azureMetric = z.strictObject({ azure_monitor: query, abort: condition });

const rolloutObject = z.strictObject({
  steps: rolloutSteps.optional().describe('100 % follows by itself'),
  abort: z
    .strictObject({
      error_rate: shareCondition('>', 'names what ends the rollout, so it must use > or >=').optional(),
      p50: latencyAbort.optional(),
      p95: latencyAbort.optional(),
      p99: latencyAbort.optional(),
      predictions: shareCondition('>', 'names what ends the rollout, so it must use > or >=')
        .optional()
        .describe("Jensen–Shannon distance of the challenger's answers from the champion's"),
    })
    .optional(),
  compare: z
    .union([z.literal('none'), compareObject], { error: 'must be "none" or a map' })
    .optional()
    .describe('How the challenger is compared with the champion; default in the last environment'),
  metrics: z
    .record(name, z.union([prometheusMetric, azureMetric]))
    .optional()
    .describe('Further figures that end the rollout'),
  keep_previous: duration.optional().describe('default 24h'),
  window: z
    .string()
    .regex(windowPattern, { error: windowHint })
    .refine((text) => IANAZone.isValidZone(text.split(' ').at(-1) ?? ''), {
      error: 'the time zone is unknown; use a name such as Europe/Berlin',
    })
    .optional()
    .describe('When traffic may change; rollbacks do not wait'),
});

const keep = z.union([z.literal('always'), duration], {
  error: 'must be "always" or a duration such as 2h',
});

const environment = z.strictObject({
  extends: z.string().optional().describe('Environment whose settings hold where this one says nothing'),
  workspace: name.optional().describe('Alias of the policy; default: the one that trains'),
  endpoint: fileRef.optional(),
  deployment: fileRef.optional(),
  set: set.optional().describe('Overrides, each starting with `endpoint.` or `deployment.`'),
  keep: keep.optional(),
  test: testObject.optional(),
  approval: z.union([z.literal('none'), approvalObject], { error: 'must be "none" or a map' }).optional(),
  rollout: rolloutObject.optional(),
  monitor: monitorObject.optional(),
});

const checkObject = z
  .strictObject({
    compute: z.string().min(1).optional().describe('azureml:<cluster>; default: where it was trained'),
    instance_type: z.string().min(1).optional().describe('Of serverless compute'),
  })
  .refine(({ compute, instance_type: type }) => compute === undefined || type === undefined, {
    error: 'names a cluster and serverless compute; keep one of them',
  });
const check = z
  .union([z.literal(false), checkObject], { error: 'must be false or a map' })
  .describe('Job that loads and scores an MLflow model in a clean environment before it is registered');

const contract = z.enum(['compatible', 'breaking']);

export const projectFile = z
  .strictObject({
    version: z.literal(1).optional(),
    name: name.optional().describe("default: the folder's name, else the repository's"),
    on: z
      .record(z.string().min(1), z.enum(reaches))
      .optional()
      .describe('Branch, pattern or pull_request → how far it goes'),
    paths: z.array(relativePath).min(1).optional().describe('What starts it; default: this folder'),
    setup: z.array(fileRef).optional(),
    data: z.strictObject({ prepare: fileRef.optional(), validate: validate.optional() }).optional(),
    train: z.union([relativePath, trainObject]),
    concurrency: z
      .union([newer, concurrencyObject], { error: 'must be "replace", "keep" or a map' })
      .optional()
      .describe('What this commit does when a newer one of its branch comes; default replace'),
    gate: gate.optional(),
    register: z
      .strictObject({
        name: name.optional(),
        which: z.enum(['best', 'passing', 'all']).optional(),
        check: check.optional(),
      })
      .optional(),
    contract: contract
      .optional()
      .describe('Whether a model may break the callers of the one that serves; default compatible'),
    registry: name
      .optional()
      .describe('Registry of the policy by which models cross to other workspaces; default: blob to blob'),
    environments: z
      .record(environmentName, environment)
      .optional()
      .describe('The way to production, in order'),
  })
  .meta({ title: 'mlops.yaml', description: 'A project of temporal-mlops' });

const namedFile = z.strictObject(fileObject.required().shape, { error: 'must name a CLI v2 YAML file' });

export const fullApproval = approvalObject.required({
  approvers: true,
  required: true,
  expires: true,
  verify: true,
  allow_authors: true,
});

/** One environment once `extends`, `set` and defaults have been worked in. */
export const fullEnvironment = environment.omit({ extends: true, set: true }).extend({
  workspace: name,
  endpoint: namedFile,
  deployment: namedFile,
  keep,
  test: fullTest.optional(),
  approval: z.union([
    z.literal('none'),
    approvalObject.required({
      approvers: true,
      required: true,
      expires: true,
      verify: true,
      allow_authors: true,
    }),
  ]),
  rollout: rolloutObject
    .extend({ compare: z.union([z.literal('none'), compareObject.required()]) })
    .required({ steps: true, abort: true, keep_previous: true }),
  monitor: fullMonitor.optional(),
});

/** The rest of the file in the same state. */
export const fullProject = z.object({
  name,
  on: z.record(z.string(), z.enum(reaches)).optional(),
  paths: z.array(relativePath),
  setup: z.array(fileObject.required()),
  data: z.strictObject({ prepare: fileObject.required().optional(), validate: validate.optional() }),
  train: z.strictObject({
    candidates: z.record(name, candidateObject.required({ set: true, model: true })),
    limits: limits.required(),
  }),
  concurrency: concurrencyObject.required(),
  gate: fullGate.optional(),
  register: z.strictObject({ name, which: z.enum(['best', 'passing', 'all']), check }),
  contract,
  registry: name.optional(),
});

export type FullEnvironment = z.output<typeof fullEnvironment>;
export type FullProject = z.output<typeof fullProject>;

export type FullApproval = z.output<typeof fullApproval>;
export type FullSteps = z.output<typeof rolloutSteps>;
