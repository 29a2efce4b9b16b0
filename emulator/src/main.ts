import { Command, InvalidArgumentError } from 'commander';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from './index.js';

interface Flags {
  port: number;
  httpsPort: number;
  blobPort: number;
  host: string;
  data: string;
  lroDelay: number;
  https: boolean;
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

const program = new Command('azureml-emulator')
  .description(
    'A local Azure Machine Learning: Resource Manager, Blob, MLflow, jobs, online endpoints and a small GitHub.',
  )
  .option('--port <n>', 'port of http; 0: a free one', port, 8743)
  .option('--https-port <n>', 'port of https; 0: a free one', port, 0)
  .option('--no-https', 'serve http only')
  .option('--blob-port <n>', 'port of Blob (Azurite); 0: a free one', port, 0)
  .option('--host <address>', 'interface to listen on', '127.0.0.1')
  .option('--data <dir>', 'folder of all state', join(homedir(), '.azureml-emulator'))
  .option('--lro-delay <ms>', 'least time a long-running operation takes', whole, 300)
  .option('--json', 'print one line of JSON with all URLs when ready', false)
  .option('--quiet', 'no progress on stderr', false);

/** The command line: starts the emulator and stays until SIGINT or SIGTERM. Exit codes: 0 stopped, 1 could not start. */
export async function main(argv: readonly string[]): Promise<void> {
  const flags = program.parse(argv).opts<Flags>();
  const emulator = await startEmulator({
    dataDir: flags.data,
    port: flags.port,
    httpsPort: flags.https ? flags.httpsPort : undefined,
    blobPort: flags.blobPort,
    host: flags.host,
    lroDelayMs: flags.lroDelay,
    quiet: flags.quiet,
  });
  const { url, httpsUrl, caPath, blobUrl } = emulator;
  const https = httpsUrl === undefined || caPath === undefined ? {} : { httpsUrl, caPath };
  const urls = { url, ...https, blobUrl };
  process.stdout.write(flags.json ? `${JSON.stringify({ ...urls, pid: process.pid })}\n` : readable(urls));
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
