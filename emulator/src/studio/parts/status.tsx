import type { JSX } from 'preact';

type Tone = 'good' | 'bad' | 'busy' | 'wait' | 'off' | 'past';

const TONES: Readonly<Record<string, Tone>> = {
  Completed: 'good',
  Succeeded: 'good',
  Ready: 'good',
  Enabled: 'good',
  Failed: 'bad',
  NotReady: 'bad',
  Canceled: 'off',
  Disabled: 'off',
  Archived: 'off',
  Skipped: 'off',
  Queued: 'wait',
  NotStarted: 'wait',
  Waiting: 'wait',
};

const SIGNS: Readonly<Record<Tone, string>> = {
  good: '✓',
  bad: '✕',
  busy: '●',
  wait: '○',
  off: '–',
  past: '✓',
};

export function toneOf(status: string): Tone {
  return TONES[status] ?? 'busy';
}

/** A state by word, sign and color: no color alone tells anything. */
export function Status(props: { readonly of: string; readonly past?: boolean }): JSX.Element {
  const { of, past = false } = props;
  const tone = past ? 'past' : toneOf(of);
  return (
    <span class={`status ${tone}`}>
      <span aria-hidden="true">{SIGNS[tone]}</span> {words(of)}
    </span>
  );
}

/** `CancelRequested` → `Cancel requested` */
function words(status: string): string {
  const spaced = status.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** The status of an HTTP answer; 0: there was none. */
export function HttpStatus({ code }: { readonly code: number }): JSX.Element {
  const tone = code === 0 || code >= 500 ? 'bad' : code >= 400 ? 'warn' : code >= 300 ? 'off' : 'good';
  return <span class={`code ${tone}`}>{code === 0 ? 'hung up' : code}</span>;
}
