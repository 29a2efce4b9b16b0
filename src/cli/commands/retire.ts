import { planRetirement, readWish, type RetirementWish } from '../../domain/retirement.js';
import { defaultTiming } from '../../domain/timing.js';
import type { EndpointStatus, SteeringPayload } from '../../workflows/messages.js';
import { confirm } from '../confirm.js';
import { type EndpointOwner, findEndpoint, readOwner } from '../endpoints.js';
import { badInput, CliError, type ExitCode, exitCodes, failed, reasonOf } from '../failures.js';
import { type Io, say, warn } from '../io.js';
import { settingsOf, type Temporal, withTemporal } from '../temporal.js';
import { untilSeen } from '../until-seen.js';
import { judged, type SteerOptions, steering } from './steer.js';

export interface RetireOptions extends SteerOptions {
  readonly days?: number;
  readonly drain?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  /** False: do not wait until it is gone. */
  readonly wait: boolean;
}

/** Shows who calls an endpoint and what would go with it, asks, and has its owner take it down. */
export async function retire(io: Io, name: string, options: RetireOptions): Promise<ExitCode> {
  const { days, drain } = options;
  const asked = { ...(days !== undefined && { days }), ...(drain !== undefined && { drain }) };
  const read = readWish(asked, defaultTiming.drainMs);
  if (!read.ok) throw badInput(read.problem);
  return await withTemporal(io, async (temporal) => {
    const owner = await findEndpoint(temporal, name, options.workspace);
    say(io, await preview(io, owner.status, read.wish));
    if (options.dryRun === true) return exitCodes.ok;
    if (!(await agreed(io, owner.status, options))) return exitCodes.failed;
    const payload = { ...steering(options), ...asked } satisfies SteeringPayload;
    await temporal.client.workflow.getHandle(owner.id).signal('retire', payload);
    const code = await judged(io, temporal, 'retire', owner);
    return code === exitCodes.ok && options.wait ? await untilGone(io, temporal, owner, read.wish) : code;
  });
}

/** From here as far as Azure can be asked from here; the owner shows the same to the approvers. */
async function preview(
  io: Io,
  { endpoint, kind, workspace, champion, previous }: EndpointStatus,
  wish: RetirementWish,
): Promise<string> {
  const earlier = [champion, previous].flatMap((known) => (known === undefined ? [] : [known.model]));
  try {
    const [{ azureFor }, { surveyEndpoint }] = await Promise.all([
      import('../azure.js'),
      import('../../azureml/index.js'),
    ]);
    const ml = await azureFor(settingsOf(io), { workspace });
    const toMs = Date.now();
    const window = { fromMs: toMs - wish.days * 24 * 3_600_000, toMs };
    return planRetirement(endpoint, await surveyEndpoint(ml, endpoint, window, kind), wish, earlier).text;
  } catch (error) {
    warn(io, `note: who calls ${endpoint} cannot be told from here (${reasonOf(error)})`);
    return `retire the endpoint ${endpoint} in ${workspace}, with everything on it`;
  }
}

async function agreed(io: Io, { endpoint }: EndpointStatus, { yes }: RetireOptions): Promise<boolean> {
  if (yes === true) return true;
  if (!io.tty)
    throw badInput(`retiring ${endpoint} deletes it: say --yes, or --dry-run to see what would go`);
  return await confirm(`Retire ${endpoint}?`);
}

const workMs = 20 * 60_000;

async function untilGone(
  io: Io,
  temporal: Temporal,
  { id, status: { endpoint } }: EndpointOwner,
  { drainMs }: RetirementWish,
): Promise<ExitCode> {
  let shown = '';
  let stays: string | undefined;
  const over = await untilSeen(
    temporal.pollMs,
    async () => {
      const { status } = await temporal.client.workflow.getHandle(id).describe();
      if (status.name !== 'RUNNING') return 'gone';
      const { status: now } = await readOwner(temporal, id);
      const stage = stageOf(now);
      if (stage !== shown && stage !== '') warn(io, stage);
      shown = stage;
      stays = now.events.at(-1)?.what;
      return now.retirement === undefined ? 'stays' : undefined;
    },
    drainMs + workMs,
  );
  if (over === undefined)
    throw new CliError(
      `${endpoint} is still being retired; see \`mlops endpoint ${endpoint}\``,
      exitCodes.waiting,
    );
  if (over === 'stays' && (await isRunning(temporal, id))) throw failed(stays ?? `${endpoint} stays`);
  say(io, `${endpoint} is retired`);
  return exitCodes.ok;
}

/** The owner has forgotten the order just before it ends. */
async function isRunning(temporal: Temporal, id: string): Promise<boolean> {
  const { status } = await temporal.client.workflow.getHandle(id).describe();
  return status.name === 'RUNNING';
}

function stageOf({ retirement, running }: EndpointStatus): string {
  switch (retirement?.stage) {
    case 'queued':
      return running === undefined
        ? 'takes the traffic away'
        : `waits for the release that runs: ${running.step}`;
    case 'draining':
      return `answers nothing any more; what it is made of goes at ${new Date(retirement.deletesAt ?? 0).toISOString()} (\`mlops abort\` brings it back)`;
    case 'deleting':
      return 'deleting deployments, endpoint and monitoring';
    case undefined:
      return '';
  }
}
