import type { ComponentChild, JSX } from 'preact';
import type { Run } from '../../mlflow/records.js';
import { runsOf, workspaceAt } from '../../mlflow/workspace.js';
import { getResource } from '../../resources.js';
import type { Json, StoredResource } from '../../resources.js';
import { artifactLocation } from '../../runner/uris.js';
import { visible } from '../../arm/replies.js';
import { filesAt } from '../files.js';
import type { StoredFile } from '../files.js';
import { FINAL_STATUSES } from '../job-rows.js';
import type { JobRow } from '../job-rows.js';
import type { Asked, Page } from '../page.js';
import { Block, Empty, Facts, Raw, Tags } from '../parts/blocks.js';
import { Chart } from '../parts/chart.js';
import { Log } from '../parts/log.js';
import { Status } from '../parts/status.js';
import { Ago } from '../parts/time.js';
import { pageUrl } from '../scope.js';
import { fieldsOf, textOf } from '../stored.js';
import { Artifacts } from './artifacts.js';
import { ChildrenOf } from './children.js';
import { Duration } from './jobs.js';
import { Bindings, Reference } from './lineage.js';
import { Made } from './made.js';
import { Timeline } from './timeline.js';

/** What a job's page is made from. */
export interface ShownJob extends Asked {
  readonly row: JobRow;
  /** All jobs of the workspace. */
  readonly all: readonly JobRow[];
  /** Undefined for a run that was tracked without a job. */
  readonly job: StoredResource | undefined;
  readonly run: Run | undefined;
  readonly files: readonly StoredFile[];
}

/** One job or run. */
export async function jobPage(asked: Asked): Promise<Page | undefined> {
  const { parts, scope, rest } = asked;
  const name = rest[0] ?? '';
  const all = await parts.jobs.jobs(scope.id);
  const row = all.find((other) => other.name.toLowerCase() === name.toLowerCase());
  if (row === undefined) return undefined;
  const job = getResource(parts.ctx.store, `${scope.id}/jobs/${row.name}`);
  const run = runsOf(workspaceAt(parts.ctx, scope.id)).get(row.name);
  const { container, prefix } = artifactLocation(parts.ctx, scope.id, row.name);
  const files = await filesAt(parts.ctx, { container, prefix });
  const shown: ShownJob = { ...asked, row, all, job, run, files };
  const log = logOf(shown);
  return {
    title: row.displayName,
    section: 'jobs',
    log: log === undefined ? undefined : { kind: 'blob', container, path: `${prefix}/${log}` },
    body: <Job shown={shown} log={log} />,
  };
}

const isLog = (path: string) =>
  /^(user_logs|system_logs|azureml-logs|logs\/azureml)\/.*\.(txt|log)$/.test(path);

/** The file that is asked for, else the one that tells most. */
function logOf({ job, files, query }: ShownJob): string | undefined {
  const logs = logFiles(files);
  const asked = query.get('log');
  if (asked !== null && logs.includes(asked)) return asked;
  const first = logs.find((path) => path.startsWith('user_logs/')) ?? logs[0];
  if (first !== undefined) return first;
  // It will come there.
  return textOf(job?.properties, 'jobType')?.toLowerCase() === 'command'
    ? 'user_logs/std_log.txt'
    : undefined;
}

function logFiles(files: readonly StoredFile[]): string[] {
  return files.map(({ path }) => path).filter(isLog);
}

function Job({ shown, log }: { readonly shown: ShownJob; readonly log: string | undefined }): JSX.Element {
  const { row, job, parts, scope } = shown;
  const { ctx } = parts;
  const properties = job?.properties;
  const error = fieldsOf(properties, 'error');
  const [inputs, outputs] = [fieldsOf(properties, 'inputs'), fieldsOf(properties, 'outputs')];
  return (
    <>
      <Head shown={shown} />
      {typeof error['message'] === 'string' && (
        <div class="error" role="alert">
          <b>{String(error['code'])}</b>
          <pre>{error['message']}</pre>
        </div>
      )}
      <Timeline row={row} job={job} />
      <ChildrenOf shown={shown} />
      <Metrics shown={shown} />
      {log !== undefined && <LogBlock shown={shown} log={log} />}
      <div class="columns">
        {Object.keys(inputs).length > 0 && (
          <Block title="Inputs">
            <Bindings ctx={ctx} scope={scope} of={inputs} />
          </Block>
        )}
        {Object.keys(outputs).length > 0 && (
          <Block title="Outputs">
            <Bindings ctx={ctx} scope={scope} of={outputs} />
          </Block>
        )}
        <Params shown={shown} />
        <Made shown={shown} />
      </div>
      <Artifacts shown={shown} logs={logFiles(shown.files)} />
      <Block title="Details">
        <Details shown={shown} />
        {job !== undefined && <Raw title="As Azure ML answers it" of={visible(job)} />}
      </Block>
    </>
  );
}

