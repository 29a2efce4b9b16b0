/** Addresses under which clients elsewhere reach the emulator. */
export interface PublicUrls {
  /** http or https base URL, no trailing slash. */
  readonly url: string;
  /** URL of the Blob account, no trailing slash. */
  readonly blobUrl: string;
}

/** The base URL that a user gave, without its trailing slashes; throws with what is wrong about it. */
export function parseBaseUrl(text: string, flag: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url !== undefined && url.search === '' && url.hash === '' && url.username === '';
  if (plain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '');
  throw new Error(`${flag} '${text}' is no base URL such as http://emulator:8743.`);
}

/**
 * Public addresses from those that are listened on and those that were given: Blob is taken to be on the host of
 * `publicUrl`, on the port that it has here.
 */
export function publicUrls(
  local: PublicUrls,
  given: { readonly publicUrl?: string | undefined; readonly publicBlobUrl?: string | undefined },
): PublicUrls {
  const account = new URL(local.blobUrl);
  const url = given.publicUrl === undefined ? local.url : parseBaseUrl(given.publicUrl, '--public-url');
  if (given.publicBlobUrl !== undefined)
    return { url, blobUrl: `${parseBaseUrl(given.publicBlobUrl, '--public-blob-url')}${account.pathname}` };
  if (given.publicUrl === undefined) return { url, blobUrl: local.blobUrl };
  account.hostname = new URL(url).hostname;
  return { url, blobUrl: account.href };
}
