import { parseProject, type ParsedProject } from '../../src/spec/index.js';
import { formatMistake } from '../../src/domain/mistake.js';

/** The file of the design, with every key that there is. */
export const everyKey = `version: 1
name: diabetes
on: {pull_request: plan, "feature/**": train, main: production}
paths: [., ../shared]
setup: [azureml/compute.yml, {file: azureml/data.yml, set: {version: 3}}]
data: {prepare: azureml/prepare.yml, validate: {rows: ">= 1000", nulls: {BMI: "< 1%"}}}
train:
  candidates:
    logistic: azureml/train.yml
    boosted: {job: azureml/train.yml, set: {inputs.kind: boosted}, metrics_from: jobs.evaluate, model: outputs.model}
  limits: {queue: 12h, run: 3d, parallel: 4}
gate: {metric: AUC, goal: maximize, require: {accuracy: ">= 0.75"}, min_improvement: 0.005}
register: {name: diabetes, which: best}
environments:
  staging:
    workspace: dev
    endpoint: azureml/endpoint.yml
    deployment: azureml/deployment.yml
    keep: 2h
    test: {requests: azureml/requests.json, max_p95: 200ms}
  production:
    extends: staging
    workspace: prod
    set: {deployment.instance_count: 3}
    keep: always
    approval: {approvers: [octocat, "@org/ml-leads"], required: 2, expires: 72h, remind: 24h, escalate: {after: 48h, to: "@org/ml-oncall"}}
    rollout: {steps: [{mirror: 10, for: 10m}, {traffic: 10%, for: 10m}, {traffic: 50, for: 30m}], abort: {error_rate: "> 1%", p95: "> 500ms"}, keep_previous: 24h, window: "Mon-Thu 09:00-16:00 Europe/Berlin"}
    monitor: {schedule: "0 6 * * *", window: 24h, baseline: "azureml:diabetes-train@latest", on_breach: notify, retraining: {most: 2}, thresholds: {numerical: 0.2}, min_rows: 50}
concurrency: {newer: replace, spare: 2h}
`;

/** One environment named production, with `lines` added to it. */
export function withEnvironment(lines: string): string {
  return `train: train.yml\nenvironments:\n  production:\n    endpoint: e.yml\n    deployment: d.yml\n    ${lines}\n`;
}

export function read(text: string, file = 'mlops.yaml'): ParsedProject {
  const result = parseProject(text, { file, defaultName: 'demo' });
  if (!result.ok) throw new Error(result.mistakes.map(formatMistake).join('\n'));
  return result;
}

/** Every mistake as people see it. */
export function mistakesIn(text: string | Uint8Array): string[] {
  const result = parseProject(text, { file: 'mlops.yaml', defaultName: 'demo' });
  return (result.ok ? result.warnings : result.mistakes).map(formatMistake);
}
