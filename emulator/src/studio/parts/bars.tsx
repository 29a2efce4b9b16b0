import type { JSX } from 'preact';

/** Shares of a whole, side by side, with a legend that says the same in words. */
export function ShareBar(props: {
  readonly label: string;
  readonly shares: readonly { readonly name: string; readonly percent: number }[];
}): JSX.Element {
  let at = 0;
  const placed = props.shares.map((share, index) => {
    const from = at;
    at += share.percent;
    return { ...share, from, hue: (index % 6) + 1 };
  });
  const words = placed.map(({ name, percent }) => `${name} ${percent} %`).join(', ');
  return (
    <figure class="shares">
      <svg role="img" aria-label={`${props.label}: ${words}`} width="100%" height="12">
        <rect class="track" width="100%" height="12" rx="6" />
        {placed.map(({ percent, from, hue }) => (
          <rect class={`hue${hue}`} x={`${from}%`} width={`${percent}%`} height="12" />
        ))}
      </svg>
      <figcaption>
        {placed.map(({ name, percent, hue }) => (
          <span>
            <svg width="10" height="10" aria-hidden="true">
              <rect class={`hue${hue}`} width="10" height="10" rx="2" />
            </svg>{' '}
            {name} <b>{percent} %</b>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/** How many of a number of places are taken, a square each as long as they are few. */
export function Places({ busy, all }: { readonly busy: number; readonly all: number }): JSX.Element {
  const few = Math.min(all, 16);
  const taken = all > few ? Math.ceil((busy / all) * few) : busy;
  return (
    <span class="places">
      <svg role="img" aria-label={`${busy} of ${all} nodes busy`} width={Math.max(1, few * 14)} height="12">
        {Array.from({ length: few }, (_, at) => (
          <rect class={at < taken ? 'hue1' : 'track'} x={at * 14} width="11" height="12" rx="3" />
        ))}
      </svg>
      <span class="num">
        {busy} / {all}
      </span>
    </span>
  );
}
