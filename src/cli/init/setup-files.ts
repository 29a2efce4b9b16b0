import { isOpen } from './az-command.js';
import type { FoundCommand, Survey } from './survey.js';

/** What must exist before training: files that scripts create, and clusters that they create by options alone. */
export interface SetupFiles {
  readonly existing: readonly string[];
  /** Files to write, by their path from the project's folder. */
  readonly written: Readonly<Record<string, string>>;
}

/** Kinds that a lifecycle makes by itself, or that hold what it makes. */
const madeLater = /model|endpoint|deployment|schedule|registry|workspace|subscription/i;

/** `uses`: files whose references (`azureml:name@latest`) must lead somewhere. */
export function findSetup(survey: Survey, uses: readonly string[]): SetupFiles {
  const referenced = referencesOf(survey, uses);
  const created = new Set(
    survey.commands.flatMap(({ verb, file }) => (verb === 'create' && file !== undefined ? [file] : [])),
  );
  const clusters = survey.commands.flatMap((command) => {
    const name = literal(command, 'name');
    const byOptions = command.group === 'compute' && command.verb === 'create' && command.file === undefined;
    return byOptions && name !== undefined ? [{ name, command }] : [];
  });
  const files = survey.files.filter(({ roles, kind }) => roles.includes('setup') && !madeLater.test(kind));
  const describes = (name: string) => files.some(({ value }) => value['name'] === name);
  return {
    existing: files
      .filter(
        ({ path, value }) =>
          created.has(path) ||
          survey.named.has(path) ||
          referenced.has(String(value['name'])) ||
          clusters.some(({ name }) => name === value['name']),
      )
      .map(({ path }) => path),
    written: Object.fromEntries(
      clusters
        .filter(({ name }) => !describes(name))
        .map(({ name, command }) => [`azureml/${name}.yml`, clusterText(name, command)]),
    ),
  };
}

/** Names of assets and computes that files refer to. */
function referencesOf(survey: Survey, paths: readonly string[]): Set<string> {
  const text = JSON.stringify(survey.files.filter(({ path }) => paths.includes(path)));
  return new Set([...text.matchAll(/azureml:([A-Za-z0-9][\w.-]*)/g)].map(([, name = '']) => name));
}

function literal({ options }: FoundCommand, option: string): string | undefined {
  const [value] = options[option] ?? [];
  return value === undefined || isOpen(value) ? undefined : value;
}

/** The same cluster as the script's `az ml compute create` makes. */
function clusterText(name: string, command: FoundCommand): string {
  const entry = (key: string, value: string | undefined) => (value === undefined ? [] : [`${key}: ${value}`]);
  return [
    '$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json',
    `# As ${command.script} line ${command.line} creates it.`,
    `name: ${name}`,
    'type: amlcompute',
    ...entry('size', literal(command, 'size')),
    ...entry('min_instances', literal(command, 'min-instances')),
    ...entry('max_instances', literal(command, 'max-instances')),
    ...entry('tier', literal(command, 'tier')),
    ...entry('idle_time_before_scale_down', literal(command, 'idle-time-before-scale-down')),
    '',
  ].join('\n');
}

/** Workspace that the scripts work with, as far as they say it. */
export interface SpokenWorkspace {
  readonly subscription?: string;
  readonly resourceGroup?: string;
  readonly name?: string;
  readonly location?: string;
}

export function spokenWorkspace({ commands }: Survey): SpokenWorkspace {
  const defaults = Object.fromEntries(
    commands.flatMap(({ options }) =>
      (options['defaults'] ?? []).map((pair) => pair.split('=', 2) as [string, string]),
    ),
  );
  const first = (option: string): string | undefined =>
    commands.map((command) => literal(command, option)).find((value) => value !== undefined);
  const said = (value: string | undefined) => (value === undefined || isOpen(value) ? undefined : value);
  const found = {
    subscription: first('subscription'),
    resourceGroup: first('resource-group') ?? said(defaults['group']),
    name: first('workspace-name') ?? said(defaults['workspace']),
    location: said(defaults['location']) ?? first('location'),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
