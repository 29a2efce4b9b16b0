import { Duration } from 'luxon';
import type { Json } from './types.js';

/** Azure answers none of these back, and nobody should read them in a plan. */
const secret =
  /(?:^|\.)(?:secrets|keys|adminUserPassword|adminUserSshPublicKey|adminPublicKey|credentials\.(?:pat|password|key|sas|clientSecret|accessKeyId|secretAccessKey))(?:\.|$)/i;

/**
 * Paths at which what Azure holds is not what would be sent, `path: found → wanted`. Only what is sent counts: what
 * Azure adds is its own.
 */
export function differences(wanted: unknown, found: unknown, path = ''): string[] {
  if (secret.test(path) || wanted === undefined) return [];
  // Connections keep theirs to `listSecrets`, all of them.
  if (/(?:^|\.)credentials$/.test(path) && isEmpty(found)) return [];
  if (isObject(wanted)) {
    const known = isObject(found) ? found : {};
    return Object.entries(wanted).flatMap(([key, value]) =>
      differences(value, lookup(known, key), path === '' ? key : `${path}.${key}`),
    );
  }
  if (Array.isArray(wanted) && Array.isArray(found) && wanted.length === found.length) {
    return wanted.flatMap((value, index) => differences(value, found[index], `${path}[${index}]`));
  }
  return isSame(wanted, found) ? [] : [`${path}: ${brief(found)} → ${brief(wanted)}`];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Azure keeps the case of some keys and not of others. */
function lookup(object: Json, key: string): unknown {
  if (key in object) return object[key];
  const found = Object.keys(object).find((known) => known.toLowerCase() === key.toLowerCase());
  return found === undefined ? undefined : object[found];
}

/** Nothing, false, empty text, list and mapping are how Azure answers what it was not told. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isSame(wanted: unknown, found: unknown): boolean {
  if (isEmpty(wanted) && isEmpty(found)) return true;
  if (typeof wanted !== 'string' || typeof found !== 'string')
    return String(wanted) === String(found) && !isEmpty(found);
  return plain(wanted) === plain(found) || isSameDuration(wanted, found);
}

/** Azure changes case, writes regions both ways (`East US`, `eastus`) and addresses in their long form. */
function plain(text: string): string {
  return text
    .replace(/^azureml:\/\/subscriptions\/.+\/workspaces\/[^/]+\//i, 'azureml://')
    .replace(/\/+$/, '')
    .replace(/\s+/g, '')
    .toLowerCase();
}

/** `PT2M` is `PT120S`. */
function isSameDuration(a: string, b: string): boolean {
  const [first, second] = [Duration.fromISO(a), Duration.fromISO(b)];
  return first.isValid && second.isValid && first.toMillis() === second.toMillis();
}

function brief(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
