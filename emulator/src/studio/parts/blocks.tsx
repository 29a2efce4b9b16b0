import type { ComponentChild, ComponentChildren, JSX } from 'preact';

/** A titled part of a page. */
export function Block(props: {
  readonly title: string;
  readonly id?: string;
  readonly aside?: ComponentChild;
  readonly children: ComponentChildren;
}): JSX.Element {
  const id = props.id ?? props.title.toLowerCase().replaceAll(/\W+/g, '-');
  return (
    <section class="block" aria-labelledby={`${id}-title`} id={id}>
      <header>
        <h2 id={`${id}-title`}>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

/** What stands where nothing is, and what to do next. */
export function Empty(props: { readonly children: ComponentChildren; readonly code?: string }): JSX.Element {
  return (
    <div class="empty">
      <p>{props.children}</p>
      {props.code !== undefined && (
        <pre tabIndex={0}>
          <code>{props.code}</code>
        </pre>
      )}
    </div>
  );
}

export interface Column {
  readonly title: string;
  /** Right-aligned digits. */
  readonly numeric?: boolean;
  /** Left out on a phone. */
  readonly wide?: boolean;
}

export interface Row {
  readonly key: string;
  readonly cells: readonly ComponentChild[];
  readonly mark?: string | undefined;
}

/** A table in a box of its own that scrolls sideways, whose first cell heads its row. */
export function Table(props: {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}): JSX.Element {
  const classOf = ({ numeric, wide }: Column) => [numeric ? 'num' : '', wide ? 'wide' : ''].join(' ').trim();
  return (
    <div class="scroll" role="region" aria-label={props.label} tabIndex={0}>
      <table>
        <caption class="hidden">{props.label}</caption>
        <thead>
          <tr>
            {props.columns.map((column) => (
              <th scope="col" class={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map(({ key, cells, mark }) => (
            <tr id={`row-${key}`} class={mark}>
              {cells.map((cell, at) => {
                const name = classOf(props.columns[at] ?? { title: '' });
                return at === 0 ? (
                  <th scope="row" class={name}>
                    {cell}
                  </th>
                ) : (
                  <td class={name}>{cell}</td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Names and values; what is undefined is left out. */
export function Facts({ of }: { readonly of: readonly (readonly [string, ComponentChild])[] }): JSX.Element {
  return (
    <dl class="facts">
      {of
        .filter(([, value]) => value !== undefined && value !== null && value !== '')
        .map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Tags of a resource. */
export function Tags({ of }: { readonly of: unknown }): JSX.Element | null {
  const entries = typeof of === 'object' && of !== null ? Object.entries(of) : [];
  if (entries.length === 0) return null;
  return (
    <ul class="tags" aria-label="Tags">
      {entries.map(([name, value]) => (
        <li>
          <span>{name}</span>
          {value === '' || value === null ? null : <b>{String(value)}</b>}
        </li>
      ))}
    </ul>
  );
}

/** JSON as it is stored, folded away. */
export function Raw({ title, of }: { readonly title: string; readonly of: unknown }): JSX.Element {
  return (
    <details class="raw">
      <summary>{title}</summary>
      <pre tabIndex={0}>
        <code>{JSON.stringify(of, null, 2)}</code>
      </pre>
    </details>
  );
}

/** Bytes in words. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(1)} kB`;
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} MB` : `${(count / 1e9).toFixed(1)} GB`;
}
