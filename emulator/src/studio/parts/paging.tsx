import type { JSX } from 'preact';

export interface Field {
  readonly name: string;
  readonly label: string;
  /** A choice of these; free text without. */
  readonly options?: readonly string[];
}

/** A form that asks for the same page with what was chosen; scripts send it while it is filled in. */
export function Filters(props: {
  readonly query: URLSearchParams;
  readonly fields: readonly Field[];
}): JSX.Element {
  return (
    <form class="filters" method="get" role="search" data-live>
      {props.fields.map(({ name, label, options }) => {
        const value = props.query.get(name) ?? '';
        return (
          <label>
            <span>{label}</span>
            {options === undefined ? (
              <input type="search" name={name} value={value} id={`filter-${name}`} autocomplete="off" />
            ) : (
              <select name={name} id={`filter-${name}`}>
                <option value="">all</option>
                {[...new Set([...options, ...(value === '' ? [] : [value])])].map((option) => (
                  <option value={option} selected={option === value}>
                    {option}
                  </option>
                ))}
              </select>
            )}
          </label>
        );
      })}
      <button type="submit">Filter</button>
    </form>
  );
}

export function Pager(props: {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  readonly unit: string;
}): JSX.Element {
  const { page, pages } = props;
  const to = (target: number) => {
    const query = new URLSearchParams(props.query);
    query.set('page', String(target));
    return `${props.path}?${query.toString()}`;
  };
  return (
    <nav class="pager" aria-label="Pages">
      <span>
        {props.total.toLocaleString('en')} {props.total === 1 ? props.unit.replace(/s$/, '') : props.unit}
        {pages > 1 && `, page ${page} of ${pages}`}
      </span>
      {page > 1 && (
        <a rel="prev" href={to(page - 1)}>
          Newer
        </a>
      )}
      {page < pages && (
        <a rel="next" href={to(page + 1)}>
          Older
        </a>
      )}
    </nav>
  );
}
