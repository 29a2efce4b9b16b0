import { cp, lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { computesNamed, endpointName, identifyFile } from '../../src/azureml/index.js';
import { formatMistake } from '../../src/domain/mistake.js';
import { checkProject, projectText } from '../../src/cli/project-check.js';
import { projectAt, type ProjectPlace } from '../../src/cli/project-place.js';
import { workingFiles } from '../../src/cli/working-files.js';
import { localTarget } from '../../src/domain/policy-check.js';
import type { Project } from '../../src/domain/project.js';
import { type Repository, seedGitHub } from '../local/github.js';
import type { Machine } from '../local/machine.js';
import { setUp } from '../local/setup.js';
import { clientOf } from '../local/workspace.js';
import { push } from './github.js';
import type { DemoOptions } from './options.js';
import * as say from './say.js';
import { pushAndFollow, timing } from './story.js';

/** Somebody's own project, ready to be carried through on this machine. */
export interface OwnProject {
  readonly place: ProjectPlace;
  readonly project: Project;
  readonly repository: Repository;
  /** policy.yml that allows exactly this project, where it lets anybody approve if the project does. */
  readonly policy: string;
}

/** Reads a project where it lies. Throws with every mistake; warnings are shown. */
export async function readOwnProject(folder: string): Promise<OwnProject> {
  const place = await projectAt(folder);
  const { parsed, mistakes } = await checkProject(place, await projectText(place));
  const errors = mistakes.filter(({ severity }) => severity === 'error');
  for (const mistake of mistakes) say.line(formatMistake(mistake));
  if (parsed === undefined || errors.length > 0) {
    throw new Error(`${place.file} has mistakes; \`mlops validate ${folder}\` shows them`);
  }
  const [owner = 'local', name = parsed.project.name] = place.checkout?.repository?.split('/') ?? [];
  const repository = { owner, name };
  return {
    place,
    project: parsed.project,
    repository,
    policy: await policyFor(parsed.project, place, repository),
  };
}

async function policyFor(project: Project, place: ProjectPlace, repository: Repository): Promise<string> {
  const endpoints: Record<string, string[]> = {};
  for (const { workspace, endpoint } of project.environments) {
    (endpoints[workspace] ??= []).push(await endpointName(place.files, endpoint));
  }
  const aliases = [...new Set([project.workspace, ...Object.keys(endpoints)])];
  const last = project.environments.at(-1);
  return stringify({
    version: 1,
    workspaces: Object.fromEntries(
      aliases.map((alias) => {
        const { subscription, resourceGroup, name, location } = localTarget(alias);
        return [alias, { subscription, resource_group: resourceGroup, name, location }];
      }),
    ),
    projects: {
      [project.name]: {
        repository: `${repository.owner}/${repository.name}`,
        path: place.path,
        workspace: project.workspace,
        setup: 'apply',
        endpoints,
        ...(last !== undefined && {
          environments: { [last.name]: { approval: { required: 1, verify: ['none'] } } },
        }),
      },
    },
  });
}

/** Setup, then a push of the project as it lies there, to its end. */
export async function carryThrough(machine: Machine, own: OwnProject, options: DemoOptions): Promise<void> {
  const { addresses, client, folder } = machine;
  const { place, project, repository } = own;
  const checkout = { repository, dir: join(folder, 'checkout'), changed: [place.file] };
  await copySource(place.files.root, checkout.dir);
  await seedGitHub(addresses, repository);
  // Makes the second push a commit of its own.
  await writeFile(join(checkout.dir, '.first-push'), '');
  const initial = await push(addresses, checkout, 'As it is');
  say.title('Setup: what the project needs in Azure');
  const started = Date.now();
  const result = await setUp(client, project.name, repository, initial.sha, timing, place.path);
  say.line(
    `created ${result.created.length} resources in ${say.seconds(started)}: ${result.created.join(', ')}`,
  );
  await makeClusters(machine, own);
  await rm(join(checkout.dir, '.first-push'));
  const { status } = await pushAndFollow(machine, checkout, 'Carry it through', options);
  say.title(`The lifecycle ended as ${status.verdict ?? 'unknown'}`);
  say.line(status.why);
  for (const { endpoint, scoringUri } of Object.values(status.releases)) {
    if (scoringUri !== undefined) say.fact(endpoint, scoringUri);
  }
  const good = ['released', 'registered', 'evaluated'];
  if (!good.includes(status.verdict ?? '')) process.exitCode = 1;
}

/**
 * Clusters that jobs name and that no file of the project makes: in a company they are there already. Standing in for
 * them needs a workspace, so it is done after setup.
 */
async function makeClusters({ addresses }: Machine, { place, project }: OwnProject): Promise<void> {
  const jobs = [
    ...project.candidates.map(({ job }) => job),
    ...(project.data.prepare ? [project.data.prepare] : []),
  ];
  const found = jobs.map(({ file }) => identifyFile(join(place.files.dir, file)));
  const names = new Set(found.flatMap((job) => (job === undefined ? [] : computesNamed(job.value))));
  const ml = clientOf(addresses, localTarget(project.workspace));
  for (const name of names) {
    const path = `${ml.id}/computes/${name}`;
    const { status } = await ml.send({ method: 'GET', path, accept: [404] });
    if (status !== 404) continue;
    const properties = {
      computeType: 'AmlCompute',
      properties: { vmSize: 'Standard_DS3_v2', scaleSettings: { maxNodeCount: 2 } },
    };
    await ml.send({ method: 'PUT', path, body: { location: 'westeurope', properties } });
    say.line(`cluster ${name} is named by a job and made by no file: a local one stands in for it`);
  }
}

/** What git would commit; everything where there is no git. */
async function copySource(root: string, target: string): Promise<void> {
  for (const file of await workingFiles(root)) {
    // Git still lists what somebody has deleted and not committed.
    if ((await lstat(join(root, file)).catch(() => undefined)) === undefined) continue;
    await mkdir(dirname(join(target, file)), { recursive: true });
    await cp(join(root, file), join(target, file), { verbatimSymlinks: true });
  }
}
