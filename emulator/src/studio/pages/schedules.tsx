import type { JSX } from 'preact';
import { visible } from '../../arm/replies.js';
import { getResource } from '../../resources.js';
import type { Json, StoredResource } from '../../resources.js';
import { nextRun } from '../../schedules/trigger.js';
import type { Asked, Page } from '../page.js';
import { Block, Empty, Facts, Raw, Table } from '../parts/blocks.js';
import { Status } from '../parts/status.js';
import { At } from '../parts/time.js';
import { pageUrl } from '../scope.js';
import type { Scope } from '../scope.js';
import { fieldsOf, inCollection, textOf } from '../stored.js';
import { JobTable } from './jobs.js';

export function schedulesPage({ parts, scope }: Asked): Page {
  const schedules = inCollection(parts.ctx, `${scope.id}/schedules`);
  return {
    title: 'Schedules',
    section: 'schedules',
    body: (
      <>
        <h1>Schedules</h1>
        {schedules.length === 0 ? (
          <Empty code="az ml schedule create --file schedule.yml">
            No schedule yet. Make one with any client:
          </Empty>
        ) : (
          <Table
            label="Schedules"
            columns={[
              { title: 'Schedule' },
              { title: 'State' },
              { title: 'When' },
              { title: 'Next' },
              { title: 'Does', wide: true },
            ]}
            rows={schedules.map((schedule) => ({
              key: schedule.name,
              cells: [
                <a href={pageUrl(scope, 'schedules', schedule.name)}>{schedule.name}</a>,
                <Status of={stateOf(schedule)} />,
                <When trigger={fieldsOf(schedule.properties, 'trigger')} />,
                <Next parts={parts} schedule={schedule} />,
                textOf(fieldsOf(schedule.properties, 'action'), 'actionType'),
              ],
            }))}
          />
        )}
      </>
    ),
  };
}

function stateOf({ properties }: StoredResource): string {
  return properties['isEnabled'] === false ? 'Disabled' : 'Enabled';
}

/** A trigger in words. */
function When({ trigger }: { readonly trigger: Json }): JSX.Element {
  const expression = textOf(trigger, 'expression');
  const zone = textOf(trigger, 'timeZone') ?? 'UTC';
  if (expression !== undefined)
    return (
      <>
        <code>{expression}</code> <span class="faint">{zone}</span>
      </>
    );
  const interval = Number(trigger['interval'] ?? 1);
  const unit = textOf(trigger, 'frequency')?.toLowerCase() ?? '';
  return (
    <>
      {interval === 1 ? `every ${unit}` : `every ${interval} ${unit}s`}
      {inWords(fieldsOf(trigger, 'schedule'))} <span class="faint">{zone}</span>
    </>
  );
}

/** A pattern: ` on Monday, Friday at 06:00, 06:30`. */
function inWords(pattern: Json): string {
  const listed = (key: string) =>
    Array.isArray(pattern[key]) ? (pattern[key] as unknown[]).map(String) : [];
  const days = [...listed('weekDays'), ...listed('monthDays')];
  const two = (text: string) => text.padStart(2, '0');
  const minutes = listed('minutes').length === 0 ? ['0'] : listed('minutes');
  const times = listed('hours').flatMap((hour) => minutes.map((minute) => `${two(hour)}:${two(minute)}`));
  return `${days.length === 0 ? '' : ` on ${days.join(', ')}`}${times.length === 0 ? '' : ` at ${times.join(', ')}`}`;
}

/** When it fires next; a monitor is kept and does not run. */
function Next({
  parts,
  schedule,
}: {
  readonly parts: Asked['parts'];
  readonly schedule: StoredResource;
}): JSX.Element {
  const at = createsJobs(schedule) ? nextRun(schedule, parts.ctx.faults.clock.now()) : undefined;
  return at === undefined ? <>–</> : <At time={at} />;
}

function createsJobs({ properties }: StoredResource): boolean {
  return textOf(fieldsOf(properties, 'action'), 'actionType') === 'CreateJob';
}

/** One schedule with the jobs that it has submitted. */
export async function schedulePage({ parts, scope }: Asked, name: string): Promise<Page | undefined> {
  const schedule = getResource(parts.ctx.store, `${scope.id}/schedules/${name}`);
  if (schedule === undefined) return undefined;
  const { properties } = schedule;
  const trigger = fieldsOf(properties, 'trigger');
  const jobs = (await parts.jobs.jobs(scope.id)).filter((row) => row.name.startsWith(`${schedule.name}-`));
  return {
    title: schedule.name,
    section: 'schedules',
    body: (
      <>
        <div class="head">
          <div>
            <p class="crumbs">
              <a href={pageUrl(scope, 'schedules')}>Schedules</a>
            </p>
            <h1>{schedule.name}</h1>
            <p class="sub">
              <Status of={stateOf(schedule)} /> <When trigger={trigger} />
            </p>
          </div>
          <Trigger scope={scope} schedule={schedule} />
        </div>
        <Block title="Jobs">
          {jobs.length === 0 ? (
            <Empty>It has submitted no job yet.</Empty>
          ) : (
            <JobTable scope={scope} label="Jobs of the schedule" rows={jobs.slice(0, 100)} />
          )}
        </Block>
        <Block title="Details">
          <Facts
            of={[
              ['Next', <Next parts={parts} schedule={schedule} />],
              ['From', textOf(trigger, 'startTime')],
              ['Until', textOf(trigger, 'endTime')],
              ['Description', textOf(properties, 'description')],
            ]}
          />
        </Block>
        <Raw title="As Azure ML answers it" of={visible(schedule)} />
      </>
    ),
  };
}

function Trigger(props: { readonly scope: Scope; readonly schedule: StoredResource }): JSX.Element | null {
  const { scope, schedule } = props;
  if (!createsJobs(schedule) || schedule.properties['isEnabled'] === false) return null;
  return (
    <form method="post" action={`${pageUrl(scope, 'schedules', schedule.name)}/trigger`}>
      <button type="submit">Run now</button>
    </form>
  );
}
