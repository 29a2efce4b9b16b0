import type { EndpointKind } from './project.js';
import type { Traffic } from './release.js';
import { isKept, lifecycleTag, outputsGone, outputsTag, projectTag, type Tags } from './tags.js';
import { formatMs } from './text.js';

/** What one workspace holds, as read from Azure and Blob. Times are milliseconds since the epoch. */
export interface Inventory {
  readonly workspace: string;
  readonly endpoints: readonly EndpointFound[];
  readonly models: readonly ModelFound[];
  readonly jobs: readonly JobFound[];
  readonly schedules: readonly ScheduleFound[];
  readonly records: readonly RecordFound[];
}

export interface EndpointFound {
  readonly name: string;
  readonly kind: EndpointKind;
  readonly traffic: Traffic;
  readonly mirror: Traffic;
  readonly deployments: readonly {
    readonly name: string;
    readonly model?: string;
    readonly tags: Tags;
    readonly createdAt?: number;
  }[];
  /** Absent where the endpoint's owner does not answer. */
  readonly owner?: OwnerFound;
}

/** What an endpoint's owner needs. */
export interface OwnerFound {
  /** Names of deployments, champion and previous champion among them. */
  readonly deployments: readonly string[];
  /** Those that it removes by itself when their time has come. */
  readonly retiring: readonly string[];
  /** `name:version` of champions and of what is on its way. */
  readonly models: readonly string[];
  readonly busy: boolean;
}

export interface ModelFound {
  readonly name: string;
  readonly version: string;
  readonly tags: Tags;
  readonly isArchived: boolean;
  readonly createdAt?: number;
}

export interface JobFound {
  readonly name: string;
  readonly tags: Tags;
  readonly isFinal: boolean;
  /** Whether one of its outputs is a version of a data asset. */
  readonly makesData: boolean;
  readonly createdAt?: number;
}

export interface ScheduleFound {
  readonly id: string;
  /** Whether the endpoint that it looks at exists, or somebody owns it. */
  readonly isNeeded: boolean;
}

export interface RecordFound {
  /** Folder of blobs. */
  readonly folder: string;
  /** Of a lifecycle's record. */
  readonly commit?: string;
  readonly newestAt: number;
}

export interface UpkeepRules {
  readonly now: number;
  /** Younger things stay. */
  readonly olderThanMs: number;
  /** So many of the newest versions of each model stay. */
  readonly versions: number;
  /** Without it every record stays. */
  readonly recordsOlderThanMs?: number;
  /** Projects of which a lifecycle runs now. */
  readonly busyProjects: readonly string[];
  /** `name:version` → which endpoint of any workspace needs it; absent where nobody could tell. */
  readonly neededModels?: Readonly<Record<string, string>>;
}

export type UpkeepKind = 'deployment' | 'model' | 'outputs' | 'schedule' | 'record';

/** What is to become of one thing that this product made. */
export interface UpkeepVerdict {
  readonly kind: UpkeepKind;
  readonly workspace: string;
  /** `endpoint/deployment`, `name:version`, job, schedule, folder. */
  readonly id: string;
  readonly action: 'delete' | 'archive' | 'keep';
  readonly why: string;
}

/**
 * What nobody needs, and why everything else stays. Only what carries this product's tags is judged; what serves, is or
 * was champion, is kept by somebody, or whose need nobody can tell, stays.
 */
export function judgeUpkeep(found: readonly Inventory[], rules: UpkeepRules): UpkeepVerdict[] {
  const models = modelsInUse(found);
  const judgedModels = found.flatMap((inventory) => judgeModels(inventory, models, rules));
  const gone = new Set(
    judgedModels.flatMap(({ action, workspace, id }) => (action === 'delete' ? [`${workspace} ${id}`] : [])),
  );
  const staying = found.flatMap(({ workspace, models: all }) =>
    all.filter((model) => !gone.has(`${workspace} ${idOf(model)}`)),
  );
  return [
    ...found.flatMap((inventory) => judgeDeployments(inventory, rules)),
    ...judgedModels,
    ...found.flatMap((inventory) => judgeJobs(inventory, staying, rules)),
    ...found.flatMap(judgeSchedules),
    ...found.flatMap((inventory) => judgeRecords(inventory, staying, rules)),
  ];
}

function judgeDeployments({ workspace, endpoints }: Inventory, rules: UpkeepRules): UpkeepVerdict[] {
  return endpoints.flatMap((endpoint) =>
    endpoint.deployments.flatMap(({ name, tags, createdAt }): UpkeepVerdict[] => {
      if (!(lifecycleTag in tags)) return [];
      const reason = kept(tags) ?? neededBy(endpoint, name) ?? young(createdAt, rules);
      const about = { kind: 'deployment', workspace, id: `${endpoint.name}/${name}` } as const;
      return [
        reason === undefined
          ? { ...about, action: 'delete', why: `no traffic, neither champion nor previous champion` }
          : { ...about, action: 'keep', why: reason },
      ];
    }),
  );
}

function neededBy({ traffic, mirror, owner }: EndpointFound, name: string): string | undefined {
  if ((traffic[name] ?? 0) > 0 || (mirror[name] ?? 0) > 0) return 'it serves';
  if (owner === undefined)
    return 'the owner of its endpoint does not answer: nobody can tell whether it is needed';
  return neededByOwner(owner, name);
}

