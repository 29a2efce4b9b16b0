import { readFileSync } from 'node:fs';

/** Root of the package that this file belongs to; it is not equally far from sources and builds. */
export function packageRoot(): URL | undefined {
  for (let folder = new URL('.', import.meta.url); ; folder = new URL('..', folder)) {
    if (versionIn(folder) !== undefined) return folder;
    if (folder.pathname === '/') return undefined;
  }
}

export function packageVersion(): string {
  const root = packageRoot();
  return (root === undefined ? undefined : versionIn(root)) ?? 'unknown';
}

function versionIn(folder: URL): string | undefined {
  try {
    const text = readFileSync(new URL('package.json', folder), 'utf8');
    return (JSON.parse(text) as { version?: string }).version;
  } catch {
    return undefined;
  }
}
