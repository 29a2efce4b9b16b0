import type { Hub } from '../hub.js';
import type { App, User } from '../state.js';
import { addresses, nodeId } from './json.js';
import type { Json } from './json.js';

const USER_PATHS = {
  followers: '/followers',
  following: '/following{/other_user}',
  gists: '/gists{/gist_id}',
  starred: '/starred{/owner}{/repo}',
  subscriptions: '/subscriptions',
  organizations: '/orgs',
  repos: '/repos',
  events: '/events{/privacy}',
  received_events: '/received_events',
};
const LONG_AGO = '1970-01-01T00:00:00Z';

/** A user as others carry it: GitHub's `simple-user`. */
export function userView(hub: Hub, { id, login, type, name }: User): Json {
  const url = `${hub.base()}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id,
    node_id: nodeId('U', id),
    avatar_url: `${url}/avatar`,
    gravatar_id: '',
    type,
    user_view_type: 'public',
    site_admin: false,
    url,
    html_url: `${hub.base()}/-/${encodeURIComponent(login)}`,
    ...addresses(url, USER_PATHS),
    ...(name === undefined ? {} : { name }),
  };
}

/** The page of a user: GitHub's `public-user`. */
export function profileView(hub: Hub, user: User): Json {
  const owned = hub.state.repos
    .list()
    .filter(({ value }) => value.owner.toLowerCase() === user.login.toLowerCase());
  const nothing = {
    company: null,
    blog: '',
    location: null,
    hireable: null,
    bio: null,
    twitter_username: null,
  };
  return {
    ...userView(hub, user),
    ...nothing,
    name: user.name ?? null,
    email: user.emails[0] ?? null,
    public_repos: owned.filter(({ value }) => !value.isPrivate).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: user.createdAt ?? LONG_AGO,
    updated_at: user.createdAt ?? LONG_AGO,
  };
}

export function userByEmail(hub: Hub, email: string): User | undefined {
  const address = email.toLowerCase();
  return hub.state.users.list().find(({ value }) => value.emails.some((own) => own === address))?.value;
}

const APP_PERMISSIONS = {
  checks: 'write',
  contents: 'read',
  deployments: 'write',
  issues: 'write',
  members: 'read',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'write',
};

/** Installation ids are made from the app's, since an app is installed once here: on everything. */
export function installationId(app: App): number {
  return 1_000_000 + app.id;
}

/** Whom an app belongs to: the owner of the first repository. */
function ownerOfApps(hub: Hub): User {
  return hub.userOf(hub.state.repos.list()[0]?.value.owner ?? 'local');
}

export function appView(hub: Hub, app: App): Json {
  const createdAt = app.createdAt ?? LONG_AGO;
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('A', app.id),
    owner: userView(hub, ownerOfApps(hub)),
    name: app.name,
    description: null,
    external_url: hub.base(),
    html_url: `${hub.base()}/-/apps/${app.slug}`,
    created_at: createdAt,
    updated_at: createdAt,
    permissions: APP_PERMISSIONS,
    events: [],
  };
}

export function installationView(hub: Hub, app: App, account: User = ownerOfApps(hub)): Json {
  const id = installationId(app);
  const createdAt = app.createdAt ?? LONG_AGO;
  return {
    id,
    account: userView(hub, account),
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type === 'Organization' ? 'Organization' : 'User',
    repository_selection: 'all',
    access_tokens_url: `${hub.base()}/app/installations/${id}/access_tokens`,
    repositories_url: `${hub.base()}/installation/repositories`,
    html_url: `${hub.base()}/-/settings/installations/${id}`,
    permissions: APP_PERMISSIONS,
    events: [],
    created_at: createdAt,
    updated_at: createdAt,
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
  };
}
