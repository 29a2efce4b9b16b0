/** A scalar of the table: datetimes are ISO 8601 texts in UTC. */
export type Cell = string | number | null;
export type Row = Record<string, Cell>;
export type ColumnType = 'datetime' | 'string' | 'int' | 'real' | 'long';
export type Columns = Readonly<Record<string, ColumnType>>;

export interface Table {
  readonly columns: Columns;
  readonly rows: readonly Row[];
}

/** A query that Log Analytics would not take, or that this emulator does not understand. */
export class QueryError extends Error {}

const UNDERSTOOD =
  'Understood: TABLE | where COLUMN ==|!=|=~|>|>=|<|<= VALUE [and …] | where COLUMN between (A .. B) | where COLUMN in (A, B) | project COLUMNS | order by COLUMN [asc|desc] | top N by COLUMN | take N | count | summarize [NAME =] count()|min(COLUMN)|max(COLUMN) [, …] [by COLUMNS]; values are strings, numbers, datetime(…), ago(…) and now().';

const TOKEN =
  /\s+|\/\/[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\.\.|==|!=|=~|>=|<=|[|(),<>=]|[A-Za-z_]\w*|\d{4}-\d{2}-\d{2}[T ][\d:.]+(?:Z|[+-]\d{2}:\d{2})?|\d{4}-\d{2}-\d{2}|-?\d+(?:\.\d+)?(?:d|h|ms|m|s)?\b/y;

function tokenize(query: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < query.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(query)?.[0];
    if (token === undefined)
      throw new QueryError(`Syntax error at '${query.slice(at, at + 20)}'. ${UNDERSTOOD}`);
    if (!/^(\s|\/\/)/.test(token)) tokens.push(token);
  }
  return tokens;
}

const UNIT_MS: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Reads tokens one after the other and complains about what it did not expect. */
class Reader {
  #at = 0;
  constructor(
    readonly tokens: readonly string[],
    readonly now: number,
  ) {}

