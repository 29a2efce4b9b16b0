/** A clock that can be ordered to go faster than the machine's, and never goes back. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** So many times as fast from here on; 1 at first. */
  speed: number;
  /** Milliseconds that it is ahead of the machine's. */
  lead(): number;
}

/** `lead`: how far it was ahead when it was stopped. */
export function createClock(lead = 0): Clock {
  let speed = 1;
  let since = Date.now();
  let shown = since + lead;
  const now = () => shown + (Date.now() - since) * speed;
  return {
    now,
    lead: () => now() - Date.now(),
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
