/** A clock that can be ordered to go faster than the machine's, and never goes back while this process lives. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** So many times as fast from here on; 1 at first. */
  speed: number;
}

export function createClock(): Clock {
  let speed = 1;
  let since = Date.now();
  let shown = since;
  const now = () => shown + (Date.now() - since) * speed;
  return {
    now,
    get speed() {
      return speed;
    },
    set speed(next) {
      shown = now();
      since = Date.now();
      speed = next;
    },
  };
}
