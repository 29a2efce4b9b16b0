/** One thing that was looked at. */
export interface Finding {
  /** `warn`: fine as long as nobody relies on it, which `found` says. */
  readonly state: 'ok' | 'warn' | 'bad';
  readonly what: string;
  readonly found: string;
  /** What to do about it. */
  readonly todo?: string;
}
