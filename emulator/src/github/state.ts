import type { Collection, Store } from '../store.js';

export const ROLES = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface User {
  id: number;
  login: string;
  type: 'User' | 'Bot' | 'Organization';
  name?: string;
  /** Commits with these addresses are shown as the user's. */
  emails: string[];
  createdAt?: string;
}

export interface App {
  id: number;
  slug: string;
  name: string;
  publicKey: string;
  createdAt?: string;
}

/** What a token stands for; stored under the token's SHA-256. */
export interface Token {
  login: string;
  /** Of an installation token. */
  appId?: number;
  expiresAt?: string;
}

export interface Repo {
  id: number;
  owner: string;
  name: string;
  defaultBranch: string;
  isPrivate: boolean;
  collaborators: Record<string, Role>;
  createdAt: string;
  pushedAt?: string;
}

/** Something numbered that belongs to a repository; `by` is a login. */
export interface Item {
  id: number;
  by: string;
  createdAt: string;
  updatedAt: string;
}

export interface Issue extends Item {
  number: number;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  labels: string[];
  closedAt?: string;
  pull?: {
    head: string;
    base: string;
    headSha: string;
    draft: boolean;
    /** `owner/name` of another repository that the head comes from. */
    fork?: string;
    mergedAt?: string;
    mergeSha?: string;
    mergedBy?: string;
  };
}

export interface Comment extends Item {
  body: string;
  /** Of an issue or a pull request, else `sha` of a commit. */
  number?: number;
  sha?: string;
  lastEditedAt?: string;
  editor?: string;
}

export interface Review extends Item {
  number: number;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'PENDING' | 'DISMISSED';
  body: string;
  commitId: string;
  submittedAt?: string;
  lastEditedAt?: string;
}

export interface CheckRun extends Item {
  appId: number;
  fields: Record<string, unknown> & { name: string; head_sha: string; status: string };
}

export interface CommitStatus extends Item {
  sha: string;
  state: 'error' | 'failure' | 'pending' | 'success';
  context: string;
  description: string | null;
  target_url: string | null;
}

export interface Deployment extends Item {
  sha: string;
  fields: Record<string, unknown> & { ref: string; environment: string; task: string };
}

export interface DeploymentStatus extends Item {
  deploymentId: number;
  fields: Record<string, unknown> & { state: string };
}

export interface Dispatch extends Item {
  eventType: string;
  payload: unknown;
}

/** A webhook of a repository. */
export interface Hook extends Item {
  active: boolean;
  events: string[];
  config: {
    url: string;
    content_type: 'json' | 'form';
    insecure_ssl: '0' | '1';
    secret?: string | undefined;
  };
}

/** One try to deliver an event to a hook; `status` is `pending` until it has ended. */
export interface Delivery extends Item {
  hookId: number;
  /** The same for every try of one event. */
  guid: string;
  event: string;
  action: string | null;
  installationId: number | null;
  redelivery: boolean;
  /** Seconds. */
  duration: number;
  status: string;
  statusCode: number;
  payload: Record<string, unknown>;
  requestHeaders: Record<string, string>;
  responseHeaders: Record<string, string> | null;
  responseBody: string | null;
}

/** Items of one kind, kept by repository and id, in the order in which they were made. */
export class ItemTable<T extends Item> {
  constructor(readonly collection: Collection<T>) {}

  list(repo: Repo): T[] {
    return this.collection.list(`${repoKey(repo)}#`).map(({ value }) => value);
  }

  get(repo: Repo, id: number): T | undefined {
    return this.collection.get(itemKey(repo, id));
  }

  remove(repo: Repo, id: number): void {
    this.collection.remove(itemKey(repo, id));
  }

  put(repo: Repo, item: T): T {
    this.collection.put(itemKey(repo, item.id), item);
    return item;
  }
}

export function repoKey({ owner, name }: { owner: string; name: string }): string {
  return `${owner}/${name}`.toLowerCase();
}

function itemKey(repo: Repo, id: number): string {
  return `${repoKey(repo)}#${String(id).padStart(12, '0')}`;
}

/** Everything that GitHub would keep besides git, in the emulator's store. */
export function createState(store: Store) {
  const items = <T extends Item>(name: string) => new ItemTable<T>(store.collection<T>(`github.${name}`));
  const counters = store.collection<number>('github.counters');
  const next = (name: string) =>
    store.transaction(() => {
      const value = (counters.get(name) ?? 0) + 1;
      counters.put(name, value);
      return value;
    });
  return {
    users: store.collection<User>('github.users'),
    tokens: store.collection<Token>('github.tokens'),
    apps: store.collection<App>('github.apps'),
    teams: store.collection<{ members: Record<string, 'member' | 'maintainer'> }>('github.teams'),
    repos: store.collection<Repo>('github.repos'),
    issues: items<Issue>('issues'),
    comments: items<Comment>('comments'),
    reviews: items<Review>('reviews'),
    checkRuns: items<CheckRun>('check-runs'),
    statuses: items<CommitStatus>('statuses'),
    deployments: items<Deployment>('deployments'),
    deploymentStatuses: items<DeploymentStatus>('deployment-statuses'),
    dispatches: items<Dispatch>('dispatches'),
    hooks: items<Hook>('hooks'),
    deliveries: items<Delivery>('deliveries'),
    /** Ids are unique over all kinds, as on GitHub within a kind. */
    nextId: () => next('id'),
    /** Issues and pull requests share one sequence. */
    nextNumber: (repo: Repo) => next(`number/${repoKey(repo)}`),
  };
}

export type State = ReturnType<typeof createState>;
