import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { until } from './workflow-driving.js';

/** Debian's package `prometheus` brings it. */
export const withoutPrometheus = spawnSync('prometheus', ['--version']).status !== 0;

export interface Prometheus {
  readonly url: string;
  stop(): Promise<void>;
}

/** A Prometheus that scrapes itself, in a folder of its own. */
export async function startPrometheus(): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'mlops-prometheus-'));
  const address = `127.0.0.1:${await getPort()}`;
  const config = join(folder, 'prometheus.yml');
  await writeFile(
    config,
    `global: {scrape_interval: 1s}\nscrape_configs: [{job_name: self, static_configs: [{targets: ['${address}']}]}]\n`,
  );
  const server: ChildProcess = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ],
    { stdio: 'ignore' },
  );
  const url = `http://${address}`;
  const stop = async (): Promise<void> => {
    const ended = once(server, 'exit');
    server.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  await until('Prometheus to have scraped', async () => {
    const answer = await fetch(`${url}/api/v1/query?query=up`);
    const { data } = (await answer.json()) as { data?: { result?: unknown[] } };
    return (data?.result?.length ?? 0) > 0 ? true : undefined;
  });
  return { url, stop };
}
