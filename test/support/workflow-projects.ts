import type { ChampionScore } from '../../src/domain/evaluation.js';
import type {
  ApprovalRule,
  Candidate,
  Environment,
  Gate,
  MonitorPlan,
  Project,
} from '../../src/domain/project.js';
import type { Timing } from '../../src/domain/timing.js';

/** Short pauses, so that a test waits for events and hardly for time. */
export const quickTiming: Timing = {
  lookFirstMs: 50,
  lookLongestMs: 200,
  lookShare: 0.25,
  blockedForMs: 600_000,
  blockedLookMs: 600_000,
  outageAttempts: 2,
  silenceMs: 600_000,
  healthLookMs: 50,
  heartbeatMs: 60_000,
  answerMs: 120_000,
  farewellMs: 15_000,
  drainMs: 200,
};

const anHourMs = 3_600_000;

export function candidate(name: string): Candidate {
  return { name, job: { file: 'train.yml', set: { 'inputs.kind': name } }, model: 'outputs.model' };
}

export const onePerson: ApprovalRule = {
  approvers: [],
  required: 1,
  expiresMs: anHourMs,
  verify: ['github'],
  allowAuthors: false,
};

/** Daily, by default only telling people. */
export const dailyMonitor: MonitorPlan = {
  schedule: '0 6 * * *',
  windowMs: 24 * anHourMs,
  baseline: 'azureml:diabetes-train@latest',
  onBreach: 'notify',
  numericalThreshold: 0.1,
  categoricalThreshold: 0.1,
  minRows: 100,
};

/** An environment that takes everything at once and asks nobody. */
export function environment(name: string, more: Partial<Environment> = {}): Environment {
  return {
    name,
    workspace: 'dev',
    endpoint: { file: 'endpoint.yml', set: {} },
    deployment: { file: 'deployment.yml', set: {} },
    keepMs: 'always',
    rollout: { steps: [], abort: {}, keepPreviousMs: anHourMs },
    ...more,
  };
}

export const staging = environment('staging');
export const production = environment('production', {
  approval: onePerson,
  rollout: {
    steps: [
      { kind: 'traffic', percent: 10, forMs: 100 },
      { kind: 'traffic', percent: 50, forMs: 100 },
    ],
    abort: { errorRate: { op: '>', value: 0.01 } },
    keepPreviousMs: anHourMs,
  },
});

/** Two candidates, staging, production with an approval and two steps. */
export function project(more: Partial<Project> = {}): Project {
  return {
    name: 'diabetes',
    path: '.',
    workspace: 'dev',
    setup: [],
    data: {},
    candidates: [candidate('boosted'), candidate('logistic')],
    limits: { queueMs: anHourMs, runMs: anHourMs, parallel: 4 },
    gate: { metric: 'AUC', goal: 'maximize', require: { AUC: { op: '>=', value: 0.75 } }, minImprovement: 0 },
    register: { name: 'diabetes', which: 'best' },
    environments: [staging, production],
    ...more,
  };
}

/** One candidate, one environment, nobody asked: for tests of the endpoint's owner. */
export function straightTo(target: Environment): Project {
  return project({ candidates: [candidate('boosted')], environments: [target] });
}

/** A gate that has champion and candidates scored by a job. */
export const evaluatingGate: Gate = {
  metric: 'AUC',
  goal: 'maximize',
  require: {},
  minImprovement: 0,
  evaluate: { job: { file: 'evaluate.yml', set: {} }, confidence: 0.95, resamples: 2_000 },
};

/** Its own metric would win, if it were compared. */
export const championOfOld: ChampionScore = {
  ...{ model: 'diabetes', version: 'old', commit: '0'.repeat(40) },
  ...{ metrics: { AUC: 0.99 }, data: { train: 'diabetes-train:0' } },
};
