import type { JSX } from 'preact';
import { findComponent } from '../../runner/pipeline/components.js';
import { before, bodyOf, readGraph } from '../../runner/pipeline/graph.js';
import type { Graph, Step as GraphStep } from '../../runner/pipeline/graph.js';
import { stepJobName } from '../../runner/pipeline/run.js';
import { NODE, layOut } from '../graph-layout.js';
import type { Layout } from '../graph-layout.js';
import { FINAL_STATUSES } from '../job-rows.js';
import type { JobRow } from '../job-rows.js';
import { Block, Table } from '../parts/blocks.js';
import { Status, toneOf } from '../parts/status.js';
import { pageUrl } from '../scope.js';
import type { Scope } from '../scope.js';
import { fieldsOf, textOf } from '../stored.js';
import { Duration, JobTable } from './jobs.js';
import type { ShownJob } from './job.js';

/** A step and the job that it became, if it did. */
interface Step {
  readonly name: string;
  readonly type: string;
  readonly needs: readonly string[];
  /** The last time of one that a loop repeats. */
  readonly row: JobRow | undefined;
  readonly iterations: readonly JobRow[];
  readonly status: string;
}

/** The steps of a pipeline as a graph and as a table. */
export function PipelineSteps(props: {
  readonly shown: ShownJob;
  readonly steps: readonly JobRow[];
}): JSX.Element | null {
  const { shown, steps: children } = props;
  const { scope } = shown;
  const graph = graphOf(shown);
  if (graph === undefined)
    return children.length === 0 ? null : (
      <Block title="Steps">
        <JobTable scope={scope} label="Steps" rows={children} />
      </Block>
    );
  const steps = [...graph.values()].map((step) => stepIn(shown, children, step));
  return (
    <Block title="Steps">
      <Picture scope={scope} steps={steps} />
      <Table
        label="Steps"
        columns={[
          { title: 'Step' },
          { title: 'Status' },
          { title: 'Type', wide: true },
          { title: 'After', wide: true },
          { title: 'Took', numeric: true },
        ]}
        rows={steps
          .flatMap((step) => linesOf(step))
          .map(({ name, type, needs, row, status }) => ({
            key: name,
            cells: [
              row === undefined ? name : <a href={pageUrl(scope, 'jobs', row.name)}>{name}</a>,
              <Status of={status} />,
              type,
              needs.join(', '),
              row === undefined ? '–' : <Duration row={row} />,
            ],
          }))}
      />
    </Block>
  );
}

function stepIn(shown: ShownJob, children: readonly JobRow[], step: GraphStep): Step {
  const { name, type } = step;
  const repeated = step.loop === undefined ? bodyOf(step.body) : name;
  const iterations = children.filter(
    ({ displayName }) => repeated !== undefined && displayName.startsWith(`${repeated} [`),
  );
  const own = children.find((child) => child.name === stepJobName(shown.job?.id ?? '', name));
  const row = own ?? (step.loop === undefined ? undefined : iterations.at(-1));
  return {
    ...{ name, type, row, needs: before(step) },
    iterations: step.loop === undefined ? [] : iterations,
    status: statusOf(shown, type, row ?? iterations.at(-1)),
  };
}

/** A step in the table; one that a loop repeats has a line for each time. */
function linesOf(step: Step): Omit<Step, 'iterations'>[] {
  if (step.iterations.length === 0) return [step];
  const line = ({ type, needs }: Step, row: JobRow) => ({
    name: row.displayName,
    type,
    needs,
    row,
    status: row.status,
  });
  return step.iterations.map((row) => line(step, row));
}

/** What the pipeline runs; undefined where it cannot be read, which its error says. */
function graphOf({ parts, scope, job }: ShownJob): Graph | undefined {
  if (job === undefined) return undefined;
  try {
    const componentId = textOf(job.properties, 'componentId');
    const spec =
      componentId === undefined ? job.properties : findComponent(parts.ctx, scope.id, componentId).spec;
    return readGraph(fieldsOf(spec, 'jobs'), {
      ...fieldsOf(spec, 'inputs'),
      ...fieldsOf(job.properties, 'inputs'),
    });
  } catch {
    return undefined;
  }
}

function statusOf(shown: ShownJob, type: string, row: JobRow | undefined): string {
  if (row !== undefined) return row.status;
  if (!FINAL_STATUSES.includes(shown.row.status)) return 'Waiting';
  return type === 'if_else' ? 'Decided' : 'Skipped';
}

function Picture({ scope, steps }: { readonly scope: Scope; readonly steps: readonly Step[] }): JSX.Element {
  const edges = steps.flatMap(({ name, needs }) => needs.map((from) => ({ from, to: name })));
  const placed = layOut(
    steps.map(({ name }) => name),
    edges,
  );
  return (
    <div class="scroll graph" role="region" aria-label="Graph of the steps" tabIndex={0}>
      <svg
        role="img"
        aria-label={steps.map(({ name, status }) => `${name}: ${status}`).join(', ')}
        width={placed.width}
        height={placed.height}
      >
        <Edges of={placed} />
        {placed.nodes.map(({ name, x, y }) => {
          const step = steps.find((other) => other.name === name);
          return step && <Node scope={scope} step={step} x={x} y={y} />;
        })}
      </svg>
    </div>
  );
}

function Edges({ of }: { readonly of: Layout }): JSX.Element {
  return (
    <g class="edges">
      {of.edges.map(({ points }) => (
        <path d={`M${points.map(({ x, y }) => `${x},${y}`).join('L')}`} />
      ))}
    </g>
  );
}

const MOST_LETTERS = 20;

function Node(props: {
  readonly scope: Scope;
  readonly step: Step;
  readonly x: number;
  readonly y: number;
}): JSX.Element {
  const { scope, step, x, y } = props;
  const { name, status, row } = step;
  const label = name.length > MOST_LETTERS ? `${name.slice(0, MOST_LETTERS - 1)}…` : name;
  const box = (
    <g class={`node ${toneOf(status)}`} transform={`translate(${x} ${y})`}>
      <title>{`${name}: ${status}`}</title>
      <rect width={NODE.width} height={NODE.height} rx="8" />
      <rect class="edge-mark" width="5" height={NODE.height} rx="2" />
      <text x="16" y="22">
        {label}
      </text>
      <text class="state" x="16" y="40">
        {status}
      </text>
    </g>
  );
  return row === undefined ? box : <a href={pageUrl(scope, 'jobs', row.name)}>{box}</a>;
}
