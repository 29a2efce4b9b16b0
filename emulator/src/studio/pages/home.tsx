import type { JSX } from 'preact';
import { STUDIO } from '../../control/routes.js';
import { BUSY_STATUSES, WAITING_STATUSES } from '../job-rows.js';
import type { Page, StudioParts } from '../page.js';
import { Block, Empty, Table } from '../parts/blocks.js';
import { pageUrl } from '../scope.js';
import { countIn } from '../stored.js';
import { RequestTable } from './requests.js';

/** All workspaces, and what clients asked for last. */
export async function homePage(parts: StudioParts): Promise<Page> {
  const { ctx, jobs, scopes } = parts;
  const rows = await Promise.all(
    scopes().map(async (scope) => {
      const all = await jobs.jobs(scope.id);
      const count = (statuses: readonly string[]) =>
        all.filter(({ status, type }) => type !== 'MLflow' && statuses.includes(status)).length;
      return {
        key: scope.id,
        cells: [
          <a href={pageUrl(scope)}>{scope.name}</a>,
          scope.group,
          count(BUSY_STATUSES),
          count(WAITING_STATUSES),
          all.filter(({ parent, archived }) => parent === undefined && !archived).length,
          countIn(ctx, `${scope.id}/models`),
          countIn(ctx, `${scope.id}/onlineEndpoints`),
        ],
      };
    }),
  );
  const columns = [
    { title: 'Workspace' },
    { title: 'Resource group', wide: true },
    { title: 'Running', numeric: true },
    { title: 'Waiting', numeric: true },
    { title: 'Jobs', numeric: true },
    { title: 'Models', numeric: true, wide: true },
    { title: 'Endpoints', numeric: true, wide: true },
  ];
  return {
    title: 'Workspaces',
    section: 'home',
    body: (
      <>
        <h1>Workspaces</h1>
        {rows.length === 0 ? (
          <Empty
            code={`eval "$(azureml-emulator env)"\naz ml workspace create --name local --resource-group local`}
          >
            There is no workspace yet. Make one with any client, or start the emulator without{' '}
            <code>--json</code>: it then makes the workspace <b>local</b>.
          </Empty>
        ) : (
          <Table label="Workspaces" columns={columns} rows={rows} />
        )}
        <Registries parts={parts} />
        <Block title="Last API calls" aside={<a href={`${STUDIO}/requests`}>All calls</a>}>
          <RequestTable requests={parts.requests.since(0).slice(-12).reverse()} />
        </Block>
      </>
    ),
  };
}

const SHARED = ['models', 'data', 'environments', 'components'] as const;

/** What every workspace may use. */
function Registries({ parts: { ctx, registries } }: { readonly parts: StudioParts }): JSX.Element | null {
  const found = registries();
  if (found.length === 0) return null;
  const counts = SHARED.map((kind) => ({
    title: `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
    numeric: true,
    wide: kind === 'data' || kind === 'components',
  }));
  return (
    <Block title="Registries">
      <Table
        label="Registries"
        columns={[{ title: 'Registry' }, { title: 'Region', wide: true }, ...counts]}
        rows={found.map(({ id, name, resource }) => ({
          key: id,
          cells: [name, resource.location ?? '–', ...SHARED.map((kind) => countIn(ctx, `${id}/${kind}`))],
        }))}
      />
    </Block>
  );
}
