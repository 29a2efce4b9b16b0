import type { JSX } from 'preact';
import { BUSY_STATUSES, WAITING_STATUSES } from '../job-rows.js';
import type { JobRow } from '../job-rows.js';
import type { Asked, Page } from '../page.js';
import { Block, Empty } from '../parts/blocks.js';
import { pageUrl } from '../scope.js';
import type { Scope } from '../scope.js';
import { countIn } from '../stored.js';
import { ComputeTable } from './compute.js';
import { EndpointCards } from './endpoints.js';
import { JobTable } from './jobs.js';

/** What runs in a workspace, where, and what it has. */
export async function workspacePage({ parts, scope }: Asked): Promise<Page> {
  const { ctx } = parts;
  const all = (await parts.jobs.jobs(scope.id)).filter(({ archived }) => !archived);
  const open = all.filter(({ status, type }) => type !== 'MLflow' && isOpen(status));
  const last = all.filter((row) => row.parent === undefined && !open.includes(row)).slice(0, 8);
  return {
    title: scope.name,
    section: '',
    body: (
      <>
        <h1>{scope.name}</h1>
        <p class="sub">
          resource group {scope.group}, {scope.resource.location ?? 'local'}
        </p>
        <Tiles scope={scope} jobs={all} count={(kind) => countIn(ctx, `${scope.id}/${kind}`)} />
        <Block title="Running and waiting" aside={<a href={pageUrl(scope, 'jobs')}>All jobs</a>}>
          {open.length === 0 ? (
            <Empty>Nothing runs. Jobs show up here as soon as they are submitted.</Empty>
          ) : (
            <JobTable scope={scope} label="Running and waiting jobs" rows={open.slice(0, 20)} />
          )}
        </Block>
        <div class="columns">
          <Block title="Compute" aside={<a href={pageUrl(scope, 'compute')}>All computes</a>}>
            <ComputeTable parts={parts} scope={scope} jobs={all} />
          </Block>
          <Block title="Endpoints" aside={<a href={pageUrl(scope, 'endpoints')}>All endpoints</a>}>
            <EndpointCards ctx={ctx} scope={scope} />
          </Block>
        </div>
        {last.length > 0 && (
          <Block title="Ended last">
            <JobTable scope={scope} label="Jobs that ended last" rows={last} />
          </Block>
        )}
      </>
    ),
  };
}

const isOpen = (status: string) => [...BUSY_STATUSES, ...WAITING_STATUSES].includes(status);

function Tiles(props: {
  readonly scope: Scope;
  readonly jobs: readonly JobRow[];
  readonly count: (collection: string) => number;
}): JSX.Element {
  const { scope, jobs, count } = props;
  const top = jobs.filter(({ parent }) => parent === undefined);
  const withStatus = (...statuses: string[]) => top.filter(({ status }) => statuses.includes(status)).length;
  const byStatus = (status: string) => `${pageUrl(scope, 'jobs')}?status=${status}`;
  const tiles: readonly (readonly [string, number, string, string?])[] = [
    ['running', withStatus(...BUSY_STATUSES), byStatus('Running'), 'busy'],
    ['waiting', withStatus(...WAITING_STATUSES), byStatus('Queued'), 'wait'],
    ['completed', withStatus('Completed'), byStatus('Completed'), 'good'],
    ['failed', withStatus('Failed'), byStatus('Failed'), 'bad'],
    ['models', count('models'), pageUrl(scope, 'models')],
    ['data assets', count('data'), pageUrl(scope, 'data')],
    ['endpoints', count('onlineEndpoints') + count('batchEndpoints'), pageUrl(scope, 'endpoints')],
  ];
  return (
    <ul class="tiles" aria-label="Counts">
      {tiles.map(([name, number, href, tone]) => (
        <li>
          <a href={href} class={number === 0 ? 'none' : tone}>
            <b>{number.toLocaleString('en')}</b>
            <span>{name}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
