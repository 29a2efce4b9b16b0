/** The few reads of GitHub's REST API that the Action itself needs, with the job's own token. */
export interface GitHubReader {
  /** Files that differ between two commits, seen from their merge base; old names of renamed files too. At most 300. */
  comparedFiles(base: string, head: string): Promise<string[]>;
  /** Comments of an issue or pull request, oldest first. */
  comments(issue: number): Promise<IssueComment[]>;
  /** `admin`, `maintain`, `write`, `triage`, `read` or `none`. */
  roleOf(login: string): Promise<string>;
}

export interface IssueComment {
  readonly id: number;
  readonly body?: string;
  readonly user?: { readonly login: string; readonly type?: string } | null;
  readonly author_association?: string;
}

interface Comparison {
  readonly files?: readonly { readonly filename: string; readonly previous_filename?: string }[];
}

const pageSize = 100;
const mostPages = 20;

export function createGitHubReader(apiUrl: string, repository: string, token: string): GitHubReader {
  const get = async <T>(path: string, permission: string): Promise<T> => {
    const response = await fetch(`${apiUrl}/repos/${repository}/${path}`, {
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'user-agent': 'temporal-mlops-action',
      },
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) {
      throw new Error(
        `GitHub answered ${response.status} to GET ${path}; the job needs \`permissions: {${permission}: read}\``,
      );
    }
    return (await response.json()) as T;
  };
  return {
    async comparedFiles(base, head) {
      const { files = [] } = await get<Comparison>(`compare/${base}...${head}`, 'contents');
      return files.flatMap(({ filename, previous_filename: previous }) =>
        previous === undefined ? [filename] : [previous, filename],
      );
    },
    async comments(issue) {
      const all: IssueComment[] = [];
      for (let page = 1; page <= mostPages; page += 1) {
        const some = await get<IssueComment[]>(
          `issues/${issue}/comments?per_page=${pageSize}&page=${page}`,
          'issues',
        );
        all.push(...some);
        if (some.length < pageSize) break;
      }
      return all;
    },
    async roleOf(login) {
      const { role_name: role, permission } = await get<{ role_name?: string; permission?: string }>(
        `collaborators/${encodeURIComponent(login)}/permission`,
        'contents',
      );
      return role ?? permission ?? 'none';
    },
  };
}
