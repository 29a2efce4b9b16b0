import type { JSX } from 'preact';
import { Block } from '../parts/blocks.js';
import { pageUrl } from '../scope.js';
import { inCollection } from '../stored.js';
import { jobOfVersion } from './assets.js';
import type { ShownJob } from './job.js';

/** Models and data that were registered from a job. */
export function Made({ shown }: { readonly shown: ShownJob }): JSX.Element | null {
  const { parts, scope, row } = shown;
  const found = ['models', 'data'].flatMap((kind) =>
    inCollection(parts.ctx, `${scope.id}/${kind}`).flatMap((asset) =>
      inCollection(parts.ctx, `${asset.id}/versions`)
        .filter((version) => jobOfVersion(version) === row.name)
        .map((version) => ({ kind, name: asset.name, version: version.name })),
    ),
  );
  if (found.length === 0) return null;
  return (
    <Block title="Registered from it">
      <ul class="plain">
        {found.map(({ kind, name, version }) => (
          <li>
            {kind === 'models' ? 'Model' : 'Data'}{' '}
            <a href={pageUrl(scope, kind, name, version)}>
              {name}:{version}
            </a>
          </li>
        ))}
      </ul>
    </Block>
  );
}
