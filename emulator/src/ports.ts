import getPort from 'get-port';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** The ports that an emulator on this data folder had last. */
export type Ports = Partial<Record<'http' | 'https' | 'blob', number>>;

const FILE = 'ports.json';

/** A port that was asked for is kept; otherwise the last one, so that addresses which clients remember stay true; else any. */
export async function choosePort(
  asked: number | undefined,
  last: number | undefined,
  host: string,
): Promise<number> {
  if (asked !== undefined && asked !== 0) return asked;
  // get-port does not give out a port twice in one process, which is just what a restart wants.
  if (last !== undefined && (await isFree(last, host))) return last;
  return getPort({ host });
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(false);
    });
    probe.listen(port, host, () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
}

export async function lastPorts(dataDir: string): Promise<Ports> {
  try {
    return JSON.parse(await readFile(join(dataDir, FILE), 'utf8')) as Ports;
  } catch {
    return {};
  }
}

export function rememberPorts(dataDir: string, ports: Ports): Promise<void> {
  return writeFile(join(dataDir, FILE), JSON.stringify(ports));
}
