interface Weighted {
  readonly weight: number;
  current: number;
}

/**
 * Smooth weighted round robin: over each run of as many choices as the weights sum to, every name is
 * chosen exactly as often as its weight says, evenly spread. Changed weights begin a new run.
 */
export class WeightedChoice {
  #signature = '';
  #names = new Map<string, Weighted>();

  /** The next name; undefined when no weight is positive. */
  next(weights: Readonly<Record<string, number>>): string | undefined {
    this.#adopt(weights);
    let total = 0;
    let chosen: { name: string; entry: Weighted } | undefined;
    for (const [name, entry] of this.#names) {
      total += entry.weight;
      entry.current += entry.weight;
      if (chosen === undefined || entry.current > chosen.entry.current) chosen = { name, entry };
    }
    if (chosen !== undefined) chosen.entry.current -= total;
    return chosen?.name;
  }

  #adopt(weights: Readonly<Record<string, number>>): void {
    const positive = Object.entries(weights).filter(([, weight]) => weight > 0);
    const signature = JSON.stringify(positive);
    if (signature === this.#signature) return;
    this.#signature = signature;
    this.#names = new Map(positive.map(([name, weight]) => [name, { weight, current: 0 }]));
  }
}

/** Says yes to exactly `share` (0 to 1) of the questions, evenly spread. */
export class Share {
  #owed = 0;

  next(share: number): boolean {
    this.#owed += share;
    // Sums of tenths fall short of 1 by the rounding of doubles.
    if (this.#owed < 1 - 1e-9) return false;
    this.#owed -= 1;
    return true;
  }
}
