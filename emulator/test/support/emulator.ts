import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '../../src/index.js';
import type { Emulator, EmulatorOptions } from '../../src/index.js';

export const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
export const GROUP = 'rg1';
export const W = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws1`;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look at whatever the service answers.
  readonly body: Record<string, unknown> & {
    properties: Record<string, unknown>;
    value: Record<string, unknown>[];
  };
}

export interface TestEmulator {
  readonly url: string;
  readonly emulator: Emulator;
  /** Sends as a client of Resource Manager would: token, api-version and JSON. */
  arm(method: string, path: string, body?: unknown, apiVersion?: string): Promise<Answer>;
  /** Polls the operation of an answer until it has ended; gives its last answer. */
  settle(answer: Answer): Promise<Answer>;
  control(method: string, path: string, body?: unknown): Promise<Answer>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Answer['body'],
  };
}

function send(url: string, method: string, body: unknown): Promise<Response> {
  const headers = { authorization: 'Bearer test', 'content-type': 'application/json' };
  return fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

/** A whole emulator in this process on free ports, with a resource group; state in a temporary folder. */
export async function startTestEmulator(options: Partial<EmulatorOptions> = {}): Promise<TestEmulator> {
  const dataDir = await mkdtemp(join(tmpdir(), 'azureml-emulator-'));
  const start = () => startEmulator({ dataDir, quiet: true, lroDelayMs: 20, ...options });
  let emulator = await start();
  const test: TestEmulator = {
    get url() {
      return emulator.url;
    },
    get emulator() {
      return emulator;
    },
    async arm(method, path, body, apiVersion = '2024-04-01') {
      const separator = path.includes('?') ? '&' : '?';
      return answerOf(
        await send(`${emulator.url}${path}${separator}api-version=${apiVersion}`, method, body),
      );
    },
    async settle(answer) {
      const url = answer.headers.get('azure-asyncoperation') ?? answer.headers.get('location');
      if (url === null) throw new Error(`no operation in an answer of status ${answer.status}`);
      for (;;) {
        const polled = await answerOf(await send(url, 'GET', undefined));
        if (polled.status !== 202 && polled.body['status'] !== 'InProgress') return polled;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    control: async (method, path, body) =>
      answerOf(await send(`${emulator.url}/_emulator${path}`, method, body)),
    async restart() {
      await emulator.stop();
      emulator = await start();
    },
    async stop() {
      await emulator.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  await test.arm('PUT', `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`, { location: 'westeurope' });
  return test;
}

/** Puts the workspace W and waits until it is made. */
export async function makeWorkspace(test: TestEmulator): Promise<void> {
  await test.settle(await test.arm('PUT', W, { location: 'westeurope', properties: {} }));
}

const credential = {
  getToken: () => Promise.resolve({ token: 'test', expiresOnTimestamp: Date.now() + 3_600_000 }),
};

/** Microsoft's client over plain http: its policy against tokens without TLS is taken out, and the token put back in. */
export function mlClient(url: string): AzureMachineLearningWorkspaces {
  const client = new AzureMachineLearningWorkspaces(credential, SUBSCRIPTION, {
    endpoint: url,
    allowInsecureConnection: true,
  });
  loosen(client.pipeline);
  return client;
}

interface LoosePipeline {
  removePolicy(options: { name: string }): unknown;
  addPolicy(policy: {
    name: string;
    sendRequest: <T>(
      request: { headers: { set(name: string, value: string): void } },
      next: (request: never) => T,
    ) => T;
  }): void;
}

export function loosen(pipeline: unknown): void {
  const loose = pipeline as LoosePipeline;
  loose.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  loose.addPolicy({
    name: 'looseToken',
    sendRequest: (request, next) => {
      request.headers.set('authorization', 'Bearer test');
      return next(request as never);
    },
  });
}

export { credential };