  peek(): string | undefined {
    return this.tokens[this.#at];
  }

  next(): string {
    const token = this.tokens[this.#at];
    this.#at += 1;
    return token ?? this.fail('the end of the query');
  }

  take(token: string): boolean {
    if (this.peek()?.toLowerCase() !== token) return false;
    this.#at += 1;
    return true;
  }

  expect(token: string): void {
    if (!this.take(token))
      this.fail(`'${this.peek() ?? 'the end of the query'}' where '${token}' is expected`);
  }

  count(): number {
    const token = this.next();
    return /^\d+$/.test(token) ? Number(token) : this.fail(`'${token}' where a number is expected`);
  }

  column(columns: Columns): string {
    const name = this.next();
    if (name in columns) return name;
    return this.fail(`no column '${name}'; columns: ${Object.keys(columns).join(', ')}`);
  }

  value(): Cell {
    const token = this.next();
    if (/^["']/.test(token)) return token.slice(1, -1).replace(/\\(.)/g, '$1');
    if (/^-?\d+(\.\d+)?$/.test(token)) return Number(token);
    if (token === 'datetime') return this.#datetime();
    if (token === 'now') return this.#now();
    if (token === 'ago') return this.#ago();
    return this.fail(`'${token}' where a value is expected`);
  }

  #datetime(): string {
    this.expect('(');
    const token = this.next().replace(/^["']|["']$/g, '');
    this.expect(')');
    const zoned =
      /(Z|[+-]\d{2}:\d{2})$/.test(token) || /^\d{4}-\d{2}-\d{2}$/.test(token) ? token : `${token}Z`;
    const date = new Date(zoned.replace(' ', 'T'));
    return Number.isNaN(date.getTime()) ? this.fail(`'${token}' is no datetime`) : date.toISOString();
  }

  #now(): string {
    this.expect('(');
    this.expect(')');
    return new Date(this.now).toISOString();
  }

  #ago(): string {
    this.expect('(');
    const token = this.next();
    this.expect(')');
    const match = /^(\d+(?:\.\d+)?)(d|h|ms|m|s)$/.exec(token);
    const span = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? NaN);
    return Number.isNaN(span)
      ? this.fail(`'${token}' is no timespan`)
      : new Date(this.now - span).toISOString();
  }

  fail(found: string): never {
    throw new QueryError(`Found ${found}. ${UNDERSTOOD}`);
  }
}

function compare(a: Cell, b: Cell): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** As Kusto compares: nothing is equal to, less or greater than null. */
const OPERATORS: Record<string, (cell: Cell, value: Cell) => boolean> = {
  '==': (cell, value) => cell !== null && compare(cell, value) === 0,
  '!=': (cell, value) => cell === null || compare(cell, value) !== 0,
  '=~': (cell, value) => String(cell).toLowerCase() === String(value).toLowerCase(),
  '>': (cell, value) => cell !== null && compare(cell, value) > 0,
  '>=': (cell, value) => cell !== null && compare(cell, value) >= 0,
  '<': (cell, value) => cell !== null && compare(cell, value) < 0,
  '<=': (cell, value) => cell !== null && compare(cell, value) <= 0,
};

function condition(reader: Reader, columns: Columns): (row: Row) => boolean {
  const column = reader.column(columns);
  const cell = (row: Row) => row[column] ?? null;
  const operator = reader.next();
  if (operator === 'between') {
    reader.expect('(');
    const low = reader.value();
    reader.expect('..');
    const high = reader.value();
    reader.expect(')');
    return (row) => cell(row) !== null && compare(cell(row), low) >= 0 && compare(cell(row), high) <= 0;
  }
  if (operator === 'in') {
    reader.expect('(');
    const values = [reader.value()];
    while (reader.take(',')) values.push(reader.value());
    reader.expect(')');
    return (row) => values.some((value) => compare(cell(row), value) === 0);
  }
  const test = OPERATORS[operator] ?? reader.fail(`the operator '${operator}'`);
  const value = reader.value();
  return (row) => test(cell(row), value);
}

function where(reader: Reader, { columns, rows }: Table): Table {
  const tests = [condition(reader, columns)];
  while (reader.take('and')) tests.push(condition(reader, columns));
  return { columns, rows: rows.filter((row) => tests.every((test) => test(row))) };
}

function project(reader: Reader, { columns, rows }: Table): Table {
  const chosen: [name: string, source: string][] = [];
  do {
    const name = reader.next();
    const source = reader.take('=') ? reader.column(columns) : name;
    if (!(source in columns))
      reader.fail(`no column '${source}'; columns: ${Object.keys(columns).join(', ')}`);
    chosen.push([name, source]);
  } while (reader.take(','));
  return {
    columns: Object.fromEntries(chosen.map(([name, source]) => [name, columns[source] ?? 'string'])),
    rows: rows.map((row) => Object.fromEntries(chosen.map(([name, source]) => [name, row[source] ?? null]))),
  };
}

/** Kusto sorts descending unless told. */
function order(reader: Reader, { columns, rows }: Table): Table {
  reader.expect('by');
  const keys: [column: string, sign: number][] = [];
  do {
    const column = reader.column(columns);
    const ascending = reader.take('asc');
    if (!ascending) reader.take('desc');
    keys.push([column, ascending ? 1 : -1]);
  } while (reader.take(','));
  const by = (a: Row, b: Row) =>
    keys.reduce((sign, [column, way]) => sign || way * compare(a[column] ?? null, b[column] ?? null), 0);
  return { columns, rows: [...rows].sort(by) };
}

interface Aggregate {
  readonly type: ColumnType;
  readonly of: (rows: readonly Row[]) => Cell;
}

/** `[name =] count()`, `[name =] max(Column)`; without a name Kusto makes one. */
function aggregate(reader: Reader, columns: Columns): [name: string, aggregate: Aggregate] {
  const first = reader.next();
  const named = reader.take('=');
  const called = (named ? reader.next() : first).toLowerCase();
  reader.expect('(');
  if (called === 'count') {
    reader.expect(')');
    return [named ? first : 'count_', { type: 'long', of: (rows) => rows.length }];
  }
  if (called !== 'max' && called !== 'min') return reader.fail(`the aggregate '${called}'`);
  const column = reader.column(columns);
  reader.expect(')');
  const sign = called === 'max' ? 1 : -1;
  const further = (best: Cell, cell: Cell): Cell =>
    cell !== null && (best === null || sign * compare(cell, best) > 0) ? cell : best;
  return [
    named ? first : `${called}_${column}`,
    {
      type: columns[column] ?? 'string',
      of: (rows) => rows.reduce<Cell>((best, row) => further(best, row[column] ?? null), null),
    },
  ];
}

function summarize(reader: Reader, { columns, rows }: Table): Table {
  const aggregates = [aggregate(reader, columns)];
  while (reader.take(',')) aggregates.push(aggregate(reader, columns));
  const keys: string[] = [];
  if (reader.take('by')) {
    do keys.push(reader.column(columns));
    while (reader.take(','));
  }
  const groups = new Map<string, Row[]>(keys.length === 0 ? [['[]', []]] : []);
  for (const row of rows) {
    const group = JSON.stringify(keys.map((key) => row[key] ?? null));
    const known = groups.get(group);
    if (known === undefined) groups.set(group, [row]);
    else known.push(row);
  }
  return {
    columns: Object.fromEntries([
      ...keys.map((key) => [key, columns[key] ?? 'string'] as const),
      ...aggregates.map(([name, { type }]) => [name, type] as const),
    ]),
    rows: [...groups.values()].map((group) =>
      Object.fromEntries([
        ...keys.map((key) => [key, group[0]?.[key] ?? null] as const),
        ...aggregates.map(([name, { of }]) => [name, of(group)] as const),
      ]),
    ),
  };
}

function apply(reader: Reader, table: Table): Table {
  const operator = reader.next().toLowerCase();
  switch (operator) {
    case 'where':
      return where(reader, table);
    case 'project':
      return project(reader, table);
    case 'order':
    case 'sort':
      return order(reader, table);
    case 'take':
    case 'limit':
      return { columns: table.columns, rows: table.rows.slice(0, reader.count()) };
    case 'top': {
      const count = reader.count();
      const sorted = order(reader, table);
      return { columns: sorted.columns, rows: sorted.rows.slice(0, count) };
    }
    case 'summarize':
      return summarize(reader, table);
    case 'count':
      return { columns: { Count: 'long' }, rows: [{ Count: table.rows.length }] };
    default:
      return reader.fail(`the operator '${operator}'`);
  }
}

/** Runs the part of Kusto that reads one table; throws QueryError that says what is understood. `now` in ms since 1970. */
export function runQuery(query: string, tables: Readonly<Record<string, () => Table>>, now: number): Table {
  const reader = new Reader(tokenize(query), now);
  const name = reader.next();
  const source =
    tables[name] ?? reader.fail(`the table '${name}'; tables: ${Object.keys(tables).join(', ')}`);
  let table = source();
  while (reader.peek() !== undefined) {
    reader.expect('|');
    table = apply(reader, table);
  }
  return table;
}
