import type { JSX } from 'preact';
import type { TrafficRow } from '../../scoring/traffic-log.js';
import { Block, Empty, Table } from '../parts/blocks.js';
import { Chart } from '../parts/chart.js';
import { HttpStatus } from '../parts/status.js';
import { Clock } from '../parts/time.js';

/** How many are listed. */
const REQUESTS = 50;

/** The last requests of an endpoint, the latest first, with their latencies drawn. */
export function Requests({ rows }: { readonly rows: readonly TrafficRow[] }): JSX.Element {
  if (rows.length === 0)
    return (
      <Block title="Requests">
        <Empty code="az ml online-endpoint invoke --name ENDPOINT --request-file request.json">
          None yet. Send one, and it shows up here with its status and latency:
        </Empty>
      </Block>
    );
  const drawn = [...rows].slice(0, 200).reverse();
  return (
    <Block title="Requests" aside={<span class="faint">the last {Math.min(rows.length, REQUESTS)}</span>}>
      {drawn.length > 2 && (
        <Chart
          of={{
            title: 'Latency in ms',
            along: 'request',
            x: drawn.map((_, at) => at + 1),
            lines: latencies(drawn),
          }}
          note={`the last ${drawn.length} requests`}
        />
      )}
      <Table
        label="Requests"
        columns={[
          { title: 'Time' },
          { title: 'Status' },
          { title: 'ms', numeric: true },
          { title: 'Deployment' },
          { title: 'Sent', numeric: true, wide: true },
          { title: 'Answered', numeric: true, wide: true },
          { title: 'Why', wide: true },
          { title: 'Client', wide: true },
        ]}
        rows={rows.slice(0, REQUESTS).map((row) => ({
          key: `${row.XRequestId}-${row.DeploymentName}`,
          cells: [
            <Clock at={row.TimeGenerated} />,
            <HttpStatus code={row.ResponseCode} />,
            row.TotalDurationMs,
            row.DeploymentName === '' ? 'none' : row.DeploymentName,
            `${row.RequestPayloadSize} B`,
            `${row.ResponsePayloadSize} B`,
            row.ModelStatusReason === '' ? row.ResponseCodeReason : row.ModelStatusReason,
            row.UserAgent,
          ],
        }))}
      />
    </Block>
  );
}

/** A line for each deployment, with gaps where another one answered. */
function latencies(rows: readonly TrafficRow[]): { name: string; values: (number | null)[] }[] {
  const names = [...new Set(rows.map(({ DeploymentName }) => DeploymentName))].sort();
  return names.map((name) => ({
    name: name === '' ? 'refused' : name,
    values: rows.map((row) => (row.DeploymentName === name ? row.TotalDurationMs : null)),
  }));
}
