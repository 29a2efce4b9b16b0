import type { JSX } from 'preact';
import { getResource } from '../../resources.js';
import type { JobRow } from '../job-rows.js';
import { Block, Table } from '../parts/blocks.js';
import { Chart } from '../parts/chart.js';
import { Status } from '../parts/status.js';
import { pageUrl } from '../scope.js';
import { fieldsOf, textOf } from '../stored.js';
import { Duration } from './jobs.js';
import type { ShownJob } from './job.js';

interface Trial {
  readonly row: JobRow;
  readonly number: number;
  readonly values: Readonly<Record<string, unknown>>;
  readonly metric: number | undefined;
}

const MOST_TRIALS = 200;

/** The trials of a sweep: the metric by trial, and what each tried. */
export function SweepTrials(props: {
  readonly shown: ShownJob;
  readonly trials: readonly JobRow[];
}): JSX.Element {
  const { shown, trials } = props;
  const { scope, job } = shown;
  const objective = fieldsOf(job?.properties, 'objective');
  const metric = textOf(objective, 'primaryMetric') ?? 'metric';
  const maximize = textOf(objective, 'goal')?.toLowerCase() !== 'minimize';
  const all = trials
    .map((row) => trialOf(shown, row, metric, maximize))
    .sort((left, right) => left.number - right.number);
  const best = bestOf(all, maximize);
  const names = [...new Set(all.flatMap(({ values }) => Object.keys(values)))];
  const scored = all.filter((trial) => trial.metric !== undefined);
  const columns = [
    { title: 'Trial' },
    { title: 'Status' },
    { title: metric, numeric: true },
    ...names.map((title) => ({ title, numeric: true })),
    { title: 'Took', numeric: true },
  ];
  return (
    <Block
      title="Trials"
      aside={<span class="faint">{`${maximize ? 'highest' : 'lowest'} ${metric} wins`}</span>}
    >
      {scored.length > 1 && (
        <Chart
          of={{
            title: `${metric} by trial`,
            along: 'trial',
            x: scored.map(({ number }) => number),
            lines: [{ name: metric, values: scored.map((trial) => trial.metric ?? null) }],
            points: { best: scored.findIndex((trial) => trial === best) },
            links: scored.map(({ row }) => pageUrl(scope, 'jobs', row.name)),
          }}
          note={best === undefined ? undefined : `best: trial ${best.number}`}
        />
      )}
      <Table
        label="Trials"
        columns={columns}
        rows={all.slice(0, MOST_TRIALS).map((trial) => ({
          key: trial.row.key,
          mark: trial === best ? 'best' : undefined,
          cells: [
            <a href={pageUrl(scope, 'jobs', trial.row.name)}>
              {trial.number}
              {trial === best && <span class="crown"> best</span>}
            </a>,
            <Status of={trial.row.status} />,
            trial.metric === undefined ? '–' : Number(trial.metric.toPrecision(6)),
            ...names.map((name) => shortly(trial.values[name])),
            <Duration row={trial.row} />,
          ],
        }))}
      />
    </Block>
  );
}

function trialOf({ parts, scope }: ShownJob, row: JobRow, metric: string, maximize: boolean): Trial {
  const stored = getResource(parts.ctx.store, `${scope.id}/jobs/${row.name}`);
  const values = parts.metricsOf(scope.id, row.name).find(({ name }) => name === metric)?.values ?? [];
  const numbers = values.filter((value) => value !== null);
  const reached = maximize ? Math.max(...numbers) : Math.min(...numbers);
  return {
    row,
    number: Number(/_(\d+)$/.exec(row.name)?.[1] ?? 0),
    values: (stored?._values ?? {}) as Record<string, unknown>,
    metric: numbers.length === 0 ? undefined : reached,
  };
}

function bestOf(trials: readonly Trial[], maximize: boolean): Trial | undefined {
  return trials.reduce<Trial | undefined>((best, next) => {
    if (next.metric === undefined || next.row.status === 'Failed') return best;
    if (best?.metric === undefined) return next;
    return (maximize ? next.metric > best.metric : next.metric < best.metric) ? next : best;
  }, undefined);
}

function shortly(value: unknown): string {
  if (typeof value === 'number') return Number(value.toPrecision(5)).toString();
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}
