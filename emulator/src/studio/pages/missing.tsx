import { STUDIO } from '../../control/routes.js';
import type { Page } from '../page.js';
import { pageUrl } from '../scope.js';
import type { Scope } from '../scope.js';

/** What is answered where nothing is. */
export function missingPage(path: string, scope: Scope | undefined): Page {
  return {
    title: 'Not found',
    section: 'missing',
    status: 404,
    scope,
    body: (
      <div class="missing">
        <h1>Nothing is here</h1>
        <p>
          There is nothing at <code class="long">{path}</code>. It may have been deleted, or another emulator
          or data folder has it.
        </p>
        <p>
          {scope === undefined ? (
            <a href={STUDIO}>All workspaces</a>
          ) : (
            <>
              Look among the <a href={pageUrl(scope, 'jobs')}>jobs</a>,{' '}
              <a href={pageUrl(scope, 'models')}>models</a> and{' '}
              <a href={pageUrl(scope, 'endpoints')}>endpoints</a> of {scope.name}.
            </>
          )}
        </p>
      </div>
    ),
  };
}
