import type { FileRef } from '../domain/project.js';
import type { AzureMl } from './client.js';
import { differences } from './differences.js';
import { AzureError } from './errors.js';
import { beginOrJoinPut, beginPut } from './operations.js';
import type { OperationHandle } from './operations.js';
import { planningAssets } from './planning.js';
import { azureAssets } from './port.js';
import { beginWorkspace, makeResourceGroup } from './resource-manager.js';
import type { SourceFiles } from './source-files.js';
import { LOGS_API, logAnalyticsId } from './stats.js';
import { getOrUndefined } from './transport.js';
import { toRest } from './translate.js';
import type { SetupItem } from './types.js';
import { GROUP_API, groupId, tenantOf } from './workspace-template.js';
import type { Assets, Rest } from './yaml/kind.js';
import { requestPath } from './yaml/references.js';
import { SpecError, inspect } from './yaml/load.js';
import type { Loaded } from './yaml/load.js';

/**
 * What a project's infrastructure lacks, in the order in which it must be made: resource group, Log Analytics, the
 * workspace with what it needs, then each file. Changes nothing. Only what would be sent is compared, so a plan
 * after an apply is empty. A registry belongs to no workspace, so one of several makes it. Throws SpecError with the mistakes of all files.
 */
export async function planSetup(
  ml: AzureMl,
  files: SourceFiles,
  refs: readonly FileRef[],
  { makesRegistries = true }: { readonly makesRegistries?: boolean } = {},
): Promise<SetupItem[]> {
  const all = await loadAll(files, refs);
  const loaded = all.filter(({ kind }) => makesRegistries || kind.name !== 'registry');
  const group = await foundation(ml, 'resourceGroup', groupId(ml), GROUP_API);
  const logs = group.exists
    ? await foundation(ml, 'logAnalytics', logAnalyticsId(ml), LOGS_API)
    : missing('logAnalytics', logAnalyticsId(ml));
  const workspace = group.exists ? await foundation(ml, 'workspace', ml.id) : missing('workspace', ml.id);
  const assets = planningAssets(ml, files);
  const items: SetupItem[] = [];
  for (const one of loaded) items.push(await planFile(ml, one, assets, workspace.exists));
  return [group, logs, workspace, ...items];
}

interface Named extends Loaded {
  readonly ref: FileRef;
}

async function loadAll(files: SourceFiles, refs: readonly FileRef[]): Promise<Named[]> {
  const read = await Promise.all(
    refs.map(async (ref) => ({ ref, ...(await inspect(files, ref, { role: 'setup' })) })),
  );
  const mistakes = read.flatMap((one) => one.mistakes).filter(({ severity }) => severity === 'error');
  if (mistakes.length > 0) throw new SpecError(mistakes);
  return read
    .flatMap(({ ref, loaded }) => (loaded === undefined ? [] : [{ ...loaded, ref }]))
    .sort((a, b) => a.kind.order - b.kind.order);
}

function missing(kind: string, id: string): SetupItem {
  return { kind, name: nameOf(id), exists: false, change: 'create', detail: [] };
}

async function foundation(ml: AzureMl, kind: string, id: string, apiVersion?: string): Promise<SetupItem> {
  const found = await getOrUndefined(ml, id, apiVersion === undefined ? {} : { apiVersion });
  if (found === undefined) return missing(kind, id);
  return { kind, name: nameOf(id), exists: true, change: 'none', detail: [] };
}

function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** `/data/d1/versions/3` → `d1:3` */
function assetName(resource: string): string {
  if (resource.startsWith('/subscriptions/')) return nameOf(resource);
  const [, , name = '', , version] = resource.split('/');
  return version === undefined ? name : `${name}:${version}`;
}

async function planFile(ml: AzureMl, one: Named, assets: Assets, inWorkspace: boolean): Promise<SetupItem> {
  // References to the newest version of something cannot be resolved in a workspace that is not there.
  const port = inWorkspace
    ? assets
    : { ...assets, latest: () => Promise.resolve('1'), next: () => Promise.resolve('1') };
  const rest = await toRest(one, port);
  const about = { kind: one.kind.name, name: assetName(rest.resource), file: one.ref.file };
  const found = inWorkspace ? await getOrUndefined(ml, requestPath(ml.id, rest.resource)) : undefined;
  if (found === undefined) return { ...about, exists: false, change: 'create', detail: [] };
  const detail = differences(rest.body, found);
  if (detail.length === 0) return { ...about, exists: true, change: 'none', detail };
  if (!rest.resource.includes('/versions/')) return { ...about, exists: true, change: 'update', detail };
  if (isVersioned(one.value)) {
    // Versions are immutable: this one stays as it is, whatever the file says now.
    const advice = `${about.name} exists with other contents and stays as it is; raise version in ${one.file}`;
    return { ...about, exists: true, change: 'none', detail: [...detail, advice] };
  }
  return { ...about, name: about.name.split(':')[0] ?? about.name, exists: true, change: 'update', detail };
}

function isVersioned(value: unknown): boolean {
  return (value as { version?: string }).version !== undefined;
}

/**
 * Makes one item of a plan; undefined when there is nothing to wait for. Doing it again is harmless. Throws when the
 * item names a file that is not among `refs`.
 */
export async function applySetupItem(
  ml: AzureMl,
  files: SourceFiles,
  refs: readonly FileRef[],
  item: SetupItem,
): Promise<OperationHandle | undefined> {
  if (item.change === 'none') return undefined;
  if (item.file !== undefined) return applyFile(ml, files, refs, item.file);
  switch (item.kind) {
    case 'resourceGroup':
      await makeResourceGroup(ml);
      return undefined;
    case 'logAnalytics':
      return beginPut(
        ml,
        logAnalyticsId(ml),
        { location: ml.target.location, properties: { sku: { name: 'PerGB2018' }, retentionInDays: 30 } },
        LOGS_API,
      );
    case 'workspace':
      return beginWorkspace(ml, await tenantOf(ml));
    default:
      throw new AzureError(`nothing is known about how to make a ${item.kind}`, {
        code: 'UnknownSetupItem',
        operation: 'setup',
      });
  }
}

async function applyFile(
  ml: AzureMl,
  files: SourceFiles,
  refs: readonly FileRef[],
  file: string,
): Promise<OperationHandle | undefined> {
  const ref = refs.find((one) => one.file === file);
  if (ref === undefined) {
    throw new AzureError(`${file} is not among the setup files of this commit; plan again`, {
      code: 'PlanOutdated',
      operation: 'setup',
    });
  }
  const [one] = await loadAll(files, [ref]);
  if (one === undefined) return undefined;
  const rest = await toRest(one, azureAssets(ml, files));
  return put(ml, rest);
}

/** What takes a while to make; the rest is there when the PUT is answered. */
const LONG =
  /\/(?:computes|batchEndpoints|serverlessEndpoints|marketplaceSubscriptions|schedules|registries)\//;

async function put(ml: AzureMl, rest: Rest): Promise<OperationHandle | undefined> {
  const id = requestPath(ml.id, rest.resource);
  if (LONG.test(rest.resource)) return beginOrJoinPut(ml, id, rest.body);
  const query = rest.query === undefined ? {} : { query: rest.query };
  await ml.send({ method: rest.method ?? 'PUT', path: id, body: rest.body, ...query });
  return undefined;
}
