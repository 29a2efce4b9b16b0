import { isDeepStrictEqual } from 'node:util';
import type { Step } from '../../src/azureml/translate.js';
import type { Recorded } from './recordings.js';

/** One place in which ours and Microsoft's client differ. */
export interface Difference {
  /** `PUT {ws}/jobs/x properties.limits.timeout` */
  readonly at: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

interface Sent {
  readonly name: string;
  readonly body: unknown;
}

/** Looked up, not made: ours may ask for less. */
const reading = /\/(?:startPendingUpload|listSecrets|listKeys|listNodes)$/i;

/** Where bodies, names, uploads and their metadata differ. The order of requests does not count. */
export function compare(ours: readonly Step[], theirs: readonly Recorded[]): Difference[] {
  return [
    ...compareRequests(
      ours.flatMap((step) =>
        step.kind === 'request'
          ? [{ name: `${step.request.method} ${step.request.path}`, body: step.request.body }]
          : [],
      ),
      theirs.flatMap(({ method = '', path = '', body }) =>
        /^(?:PUT|POST)$/.test(method) && !reading.test(path)
          ? [{ name: `${method} ${path}`, body: body ?? {} }]
          : [],
      ),
    ),
    ...compareUploads(ours, theirs),
  ];
}

function compareRequests(ours: readonly Sent[], theirs: readonly Sent[]): Difference[] {
  const names = [...new Set([...theirs, ...ours].map(({ name }) => name))];
  return names.flatMap((name) => {
    const [a, b] = [ours, theirs].map((all) => all.filter((one) => one.name === name));
    // A request that was sent again counts once: uploads and registrations may be repeated.
    const [mine, wanted] = [a?.at(-1), b?.at(-1)];
    if (mine === undefined || wanted === undefined) {
      return [{ at: name, ours: mine?.body, theirs: wanted?.body }];
    }
    return differencesOf(mine.body, wanted.body).map(({ at, ...values }) => ({
      at: `${name} ${at}`,
      ...values,
    }));
  });
}

/** Every leaf that differs; `at` is its path. */
export function differencesOf(ours: unknown, theirs: unknown, at = ''): Difference[] {
  if (isDeepStrictEqual(ours, theirs)) return [];
  if (isContainer(ours) && isContainer(theirs) && Array.isArray(ours) === Array.isArray(theirs)) {
    const keys = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
    return keys.flatMap((key) => differencesOf(ours[key], theirs[key], at === '' ? key : `${at}.${key}`));
  }
  return [{ at, ours, theirs }];
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

interface Uploads {
  readonly names: ReadonlySet<string>;
  readonly bytes: number;
  /** `name:version` that first blobs are marked with. */
  readonly marks: ReadonlySet<string>;
}

function compareUploads(steps: readonly Step[], requests: readonly Recorded[]): Difference[] {
  const uploads = steps.flatMap((step) => (step.kind === 'upload' ? [step.upload] : []));
  const blobs = requests.flatMap(({ blob }) => (blob === undefined || blob.puts === 0 ? [] : [blob]));
  const ours: Uploads = {
    names: new Set(uploads.flatMap(({ files }) => files.map(({ name }) => name))),
    bytes: uploads.reduce((sum, { bytes }) => sum + bytes, 0),
    marks: new Set(uploads.map(({ metadata }) => `${metadata.name}:${metadata.version}`)),
  };
  // The last of many names is `... 9 more`.
  const missing = blobs.flatMap(({ names }) =>
    names.filter((name) => !ours.names.has(name) && !/^\.\.\. \d+ more$/.test(name)),
  );
  const count = blobs.reduce((sum, { puts }) => sum + puts, 0);
  const bytes = blobs.reduce((sum, blob) => sum + blob.bytes, 0);
  const marks = blobs.flatMap(({ metadata }) =>
    // Inputs of jobs are marked with names that the client draws at random.
    metadata === undefined || /^<guid-\d+>$/.test(metadata['version'] ?? '')
      ? []
      : [`${metadata['name'] ?? ''}:${metadata['version'] ?? ''}`],
  );
  return [
    ...missing.map((name) => ({ at: `blob ${name}`, ours: undefined, theirs: 'uploaded' })),
    ...(ours.names.size === count ? [] : [{ at: 'blobs', ours: ours.names.size, theirs: count }]),
    ...(ours.bytes === bytes ? [] : [{ at: 'bytes of blobs', ours: ours.bytes, theirs: bytes }]),
    ...marks
      .filter((mark) => !ours.marks.has(mark))
      .map((mark) => ({ at: 'metadata of blobs', ours: [...ours.marks].join(', '), theirs: mark })),
  ];
}
