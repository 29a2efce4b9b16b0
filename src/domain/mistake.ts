/** One mistake in a file that somebody wrote: where, what was found, what is allowed and what to do. */
export interface Mistake {
  /** Relative to the repository's root. */
  readonly file: string;
  /** 1-based; absent when the whole file is meant. */
  readonly line?: number;
  readonly column?: number;
  /** `gate.require.accuracy` */
  readonly path: string;
  readonly message: string;
  readonly found?: string;
  readonly allowed?: readonly string[];
  /** The valid key or value most like what was found. */
  readonly nearest?: string;
  readonly fix?: string;
  /** `error`: the official client rejects it, or it is unsafe. `warning`: Azure would fail later. */
  readonly severity: 'error' | 'warning';
}

/** `mlops.yaml:4:3  gate.metrik: unknown key; did you mean metric?; allowed: …` */
export function formatMistake(mistake: Mistake): string {
  const place = [mistake.file, mistake.line, mistake.line === undefined ? undefined : mistake.column]
    .filter((part) => part !== undefined)
    .join(':');
  return `${mistake.severity === 'warning' ? 'warning: ' : ''}${place}  ${formatProblem(mistake)}`;
}

/** The same without its place, for where the place is shown otherwise. */
export function formatProblem(mistake: Mistake): string {
  const parts = [
    `${mistake.path === '' ? '' : `${mistake.path}: `}${mistake.message}`,
    mistake.found === undefined ? '' : `found ${mistake.found}`,
    mistake.nearest === undefined ? '' : `did you mean ${mistake.nearest}?`,
    mistake.allowed === undefined ? '' : `allowed: ${mistake.allowed.join(', ')}`,
    mistake.fix ?? '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}
