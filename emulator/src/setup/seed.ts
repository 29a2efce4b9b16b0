import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { WorkspaceName } from './variables.js';
import { workspacePath } from './variables.js';

/** Resources to begin with, as Resource Manager takes them, each with its id; the state export has the same form. */
const seedSchema = z.object({
  resources: z.array(
    z.looseObject({
      id: z.string().startsWith('/subscriptions/', 'an ARM id is expected: /subscriptions/…'),
    }),
  ),
});

export type Seed = z.infer<typeof seedSchema>;

/** Where the printed snippets lead when nothing else was asked for. */
export const LOCAL: WorkspaceName = {
  subscription: '00000000-0000-0000-0000-000000000000',
  group: 'local',
  workspace: 'local',
};

/** A resource group and a workspace. */
export function localSeed(): Seed {
  const id = workspacePath(LOCAL);
  return {
    resources: [
      { id: id.split('/providers/')[0] ?? '', location: 'westeurope' },
      { id, location: 'westeurope', properties: {} },
    ],
  };
}

/** Reads a seed of YAML or JSON; throws with all that is wrong in it. */
export async function readSeed(path: string): Promise<Seed> {
  const parsed = seedSchema.safeParse(parse(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`--seed ${path}: ${z.prettifyError(parsed.error)}`);
}

const API_VERSION = '2024-10-01';

/** Puts what is not there yet, in order, each when the one before is made. Jobs are left out: they would run again. */
export async function plant(url: string, seed: Seed): Promise<void> {
  for (const { id, ...body } of seed.resources.filter(({ id }) => !/\/jobs\/[^/]+$/i.test(id))) {
    const address = `${url}${encodeURI(id)}?api-version=${API_VERSION}`;
    if ((await send('GET', address)).status === 200) continue;
    const answer = await send('PUT', address, body);
    if (answer.status >= 300) throw new Error(`--seed: ${id} was refused: ${await answer.text()}`);
    await settled(answer, id);
  }
}

async function settled(answer: Response, id: string): Promise<void> {
  const operation = answer.headers.get('azure-asyncoperation');
  while (operation !== null) {
    const { status, error } = (await (await send('GET', operation)).json()) as {
      status: string;
      error?: unknown;
    };
    if (status === 'Succeeded') return;
    if (status !== 'InProgress')
      throw new Error(`--seed: ${id} ended as ${status}: ${JSON.stringify(error)}`);
    await sleep(50);
  }
}

function send(method: string, url: string, body?: unknown): Promise<Response> {
  const headers = { authorization: 'Bearer seed', 'content-type': 'application/json' };
  return fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}