/** Why an endpoint's owner cannot do without a deployment now. */
export function neededByOwner(owner: OwnerFound, name: string): string | undefined {
  if (owner.deployments.includes(name)) return 'champion or previous champion';
  if (owner.retiring.includes(name)) return 'its endpoint removes it when its time has come';
  return owner.busy ? 'a release runs on its endpoint' : undefined;
}

/** `name:version` of everything that serves, waits or can be gone back to. */
function modelsInUse(found: readonly Inventory[]): ReadonlyMap<string, string> {
  const used = found.flatMap(({ endpoints }) =>
    endpoints.flatMap(({ name, deployments, owner }) => [
      ...deployments.flatMap(({ model, name: deployment }) =>
        model === undefined ? [] : [[model, `deployed as ${name}/${deployment}`] as const],
      ),
      ...(owner?.models ?? []).map((model) => [model, `needed by the endpoint ${name}`] as const),
    ]),
  );
  return new Map(used);
}

function judgeModels(
  { workspace, models }: Inventory,
  used: ReadonlyMap<string, string>,
  rules: UpkeepRules,
): UpkeepVerdict[] {
  return models.flatMap((model): UpkeepVerdict[] => {
    if (!(projectTag in model.tags)) return [];
    const reason =
      kept(model.tags) ??
      used.get(idOf(model)) ??
      neededElsewhere(idOf(model), rules) ??
      young(model.createdAt, rules) ??
      (model.isArchived ? undefined : amongNewest(model, models, rules));
    const about = { kind: 'model', workspace, id: idOf(model) } as const;
    if (reason !== undefined) return [{ ...about, action: 'keep', why: reason }];
    return [
      model.isArchived
        ? { ...about, action: 'delete', why: 'archived, and nothing needs it' }
        : {
            ...about,
            action: 'archive',
            why: `not among the newest ${rules.versions}, and nothing needs it`,
          },
    ];
  });
}

function neededElsewhere(id: string, { neededModels }: UpkeepRules): string | undefined {
  return neededModels === undefined
    ? 'the owner of an endpoint does not answer: nobody can tell whether it is needed'
    : neededModels[id];
}

function amongNewest(
  model: ModelFound,
  models: readonly ModelFound[],
  { versions }: UpkeepRules,
): string | undefined {
  const newer = models.filter(
    (other) =>
      other.name === model.name && !other.isArchived && (other.createdAt ?? 0) > (model.createdAt ?? 0),
  );
  return newer.length < versions ? `among the newest ${versions} versions` : undefined;
}

function judgeJobs(
  { workspace, jobs }: Inventory,
  models: readonly ModelFound[],
  rules: UpkeepRules,
): UpkeepVerdict[] {
  return jobs.flatMap(({ name, tags, isFinal, makesData, createdAt }): UpkeepVerdict[] => {
    if (!(lifecycleTag in tags) || tags[outputsTag] === outputsGone) return [];
    const model = models.find((other) => other.tags['mlops.job'] === name);
    const reason =
      kept(tags) ??
      (isFinal ? undefined : 'it runs') ??
      (makesData ? 'its output is a version of a data asset' : undefined) ??
      (model === undefined ? undefined : `${idOf(model)} comes from it`) ??
      young(createdAt, rules) ??
      (rules.busyProjects.includes(tags[projectTag] ?? '')
        ? 'a lifecycle of its project runs, which may use it again'
        : undefined);
    const about = { kind: 'outputs', workspace, id: name } as const;
    return [
      reason === undefined
        ? { ...about, action: 'delete', why: 'no registered model comes from it; its metrics and logs stay' }
        : { ...about, action: 'keep', why: reason },
    ];
  });
}

function judgeSchedules({ workspace, schedules }: Inventory): UpkeepVerdict[] {
  return schedules.map(({ id, isNeeded }) => ({
    ...{ kind: 'schedule', workspace, id },
    ...(isNeeded
      ? { action: 'keep', why: 'its endpoint stands' }
      : { action: 'delete', why: 'the endpoint that it looks at is gone' }),
  }));
}

function judgeRecords(
  { workspace, records }: Inventory,
  models: readonly ModelFound[],
  { now, recordsOlderThanMs }: UpkeepRules,
): UpkeepVerdict[] {
  return records.map(({ folder, commit, newestAt }): UpkeepVerdict => {
    const about = { kind: 'record', workspace, id: folder } as const;
    const model = models.find(({ tags }) => commit !== undefined && tags['mlops.commit'] === commit);
    if (recordsOlderThanMs === undefined)
      return { ...about, action: 'keep', why: 'records stay unless --records-older-than is said' };
    if (model !== undefined)
      return { ...about, action: 'keep', why: `${idOf(model)} comes from this commit` };
    const age = now - newestAt;
    return age < recordsOlderThanMs
      ? { ...about, action: 'keep', why: `${formatMs(Math.max(0, age))} old` }
      : { ...about, action: 'delete', why: `older than ${formatMs(recordsOlderThanMs)}` };
  });
}

function kept(tags: Tags): string | undefined {
  return isKept(tags) ? 'somebody keeps it' : undefined;
}

/** What does not tell its age is taken for new. */
function young(createdAt: number | undefined, { now, olderThanMs }: UpkeepRules): string | undefined {
  if (createdAt === undefined) return 'nobody can tell how old it is';
  return now - createdAt < olderThanMs ? `younger than ${formatMs(olderThanMs)}` : undefined;
}

function idOf({ name, version }: Pick<ModelFound, 'name' | 'version'>): string {
  return `${name}:${version}`;
}
