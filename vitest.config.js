import { defineConfig } from 'vitest/config';

/** Kinds of tests by folder: what a folder's tests need to run decides the kind. Everything not named is a unit test. */
const folders = {
  integration: ['test/azureml', 'test/github', 'test/activities', 'emulator/test'],
  workflows: ['test/workflows', 'test/principals', 'test/action', 'test/worker', 'test/client'],
  e2e: ['test/e2e'],
};

/** @param {readonly string[]} names */
const tests = (names) => names.map((name) => `${name}/**/*.test.{ts,mjs}`);

export default defineConfig({
  test: {
    // Most files start servers and processes, and wait more than they compute: two at once, on one core as well.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: tests(['test']),
          exclude: tests(Object.values(folders).flat()),
          // Imports its schema as JSON the way bundlers do, not Node.
          server: { deps: { inline: ['@actions/workflow-parser'] } },
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: tests(folders.integration),
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'workflows',
          include: tests(folders.workflows),
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: tests(folders.e2e),
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
