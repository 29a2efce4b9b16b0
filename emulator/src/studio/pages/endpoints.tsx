import type { JSX } from 'preact';
import { visible } from '../../arm/replies.js';
import type { EmulatorContext } from '../../context.js';
import { getResource } from '../../resources.js';
import type { StoredResource } from '../../resources.js';
import type { InstanceState } from '../../scoring/group.js';
import { scoringUri } from '../../scoring/index.js';
import { recentTraffic } from '../../scoring/traffic-log.js';
import type { TrafficRow } from '../../scoring/traffic-log.js';
import type { Asked, Page, StudioParts } from '../page.js';
import { ShareBar } from '../parts/bars.js';
import { Block, Empty, Facts, Raw, Table, Tags } from '../parts/blocks.js';
import { Log } from '../parts/log.js';
import { Status } from '../parts/status.js';
import { pageUrl } from '../scope.js';
import type { Scope } from '../scope.js';
import { fieldsOf, inCollection, textOf } from '../stored.js';
import { Requests } from './endpoint-requests.js';
import { Reference } from './lineage.js';

export function endpointsPage(asked: Asked): Page {
  const { parts, scope } = asked;
  return {
    title: 'Endpoints',
    section: 'endpoints',
    body: (
      <>
        <h1>Online endpoints</h1>
        <EndpointCards ctx={parts.ctx} scope={scope} />
      </>
    ),
  };
}

/** Endpoints with their traffic. */
export function EndpointCards({
  ctx,
  scope,
}: {
  readonly ctx: EmulatorContext;
  readonly scope: Scope;
}): JSX.Element {
  const endpoints = inCollection(ctx, `${scope.id}/onlineEndpoints`);
  if (endpoints.length === 0)
    return (
      <Empty
        code={
          'az ml online-endpoint create --name e1 --auth-mode key\naz ml online-deployment create --file blue.yml --all-traffic'
        }
      >
        No online endpoint yet. Make one and deploy a model to it:
      </Empty>
    );
  return (
    <ul class="cards">
      {endpoints.map((endpoint) => (
        <li>
          <div class="row">
            <a href={pageUrl(scope, 'endpoints', endpoint.name)}>{endpoint.name}</a>
            <Status of={textOf(endpoint.properties, 'provisioningState') ?? 'Creating'} />
          </div>
          <Traffic endpoint={endpoint} />
        </li>
      ))}
    </ul>
  );
}

function sharesOf(endpoint: StoredResource, field: string): { name: string; percent: number }[] {
  return Object.entries(fieldsOf(endpoint.properties, field))
    .map(([name, percent]) => ({ name, percent: Number(percent) }))
    .filter(({ percent }) => percent > 0)
    .sort((left, right) => left.name.localeCompare(right.name));
}

function Traffic({ endpoint }: { readonly endpoint: StoredResource }): JSX.Element {
  const [traffic, mirror] = [sharesOf(endpoint, 'traffic'), sharesOf(endpoint, 'mirrorTraffic')];
  return (
    <>
      {traffic.length === 0 ? (
        <p class="faint">No deployment has traffic.</p>
      ) : (
        <ShareBar label="Traffic" shares={traffic} />
      )}
      {mirror.length > 0 && (
        <p class="faint">
          Mirrored: {mirror.map(({ name, percent }) => `${percent} % to ${name}`).join(', ')}
        </p>
      )}
    </>
  );
}

/** One endpoint: who answers, how, and what was asked last. */
export async function endpointPage(asked: Asked, name: string): Promise<Page | undefined> {
  const { parts, scope, query } = asked;
  const { ctx } = parts;
  const endpoint = getResource(ctx.store, `${scope.id}/onlineEndpoints/${name}`);
  if (endpoint === undefined) return undefined;
  const deployments = inCollection(ctx, `${endpoint.id}/deployments`);
  const instances = await Promise.all(deployments.map(({ id }) => parts.scoring.instances(id)));
  const chosen = deployments.find((deployment) => deployment.name === query.get('log')) ?? deployments[0];
  const rows = recentTraffic(ctx.dataDir, endpoint.id, ['', ...deployments.map((one) => one.name)], 500);
  return {
    title: endpoint.name,
    section: 'endpoints',
    log: chosen && { kind: 'container', deploymentId: chosen.id },
    body: (
      <>
        <p class="crumbs">
          <a href={pageUrl(scope, 'endpoints')}>Endpoints</a>
        </p>
        <h1>{endpoint.name}</h1>
        <p class="sub">
          <Status of={textOf(endpoint.properties, 'provisioningState') ?? 'Creating'} />
        </p>
        <Tags of={endpoint.tags} />
        <Block title="Traffic">
          <Traffic endpoint={endpoint} />
        </Block>
        <Block title="Deployments">
          <Deployments
            parts={parts}
            scope={scope}
            endpoint={endpoint}
            deployments={deployments}
            instances={instances}
            rows={rows}
          />
        </Block>
        <Requests rows={rows} />
        {chosen !== undefined && <Logs scope={scope} endpoint={endpoint} all={deployments} chosen={chosen} />}
        <Block title="Details">
          <Facts
            of={[
              ['Scoring URI', <code class="long">{scoringUri(ctx, endpoint)}</code>],
              ['Authentication', textOf(endpoint.properties, 'authMode')],
              ['Description', textOf(endpoint.properties, 'description')],
            ]}
          />
          <Raw title="As Azure ML answers it" of={visible(endpoint)} />
        </Block>
      </>
    ),
  };
}

