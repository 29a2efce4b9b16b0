import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openInBrowser } from '../browser.js';
import { type ExitCode, exitCodes, failed } from '../failures.js';
import { type Io, say } from '../io.js';
import { withTemporal } from '../temporal.js';
import { statusOf } from './status.js';

export interface ReportOptions {
  readonly out?: string;
  readonly open?: boolean;
  readonly workspace?: string;
}

/** Fetches a lifecycle's evaluation report from Blob; `-` writes it to standard output. */
export async function report(io: Io, text: string | undefined, options: ReportOptions): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    const { id, status } = await statusOf(temporal, text);
    if (status.report === undefined) throw failed(`${id} has written no report yet. ${status.why}`);
    const { project, commit } = status;
    const [{ azureFor }, { readBlob }] = await Promise.all([
      import('../azure.js'),
      import('../../azureml/index.js'),
    ]);
    const workspace = options.workspace;
    const azure = await azureFor(temporal.settings, {
      project,
      ...(workspace !== undefined && { workspace }),
    });
    const html = await readBlob(azure, status.report);
    if (html === undefined) {
      throw failed(
        `${status.report} is not in the default datastore of workspace ${azure.target.alias} (${azure.target.name}); another one is named with --workspace`,
      );
    }
    if (options.out === '-') {
      io.out.write(html);
      return exitCodes.ok;
    }
    const file = resolve(io.cwd, options.out ?? `${project}-${commit.slice(0, 7)}-evaluation.html`);
    await writeFile(file, html);
    say(io, file);
    if (options.open === true) openInBrowser(file);
    return exitCodes.ok;
  });
}
