import { cross } from 'd3-array';
import { randomInt, randomLcg, randomLogNormal, randomNormal, randomUniform } from 'd3-random';
import type { Parameter, Space } from './spec.js';

/** What a trial runs with. */
export type Values = Readonly<Record<string, unknown>>;

/** A trial as the next choice may depend on it; no value where it has not logged the metric. */
export interface Seen {
  readonly values: Values;
  readonly metric: number | undefined;
}

/** Chooses the values of one trial after the other; undefined when there are no more. */
export interface Sampler {
  next(seen: readonly Seen[]): Promise<Values | undefined>;
}

/** The same seed gives the same trials, so that a sweep goes on with its own after a restart. */
export function randomSampler(space: Space, seed: number): Sampler {
  const source = randomLcg(seed);
  const draws = Object.entries(space).map(([name, parameter]) => [name, drawOf(parameter, source)] as const);
  return {
    next: () => Promise.resolve(Object.fromEntries(draws.map(([name, draw]) => [name, draw()]))),
  };
}

function drawOf(parameter: Parameter, source: () => number): () => unknown {
  switch (parameter.kind) {
    case 'choice': {
      const at = randomInt.source(source)(parameter.values.length);
      return () => parameter.values[at()];
    }
    case 'randint':
      return randomInt.source(source)(parameter.upper);
    case 'uniform':
      return quantised(randomUniform.source(source)(parameter.min, parameter.max), parameter.q);
    case 'loguniform': {
      const exponent = randomUniform.source(source)(parameter.min, parameter.max);
      return quantised(() => Math.exp(exponent()), parameter.q);
    }
    case 'normal':
      return quantised(randomNormal.source(source)(parameter.mu, parameter.sigma), parameter.q);
    case 'lognormal':
      return quantised(randomLogNormal.source(source)(parameter.mu, parameter.sigma), parameter.q);
  }
}

function quantised(draw: () => number, q: number | undefined): () => number {
  return q === undefined ? draw : () => toMultiple(draw(), q);
}

/** `round(value / q) * q`, without the noise that 3 * 0.1 has. */
export function toMultiple(value: number, q: number): number {
  return Number((Math.round(value / q) * q).toPrecision(12));
}

/** Every combination of the choices once. */
export function gridSampler(space: Space): Sampler {
  const names = Object.keys(space);
  const choices = Object.values(space).map((parameter) =>
    parameter.kind === 'choice' ? [...parameter.values] : [],
  );
  const combinations = choices.reduce<unknown[][]>(
    (all, values) => cross(all, values, (before, value) => [...before, value]),
    [[]],
  );
  let at = 0;
  return {
    next() {
      const values = combinations[at];
      at += 1;
      return Promise.resolve(values && Object.fromEntries(names.map((name, index) => [name, values[index]])));
    },
  };
}