function Deployments(props: {
  readonly parts: StudioParts;
  readonly scope: Scope;
  readonly endpoint: StoredResource;
  readonly deployments: readonly StoredResource[];
  readonly instances: readonly (readonly InstanceState[])[];
  readonly rows: readonly TrafficRow[];
}): JSX.Element {
  if (props.deployments.length === 0)
    return (
      <Empty code="az ml online-deployment create --file blue.yml --all-traffic">
        Nothing is deployed yet:
      </Empty>
    );
  return (
    <Table
      label="Deployments"
      columns={[
        { title: 'Deployment' },
        { title: 'State' },
        { title: 'Traffic', numeric: true },
        { title: 'Model', wide: true },
        { title: 'Instances' },
        { title: 'p50 ms', numeric: true },
        { title: 'p95 ms', numeric: true },
        { title: 'Errors', numeric: true },
      ]}
      rows={props.deployments.map((deployment, at) => {
        const own = props.rows.filter(({ DeploymentName }) => DeploymentName === deployment.name);
        const times = own.map(({ TotalDurationMs }) => TotalDurationMs).sort((left, right) => left - right);
        const failed = own.filter(({ ResponseCode }) => ResponseCode >= 400).length;
        return {
          key: deployment.name,
          cells: [
            deployment.name,
            <Status of={textOf(deployment.properties, 'provisioningState') ?? 'Creating'} />,
            `${Number(fieldsOf(props.endpoint.properties, 'traffic')[deployment.name.toLowerCase()] ?? 0)} %`,
            textOf(deployment.properties, 'model') === undefined ? (
              '–'
            ) : (
              <Reference ctx={props.parts.ctx} scope={props.scope} to={deployment.properties['model']} />
            ),
            <Instances wanted={Number(deployment.sku?.['capacity'] ?? 1)} of={props.instances[at] ?? []} />,
            share(times, 0.5),
            share(times, 0.95),
            own.length === 0 ? '–' : `${failed} of ${own.length}`,
          ],
        };
      })}
    />
  );
}

const share = (sorted: readonly number[], part: number) => sorted[Math.floor(sorted.length * part)] ?? '–';

/** What the probes of each instance say. */
function Instances(props: { readonly wanted: number; readonly of: readonly InstanceState[] }): JSX.Element {
  if (props.of.length === 0) return <span class="faint">{`0 of ${props.wanted} run`}</span>;
  return (
    <ul class="plain">
      {props.of.map(({ id, ready, inFlight }) => (
        <li title={id}>
          <Status of={ready ? 'Ready' : 'NotReady'} />
          {inFlight > 0 && <span class="faint"> {inFlight} in flight</span>}
        </li>
      ))}
    </ul>
  );
}

function Logs(props: {
  readonly scope: Scope;
  readonly endpoint: StoredResource;
  readonly all: readonly StoredResource[];
  readonly chosen: StoredResource;
}): JSX.Element {
  const { scope, endpoint, all, chosen } = props;
  const page = pageUrl(scope, 'endpoints', endpoint.name);
  return (
    <Block title="Log" id="log">
      <Log
        id={`log-${chosen.name}`}
        tabs={all.map(({ name }) => ({ name, href: `${page}?log=${encodeURIComponent(name)}#log` }))}
        chosen={chosen.name}
        full={`${page}/log/${encodeURIComponent(chosen.name)}`}
        ended={false}
      />
    </Block>
  );
}
