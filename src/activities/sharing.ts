import {
  environmentNamed,
  identifyFile,
  resolveInside,
  shareEnvironment,
  shareModel,
} from '../azureml/index.js';
import { kindOfEndpoint } from '../domain/project.js';
import type { WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { beating } from './heartbeat.js';
import { type OpenProject, openProject } from './projects.js';
import type { Workspaces } from './workspaces.js';

type Named = NonNullable<Awaited<ReturnType<typeof environmentNamed>>>;

/** Puts what other workspaces deploy into the project's registry. */
export function sharingActivities(
  deps: Dependencies,
  workspaces: Workspaces,
): Pick<WorkspaceActivities, 'shareModel'> {
  return {
    shareModel: ({ model, ...at }) =>
      beating(async () => {
        const open = await openProject(deps, at);
        const { registry } = open.grant;
        if (registry === undefined) throw new Error('the project names no registry');
        const ml = workspaces.client(model.workspace);
        const environments: string[] = [];
        for (const named of await neededElsewhere(open)) {
          if (await shareEnvironment(ml, registry, named))
            environments.push(`${named.name}:${named.version}`);
        }
        return { ...(await shareModel(ml, registry, model)), environments };
      }),
  };
}

/** Environments that deployments of other workspaces name, but for those that `setup` registers there. */
async function neededElsewhere(open: OpenProject): Promise<Named[]> {
  const { project, files } = open;
  const others = project.environments.filter(({ workspace }) => workspace !== project.workspace);
  const named = await Promise.all(
    others.map((environment) => environmentNamed(files, environment.deployment, kindOfEndpoint(environment))),
  );
  const made = await madeBySetup(open);
  const needed = named.flatMap((one) => (one === undefined ? [] : [[textOf(one), one] as const]));
  return [...new Map(needed).values()].filter((one) => !made.has(textOf(one)));
}

async function madeBySetup({ project, files }: OpenProject): Promise<Set<string>> {
  const found = await Promise.all(
    project.setup.map(async ({ file, set }) => {
      const known = identifyFile(await resolveInside(files, files.dir, file));
      if (known?.kind !== 'environment') return '';
      const { name, version } = { ...known.value, ...set } as Partial<Named>;
      return `${name ?? ''}:${version ?? ''}`;
    }),
  );
  return new Set(found);
}

function textOf({ name, version }: Named): string {
  return `${name}:${version}`;
}
