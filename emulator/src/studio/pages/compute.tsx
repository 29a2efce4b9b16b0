import type { JSX } from 'preact';
import { nodesOf } from '../../runner/queue.js';
import { BUSY_STATUSES } from '../job-rows.js';
import type { JobRow } from '../job-rows.js';
import type { Asked, Page, StudioParts } from '../page.js';
import { Block, Empty, Table } from '../parts/blocks.js';
import { Places } from '../parts/bars.js';
import { pageUrl } from '../scope.js';
import type { Scope } from '../scope.js';
import { fieldsOf, inCollection, textOf } from '../stored.js';
import { JobTable } from './jobs.js';

/** Computes, and the jobs that run and wait on each. */
export async function computePage({ parts, scope }: Asked): Promise<Page> {
  const jobs = await parts.jobs.jobs(scope.id);
  const held = jobs.filter((row) => isBusy(row) || row.status === 'Queued');
  const names = [...new Set(held.map(({ compute }) => compute))].sort();
  return {
    title: 'Compute',
    section: 'compute',
    body: (
      <>
        <h1>Compute</h1>
        <ComputeTable parts={parts} scope={scope} jobs={jobs} />
        {names.map((name) => (
          <Block title={`On ${name}`}>
            <JobTable
              scope={scope}
              label={`Jobs on ${name}`}
              rows={held.filter(({ compute }) => compute === name).slice(0, 50)}
            />
          </Block>
        ))}
      </>
    ),
  };
}

/** Sweeps and pipelines hold no node: their children do. */
function isBusy({ status, type }: JobRow): boolean {
  return type.toLowerCase() === 'command' && BUSY_STATUSES.includes(status);
}

const COLUMNS = [
  { title: 'Compute' },
  { title: 'Size', wide: true },
  { title: 'Nodes busy' },
  { title: 'Waiting', numeric: true },
];

export function ComputeTable(props: {
  readonly parts: StudioParts;
  readonly scope: Scope;
  readonly jobs: readonly JobRow[];
}): JSX.Element {
  const { parts, scope, jobs } = props;
  const { ctx } = parts;
  const computes = inCollection(ctx, `${scope.id}/computes`).map(({ id, name, properties }) => ({
    name,
    size: textOf(fieldsOf(properties, 'properties'), 'vmSize') ?? textOf(properties, 'computeType') ?? '',
    nodes: nodesOf(ctx, id),
  }));
  const all = [...computes, { name: 'serverless', size: 'this machine', nodes: nodesOf(ctx, 'serverless') }];
  const on = (name: string) => jobs.filter(({ compute }) => compute.toLowerCase() === name.toLowerCase());
  return (
    <>
      <Table
        label="Computes"
        columns={COLUMNS}
        rows={all.map(({ name, size, nodes }) => ({
          key: name,
          cells: [
            <a href={`${pageUrl(scope, 'jobs')}?q=${encodeURIComponent(name)}`}>{name}</a>,
            size,
            <Places
              busy={on(name)
                .filter(isBusy)
                .reduce((sum, row) => sum + row.nodes, 0)}
              all={nodes}
            />,
            on(name).filter(({ status }) => status === 'Queued').length,
          ],
        }))}
      />
      {computes.length === 0 && (
        <Empty code="az ml compute create --name cpu --type AmlCompute --size STANDARD_DS3_V2 --max-instances 2">
          Only serverless so far. A cluster of N nodes runs N jobs at a time:
        </Empty>
      )}
    </>
  );
}
