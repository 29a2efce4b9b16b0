import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { portOrFree } from '../../tools/prepare/ports.mjs';

async function takePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

describe('a wanted port', () => {
  it('that is taken is replaced by a free one, said aloud', async () => {
    const taken = await takePort();
    /** @type {string[]} */
    const said = [];
    const port = await portOrFree(taken, 'Temporal UI', (line) => said.push(line));
    expect(port).not.toBe(taken);
    expect(said).toEqual([`Port ${taken} (Temporal UI) is taken: ${port} is used instead.`]);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
  });

  it('that is free is kept without a word', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    server.close();
    await once(server, 'close');
    /** @type {string[]} */
    const said = [];
    expect(await portOrFree(port, 'emulator', (line) => said.push(line))).toBe(port);
    expect(said).toEqual([]);
  });
});
