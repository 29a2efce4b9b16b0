import { STUDIO } from '../control/routes.js';
import type { Asked, MakePage, Page, StudioParts } from './page.js';
import { assetPages } from './pages/assets.js';
import { batchEndpointPage, batchEndpointsPage } from './pages/batch.js';
import { computePage } from './pages/compute.js';
import { endpointPage, endpointsPage } from './pages/endpoints.js';
import { homePage } from './pages/home.js';
import { jobPage } from './pages/job.js';
import { jobsPage } from './pages/jobs.js';
import { missingPage } from './pages/missing.js';
import { requestsPage } from './pages/requests.js';
import { schedulePage, schedulesPage } from './pages/schedules.js';
import { workspacePage } from './pages/workspace.js';
import { scopeAt, scopeId } from './scope.js';

/** A list, and below it one page for each name. */
function listed(list: MakePage, one: (asked: Asked, name: string) => ReturnType<MakePage>): MakePage {
  return (asked) => {
    const [name, ...more] = asked.rest;
    if (more.length > 0) return undefined;
    return name === undefined ? list(asked) : one(asked, name);
  };
}

const SECTIONS: Readonly<Record<string, MakePage>> = {
  '': workspacePage,
  ...assetPages,
  jobs: listed(jobsPage, jobPage),
  endpoints: listed(endpointsPage, endpointPage),
  batch: listed(batchEndpointsPage, batchEndpointPage),
  schedules: listed(schedulesPage, schedulePage),
  compute: computePage,
};

/** The page at an address, which begins with `STUDIO`; one that says so where there is none. */
export async function findPage(parts: StudioParts, url: URL): Promise<Page> {
  const segments = decoded(url.pathname);
  if (segments === undefined) return missingPage(url.pathname, undefined);
  if (segments.length === 0) return homePage(parts);
  if (segments.length === 1 && segments[0] === 'requests') return requestsPage(parts, url.searchParams);
  const scope = scopeAt(parts.ctx, scopeId(segments));
  const [section = '', ...rest] = segments.slice(3);
  const make = scope && Object.hasOwn(SECTIONS, section) ? SECTIONS[section] : undefined;
  const found = scope && (await make?.({ parts, scope, rest, query: url.searchParams }));
  return found === undefined ? missingPage(url.pathname, scope) : { ...found, scope };
}

/** The segments behind `STUDIO`; undefined where they are no text. */
function decoded(path: string): string[] | undefined {
  try {
    const segments = path.slice(STUDIO.length).split('/');
    return segments.filter((segment) => segment !== '').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
