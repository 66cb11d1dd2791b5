import type { Random } from '../../../../src/core/index.js';

export function chance(random: Random, probability: number): boolean {
  return random.next() < probability;
}

/** One of a list that is not empty. */
export function pick<T>(random: Random, all: readonly T[]): T {
  const found = all[random.integer(all.length)];
  if (found === undefined) throw new RangeError('Expected a list to pick from, got an empty one');
  return found;
}

/** A whole number from `lowest` to `highest`. */
export function between(random: Random, lowest: number, highest: number): number {
  return lowest + random.integer(highest - lowest + 1);
}

/** What `make` gives, `least` to `most` times. */
export function several<T>(random: Random, least: number, most: number, make: (index: number) => T): T[] {
  return Array.from({ length: between(random, least, most) }, (_, index) => make(index));
}

/** One to `most` of a list, each once, in the order of the list. */
export function some<T>(random: Random, all: readonly T[], most: number): T[] {
  const chosen = new Set(several(random, 1, most, () => pick(random, all)));
  return all.filter((one) => chosen.has(one));
}

/** Properties that are there with a probability. */
export function maybe<T extends object>(random: Random, probability: number, make: () => T): Partial<T> {
  return chance(random, probability) ? make() : {};
}
