import { readFile, readdir } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';

/** Requests at the same time: with more of them Azurite takes longer for each. */
const PARALLEL = 8;

interface PendingUpload {
  readonly blobReferenceForConsumption: { readonly credential: { readonly sasUri: string } };
}

/**
 * Seconds that the bare requests take which put these files into a container of the workspace: what no client of
 * Azurite can be faster than.
 */
export async function bareUpload(folder: string, workspace: string, blobUrl: string): Promise<number> {
  const answer = await fetch(
    `${workspace}/codes/floor/versions/1/startPendingUpload?api-version=2024-04-01`,
    {
      method: 'POST',
      headers: { authorization: 'Bearer local', 'content-type': 'application/json' },
      body: '{}',
    },
  );
  const { credential } = ((await answer.json()) as PendingUpload).blobReferenceForConsumption;
  const { pathname, search } = new URL(credential.sasUri);
  const container = `${blobUrl.replace(/\/+$/, '')}/${pathname.split('/').at(-1) ?? ''}`;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const agent = new Agent({ keepAlive: true, maxSockets: PARALLEL });
  const began = performance.now();
  const next = paths.entries();
  const send = async (): Promise<void> => {
    for (const [index, path] of next)
      await put(agent, `${container}/floor/${index}${search}`, await readFile(path));
  };
  await Promise.all(Array.from({ length: PARALLEL }, send));
  agent.destroy();
  return (performance.now() - began) / 1000;
}

function put(agent: Agent, url: string, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-length': data.length };
    const sent = request(url, { agent, method: 'PUT', headers }, (answer) => {
      answer.resume().on('end', () => {
        if (answer.statusCode === 201) resolve();
        else reject(new Error(`HTTP status ${answer.statusCode ?? ''} for ${url.split('?')[0] ?? ''}`));
      });
    });
    sent.on('error', reject).end(data);
  });
}
