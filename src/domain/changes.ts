import { minimatch } from 'minimatch';

/** Whether one of the files lies in one of the paths: folders, single files, or glob patterns. */
export function touches(paths: readonly string[], files: readonly string[]): boolean {
  return paths.some((path) => {
    const folder = path.replace(/\/+$/, '');
    if (folder === '.' || folder === '') return files.length > 0;
    return files.some(
      (file) => file === folder || file.startsWith(`${folder}/`) || minimatch(file, folder, { dot: true }),
    );
  });
}
