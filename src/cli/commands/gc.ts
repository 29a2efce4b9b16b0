import type { AzureMl } from '../../azureml/index.js';
import { parseDuration } from '../../domain/text.js';
import { judgeUpkeep, type UpkeepKind, type UpkeepRules, type UpkeepVerdict } from '../../domain/upkeep.js';
import { badInput, type ExitCode, exitCodes, reasonOf } from '../failures.js';
import { type Io, say, sayJson, warn } from '../io.js';
import { table } from '../table.js';
import { type Temporal, withTemporal } from '../temporal.js';

export interface GcOptions {
  /** Aliases; default: every workspace of the policy. */
  readonly workspace: readonly string[];
  readonly olderThan: string;
  readonly versions: number;
  readonly recordsOlderThan?: string;
  readonly only: readonly string[];
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** What became of something; `problem` where it stayed after all. */
type Outcome = UpkeepVerdict & {
  readonly bytes?: number;
  readonly done?: boolean;
  readonly problem?: string;
};

const kinds = ['deployment', 'model', 'outputs', 'schedule', 'record'] as const satisfies UpkeepKind[];

/** Lists what this product made and nobody needs; with `--yes` it goes. */
export async function gc(io: Io, options: GcOptions): Promise<ExitCode> {
  const ages = agesOf(options);
  const wanted = wantedKinds(options.only);
  return await withTemporal(io, async (temporal) => {
    const { takeInventory } = await import('../upkeep/inventory.js');
    const { busyProjects, neededModels } = await import('../upkeep/owners.js');
    const clients = await workspaces(temporal, options.workspace);
    const found = [];
    for (const ml of clients) {
      const alias = ml.target.alias;
      found.push(
        await takeInventory(temporal, ml, (what) => {
          warn(io, `looking at ${alias}: ${what}`);
        }),
      );
    }
    const needed = await neededModels(temporal);
    const rules: UpkeepRules = {
      ...ages,
      ...(needed !== undefined && { neededModels: needed }),
      ...{ now: Date.now(), versions: options.versions, busyProjects: await busyProjects(temporal) },
    };
    const verdicts = judgeUpkeep(found, rules).filter(({ kind }) => wanted.includes(kind));
    const leftovers = verdicts.filter(({ action }) => action !== 'keep');
    const outcomes = await Promise.all(leftovers.map((verdict) => sized(clients, verdict)));
    const kept = verdicts.length - leftovers.length;
    if (options.yes !== true) return tell(io, options, outcomes, verdicts, kept);
    return tell(io, options, await removeAll(io, temporal, clients, outcomes), verdicts, kept);
  });
}

function agesOf({
  olderThan,
  recordsOlderThan,
}: GcOptions): Pick<UpkeepRules, 'olderThanMs' | 'recordsOlderThanMs'> {
  const age = (option: string, text: string): number => {
    const ms = parseDuration(text);
    if (ms === undefined) throw badInput(`--${option} ${text} is no duration; write 30d, 12h or 8w`);
    return ms;
  };
  return {
    olderThanMs: age('older-than', olderThan),
    ...(recordsOlderThan !== undefined && {
      recordsOlderThanMs: age('records-older-than', recordsOlderThan),
    }),
  };
}

function wantedKinds(only: readonly string[]): readonly UpkeepKind[] {
  const unknown = only.filter((name) => !(kinds as readonly string[]).includes(name));
  if (unknown.length > 0) throw badInput(`--only ${unknown.join(', ')}: allowed are ${kinds.join(', ')}`);
  return only.length === 0 ? kinds : kinds.filter((kind) => only.includes(kind));
}

async function workspaces(temporal: Temporal, named: readonly string[]): Promise<AzureMl[]> {
  const { azureFor, knownWorkspaces } = await import('../azure.js');
  const aliases = named.length > 0 ? named : await knownWorkspaces(temporal.settings);
  return await Promise.all(aliases.map((workspace) => azureFor(temporal.settings, { workspace })));
}

function clientOf(clients: readonly AzureMl[], { workspace }: UpkeepVerdict): AzureMl {
  const found = clients.find(({ target }) => target.alias === workspace);
  if (found === undefined) throw new Error(`no client of ${workspace}`);
  return found;
}

async function sized(clients: readonly AzureMl[], verdict: UpkeepVerdict): Promise<Outcome> {
  if (verdict.kind !== 'outputs') return verdict;
  const { sizeOfOutputs } = await import('../../azureml/index.js');
  return { ...verdict, bytes: await sizeOfOutputs(clientOf(clients, verdict), verdict.id) };
}

/** One after the other, so that a person can stop it; what fails does not keep the rest. */
async function removeAll(
  io: Io,
  temporal: Temporal,
  clients: readonly AzureMl[],
  leftovers: readonly Outcome[],
): Promise<Outcome[]> {
  const { carryOut } = await import('../upkeep/removing.js');
  const outcomes: Outcome[] = [];
  for (const [index, leftover] of leftovers.entries()) {
    warn(io, `${index + 1} of ${leftovers.length}: ${leftover.action} ${leftover.kind} ${leftover.id}`);
    const problem = await carryOut(temporal, clientOf(clients, leftover), leftover).catch(reasonOf);
    outcomes.push(problem === undefined ? { ...leftover, done: true } : { ...leftover, problem });
  }
  return outcomes;
}

function tell(
  io: Io,
  { json, yes }: GcOptions,
  outcomes: readonly Outcome[],
  verdicts: readonly UpkeepVerdict[],
  kept: number,
): ExitCode {
  const failed = outcomes.some(({ problem }) => problem !== undefined);
  if (json === true) {
    sayJson(io, { leftovers: outcomes, kept: verdicts.filter(({ action }) => action === 'keep') });
  } else if (outcomes.length === 0) {
    say(io, `nothing to tidy up; ${kept} things stay (--json says why)`);
  } else {
    say(io, table(['', 'what', 'workspace', 'id', 'size', 'why'], outcomes.map(row)));
    const next = yes === true ? '' : '; nothing was changed, --yes does it';
    say(io, `\n${outcomes.length} to go, ${kept} stay (--json says why)${next}`);
  }
  return failed ? exitCodes.failed : exitCodes.ok;
}

function row({ action, kind, workspace, id, bytes, why, done, problem }: Outcome): string[] {
  const state = done === true ? `${action}d` : problem === undefined ? action : 'stays';
  const size = bytes === undefined ? '' : `${(bytes / 1e6).toFixed(1)} MB`;
  return [state, kind, workspace, id, size, problem ?? why];
}
