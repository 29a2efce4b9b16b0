type Row = Record<string, unknown>;

function isObject(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** JSON of a body; scoring scripts that return `json.dumps(…)` give JSON inside a JSON string. */
export function parseBody(text: string): unknown {
  const value = parseJson(text);
  return typeof value === 'string' ? parseJson(value) : value;
}

/** Keys under which request bodies carry their table: Azure ML's, MLflow's and the customary `data`. */
const TABLE_KEYS = ['input_data', 'dataframe_split', 'dataframe_records', 'instances', 'inputs', 'data'];

/**
 * A request's or an answer's body as row objects: what model data collection stores in `data`.
 * `names` are the columns of rows that come without; a bare value becomes `{[fallback]: value}`.
 */
export function toRows(body: unknown, names: readonly string[] | undefined, fallback: string): Row[] {
  if (!isObject(body)) return fromTable(body, names, fallback);
  const key = TABLE_KEYS.find((name) => name in body);
  if (key === undefined || (key === 'data' && 'columns' in body)) return fromTable(body, names, fallback);
  return fromTable(body[key], names, fallback);
}

function fromTable(table: unknown, names: readonly string[] | undefined, fallback: string): Row[] {
  if (Array.isArray(table)) return table.map((row) => fromRow(row, names, fallback));
  if (!isObject(table)) return [fromRow(table, names, fallback)];
  const { columns, data } = table;
  if (Array.isArray(data)) {
    const own = Array.isArray(columns) ? columns.map(String) : names;
    return data.map((row) => fromRow(row, own, fallback));
  }
  return fromColumns(table);
}

/** `{a: [1, 2], b: [3, 4]}`, or one row when the values are no lists of one length. */
function fromColumns(table: Row): Row[] {
  const columns = Object.entries(table);
  const lists = columns.map(([, value]) => value).filter((value) => Array.isArray(value));
  const length = lists[0]?.length ?? 0;
  if (length === 0 || lists.length !== columns.length || lists.some((list) => list.length !== length))
    return [table];
  return Array.from({ length }, (_, at) =>
    Object.fromEntries(columns.map(([name, values]) => [name, (values as unknown[])[at]])),
  );
}

function fromRow(row: unknown, names: readonly string[] | undefined, fallback: string): Row {
  if (isObject(row)) return row;
  if (Array.isArray(row)) {
    const own = names?.length === row.length ? names : undefined;
    return Object.fromEntries(row.map((value: unknown, at) => [own?.[at] ?? `${fallback}_${at}`, value]));
  }
  return { [names?.length === 1 ? (names[0] ?? fallback) : fallback]: row };
}
