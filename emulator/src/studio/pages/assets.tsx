import type { ComponentChild, JSX } from 'preact';
import { visible } from '../../arm/replies.js';
import { nameOf } from '../../ids.js';
import type { StoredResource } from '../../resources.js';
import type { Asked, MakePage, Page } from '../page.js';
import { Block, Empty, Facts, Raw, Table, Tags } from '../parts/blocks.js';
import { Ago } from '../parts/time.js';
import { pageOf } from '../list-page.js';
import { Pager, Filters } from '../parts/paging.js';
import { pageUrl } from '../scope.js';
import { fieldsOf, inCollection, textOf } from '../stored.js';
import { Reference } from './lineage.js';

/** Assets with versions: how a kind of them is shown. */
interface AssetKind {
  readonly collection: string;
  readonly title: string;
  readonly one: string;
  readonly code: string;
  /** What tells one version from another. */
  readonly what: (version: StoredResource) => ComponentChild;
}

const KINDS: readonly AssetKind[] = [
  {
    collection: 'models',
    title: 'Models',
    one: 'model',
    code: 'az ml model create --name m --type mlflow_model --path azureml://jobs/JOB/outputs/artifacts/paths/model/\n# or: mlflow.register_model("runs:/RUN/model", "m")',
    what: ({ properties }) => textOf(properties, 'modelType'),
  },
  {
    collection: 'data',
    title: 'Data',
    one: 'data asset',
    code: 'az ml data create --name d --type uri_file --path table.csv',
    what: ({ properties }) => textOf(properties, 'dataType'),
  },
  {
    collection: 'environments',
    title: 'Environments',
    one: 'environment',
    code: 'az ml environment create --name e --conda-file conda.yml --image mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04',
    what: ({ properties }) => textOf(properties, 'image'),
  },
  {
    collection: 'components',
    title: 'Components',
    one: 'component',
    code: 'az ml component create --file component.yml',
    what: ({ properties }) => textOf(fieldsOf(properties, 'componentSpec'), 'type'),
  },
];

/** Pages of the kinds of assets, by section. */
export const assetPages: Readonly<Record<string, MakePage>> = Object.fromEntries(
  KINDS.map((kind) => [
    kind.collection,
    (asked: Asked) => {
      const [name, version] = asked.rest;
      if (name === undefined) return listPage(kind, asked);
      return version === undefined ? assetPage(kind, asked, name) : versionPage(kind, asked, name, version);
    },
  ]),
);

const SHOWN = 50;

function listPage(kind: AssetKind, { parts, scope, query }: Asked): Page {
  const wanted = (query.get('q') ?? '').toLowerCase();
  const found = inCollection(parts.ctx, `${scope.id}/${kind.collection}`).filter(
    ({ name, properties }) => name.toLowerCase().includes(wanted) && properties['isArchived'] !== true,
  );
  const { items, page, pages } = pageOf(found, query, SHOWN);
  return {
    title: kind.title,
    section: kind.collection,
    body: (
      <>
        <h1>{kind.title}</h1>
        <Filters query={query} fields={[{ name: 'q', label: 'Name contains' }]} />
        {items.length === 0 ? (
          <Empty code={kind.code}>
            {wanted === ''
              ? `No ${kind.one} is registered yet. Make one with any client:`
              : 'None has such a name.'}
          </Empty>
        ) : (
          <Table
            label={kind.title}
            columns={[
              { title: 'Name' },
              { title: 'Latest' },
              { title: 'Versions', numeric: true },
              { title: 'Kind', wide: true },
              { title: 'Made', numeric: true },
            ]}
            rows={items.map((asset) => {
              const versions = inCollection(parts.ctx, `${asset.id}/versions`);
              const latest = versions[0];
              const home = pageUrl(scope, kind.collection, asset.name);
              return {
                key: asset.name,
                cells: [
                  <a href={home}>{asset.name}</a>,
                  latest && (
                    <a href={pageUrl(scope, kind.collection, asset.name, latest.name)}>{latest.name}</a>
                  ),
                  versions.length,
                  latest && kind.what(latest),
                  <Ago at={(latest ?? asset).systemData.createdAt} />,
                ],
              };
            })}
          />
        )}
        <Pager
          path={pageUrl(scope, kind.collection)}
          query={query}
          page={page}
          pages={pages}
          total={found.length}
          unit={kind.title.toLowerCase()}
        />
      </>
    ),
  };
}

