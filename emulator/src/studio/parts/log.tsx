import type { JSX } from 'preact';

export interface LogTab {
  readonly name: string;
  readonly href: string;
}

/** A log that the page's stream of events writes into; without scripts its file is there. */
export function Log(props: {
  readonly id: string;
  readonly tabs: readonly LogTab[];
  readonly chosen: string;
  /** Address of the whole text. */
  readonly full: string;
  readonly ended: boolean;
}): JSX.Element {
  return (
    <div class="log">
      <nav aria-label="Log files">
        {props.tabs.map(({ name, href }) => (
          <a href={href} aria-current={name === props.chosen ? 'page' : undefined}>
            {name}
          </a>
        ))}
        <a class="full" href={props.full}>
          Full log
        </a>
      </nav>
      <live-log id={props.id} end={props.ended ? 'true' : undefined}>
        <a href={props.full}>Read the log</a>
      </live-log>
    </div>
  );
}
