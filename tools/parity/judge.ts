import { basename } from 'node:path';
import { SpecError } from '../../src/azureml/validate.js';
import { translateFile } from '../../src/azureml/translate.js';
import type { Step, Workspace } from '../../src/azureml/translate.js';
import { guidOf, sha256 } from '../../src/azureml/hash.js';
import { formatMistake } from '../../src/domain/mistake.js';
import { compare } from './compare.js';
import type { Difference } from './compare.js';
import type { Golden, Recording } from './recordings.js';
import { fillGaps } from './gaps.js';
import type { Checkout, Sources } from './sources.js';

/** How ours stands against one recording. */
export interface Verdict {
  readonly yaml: string;
  readonly kind: string;
  /** What the client did with the file as it is. */
  readonly official: 'accepted' | 'rejected';
  /** Whether there are requests to compare. */
  readonly compared: boolean;
  readonly differences: readonly Difference[];
}

const subscription = '00000000-0000-0000-0000-00000000aaaa';
const group = `/subscriptions/${subscription}/resourceGroups/golden-rg`;
const workspaceId = `${group}/providers/Microsoft.MachineLearningServices/workspaces/golden-ws`;
const account = 'https://goldenstore.blob.core.windows.net';

/** Translates one file as it is and, where the client was helped, with the same help; then compares. */
export async function judge({ sources, recording }: Golden, copies: Sources): Promise<Verdict> {
  const about = { yaml: recording.yaml, kind: recording.kind };
  if (recording.ok) {
    const differences = await differencesTo(recording, copies.plain(sources, recording));
    return { ...about, official: 'accepted', compared: true, differences };
  }
  const alone = await attempt(recording, copies.plain(sources, recording));
  const accepted: Difference[] =
    'steps' in alone
      ? [{ at: 'accepted', ours: 'accepted', theirs: recording.error?.message ?? 'rejected' }]
      : [];
  const helped = recording.assisted
    ? await copies.assisted(sources, recording, (checkout) => differencesTo(recording, checkout))
    : [];
  return {
    ...about,
    official: 'rejected',
    compared: recording.assisted,
    differences: [...accepted, ...helped],
  };
}

async function differencesTo(recording: Recording, checkout: Checkout): Promise<Difference[]> {
  const first = await attempt(recording, checkout);
  const filled = 'steps' in first && fillGaps(recording, first.steps, checkout);
  const made = filled ? await attempt(recording, checkout) : first;
  if ('refused' in made) return [{ at: 'rejected', ours: made.refused, theirs: 'accepted' }];
  return compare(made.steps, recording.requests);
}

type Attempt = { readonly steps: readonly Step[] } | { readonly refused: string };

async function attempt(recording: Recording, { file, set, ...files }: Checkout): Promise<Attempt> {
  try {
    const { steps } = await translateFile(files, { file, set }, { workspace: workspaceOf(recording) });
    return { steps: normal(steps, recording) };
  } catch (thrown) {
    if (thrown instanceof SpecError) return { refused: thrown.mistakes.map(formatMistake).join('\n') };
    // Whatever else it is must be seen as what it is.
    return { refused: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
  }
}

/** As the stub of the recordings was: assets have one version, code is known by the uuid that the client drew. */
function workspaceOf(recording: Recording): Workspace {
  const codes = codeNames(recording);
  return {
    id: workspaceId,
    location: 'eastus',
    codeUrl: `${account}/code-00000000`,
    datastoreUrl: () => `${account}/azureml-blobstore`,
    codeName: (hash, path) => codes.get(hash) ?? codes.get(basename(path)) ?? guidOf(hash),
    latest: () => '1',
    next: () => '1',
  };
}

/** Content hash → uuid; also the folder's name, for sources that are not whole and have another hash. */
function codeNames({ requests, guids = {} }: Recording): Map<string, string> {
  const names = new Map<string, string>();
  for (const { method, path = '', body } of requests) {
    const found = /\/codes\/([^/]+)\/versions\/1$/.exec(path)?.[1];
    if (method !== 'PUT' || found === undefined) continue;
    const { properties } = body as {
      properties: { codeUri: string; properties?: Record<string, unknown> };
    };
    const name = guids[found] ?? found;
    names.set(basename(properties.codeUri), name);
    names.set(sha256(properties.codeUri), name);
    names.set(String(properties.properties?.['hash_sha256']), name);
  }
  return names;
}

/** What is random or the recorder's own, as the recordings write it. */
function normal(steps: readonly Step[], { guids = {} }: Recording): Step[] {
  let text = JSON.stringify(steps)
    .replaceAll(new RegExp(escaped(workspaceId), 'gi'), '{ws}')
    .replaceAll(
      `azureml://subscriptions/${subscription}/resourcegroups/golden-rg/workspaces/golden-ws/`,
      'azureml://{wsuri}/',
    )
    .replaceAll(
      `azureml://subscriptions/${subscription}/resourceGroups/golden-rg/workspaces/golden-ws/`,
      'azureml://{wsuri-RG}/',
    )
    .replaceAll(new RegExp(escaped(group), 'gi'), '{rg}')
    .replaceAll(subscription, '{sub}')
    .replaceAll('"cwd-name"', '"<cwd-name>"');
  for (const [placeholder, value] of Object.entries(guids)) text = text.replaceAll(value, placeholder);
  return JSON.parse(text) as Step[];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