function assetPage(kind: AssetKind, { parts, scope, query }: Asked, name: string): Page | undefined {
  const all = inCollection(parts.ctx, `${scope.id}/${kind.collection}`);
  const asset = all.find((other) => other.name === name);
  if (asset === undefined) return undefined;
  const versions = inCollection(parts.ctx, `${asset.id}/versions`);
  const { items, page, pages } = pageOf(versions, query, SHOWN);
  return {
    title: name,
    section: kind.collection,
    body: (
      <>
        <Crumbs kind={kind} scope={scope} />
        <h1>{name}</h1>
        <Tags of={asset.properties['tags']} />
        <Block title="Versions">
          <Table
            label="Versions"
            columns={[
              { title: 'Version' },
              { title: 'Kind', wide: true },
              { title: 'From job' },
              { title: 'Tags', wide: true },
              { title: 'Made', numeric: true },
            ]}
            rows={items.map((version) => ({
              key: version.name,
              cells: [
                <a href={pageUrl(scope, kind.collection, name, version.name)}>{version.name}</a>,
                kind.what(version),
                <FromJob asked={{ scope }} version={version} />,
                <Tags of={version.properties['tags']} />,
                <Ago at={version.systemData.createdAt} />,
              ],
            }))}
          />
          <Pager
            path={pageUrl(scope, kind.collection, name)}
            query={query}
            page={page}
            pages={pages}
            total={versions.length}
            unit="versions"
          />
        </Block>
      </>
    ),
  };
}

function versionPage(
  kind: AssetKind,
  { parts, scope }: Asked,
  name: string,
  version: string,
): Page | undefined {
  const { ctx } = parts;
  const found = inCollection(ctx, `${scope.id}/${kind.collection}/${name}/versions`).find(
    (other) => other.name === version,
  );
  if (found === undefined) return undefined;
  const { properties } = found;
  const uri = textOf(properties, 'modelUri') ?? textOf(properties, 'dataUri');
  const conda = textOf(properties, 'condaFile');
  return {
    title: `${name}:${version}`,
    section: kind.collection,
    body: (
      <>
        <Crumbs kind={kind} scope={scope} name={name} />
        <h1>
          {name}:{version}
        </h1>
        <Tags of={properties['tags']} />
        <Block title="Lineage">
          <Facts
            of={[
              ['Made by job', jobOfVersion(found) && <FromJob asked={{ scope }} version={found} />],
              ['Lies at', uri && <Reference ctx={ctx} scope={scope} to={uri} />],
              [
                'Serves in',
                kind.collection === 'models' ? <Served asked={{ parts, scope }} id={found.id} /> : undefined,
              ],
              ['Made', <Ago at={found.systemData.createdAt} />],
              ['Description', textOf(properties, 'description')],
            ]}
          />
        </Block>
        {conda !== undefined && (
          <Block title="Packages">
            <pre tabIndex={0}>
              <code>{conda}</code>
            </pre>
          </Block>
        )}
        <Raw title="As Azure ML answers it" of={visible(found)} />
      </>
    ),
  };
}

function Crumbs(props: {
  readonly kind: AssetKind;
  readonly scope: Asked['scope'];
  readonly name?: string;
}): JSX.Element {
  const { kind, scope, name } = props;
  return (
    <p class="crumbs">
      <a href={pageUrl(scope, kind.collection)}>{kind.title}</a>
      {name !== undefined && (
        <>
          {' / '}
          <a href={pageUrl(scope, kind.collection, name)}>{name}</a>
        </>
      )}
    </p>
  );
}

/** Name of the job or run that a version was registered from. */
export function jobOfVersion(version: StoredResource): string | undefined {
  const { properties } = version;
  const named =
    textOf(properties, 'jobName') ?? textOf(version as unknown as Record<string, unknown>, '_runId');
  const uri = textOf(properties, 'modelUri') ?? textOf(properties, 'dataUri') ?? '';
  const inUri = /^azureml:\/\/jobs\/([^/]+)|\/dcid\.([^/]+)|\/azureml\/([^/]+)\//.exec(uri);
  return named ?? inUri?.[1] ?? inUri?.[2] ?? inUri?.[3];
}

function FromJob(props: {
  readonly asked: Pick<Asked, 'scope'>;
  readonly version: StoredResource;
}): JSX.Element | null {
  const job = jobOfVersion(props.version);
  return job === undefined ? null : <a href={pageUrl(props.asked.scope, 'jobs', job)}>{job}</a>;
}

/** The deployments that serve a model. */
function Served(props: { readonly asked: Pick<Asked, 'parts' | 'scope'>; readonly id: string }): JSX.Element {
  const { parts, scope } = props.asked;
  const name = `${nameOf(props.id.split('/').slice(0, -2).join('/'))}:${nameOf(props.id)}`;
  const isIt = (model: unknown) =>
    typeof model === 'string' &&
    (model.toLowerCase() === props.id.toLowerCase() || model === `azureml:${name}`);
  const found = inCollection(parts.ctx, `${scope.id}/onlineEndpoints`).flatMap((endpoint) =>
    inCollection(parts.ctx, `${endpoint.id}/deployments`)
      .filter(({ properties }) => isIt(properties['model']))
      .map((deployment) => ({ endpoint: endpoint.name, deployment: deployment.name })),
  );
  if (found.length === 0) return <span class="faint">no deployment</span>;
  return (
    <ul class="plain">
      {found.map(({ endpoint, deployment }) => (
        <li>
          <a href={pageUrl(scope, 'endpoints', endpoint)}>
            {endpoint} / {deployment}
          </a>
        </li>
      ))}
    </ul>
  );
}
