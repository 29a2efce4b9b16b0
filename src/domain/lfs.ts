/** First line of a pointer, as the specification of Git LFS gives it. */
const firstLine = 'version https://git-lfs.github.com/spec/v1';

/** Bytes of a pointer: it names a SHA-256 and a size, and has less than 1,024. */
export const pointerBytes = { least: 100, below: 1024 } as const;

/** What Git LFS leaves in place of a file that it was not asked to fetch. */
export function isPointer(text: string): boolean {
  return text.length < pointerBytes.below && text.startsWith(firstLine);
}

export const notTheFile = 'is a pointer of Git LFS, not the file';

/** What to do: the command line reads a checkout, the worker GitHub's archive of a commit. */
export const fetchIt =
  'in a checkout: `git lfs pull`; for the worker turn on "Include Git LFS objects in archives" in the settings of the repository, or keep the file in a data asset';
