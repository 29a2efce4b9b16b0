import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { BlobAccount } from '../context.js';
import { ACCOUNT, launchAzurite } from './azurite-process.js';
import type { AzuriteOptions, AzuriteProcess } from './azurite-process.js';

/** The public key of Azurite's account. */
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface Azurite extends BlobAccount {
  stop(): Promise<void>;
}

/** A client of a started Azurite; `publicUrl` is its account's URL as clients elsewhere reach it. */
export function connectAzurite(started: AzuriteProcess, publicUrl: string = started.url): Azurite {
  const { url, ready } = started;
  const service = new BlobServiceClient(url, new StorageSharedKeyCredential(ACCOUNT, KEY));
  return { url, publicUrl, account: ACCOUNT, key: KEY, service, ready, stop: () => started.stop() };
}

/** Starts Azurite and connects to it. */
export function startAzurite(options: AzuriteOptions): Azurite {
  return connectAzurite(launchAzurite(options));
}
