/** What a project may be called: part of workflow ids, job names and model names. */
export const projectName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/**
 * Name of a project whose `mlops.yaml` gives none: its folder's, else the repository's, with a hyphen for whatever
 * a name may not have.
 * @param path Folder of `mlops.yaml`, `.` for the root.
 */
export function defaultProjectName(repository: string, path: string): string {
  const last = (path === '.' ? repository : path).split('/').at(-1) ?? '';
  const name = last
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63);
  return name === '' ? 'project' : name;
}