function Head({ shown }: { readonly shown: ShownJob }): JSX.Element {
  const { row, scope, job, run } = shown;
  const ended = FINAL_STATUSES.includes(row.status);
  return (
    <div class="head">
      <div>
        <p class="crumbs">
          <a href={pageUrl(scope, 'jobs')}>Jobs</a>
          {row.parent !== undefined && (
            <>
              {' / '}
              <a href={pageUrl(scope, 'jobs', row.parent)}>{row.parent}</a>
            </>
          )}
        </p>
        <h1>{row.displayName}</h1>
        <p class="sub">
          <Status of={row.status} /> <Duration row={row} /> · {row.type} · submitted <Ago at={row.created} />{' '}
          ·{' '}
          <a href={`${pageUrl(scope, 'jobs')}?experiment=${encodeURIComponent(row.experiment)}`}>
            {row.experiment}
          </a>
        </p>
        <Tags of={job?.properties['tags'] ?? ownTags(run)} />
      </div>
      {job !== undefined && !ended && (
        <form
          method="post"
          action={`${pageUrl(scope, 'jobs', row.name)}/cancel`}
          data-confirm={`Cancel the job ${row.name}?`}
        >
          <button class="danger" type="submit">
            Cancel job
          </button>
        </form>
      )}
    </div>
  );
}

/** MLflow's own tags say what is shown elsewhere. */
function ownTags(run: Run | undefined): Json {
  return Object.fromEntries(Object.entries(run?.tags ?? {}).filter(([name]) => !name.startsWith('mlflow.')));
}

function Metrics({ shown }: { readonly shown: ShownJob }): JSX.Element | null {
  const { parts, scope, row } = shown;
  const series = parts.metricsOf(scope.id, row.name);
  if (series.length === 0) {
    if (row.type === 'Pipeline' || row.type === 'Sweep') return null;
    return (
      <Block title="Metrics">
        <Empty code={'import mlflow\nmlflow.log_metric("loss", 0.3, step=1)'}>
          No metric has been logged.
        </Empty>
      </Block>
    );
  }
  const single = series.filter(({ values }) => values.length === 1);
  const many = series.filter(({ values }) => values.length > 1);
  return (
    <Block title="Metrics">
      {single.length > 0 && (
        <ul class="figures" aria-label="Metrics with one value">
          {single.map(({ name, values }) => (
            <li>
              <span>{name}</span>
              <b>{values[0] === null ? 'no number' : Number((values[0] ?? 0).toPrecision(6))}</b>
            </li>
          ))}
        </ul>
      )}
      {many.length > 0 && (
        <div class="charts">
          {many.map(({ name, steps, values, count }) => (
            <Chart
              of={{ title: name, along: 'step', x: steps, lines: [{ name, values }] }}
              note={count > values.length ? `${values.length} of ${count} values drawn` : `${count} values`}
            />
          ))}
        </div>
      )}
    </Block>
  );
}

function LogBlock({ shown, log }: { readonly shown: ShownJob; readonly log: string }): JSX.Element {
  const { row, scope, files } = shown;
  const page = pageUrl(scope, 'jobs', row.name);
  const names = logFiles(files);
  const tabs = (names.length === 0 ? [log] : names).map((name) => ({
    name,
    href: `${page}?log=${encodeURIComponent(name)}#log`,
  }));
  return (
    <Block title="Log" id="log">
      <Log
        id={`log-${log}`}
        tabs={tabs}
        chosen={log}
        full={fileUrl(page, log)}
        ended={FINAL_STATUSES.includes(row.status)}
      />
    </Block>
  );
}

/** Address of a file of a job, `page` being the job's. */
export function fileUrl(page: string, path: string): string {
  return `${page}/files/${path.split('/').map(encodeURIComponent).join('/')}`;
}

function Params({ shown }: { readonly shown: ShownJob }): JSX.Element | null {
  const params = Object.entries(shown.run?.params ?? {});
  if (params.length === 0) return null;
  return (
    <Block title="Parameters">
      <Facts of={params.map(([name, value]) => [name, <code>{value}</code>])} />
    </Block>
  );
}

function Details({ shown }: { readonly shown: ShownJob }): JSX.Element {
  const { parts, scope, row, job, run } = shown;
  const { properties } = job ?? {};
  const reference = (field: string): ComponentChild => {
    const value = textOf(properties, field);
    return value && <Reference ctx={parts.ctx} scope={scope} to={value} />;
  };
  const command = textOf(properties, 'command');
  return (
    <Facts
      of={[
        ['Name', <code>{row.name}</code>],
        ['Command', command && <pre class="command">{command}</pre>],
        ['Environment', reference('environmentId')],
        ['Compute', reference('computeId') ?? row.compute],
        ['Code', reference('codeId')],
        ['Component', reference('componentId')],
        ['Description', textOf(properties, 'description')],
        ['Submitted by', job?.systemData.createdBy ?? run?.user_id],
        ['Batch deployment', row.batchDeployment],
      ]}
    />
  );
}
