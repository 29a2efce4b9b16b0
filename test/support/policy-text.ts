import { stringify } from 'yaml';

/** A project of a policy.yml; what it leaves out holds for most tests. */
export interface ProjectEntry {
  readonly repository: string;
  readonly path?: string;
  readonly endpoints?: Readonly<Record<string, readonly string[]>>;
  readonly environments?: object;
  readonly setup?: 'apply' | 'check';
}

const workspace = (name: string): object => ({
  subscription: '00000000-0000-0000-0000-000000000001',
  resource_group: `mlops-${name}`,
  name: `mlops-${name}`,
  location: 'westeurope',
});

const anybody = { production: { approval: { required: 1, verify: ['none'] } } };

/** policy.yml with the workspaces `dev` and `prod`; each project owns `NAME-staging` and `NAME`, and anybody may approve. */
export function policyText(projects: Readonly<Record<string, ProjectEntry>>): string {
  const entries = Object.entries(projects).map(([name, entry]) => [
    name,
    {
      workspace: 'dev',
      setup: 'apply',
      endpoints: { dev: [`${name}-staging`], prod: [name] },
      operators: 'anyone',
      environments: anybody,
      ...entry,
    },
  ]);
  return stringify({
    version: 1,
    workspaces: { dev: workspace('dev'), prod: workspace('prod') },
    projects: Object.fromEntries(entries) as object,
  });
}
