#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const client = new URL('../lib/src/client.js', import.meta.url);
const tools = new URL('../tools/prepare.mjs', import.meta.url);

if (!existsSync(fileURLToPath(client)) && existsSync(fileURLToPath(tools))) {
  const { prepare } = await import('../tools/prepare.mjs');
  const { runAsCommand } = await import('../tools/prepare/command.mjs');
  await runAsCommand(() => prepare({ need: ['dependencies', 'build'] }));
}
const { main } = await import(client.href);
process.exitCode = await main(process.argv.slice(2));
