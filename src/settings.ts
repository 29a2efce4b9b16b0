import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import ms from 'ms';
import { z } from 'zod';
import { duration } from './spec/values.js';

/** Temporal's standard settings (`TEMPORAL_*`, `temporal.toml`) are read by @temporalio/envconfig; these are ours. */
const environment = z.object({
  MLOPS_POLICY: z
    .string()
    .optional()
    .describe('policy.yml of the operators; without it only local use is served'),
  MLOPS_TASK_QUEUES: z
    .string()
    .default('mlops')
    .transform((list) => list.split(',').map((queue) => queue.trim()))
    .pipe(z.array(z.string().min(1)).min(1))
    .describe('comma-separated task queues that this worker serves; the first one runs the workflows'),
  MLOPS_AZURE_URL: z
    .url()
    .optional()
    .describe('Azure Resource Manager; set it to the emulator for local use'),
  MLOPS_BLOB_URL: z.url().optional().describe('Blob Storage of the emulator'),
  MLOPS_LOGS_URL: z.url().optional().describe('Log Analytics of the emulator'),
  MLOPS_LOGS_DELAY: duration
    .optional()
    .describe('how late Log Analytics shows a request; 5m, and 0s with the emulator'),
  MLOPS_PROMETHEUS_URL: z.url().optional().describe('Prometheus whose metrics rollouts may ask for'),
  MLOPS_STUDIO_URL: z.url().optional().describe('Azure ML studio, for links'),
  MLOPS_GITHUB_URL: z.url().optional().describe("GitHub's REST API; default https://api.github.com"),
  MLOPS_TEMPORAL_UI_URL: z.url().optional().describe('Temporal UI, for links'),
  MLOPS_POLL: z
    .string()
    .transform((text, context) => {
      const every = /^\d+\s*(s|m|h)$/.test(text) ? ms(text as ms.StringValue) : 0;
      if (every >= 10_000) return every;
      context.addIssue('expected a duration from 10s on, such as 5m');
      return z.NEVER;
    })
    .optional()
    .describe('looks for pushes this often, where GitHub cannot reach Temporal: 5m'),
  MLOPS_CACHE: z
    .string()
    .default(join(homedir(), '.cache', 'temporal-mlops'))
    .describe('folder of fetched sources'),
  MLOPS_ALLOW_UNVERIFIED: z.stringbool().default(false).describe('accept `verify: none` off loopback'),
  GITHUB_TOKEN: z.string().optional(),
  GITHUB_APP_ID: z.string().optional(),
  GITHUB_APP_PRIVATE_KEY_FILE: z.string().optional(),
  GITHUB_APP_INSTALLATION_ID: z.coerce.number().int().optional(),
});

export type Settings = z.infer<typeof environment> & {
  readonly temporal: ReturnType<typeof loadClientConnectConfig>;
  readonly cpus: number;
};

export class SettingsError extends Error {}

/** @throws SettingsError naming every setting that is wrong, what was found and what it is for. */
export function loadSettings(env: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) throw new SettingsError(parsed.error.issues.map(describe).join('\n'));
  return {
    ...parsed.data,
    temporal: loadClientConnectConfig({ overrideEnvVars: env as Record<string, string> }),
    cpus: availableParallelism(),
  };
}

function describe({ path, message }: z.core.$ZodIssue): string {
  const name = String(path[0]);
  const purpose = environment.shape[name as keyof typeof environment.shape].description;
  return `${name}: ${message}${purpose === undefined ? '' : ` (${purpose})`}`;
}

/** Whether a URL or host:port is this machine: what is allowed there only stays local. */
export function isLoopback(address: string): boolean {
  const host = URL.canParse(address) ? new URL(address).hostname : (address.split(':')[0] ?? '');
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\./.test(host);
}
