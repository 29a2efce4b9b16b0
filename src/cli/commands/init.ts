import { basename, relative, resolve, sep } from 'node:path';
import { stat } from 'node:fs/promises';
import { defaultProjectName, projectName } from '../../domain/project-name.js';
import { formatMistake } from '../../domain/mistake.js';
import { badInput, type ExitCode, exitCodes } from '../failures.js';
import { type Checkout, readCheckout } from '../git.js';
import { type Asker, terminalAsker, usualAnswers } from '../init/asking.js';
import { liveText } from '../init/live.js';
import { policyText } from '../init/policy-text.js';
import { projectText } from '../init/project-text.js';
import type { Proposal } from '../init/proposal.js';
import { findServing } from '../init/serving.js';
import { findSetup, spokenWorkspace, type SpokenWorkspace } from '../init/setup-files.js';
import { type Survey, survey } from '../init/survey.js';
import { findTraining } from '../init/training.js';
import { workflowFiles } from '../init/workflow-files.js';
import { type NewFile, writeNew } from '../init/writing.js';
import { type Io, say, sayJson, warn } from '../io.js';
import { countText } from '../mistakes.js';
import { checkProject } from '../project-check.js';
import { placeOf, projectFile } from '../project-place.js';

export interface InitOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly overwrite?: boolean;
  readonly name?: string;
  readonly json?: boolean;
  /** Looks at the endpoint in Azure too. */
  readonly live?: boolean;
  readonly subscription?: string;
  readonly resourceGroup?: string;
  readonly workspace?: string;
  readonly location?: string;
}

/** Proposes `mlops.yaml`, `policy.yml` and the workflow from the `az ml` files and scripts of a repository. */
export async function init(
  io: Io,
  folder: string | undefined,
  options: InitOptions,
  asker?: Asker,
): Promise<ExitCode> {
  const dir = resolve(io.cwd, folder ?? '.');
  if ((await stat(dir).catch(() => undefined))?.isDirectory() !== true) throw badInput(`${dir} is no folder`);
  const checkout = await readCheckout(dir);
  const root = checkout?.root ?? dir;
  const path = relative(root, dir).split(sep).join('/') || '.';
  const ask =
    asker ?? (io.tty && options.yes !== true && options.json !== true ? await terminalAsker() : usualAnswers);
  const found = within(await survey(root), path);
  if (options.json !== true) tellFound(io, found, path);
  const proposal = await propose(found, { path, checkout, root, ...options }, ask);
  const files = [...filesOf(proposal), ...(await workflowFiles())];
  if (options.live === true) say(options.json === true ? { out: io.err } : io, await liveText(io, proposal));
  if (options.json === true) {
    sayJson(io, { proposal, files });
    return exitCodes.ok;
  }
  const writing = { dryRun: options.dryRun === true, overwrite: options.overwrite === true };
  for (const file of files) {
    const outcome = await writeNew(io, root, file, ask, writing);
    if (!writing.dryRun) say(io, `${outcome.padEnd(9)} ${file.path}`);
  }
  if (writing.dryRun) return exitCodes.ok;
  return await check(io, dir, checkout, proposal);
}

/** CLI v2 files of the project's folder; scripts may stand anywhere in the repository. */
function within(all: Survey, path: string): Survey {
  if (path === '.') return all;
  return { ...all, files: all.files.filter((file) => file.path.startsWith(`${path}/`)) };
}

function tellFound(io: Io, { files, commands }: Survey, path: string): void {
  const scripts = new Set(commands.map(({ script }) => script));
  say(
    io,
    `${path}: ${files.length} az ml ${files.length === 1 ? 'file' : 'files'}, ${commands.length} az command lines in ${scripts.size} scripts and workflows`,
  );
  for (const { path: file, kind } of files.slice(0, mostShown)) say(io, `  ${file} (${kind})`);
  if (files.length > mostShown) say(io, `  … and ${files.length - mostShown} more`);
}

const mostShown = 20;

interface Surroundings extends InitOptions {
  readonly path: string;
  readonly root: string;
  readonly checkout: Checkout | undefined;
}

async function propose(
  found: Survey,
  { path, root, checkout, name, ...options }: Surroundings,
  ask: Asker,
): Promise<Proposal> {
  if (name !== undefined && !projectName.test(name)) {
    throw badInput(`--name ${name}: letters, digits, - and _; starts with a letter or digit; at most 63`);
  }
  const training = await findTraining(found, ask);
  if (training === undefined) {
    const kinds = [...new Set(found.files.map(({ kind }) => kind))].join(', ');
    throw badInput(
      `no job file is here: found ${kinds === '' ? 'no az ml file at all' : kinds}; write one (\`az ml job create --file\` takes it), or name the folder that holds it: mlops init FOLDER`,
    );
  }
  const serving = await findServing(found, ask);
  const repository =
    checkout?.repository ??
    (await ask.text({
      question: 'Which GitHub repository is this (owner/name)?',
      usual: `OWNER/${basename(root)}`,
      check: (text) => (/^[\w.-]+\/[\w.-]+$/.test(text) ? undefined : 'owner/name'),
    }));
  return {
    name: name ?? defaultProjectName(repository, path),
    path,
    repository,
    defaultBranch: checkout?.ref?.replace('refs/heads/', '') ?? 'main',
    training,
    ...(serving === undefined ? {} : { serving }),
    setup: findSetup(
      found,
      [training.job, serving?.deployment].filter((file) => file !== undefined),
    ),
    workspace: { ...spokenWorkspace(found), ...givenWorkspace(options) },
  };
}

function givenWorkspace({ subscription, resourceGroup, workspace, location }: InitOptions): SpokenWorkspace {
  return {
    ...(subscription !== undefined && { subscription }),
    ...(resourceGroup !== undefined && { resourceGroup }),
    ...(workspace !== undefined && { name: workspace }),
    ...(location !== undefined && { location }),
  };
}

function filesOf(proposal: Proposal): NewFile[] {
  const below = (file: string): string => (proposal.path === '.' ? file : `${proposal.path}/${file}`);
  return [
    ...Object.entries(proposal.setup.written).map(([file, text]) => ({ path: below(file), text })),
    { path: below(projectFile), text: projectText(proposal) },
    { path: 'policy.yml', text: policyText(proposal) },
  ];
}

/** What the written files still lack, and the next commands. */
async function check(
  io: Io,
  dir: string,
  checkout: Checkout | undefined,
  proposal: Proposal,
): Promise<ExitCode> {
  const place = placeOf(dir, checkout);
  const { mistakes } = await checkProject(place, projectText(proposal));
  for (const mistake of mistakes) say(io, formatMistake(mistake));
  if (mistakes.length > 0) say(io, countText(mistakes));
  const missing = (['subscription', 'resourceGroup', 'name', 'location'] as const).filter(
    (key) => proposal.workspace[key] === undefined,
  );
  if (missing.length > 0) {
    const words = missing.map((key) => (key === 'resourceGroup' ? 'resource group' : key)).join(', ');
    warn(
      io,
      `policy.yml: the scripts do not say the workspace's ${words}; fill in what stands between < and >`,
    );
  }
  say(
    io,
    [
      '',
      'Next:',
      `  npm start -- --project ${dir}   the whole way on this machine, without Azure (in the checkout of temporal-mlops)`,
      '  mlops validate && mlops plan --explain   every mistake; every setting and where it comes from',
      '  put the owner of the Action in place of OWNER in .github/workflows',
      '  hand policy.yml to whoever runs the worker, commit the rest, push',
    ].join('\n'),
  );
  return exitCodes.ok;
}
