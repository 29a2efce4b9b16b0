import type { JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { STUDIO } from '../control/routes.js';
import { ASSETS, IMPORT_MAP } from './assets.js';
import type { Page, StudioParts } from './page.js';
import { pageUrl } from './scope.js';
import type { Scope } from './scope.js';

/** The parts of a workspace, in the order of the navigation. */
export const SECTIONS: readonly (readonly [section: string, title: string])[] = [
  ['', 'Overview'],
  ['jobs', 'Jobs'],
  ['models', 'Models'],
  ['endpoints', 'Endpoints'],
  ['batch', 'Batch endpoints'],
  ['data', 'Data'],
  ['environments', 'Environments'],
  ['components', 'Components'],
  ['compute', 'Compute'],
  ['schedules', 'Schedules'],
];

/** What stands inside `main`: also what is sent when something has changed. */
export function renderMain({ body }: Page): string {
  return renderToString(<>{body}</>);
}

/** The whole document. */
export function renderDocument(parts: StudioParts, page: Page): string {
  return `<!doctype html>${renderToString(<Document parts={parts} page={page} />)}`;
}

function Document({ parts, page }: { readonly parts: StudioParts; readonly page: Page }): JSX.Element {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${page.title} · azureml-emulator`}</title>
        <link rel="icon" href={`${ASSETS}/icon.svg`} type="image/svg+xml" />
        <link rel="stylesheet" href={`${ASSETS}/uplot.css`} />
        <link rel="stylesheet" href={`${ASSETS}/studio.css`} />
        <script type="importmap" dangerouslySetInnerHTML={{ __html: IMPORT_MAP }} />
        <script type="module" src={`${ASSETS}/studio.js`} />
      </head>
      <body>
        <a class="skip" href="#page">
          Skip to content
        </a>
        <Header parts={parts} page={page} />
        <main id="page" tabIndex={-1} dangerouslySetInnerHTML={{ __html: renderMain(page) }} />
        <footer>
          <span id="live" role="status" />
          <span>azureml-emulator {parts.ctx.baseUrl()}</span>
        </footer>
      </body>
    </html>
  );
}

function Header({ parts, page }: { readonly parts: StudioParts; readonly page: Page }): JSX.Element {
  const all = parts.scopes();
  const scope = page.scope ?? (all.length === 1 ? all[0] : undefined);
  return (
    <header class="top">
      <a class="brand" href={STUDIO}>
        <svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 2 2 20h6l4-8 4 8h6z" />
        </svg>
        azureml-emulator
      </a>
      <Workspaces all={all} current={page.scope} />
      <nav aria-label="Sections" class="sections">
        {scope === undefined ? (
          <a href={STUDIO} aria-current={page.section === 'home' ? 'page' : undefined}>
            Workspaces
          </a>
        ) : (
          SECTIONS.map(([section, title]) => (
            <a
              href={section === '' ? pageUrl(scope) : pageUrl(scope, section)}
              aria-current={page.section === section && page.scope !== undefined ? 'page' : undefined}
            >
              {title}
            </a>
          ))
        )}
        <a href={`${STUDIO}/requests`} aria-current={page.section === 'requests' ? 'page' : undefined}>
          API calls
        </a>
      </nav>
    </header>
  );
}

function Workspaces(props: {
  readonly all: readonly Scope[];
  readonly current: Scope | undefined;
}): JSX.Element {
  return (
    <details class="workspaces" name="workspaces">
      <summary>
        <span class="hidden">Workspace: </span>
        {props.current?.name ?? 'All workspaces'}
      </summary>
      <ul>
        <li>
          <a href={STUDIO}>All workspaces</a>
        </li>
        {props.all.map((scope) => (
          <li>
            <a href={pageUrl(scope)} aria-current={scope.id === props.current?.id ? 'true' : undefined}>
              {scope.name} <span class="faint">{scope.group}</span>
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}
