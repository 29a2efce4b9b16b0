import { Command, InvalidArgumentError } from 'commander';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LRO_DELAY_MS, startEmulator } from './index.js';
import type { Emulator } from './index.js';

interface Flags {
  port: number;
  httpsPort: number;
  blobPort: number;
  host: string;
  publicUrl?: string;
  publicBlobUrl?: string;
  data: string;
  lroDelay: number;
  faults?: string;
  https: boolean;
  seed?: string;
  reset: boolean;
  json: boolean;
  quiet: boolean;
}

function whole(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('A whole number of at least 0 is expected.');
  return Number(text);
}

function port(text: string): number {
  const value = whole(text);
  if (value > 65_535) throw new InvalidArgumentError('A port is at most 65535; 0 means a free one.');
  return value;
}

function names(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

const program = new Command('azureml-emulator')
  .description(
    'A local Azure Machine Learning: Resource Manager, Blob, MLflow, jobs, online endpoints and a small GitHub.',
  )
  .option('--port <n>', 'port of http; 0: a free one', port, 8743)
  .option('--https-port <n>', 'port of https; 0: a free one', port, 0)
  .option('--no-https', 'serve http only')
  .option('--blob-port <n>', 'port of Blob (Azurite); 0: a free one', port, 0)
  .option('--host <address>', 'interface to listen on', '127.0.0.1')
  .option('--public-url <url>', 'base of addresses in answers, for clients on other machines')
  .option('--public-blob-url <url>', 'the same for Blob; default: the host of --public-url')
  .option('--data <dir>', 'folder of all state', join(homedir(), '.azureml-emulator'))
  .option('--lro-delay <ms>', 'least time a long-running operation takes', whole, LRO_DELAY_MS)
  .option('--faults <file>', 'faults, conditions and quota to begin with (YAML or JSON)')
  .option('--seed <file>', 'YAML or JSON of resources to begin with, as the state export writes it')
  .option('--reset', 'forget everything in the data folder first, but its certificates', false)
  .option('--json', 'print one line of JSON with all URLs when ready', false)
  .option('--quiet', 'no progress on stderr', false)
  .action(serve);

program
  .command('env')
  .description('Print the variables that lead clients to the emulator of a data folder, for eval in a shell.')
  .action(async () => {
    const { printEnvironment } = await import('./setup/commands.js');
    await printEnvironment(program.opts<Flags>());
  });

program
  .command('check')
  .description(
    'Tell whether clients that are started in this shell could still reach the real Azure. Exit code 1: yes.',
  )
  .action(async () => {
    const { printCheck } = await import('./setup/commands.js');
    process.exitCode = (await printCheck(process.env)) ? 0 : 1;
  });

program
  .command('export')
  .description('Print the resources of a running emulator as JSON that --seed takes.')
  .action(async () => {
    const { printExport } = await import('./setup/commands.js');
    await printExport(program.opts<Flags>());
  });

program
  .command('warm-environment')
  .description('Make cached Python environments before jobs and deployments need them.')
  .argument('<files...>', 'conda, environment, job or deployment YAML files, requirements.txt')
  .option(
    '--serving <packages>',
    'also the environment of no-code deployments of models logged with these packages of each file (a,b,c)',
    names,
  )
  .action(warm);

/** The command line. Exit codes: 0 stopped or done, 1 could not start, or an environment could not be made. */
export async function main(argv: readonly string[]): Promise<void> {
  await program.parseAsync(argv);
}

/** Starts the emulator and stays until SIGINT or SIGTERM. */
async function serve(flags: Flags): Promise<void> {
  const { reset, seedOf } = await import('./setup/commands.js');
  if (flags.reset) await reset(flags.data);
  const seed = await seedOf(flags);
  const emulator = await startEmulator({
    dataDir: flags.data,
    port: flags.port,
    httpsPort: flags.https ? flags.httpsPort : undefined,
    blobPort: flags.blobPort,
    host: flags.host,
    publicUrl: flags.publicUrl,
    publicBlobUrl: flags.publicBlobUrl,
    lroDelayMs: flags.lroDelay,
    faults: flags.faults,
    quiet: flags.quiet,
  });
  const { url, httpsUrl, caPath, blobUrl } = emulator;
  const { instructions, plant, resourcesAt, shownWorkspace } = await import('./setup/index.js');
  try {
    await plant(url, seed);
  } catch (error) {
    await emulator.stop();
    throw error;
  }
  const https = httpsUrl === undefined || caPath === undefined ? {} : { httpsUrl, caPath };
  const urls = { url, ...https, blobUrl };
  const text = async () =>
    httpsUrl === undefined || caPath === undefined
      ? readable({ ...urls, page: `${url}/studio` })
      : instructions({ url, httpsUrl, caPath }, blobUrl, shownWorkspace(await resourcesAt(url)));
  process.stdout.write(flags.json ? `${JSON.stringify({ ...urls, pid: process.pid })}\n` : await text());
  stopOnSignal(emulator);
}

async function warm(files: string[], { serving }: { serving?: string[] }): Promise<void> {
  const { warmEnvironments } = await import('./runner/warm.js');
  await warmEnvironments(files, {
    ...(serving && { serving }),
    onLine: (line) => process.stdout.write(`${line}\n`),
  });
}

function stopOnSignal(emulator: Emulator): void {
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    void emulator.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', end).on('SIGTERM', end);
}

function readable(urls: Record<string, string>): string {
  return `${Object.entries(urls)
    .map(([name, url]) => `${name.padEnd(9)} ${url}`)
    .join('\n')}\n`;
}
