import { readFile } from 'node:fs/promises';
import { type EndpointStatus, messages } from '../../workflows/messages.js';
import { type AzPlace, type AzState, lookCommands, rollbackCommands, unknownPlace } from '../az-commands.js';
import { type EndpointOwner, findEndpoint, readOwner } from '../endpoints.js';
import { badInput, CliError, type ExitCode, exitCodes, failed, reasonOf } from '../failures.js';
import { type Io, say, warn } from '../io.js';
import { modelText } from '../show-endpoint.js';
import { settingsOf, type Temporal, withTemporal } from '../temporal.js';
import { untilSeen } from '../until-seen.js';
import { type SteerOptions, steering } from './steer.js';

export interface RollbackOptions extends SteerOptions {
  readonly printAz?: boolean;
  /** File with what `mlops endpoint --json` wrote. */
  readonly state?: string;
  /** False: do not wait for the outcome. */
  readonly wait: boolean;
}

export async function rollback(io: Io, name: string, options: RollbackOptions): Promise<ExitCode> {
  if (options.printAz === true) return await printAz(io, name, options);
  return await withTemporal(io, async (temporal) => {
    const owner = await findEndpoint(temporal, name, options.workspace);
    const { status } = owner;
    if (status.running === undefined && status.previous === undefined) {
      throw failed(`${status.endpoint} has no previous champion to go back to`);
    }
    await temporal.client.workflow.getHandle(owner.id).signal(messages.rollback, steering(options));
    say(io, asked(status));
    return options.wait ? await outcome(io, temporal, owner) : exitCodes.ok;
  });
}

function asked({ endpoint, running, previous, champion }: EndpointStatus): string {
  if (running !== undefined)
    return `asked ${endpoint} to give up the release of ${modelText(running.release)}${champion === undefined ? '' : ` and stay with ${modelText(champion)}`}`;
  return `asked ${endpoint} to go back to ${previous === undefined ? 'its previous champion' : modelText(previous)}`;
}

const limitMs = 15 * 60_000;

/** Waits until the endpoint has done it: a rollback that was only asked for has helped nobody. */
async function outcome(io: Io, temporal: Temporal, { id, status: before }: EndpointOwner): Promise<ExitCode> {
  const after = await untilSeen(
    temporal.pollMs,
    async () => {
      const { status } = await readOwner(temporal, id);
      return isSettled(before, status) ? status : undefined;
    },
    limitMs,
  );
  if (after === undefined) {
    throw new CliError(
      `the endpoint still works on it; see \`mlops endpoint ${before.endpoint}\``,
      exitCodes.waiting,
    );
  }
  const done = before.running !== undefined || after.champion?.deployment !== before.champion?.deployment;
  say(io, after.events.at(-1)?.what ?? '');
  return done ? exitCodes.ok : exitCodes.failed;
}

/** The first new event says that it was asked; what follows says what came of it. */
function isSettled(before: EndpointStatus, now: EndpointStatus): boolean {
  if (before.running !== undefined) return now.running?.release.id !== before.running.release.id;
  const last = before.events.at(-1);
  const start = now.events.findLastIndex(({ at, what }) => at === last?.at && what === last.what) + 1;
  return now.events.length - start >= 2;
}

async function printAz(io: Io, name: string, options: RollbackOptions): Promise<ExitCode> {
  const state = await stateOf(io, name, options);
  const place = await placeOf(io, state?.workspace ?? options.workspace);
  const commands = state === undefined ? lookCommands(name, place) : rollbackCommands(state, place);
  say(io, commands.join('\n'));
  return exitCodes.ok;
}

type SavedState = AzState & { readonly workspace: string };

/** From the file, else from the endpoint's owner; undefined, with a word why, when neither can be had. */
async function stateOf(
  io: Io,
  name: string,
  { state, workspace }: RollbackOptions,
): Promise<SavedState | undefined> {
  if (state !== undefined) return await readState(state, name);
  try {
    return await withTemporal(io, async (temporal) => (await findEndpoint(temporal, name, workspace)).status);
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== exitCodes.unreachable) throw error;
    warn(
      io,
      `note: ${error.message}\nThe present state is not known; fill in what the first two commands show.`,
    );
    return undefined;
  }
}

async function readState(file: string, name: string): Promise<SavedState> {
  const wrong = (why: string): CliError =>
    badInput(`--state ${file}: ${why}; it takes what \`mlops endpoint ${name} --json\` wrote`);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw wrong(reasonOf(error));
  });
  let saved: Partial<SavedState>;
  try {
    saved = JSON.parse(text) as Partial<SavedState>;
  } catch (error) {
    throw wrong(reasonOf(error));
  }
  const { endpoint, workspace, traffic } = saved;
  if (endpoint === undefined || workspace === undefined || traffic === undefined)
    throw wrong('is no state of an endpoint');
  if (endpoint !== name) throw wrong(`is about ${endpoint}`);
  return { ...saved, endpoint, workspace, traffic };
}

async function placeOf(io: Io, alias = 'the endpoint'): Promise<AzPlace> {
  try {
    const { targetOf } = await import('../azure.js');
    const { subscription, resourceGroup, name } = await targetOf(settingsOf(io), { workspace: alias });
    return { subscription, resourceGroup, workspace: name };
  } catch (error) {
    if (error instanceof CliError) return unknownPlace(alias);
    throw error;
  }
}
