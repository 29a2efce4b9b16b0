import type { ChampionScore } from '../domain/evaluation.js';
import { markdownLink, markdownTable, plain } from '../domain/markdown.js';
import type { Environment, Project } from '../domain/project.js';
import { approvalText, fileText, gateText } from '../domain/project-text.js';
import { describeRollout } from '../domain/rollout.js';
import { formatMs, formatNumber } from '../domain/text.js';

/** By a file's own keys: `instance_type: Standard_DS3_v2`. */
export type CostSettings = Readonly<Record<string, string>>;

export interface PlanInput {
  readonly project: Project;
  readonly commit: string;
  /** What setup would make, in words. */
  readonly setup: string;
  /** File → what it says about its cost; in the order of `project`. */
  readonly costs: {
    readonly setup: readonly CostSettings[];
    readonly candidates: readonly CostSettings[];
    readonly deployments: readonly CostSettings[];
  };
  readonly champion?: ChampionScore;
  readonly notes: readonly string[];
  /** Address of the workflow in the Temporal UI. */
  readonly link?: string;
}

/** What merging a pull request would do, for its reviewers. Nothing of it has been done. */
export function planMarkdown(input: PlanInput): string {
  const { project, commit, setup, champion, notes, link } = input;
  return [
    `### 🗺️ Plan: ${plain(project.name)} at ${plain(commit.slice(0, 12))}`,
    'What this commit would do. Nothing was changed in Azure.',
    `**Resources** ${plain(setup)}`,
    ...section('', ['file', 'sizes that cost'], setupRows(input)),
    ...section('Train', ['candidate', 'job', 'sizes that cost'], trainRows(input)),
    `**Limits** ${plain(limitsText(project))}`,
    `**Compare** ${plain(project.gate === undefined ? 'no gate: the first candidate that finishes passes' : gateText(project.gate))}. ${championText(champion, project)}`,
    ...section(
      'Deploy',
      ['environment', 'endpoint', 'sizes that cost', 'rollout', 'approval'],
      deployRows(input),
    ),
    ...notes.slice(0, 10).map((note) => `- ${plain(note)}`),
    ...(link === undefined ? [] : [markdownLink('Workflow in the Temporal UI', link)]),
  ].join('\n\n');
}

function section(title: string, head: readonly string[], rows: readonly string[][]): string[] {
  if (rows.length === 0) return [];
  return [...(title === '' ? [] : [`**${title}**`]), markdownTable(head, rows).join('\n')];
}

function setupRows({ project, costs }: PlanInput): string[][] {
  return project.setup
    .map((file, index) => [plain(fileText(file)), costText(costs.setup[index])])
    .filter(([, cost]) => cost !== nothing);
}

function trainRows({ project, costs }: PlanInput): string[][] {
  return project.candidates.map(({ name, job }, index) => [
    plain(name),
    plain(fileText(job)),
    costText(costs.candidates[index]),
  ]);
}

function deployRows({ project, costs }: PlanInput): string[][] {
  return project.environments.map((environment, index) => [
    plain(environment.name),
    plain(`${fileText(environment.endpoint)} in ${environment.workspace}`),
    costText(costs.deployments[index]),
    plain(rolloutText(environment)),
    plain(environment.approval === undefined ? 'none' : approvalText(environment.approval)),
  ]);
}

function rolloutText({ rollout, keepMs }: Environment): string {
  const kept = keepMs === 'always' ? '' : `, kept ${formatMs(keepMs)}`;
  return `${describeRollout(rollout)}${kept}`;
}

const nothing = '–';

function costText(costs: CostSettings | undefined): string {
  const entries = Object.entries(costs ?? {});
  return entries.length === 0
    ? nothing
    : entries.map(([key, value]) => `${plain(key)}: **${plain(value)}**`).join('<br>');
}

function limitsText({ limits, workspace }: Project): string {
  return `a job may queue ${formatMs(limits.queueMs)} and run ${formatMs(limits.runMs)}; ${limits.parallel} at once, in workspace ${workspace}`;
}

function championText(champion: ChampionScore | undefined, { gate, environments }: Project): string {
  if (environments.length === 0) return '';
  if (champion === undefined) return 'Nothing serves yet.';
  const value = gate === undefined ? undefined : champion.metrics[gate.metric];
  const score = value === undefined ? '' : ` with ${gate?.metric ?? ''} ${formatNumber(value)}`;
  return plain(`The champion is ${champion.model}:${champion.version}${score}.`);
}
