import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Assist, Recording } from './recordings.js';

/** A copy of the sources that may be changed, and a working directory as the recordings had it. */
export class Sources {
  private readonly folder = mkdtempSync(join(tmpdir(), 'parity-'));
  private readonly copies = new Map<string, string>();
  private readonly cwd = join(this.folder, 'cwd-name');

  constructor() {
    mkdirSync(this.cwd);
  }

  /** Root, working directory and YAML file of a recording without the help that the client needed. */
  plain(sources: string, { yaml }: Recording): Checkout {
    const root = this.copyOf(sources);
    return { root: this.folder, dir: this.cwd, file: join(root, yaml), set: {} };
  }

  /** Does `work` with everything in place that the client was helped with. */
  async assisted<T>(
    sources: string,
    recording: Recording,
    work: (checkout: Checkout) => Promise<T>,
  ): Promise<T> {
    const { assist = {} } = recording;
    const plain = this.plain(sources, recording);
    const made = [...placeholders(this.copyOf(sources), assist), ...filledIn(plain.file, assist)];
    try {
      return await work({
        root: this.folder,
        dir: assist.cwd === undefined ? this.cwd : dirname(plain.file),
        file: assist.templateVars === undefined ? plain.file : templated(plain.file),
        set: Object.assign({}, ...(assist.paramsOverride ?? [])) as Record<string, unknown>,
      });
    } finally {
      for (const path of made) rmSync(path, { recursive: true, force: true });
    }
  }

  /** Whether the copy of the sources holds a file of this name below a folder. */
  copyOf(sources: string): string {
    const known = this.copies.get(sources);
    if (known !== undefined) return known;
    const copy = join(this.folder, basename(sources));
    cpSync(sources, copy, { recursive: true, verbatimSymlinks: true });
    this.copies.set(sources, copy);
    return copy;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Checkout {
  readonly root: string;
  readonly dir: string;
  readonly file: string;
  readonly set: Readonly<Record<string, unknown>>;
}

const PLACEHOLDER = 'placeholder\n';
const MLTABLE = 'paths:\n  - file: ./data.csv\ntransformations: []\n';

function placeholders(root: string, { placeholderFiles = [] }: Assist): string[] {
  return placeholderFiles.map((name) => {
    const path = join(root, name);
    const created = firstMissing(path);
    if (name.endsWith('/')) {
      mkdirSync(path, { recursive: true });
      const isTable = path.toLowerCase().includes('mltable');
      writeFileSync(join(path, isTable ? 'MLTable' : 'placeholder'), isTable ? MLTABLE : PLACEHOLDER);
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, PLACEHOLDER);
    }
    return created;
  });
}

function firstMissing(path: string): string {
  const parent = dirname(path);
  return existsSync(parent) ? path : firstMissing(parent);
}

function templated(file: string): string {
  return join(dirname(file), 'zz-golden-tmp.yml');
}

function filledIn(file: string, { templateVars }: Assist): string[] {
  if (templateVars === undefined) return [];
  const text = readFileSync(file, 'utf8').replace(
    /\{\{\s*([A-Za-z_]+)\s*\}\}/g,
    (found, name: string) => templateVars[name] ?? found,
  );
  writeFileSync(templated(file), text);
  return [templated(file)];
}
