import { literals } from './database.js';

/** Files as a relation. */
export interface Source {
  /** A relation to select from. */
  readonly sql: string;
  readonly files: readonly string[];
  /** Whether the files tell bounds and counts of their columns, and are read by column. */
  readonly indexed: boolean;
}

/** Options of DuckDB's readers: name → SQL. */
type Options = Readonly<Record<string, string>>;

/** The spellings of a missing value that pandas.read_csv knows, so that both see the same table. */
const nullSpellings = [
  ...['', '#N/A', '#N/A N/A', '#NA', '-1.#IND', '-1.#QNAN', '-NaN', '-nan', '1.#IND', '1.#QNAN'],
  ...['<NA>', 'N/A', 'NA', 'NULL', 'NaN', 'None', 'n/a', 'nan', 'null'],
];

function call(reader: string, files: readonly string[], options: Options): string {
  const given = Object.entries({ union_by_name: 'true', ...options }).map(
    ([name, sql]) => `${name} = ${sql}`,
  );
  return `${reader}(${[literals(files), ...given].join(', ')})`;
}

/** Delimited text. `header`: guessing it fails where every column is text. `sample_size`: one late `n.a.` must not break the read. */
export function csv(files: readonly string[], options: Options = {}): Source {
  const own = { header: 'true', sample_size: '-1', nullstr: literals(nullSpellings), ...options };
  return { sql: call('read_csv', files, own), files, indexed: false };
}

export function parquet(files: readonly string[]): Source {
  return { sql: call('read_parquet', files, {}), files, indexed: true };
}

export function json(files: readonly string[], options: Options = {}): Source {
  return { sql: call('read_json', files, { sample_size: '-1', ...options }), files, indexed: false };
}

const formats: readonly {
  readonly suffix: RegExp;
  readonly open: (files: readonly string[]) => Source;
}[] = [
  { suffix: /\.(csv|tsv)(\.gz)?$/i, open: (files) => csv(files) },
  { suffix: /\.(parquet|pq)$/i, open: parquet },
  { suffix: /\.(jsonl|ndjson|json)(\.gz)?$/i, open: (files) => json(files) },
];

/** Files by the format that their names tell; others are left out. */
export function byFormat(files: readonly string[]): Source[] {
  return formats
    .map(({ suffix, open }) => ({ open, own: files.filter((file) => suffix.test(file)) }))
    .filter(({ own }) => own.length > 0)
    .map(({ open, own }) => open(own));
}
