import { environmentSettings } from './environment-settings.js';
import type { Environment, Project } from './project.js';

export interface RulesInForce {
  /** The commit's project with the default branch's environments. */
  readonly project: Project;
  /** One sentence for each setting that the commit would change, and what holds instead. */
  readonly notes: readonly string[];
}

/**
 * A commit must not bring the rules that judge it: environments are taken from the default branch as it was before
 * the commit. Where that has no `mlops.yaml` yet, the commit's own hold, bounded by the policy alone.
 * @param branch what the notes call the default branch.
 */
export function loadedFromDefaultBranch(
  commit: Project,
  base: Project | undefined,
  branch = 'main',
): RulesInForce {
  if (base === undefined) {
    const note = `${branch} has no mlops.yaml yet: the commit's own environments hold, within the policy`;
    return { project: commit, notes: commit.environments.length === 0 ? [] : [note] };
  }
  const notes = [
    ...commit.environments
      .filter(({ name }) => find(base, name) === undefined)
      .map(
        ({ name }) =>
          `\`environments.${name}\`: ${branch} does not know it; it holds once it is on ${branch}`,
      ),
    ...base.environments.flatMap((environment) =>
      compare(find(commit, environment.name), environment, branch),
    ),
    ...orderNote(commit, base, branch),
  ];
  return { project: { ...commit, environments: base.environments }, notes };
}

function find(project: Project, name: string): Environment | undefined {
  return project.environments.find((environment) => environment.name === name);
}

function compare(changed: Environment | undefined, base: Environment, branch: string): string[] {
  const where = `environments.${base.name}`;
  if (changed === undefined)
    return [
      `\`${where}\`: the commit removes it, ${branch} has it; ${branch}'s rule judges this commit. Its endpoint stays and serves until \`mlops retire\` takes it down`,
    ];
  const [mine, theirs] = [environmentSettings(changed), environmentSettings(base)];
  return [...new Set([...mine.keys(), ...theirs.keys()])].flatMap((key) => {
    const [found, held] = [mine.get(key) ?? 'nothing', theirs.get(key) ?? 'nothing'];
    if (found === held) return [];
    return [
      `\`${where}.${key}\`: the commit says ${found}, ${branch} says ${held}; ${branch}'s rule judges this commit`,
    ];
  });
}

function orderNote(commit: Project, base: Project, branch: string): string[] {
  const shared = (of: Project, other: Project): string =>
    of.environments.flatMap(({ name }) => (find(other, name) === undefined ? [] : [name])).join(' → ');
  const [mine, theirs] = [shared(commit, base), shared(base, commit)];
  return mine === theirs
    ? []
    : [`\`environments\`: the commit's order is ${mine}, ${branch}'s is ${theirs}; ${branch}'s holds`];
}
