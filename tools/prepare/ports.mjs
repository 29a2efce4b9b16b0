import { createServer } from 'node:net';

/**
 * The wanted port if nothing listens on it, else a free one, said aloud.
 * @param {number} wanted
 * @param {string} purpose named in the message, such as "Temporal UI"
 * @param {(line: string) => void} say
 * @param {string} host
 * @returns {Promise<number>}
 */
export async function portOrFree(wanted, purpose, say, host = '127.0.0.1') {
  if (await canListen(wanted, host)) return wanted;
  const free = await freePort(host);
  say(`Port ${wanted} (${purpose}) is taken: ${free} is used instead.`);
  return free;
}

/**
 * @param {number} port
 * @param {string} host
 * @returns {Promise<boolean>}
 */
function canListen(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/**
 * @param {string} host
 * @returns {Promise<number>}
 */
function freePort(host) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
