import type { JSX } from 'preact';
import type { LoggedRequest } from '../../control/request-log.js';
import { STUDIO } from '../../control/routes.js';
import type { FaultRule } from '../../faults.js';
import type { Page, StudioParts } from '../page.js';
import { Block, Empty, Table } from '../parts/blocks.js';
import { pageOf } from '../list-page.js';
import { Filters, Pager } from '../parts/paging.js';
import { HttpStatus } from '../parts/status.js';
import { Clock } from '../parts/time.js';

const SHOWN = 100;
const STATUSES = ['2xx', '3xx', '4xx', '5xx', 'faults'];
const METHODS = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'HEAD'];

/** What clients asked for, newest first. */
export function requestsPage({ ctx, requests }: StudioParts, query: URLSearchParams): Page {
  const found = requests.since(0).filter(matching(query)).reverse();
  const { items, page, pages } = pageOf(found, query, SHOWN);
  return {
    title: 'API calls',
    section: 'requests',
    body: (
      <>
        <h1>API calls</h1>
        <Filters
          query={query}
          fields={[
            { name: 'q', label: 'Path contains' },
            { name: 'method', label: 'Method', options: METHODS },
            { name: 'status', label: 'Status', options: STATUSES },
          ]}
        />
        {items.length === 0 ? (
          <Empty>
            No call matches. Calls of clients show up here as they are answered; those of this page do not.
          </Empty>
        ) : (
          <RequestTable requests={items} />
        )}
        <Pager
          path={`${STUDIO}/requests`}
          query={query}
          page={page}
          pages={pages}
          total={found.length}
          unit="calls"
        />
        <Faults rules={ctx.faults.list()} />
      </>
    ),
  };
}

function matching(query: URLSearchParams): (request: LoggedRequest) => boolean {
  const path = (query.get('q') ?? '').toLowerCase();
  const method = query.get('method') ?? '';
  const status = query.get('status') ?? '';
  return (request) =>
    (path === '' || request.path.toLowerCase().includes(path)) &&
    (method === '' || request.method === method) &&
    (status === '' || (status === 'faults' ? request.fault !== undefined : hasStatus(request, status)));
}

function hasStatus({ status }: LoggedRequest, wanted: string): boolean {
  return new RegExp(`^${wanted.replaceAll(/[^0-9]/g, '.')}$`).test(String(status));
}

const COLUMNS = [
  { title: 'No.', numeric: true, wide: true },
  { title: 'Time' },
  { title: 'Status' },
  { title: 'ms', numeric: true, wide: true },
  { title: 'Call' },
];

export function RequestTable({ requests }: { readonly requests: readonly LoggedRequest[] }): JSX.Element {
  if (requests.length === 0)
    return <Empty>No client has asked for anything since the emulator started.</Empty>;
  return (
    <Table
      label="API calls"
      columns={COLUMNS}
      rows={requests.map((request) => ({
        key: `call-${request.seq}`,
        mark: request.fault === undefined ? undefined : 'struck',
        cells: [
          request.seq,
          <Clock at={request.time} />,
          <HttpStatus code={request.status} />,
          request.durationMs,
          <Path request={request} />,
        ],
      }))}
    />
  );
}

/** A path without what all of its kind begin with, the rest on demand. */
function Path({ request }: { readonly request: LoggedRequest }): JSX.Element {
  const { method, path, query, body, fault } = request;
  const short = path
    .replace(/^\/subscriptions\/[^/]+(\/resourceGroups\/[^/]+)?\/providers\/Microsoft\.\w+/i, '…')
    .replace(/(\/\w*operation\w+\/\w+):[0-9a-f-]{36}:[0-9a-f-]{36}$/i, '$1:…')
    .replace(/^\/(inference|batch)\/[0-9a-f-]{36}/i, '/$1/…');
  return (
    <>
      {fault !== undefined && <span class="fault">fault: {fault}</span>}
      <details class="path">
        <summary>
          <span class="method">{method}</span> <code>{short}</code>
        </summary>
        <pre tabIndex={0}>
          <code>
            {`${path}\n${Object.entries(query)
              .map(([name, value]) => `${name}=${String(value)}`)
              .join('\n')}`}
            {body === undefined ? '' : `\n${JSON.stringify(body, null, 2)}`}
          </code>
        </pre>
      </details>
    </>
  );
}

function Faults({ rules }: { readonly rules: readonly FaultRule[] }): JSX.Element {
  return (
    <Block title="Faults still to strike">
      {rules.length === 0 ? (
        <Empty
          code={`curl -X POST localhost:8743/_emulator/faults -H 'content-type: application/json' -d \\\n  '{"match":{"method":"PUT","path":"/jobs/"},"answer":{"status":503,"code":"ServerBusy","message":"Try again"}}'`}
        >
          None is ordered. Order one by the control API, and the next call that matches gets it:
        </Empty>
      ) : (
        <Table
          label="Faults still to strike"
          columns={[{ title: 'Matches' }, { title: 'Answer' }, { title: 'Times', numeric: true }]}
          rows={rules.map(({ id, match, answer, times }) => ({
            key: `fault-${id}`,
            cells: [
              <code>{match.operation ?? `${match.method ?? 'any'} ${match.path ?? ''}`}</code>,
              <code>{JSON.stringify(answer)}</code>,
              times,
            ],
          }))}
        />
      )}
    </Block>
  );
}
