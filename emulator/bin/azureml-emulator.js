#!/usr/bin/env node
import { main } from '../lib/main.js';

try {
  await main(process.argv);
} catch (error) {
  console.error(`azureml-emulator: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
