import type { JSX } from 'preact';
import { FINAL_STATUSES } from '../job-rows.js';
import type { JobRow } from '../job-rows.js';
import type { Asked, Page } from '../page.js';
import { Empty, Table } from '../parts/blocks.js';
import { pageOf } from '../list-page.js';
import { Filters, Pager } from '../parts/paging.js';
import { Status } from '../parts/status.js';
import { Ago, Lasted } from '../parts/time.js';
import { pageUrl } from '../scope.js';
import type { Scope } from '../scope.js';

const SHOWN = 50;
const STATUSES = ['Queued', 'Preparing', 'Running', 'Completed', 'Failed', 'Canceled'];
const MOST_EXPERIMENTS = 200;

/** Jobs that somebody submitted and runs that somebody tracks; children show when they are searched for. */
export async function jobsPage({ parts, scope, query }: Asked): Promise<Page> {
  const all = await parts.jobs.jobs(scope.id);
  const found = all.filter(matching(query));
  const { items, page, pages } = pageOf(found, query, SHOWN);
  const experiments = [...new Set(all.map(({ experiment }) => experiment))].slice(0, MOST_EXPERIMENTS).sort();
  const types = [...new Set(all.map(({ type }) => type))].sort();
  return {
    title: 'Jobs',
    section: 'jobs',
    body: (
      <>
        <h1>Jobs</h1>
        <Filters
          query={query}
          fields={[
            { name: 'q', label: 'Name, tag, compute' },
            { name: 'status', label: 'Status', options: STATUSES },
            { name: 'type', label: 'Type', options: types },
            { name: 'experiment', label: 'Experiment', options: experiments },
          ]}
        />
        {items.length === 0 ? (
          <NoJobs any={all.length > 0} />
        ) : (
          <JobTable scope={scope} label="Jobs" rows={items} />
        )}
        <Pager
          path={pageUrl(scope, 'jobs')}
          query={query}
          page={page}
          pages={pages}
          total={found.length}
          unit="jobs"
        />
      </>
    ),
  };
}

function matching(query: URLSearchParams): (row: JobRow) => boolean {
  const words = (query.get('q') ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const only = (name: string) => query.get(name) ?? '';
  const [status, type, experiment] = [only('status'), only('type'), only('experiment')];
  return (row) =>
    !row.archived &&
    (row.parent === undefined || words.length > 0) &&
    (status === '' || row.status === status) &&
    (type === '' || row.type === type) &&
    (experiment === '' || row.experiment === experiment) &&
    words.every((word) => row.text.includes(word));
}

function NoJobs({ any }: { readonly any: boolean }): JSX.Element {
  if (any) return <Empty>No job matches. Take a filter away, or search for a part of a name or tag.</Empty>;
  return (
    <Empty
      code={
        'az ml job create --file job.yml --stream\n# or: mlflow.start_run() with the variables of azureml-emulator env'
      }
    >
      No job has been submitted yet. Submit one with any client and watch it here:
    </Empty>
  );
}

const COLUMNS = [
  { title: 'Name' },
  { title: 'Status' },
  { title: 'Type', wide: true },
  { title: 'Experiment', wide: true },
  { title: 'Compute', wide: true },
  { title: 'Took', numeric: true, wide: true },
  { title: 'Submitted', numeric: true },
];

export function JobTable(props: {
  readonly scope: Scope;
  readonly label: string;
  readonly rows: readonly JobRow[];
}): JSX.Element {
  return (
    <Table
      label={props.label}
      columns={COLUMNS}
      rows={props.rows.map((row) => ({
        key: row.key,
        cells: [
          <JobLink scope={props.scope} row={row} />,
          <Status of={row.status} />,
          row.type,
          row.experiment,
          row.compute,
          <Duration row={row} />,
          <Ago at={row.created} />,
        ],
      }))}
    />
  );
}

export function JobLink({ scope, row }: { readonly scope: Scope; readonly row: JobRow }): JSX.Element {
  return (
    <a class="named" href={pageUrl(scope, 'jobs', row.name)}>
      {row.displayName}
      {row.displayName !== row.name && <span class="faint">{row.name}</span>}
    </a>
  );
}

/** How long a job has run; it counts on as long as it has not ended. */
export function Duration({ row }: { readonly row: JobRow }): JSX.Element {
  const ended = FINAL_STATUSES.includes(row.status) ? (row.ended ?? row.started) : undefined;
  return <Lasted from={row.started} to={ended} />;
}
