import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { bundleOf, type EvidenceBundle, problemsOf } from '../../domain/bundle.js';
import type { LifecycleStatus } from '../../workflows/messages.js';
import { badInput, type ExitCode, exitCodes, reasonOf } from '../failures.js';
import { type Io, say, warn } from '../io.js';
import { type Temporal, withTemporal } from '../temporal.js';
import { statusOf } from './status.js';

export interface EvidenceOptions {
  readonly out?: string;
  readonly workspace?: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export async function evidence(io: Io, text: string, options: EvidenceOptions): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    const { id: lifecycle, status: record } = await statusOf(temporal, text);
    const report = await reportOf(temporal, record, options.workspace);
    const bundle = bundleOf({ lifecycle, record, ...(report !== undefined && { report }) }, sha256);
    const name = `${record.project}-${record.commit.slice(0, 7)}-evidence.json`;
    const file = resolve(io.cwd, options.out ?? name);
    await writeFile(file, `${JSON.stringify(bundle, null, 2)}\n`);
    if (record.verdict === undefined) warn(io, `${lifecycle} has not ended: this is its record up to now`);
    if (report === undefined) warn(io, 'there is no evaluation report in it');
    say(io, `${file}\nsha256 ${bundle.sha256.bundle}`);
    return exitCodes.ok;
  });
}

async function reportOf(
  { settings }: Temporal,
  { report, project }: LifecycleStatus,
  workspace: string | undefined,
): Promise<string | undefined> {
  const reachable = settings.MLOPS_POLICY !== undefined || settings.MLOPS_AZURE_URL !== undefined;
  if (report === undefined || !reachable) return undefined;
  const [{ azureFor }, { readBlob }] = await Promise.all([
    import('../azure.js'),
    import('../../azureml/index.js'),
  ]);
  const azure = await azureFor(settings, { project, ...(workspace !== undefined && { workspace }) });
  return (await readBlob(azure, report))?.toString();
}

/** Asks nobody: a bundle is checked by what is in it. Where it came from, its printed SHA-256 tells. */
export async function verify(io: Io, path: string): Promise<ExitCode> {
  const bundle = await readBundle(resolve(io.cwd, path));
  const problems = check(path, bundle);
  if (problems.length > 0) {
    warn(io, problems.map((problem) => `✘ ${problem}`).join('\n'));
    return exitCodes.failed;
  }
  const { approvals = [] } = bundle.record;
  const decided = approvals.map(
    ({ environment, code, outcome }) =>
      `✔ ${environment} ${code}: ${outcome.kind}${outcome.kind === 'approved' ? ` by ${outcome.by.join(', ')}` : ''}`,
  );
  say(
    io,
    [`✔ ${bundle.lifecycle}: every hash fits`, ...decided, `sha256 ${bundle.sha256.bundle}`].join('\n'),
  );
  return exitCodes.ok;
}

function check(path: string, bundle: EvidenceBundle): string[] {
  try {
    return problemsOf(bundle, sha256);
  } catch (error) {
    throw badInput(`${path} is no whole file of \`mlops evidence\`: ${reasonOf(error)}`);
  }
}

async function readBundle(file: string): Promise<EvidenceBundle> {
  try {
    const parsed = JSON.parse(await readFile(file, 'utf8')) as EvidenceBundle;
    if ((parsed as { format?: unknown }).format === 'temporal-mlops/evidence/1') return parsed;
  } catch (error) {
    throw badInput(`${file} cannot be read: ${reasonOf(error)}`);
  }
  throw badInput(`${file} is no file of \`mlops evidence\``);
}
