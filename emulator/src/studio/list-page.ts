/** The part of a list that `page` of the query (from 1) names. */
export function pageOf<T>(
  all: readonly T[],
  query: URLSearchParams,
  size: number,
): { readonly items: readonly T[]; readonly page: number; readonly pages: number } {
  const pages = Math.max(1, Math.ceil(all.length / size));
  const asked = Math.trunc(Number(query.get('page') ?? 1));
  const page = Math.min(pages, Math.max(1, Number.isFinite(asked) ? asked : 1));
  return { items: all.slice((page - 1) * size, page * size), page, pages };
}
