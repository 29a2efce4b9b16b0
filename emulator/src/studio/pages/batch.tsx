import { visible } from '../../arm/replies.js';
import { keyOf } from '../../ids.js';
import { getResource } from '../../resources.js';
import { batchUri } from '../../scoring/uri.js';
import type { Asked, Page } from '../page.js';
import { Block, Empty, Facts, Raw, Table } from '../parts/blocks.js';
import { Status } from '../parts/status.js';
import { pageUrl } from '../scope.js';
import { fieldsOf, inCollection, textOf } from '../stored.js';
import { JobTable } from './jobs.js';
import { Reference } from './lineage.js';

export function batchEndpointsPage({ parts, scope }: Asked): Page {
  const endpoints = inCollection(parts.ctx, `${scope.id}/batchEndpoints`);
  return {
    title: 'Batch endpoints',
    section: 'batch',
    body: (
      <>
        <h1>Batch endpoints</h1>
        {endpoints.length === 0 ? (
          <Empty
            code={
              'az ml batch-endpoint create --name b1\naz ml batch-deployment create --file deployment.yml --set-default'
            }
          >
            No batch endpoint yet. Make one and deploy a model to it:
          </Empty>
        ) : (
          <Table
            label="Batch endpoints"
            columns={[{ title: 'Endpoint' }, { title: 'State' }, { title: 'Default deployment' }]}
            rows={endpoints.map(({ name, properties }) => ({
              key: name,
              cells: [
                <a href={pageUrl(scope, 'batch', name)}>{name}</a>,
                <Status of={textOf(properties, 'provisioningState') ?? 'Creating'} />,
                textOf(fieldsOf(properties, 'defaults'), 'deploymentName'),
              ],
            }))}
          />
        )}
      </>
    ),
  };
}

/** One batch endpoint with the jobs that its invocations started. */
export async function batchEndpointPage({ parts, scope }: Asked, name: string): Promise<Page | undefined> {
  const endpoint = getResource(parts.ctx.store, `${scope.id}/batchEndpoints/${name}`);
  if (endpoint === undefined) return undefined;
  const chosen = textOf(fieldsOf(endpoint.properties, 'defaults'), 'deploymentName');
  const prefix = `${keyOf(endpoint.id)}/deployments/`;
  const jobs = (await parts.jobs.jobs(scope.id)).filter(
    ({ batchDeployment }) => batchDeployment?.toLowerCase().startsWith(prefix) === true,
  );
  return {
    title: endpoint.name,
    section: 'batch',
    body: (
      <>
        <p class="crumbs">
          <a href={pageUrl(scope, 'batch')}>Batch endpoints</a>
        </p>
        <h1>{endpoint.name}</h1>
        <Block title="Deployments">
          <Table
            label="Deployments"
            columns={[
              { title: 'Deployment' },
              { title: 'State' },
              { title: 'Model' },
              { title: 'Compute', wide: true },
            ]}
            rows={inCollection(parts.ctx, `${endpoint.id}/deployments`).map((deployment) => ({
              key: deployment.name,
              cells: [
                <>
                  {deployment.name}
                  {deployment.name === chosen && <span class="faint"> default</span>}
                </>,
                <Status of={textOf(deployment.properties, 'provisioningState') ?? 'Creating'} />,
                <Reference
                  ctx={parts.ctx}
                  scope={scope}
                  to={textOf(fieldsOf(deployment.properties, 'model'), 'assetId') ?? ''}
                />,
                <Reference
                  ctx={parts.ctx}
                  scope={scope}
                  to={textOf(deployment.properties, 'compute') ?? ''}
                />,
              ],
            }))}
          />
        </Block>
        <Block title="Jobs">
          {jobs.length === 0 ? (
            <Empty code={`az ml batch-endpoint invoke --name ${endpoint.name} --input data.csv`}>
              It has not been invoked yet:
            </Empty>
          ) : (
            <JobTable scope={scope} label="Jobs of the endpoint" rows={jobs.slice(0, 100)} />
          )}
        </Block>
        <Block title="Details">
          <Facts
            of={[
              ['Scoring URI', <code class="long">{batchUri(parts.ctx, endpoint)}</code>],
              ['Description', textOf(endpoint.properties, 'description')],
            ]}
          />
        </Block>
        <Raw title="As Azure ML answers it" of={visible(endpoint)} />
      </>
    ),
  };
}
