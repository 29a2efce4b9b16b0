import { stopOnSignals } from './processes.mjs';

/**
 * Runs a command's main function: Ctrl-C stops all that it started, and an error ends it with its message and exit
 * code 1, without a stack trace where the message says what to do.
 * @template T
 * @param {() => Promise<T>} main
 * @returns {Promise<T>}
 */
export async function runAsCommand(main) {
  const release = stopOnSignals();
  try {
    return await main();
  } catch (error) {
    const expected = error instanceof Error && error.name === 'PreparationError';
    console.error(expected ? error.message : error);
    process.exit(1);
  } finally {
    release();
  }
}
