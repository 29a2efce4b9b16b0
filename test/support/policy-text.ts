import { stringify } from 'yaml';

/** A project of a policy.yml; what it leaves out holds for most tests. */
export interface ProjectEntry {
  readonly repository: string;
  readonly path?: string;
  readonly endpoints?: Readonly<Record<string, readonly string[]>>;
  readonly environments?: object;
  readonly registries?: readonly string[];
  readonly setup?: 'apply' | 'check';
}

const workspace = (name: string): object => ({
  subscription: '00000000-0000-0000-0000-000000000001',
  resource_group: `mlops-${name}`,
  name: `mlops-${name}`,
  location: 'westeurope',
});

/** Of the data science team's resource group; every workspace may read it. */
const sharedRegistry = {
  subscription: '00000000-0000-0000-0000-000000000001',
  resource_group: 'mlops-dev',
  name: 'contoso-models',
};

const anybody = { production: { approval: { required: 1, verify: ['none'] } } };

/** policy.yml with the workspaces `dev` and `prod` and the registry `shared`; each project owns `NAME-staging` and `NAME`, and anybody may approve. */
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
    registries: { shared: sharedRegistry },
    projects: Object.fromEntries(entries) as object,
  });
}
