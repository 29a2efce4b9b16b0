import type { JSX } from 'preact';
import { timelineOf } from '../../runner/job.js';
import type { StoredResource } from '../../resources.js';
import { FINAL_STATUSES } from '../job-rows.js';
import type { JobRow } from '../job-rows.js';
import { Block } from '../parts/blocks.js';
import { Status } from '../parts/status.js';
import { Clock, Lasted } from '../parts/time.js';

interface Stay {
  readonly status: string;
  readonly from: number;
  /** Undefined: it is in it now. */
  readonly to: number | undefined;
}

/** The statuses that a job went through and how long it stayed in each, in proportion. */
export function Timeline(props: {
  readonly row: JobRow;
  readonly job: StoredResource | undefined;
}): JSX.Element | null {
  const { row, job } = props;
  if (job === undefined) return null;
  const moments = timelineOf(job).map(({ status, at }) => ({ status, at: Date.parse(at) }));
  const all = [{ status: 'NotStarted', at: row.created }, ...moments];
  const stays = all.map(({ status, at }, index): Stay => ({ status, from: at, to: all[index + 1]?.at }));
  const passed = stays.filter(({ status }) => !FINAL_STATUSES.includes(status));
  const total = passed.reduce((sum, { from, to }) => sum + Math.max(0, (to ?? Date.now()) - from), 0);
  return (
    <Block title="Timeline">
      {total > 0 && <Bar stays={passed} total={total} />}
      <ol class="timeline">
        {stays.map(({ status, from, to }) => (
          <li>
            <Status of={status === 'NotStarted' ? 'Submitted' : status} past={to !== undefined} />
            <Clock at={from} />
            {!FINAL_STATUSES.includes(status) && <Lasted from={from} to={to} />}
          </li>
        ))}
      </ol>
    </Block>
  );
}

function Bar({ stays, total }: { readonly stays: readonly Stay[]; readonly total: number }): JSX.Element {
  let at = 0;
  return (
    <svg class="stays" width="100%" height="8" aria-hidden="true">
      {stays.map(({ status, from, to }) => {
        const width = (Math.max(0, (to ?? Date.now()) - from) / total) * 100;
        const x = at;
        at += width;
        return <rect class={`stay ${status}`} x={`${x}%`} width={`${width}%`} height="8" />;
      })}
    </svg>
  );
}
