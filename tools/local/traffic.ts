import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { createReadStream } from 'node:fs';
import type { Addresses } from './machine.js';

/** What the web application needs to call the model. */
export interface Caller {
  readonly uri: string;
  readonly key: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly durationMs: number;
}

/** Key of an endpoint, as its owner would copy it from the studio. */
export async function callerOf(
  { emulator }: Addresses,
  workspace: string,
  endpoint: string,
  uri: string,
): Promise<Caller> {
  const id = `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mlops-${workspace}/providers/Microsoft.MachineLearningServices/workspaces/mlops-${workspace}/onlineEndpoints/${endpoint}`;
  const response = await fetch(`${emulator}${id}/listKeys?api-version=2024-04-01`, {
    method: 'POST',
    headers: { authorization: 'Bearer local' },
  });
  const { primaryKey } = (await response.json()) as { primaryKey: string };
  return { uri, key: primaryKey };
}

/** `id`: what the caller knows the request by, so that labels that come later can be joined to it. */
export async function score({ uri, key }: Caller, body: string, id?: string): Promise<Answer> {
  const started = performance.now();
  const response = await fetch(uri, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      ...(id !== undefined && { 'x-ms-client-request-id': id }),
    },
    body,
  });
  return { status: response.status, body: await response.text(), durationMs: performance.now() - started };
}

export async function sampleRequest(file: string): Promise<string> {
  return await readFile(file, 'utf8');
}

/** Sends a request every `everyMs` until stopped: the users of the web application. */
export function keepCalling(
  caller: Caller,
  body: string,
  everyMs: number,
): { stop(): Promise<{ sent: number; failed: number }> } {
  const counts = { sent: 0, failed: 0 };
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      const ok = await score(caller, body).then(
        ({ status }) => status < 400,
        () => false,
      );
      counts.sent += 1;
      if (!ok) counts.failed += 1;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
      return counts;
    },
  };
}

/** Sends a table's rows in requests of `size` rows; columns that no model asks for (ids, labels) are left out. */
export async function sendTable(caller: Caller, file: string, size: number): Promise<number> {
  const lines = createInterface({ input: createReadStream(file) });
  let header: string[] | undefined;
  let rows: number[][] = [];
  let sent = 0;
  const flush = async (columns: string[]): Promise<void> => {
    if (rows.length === 0) return;
    const kept = columns
      .map((name, index) => ({ name, index }))
      .filter(({ name }) => !['PatientID', 'Diabetic'].includes(name));
    const data = rows.map((row) => kept.map(({ index }) => row[index]));
    const body = {
      input_data: { columns: kept.map(({ name }) => name), index: rows.map((_row, index) => index), data },
    };
    const { status, body: answer } = await score(caller, JSON.stringify(body));
    if (status >= 400) throw new Error(`the endpoint answered ${status}: ${answer}`);
    sent += rows.length;
    rows = [];
  };
  for await (const line of lines) {
    if (header === undefined) header = line.split(',');
    else rows.push(line.split(',').map(Number));
    if (rows.length >= size) await flush(header);
  }
  if (header !== undefined) await flush(header);
  return sent;
}
