import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnGuarded } from 'azureml-emulator/process';

/** Smaller numbers may be given, to try it. */
const [JOBS = 1000, STORED = 10_000] = process.argv.slice(2).map(Number);
const READS_PER_SECOND = 500;
const SECONDS = 6;
const NODES = 2;
/** Takes the same time whatever else the machine does, so that what is added shows. */
const TINY = 'sleep 0.05';
const MEGABYTE = 1024 * 1024;

const bin = fileURLToPath(new URL('../../emulator/bin/azureml-emulator.js', import.meta.url));
const GROUP = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/bench';
const W = `${GROUP}/providers/Microsoft.MachineLearningServices/workspaces/bench`;

/** Resident memory of a process and all it started, in bytes. */
async function memoryOf(pid: number): Promise<number> {
  const children = new Map<number, number[]>();
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => '');
    const parent = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const sum = async (one: number): Promise<number> => {
    const status = await readFile(`/proc/${one}/status`, 'utf8').catch(() => '');
    const own = Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    const below = await Promise.all((children.get(one) ?? []).map(sum));
    return own + below.reduce((all, next) => all + next, 0);
  };
  return sum(pid);
}

async function start(dataDir: string): Promise<{ child: ChildProcess; url: string; ms: number }> {
  const began = performance.now();
  const flags = ['--port', '0', '--no-https', '--data', dataDir, '--json', '--quiet'];
  const child = spawn(process.execPath, [bin, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, url: (JSON.parse(line) as { url: string }).url, ms: performance.now() - began };
}

async function arm(url: string, method: string, path: string, body?: unknown): Promise<Response> {
  const response = await fetch(`${url}${path}${path.includes('?') ? '&' : '?'}api-version=2024-04-01`, {
    method,
    headers: { authorization: 'Bearer bench', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

async function settled(url: string, path: string): Promise<void> {
  for (;;) {
    const { properties } = (await (await arm(url, 'GET', path)).json()) as {
      properties: { provisioningState: string };
    };
    if (properties.provisioningState === 'Succeeded') return;
    await pause(50);
  }
}

async function cluster(url: string, name: string, maxNodeCount: number): Promise<string> {
  const inner = { vmSize: 'STANDARD_DS3_V2', scaleSettings: { minNodeCount: 0, maxNodeCount } };
  await arm(url, 'PUT', `${W}/computes/${name}`, {
    location: 'westeurope',
    properties: { computeType: 'AmlCompute', properties: inner },
  });
  await settled(url, `${W}/computes/${name}`);
  return `${W}/computes/${name}`;
}

/** Runs `work` over the numbers below `count`, `width` at a time. */
async function each(count: number, width: number, work: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

const job = (computeId: string) => ({
  properties: {
    jobType: 'Command',
    command: TINY,
    environmentId: `${W}/environments/plain/versions/1`,
    computeId,
  },
});

async function ended(url: string, name: string): Promise<void> {
  for (;;) {
    const { properties } = (await (await arm(url, 'GET', `${W}/jobs/${name}`)).json()) as {
      properties: { status: string };
    };
    if (properties.status === 'Completed') return;
    if (properties.status === 'Failed') throw new Error(`${name} failed`);
    await pause(100);
  }
}

/** Milliseconds of the tiny processes alone, as many at a time as the cluster has nodes. */
async function bareProcesses(): Promise<number> {
  const began = performance.now();
  await each(JOBS, NODES, () => spawnGuarded('/bin/sh', ['-c', TINY]).exited);
  return performance.now() - began;
}

/** Milliseconds from the first submission until the last job has ended. */
async function jobs(url: string, computeId: string): Promise<number> {
  const began = performance.now();
  await each(JOBS, 8, (at) => arm(url, 'PUT', `${W}/jobs/tiny-${at}`, job(computeId)));
  await each(JOBS, 1, (at) => ended(url, `tiny-${at}`));
  return performance.now() - began;
}

async function readTimes(url: string): Promise<number[]> {
  const times: number[] = [];
  const open: Promise<void>[] = [];
  const began = performance.now();
  for (let at = 0; at < READS_PER_SECOND * SECONDS; at += 1) {
    const wait = began + (at * 1000) / READS_PER_SECOND - performance.now();
    if (wait > 1) await pause(wait);
    const sent = performance.now();
    const read = arm(url, 'GET', `${W}/jobs/tiny-${(at * 7919) % JOBS}`).then(async (response) => {
      await response.arrayBuffer();
      times.push(performance.now() - sent);
    });
    open.push(read);
  }
  await Promise.all(open);
  return times.sort((a, b) => a - b);
}

/** How long the page of all jobs takes, and how large it is. */
async function jobsPage(url: string): Promise<string> {
  const [, , subscription = '', , group = ''] = GROUP.split('/');
  const began = performance.now();
  const response = await fetch(`${url}/studio/${subscription}/${group}/bench/jobs`);
  const { byteLength } = await response.arrayBuffer();
  return `${(performance.now() - began).toFixed(0)} ms, ${(byteLength / 1000).toFixed(0)} kB`;
}

const dataDir = await mkdtemp(join(tmpdir(), 'emulator-bench-'));
const { child, url, ms } = await start(dataDir);
try {
  console.log(`Ready after ${(ms / 1000).toFixed(1)} s`);
  await pause(3000);
  console.log(`Idle, with Azurite: ${((await memoryOf(child.pid ?? 0)) / MEGABYTE).toFixed(0)} MB`);
  await arm(url, 'PUT', GROUP, { location: 'westeurope' });
  await arm(url, 'PUT', W, { location: 'westeurope', properties: {} });
  await settled(url, W);
  await arm(url, 'PUT', `${W}/environments/plain/versions/1`, {
    properties: { image: 'python', condaFile: 'dependencies: [python, pip]' },
  });
  const two = await cluster(url, 'two', NODES);
  await arm(url, 'PUT', `${W}/jobs/first`, job(two));
  await ended(url, 'first');
  const alone = await bareProcesses();
  const ours = await jobs(url, two);
  console.log(
    `${JOBS} jobs of \`${TINY}\` on ${NODES} nodes: ${(ours / 1000).toFixed(1)} s; their processes alone: ${(alone / 1000).toFixed(1)} s\n  → ${(ours / alone).toFixed(2)} times as long`,
  );
  const none = await cluster(url, 'none', 0);
  await each(STORED - JOBS, 8, (at) => arm(url, 'PUT', `${W}/jobs/stored-${at}`, job(none)));
  console.log(`The page of ${STORED} jobs: ${await jobsPage(url)}; then ${await jobsPage(url)}`);
  const times = await readTimes(url);
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? Number.NaN).toFixed(1);
  console.log(
    `${READS_PER_SECOND} reads of jobs a second with ${STORED} stored: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  );
  console.log(
    `Then, with Azurite: ${((await memoryOf(child.pid ?? 0)) / MEGABYTE).toFixed(0)} MB for ${STORED} jobs`,
  );
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
  await rm(dataDir, { recursive: true, force: true });
}
