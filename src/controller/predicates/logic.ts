import type { Predicate } from './predicate.js';

/** Passes what all of them pass; everything where there is none. */
export function and<O>(...predicates: readonly Predicate<O>[]): Predicate<O> {
  return (change) => predicates.every((predicate) => predicate(change));
}

/** Passes what one of them passes at least; nothing where there is none. */
export function or<O>(...predicates: readonly Predicate<O>[]): Predicate<O> {
  return (change) => predicates.some((predicate) => predicate(change));
}

/**
 * Passes what the predicate drops, and drops what it passes.
 *
 * Mind that most predicates pass whatever comes and goes: `not(generationChanged)` tells neither of creations nor of deletions.
 */
export function not<O>(predicate: Predicate<O>): Predicate<O> {
  return (change) => !predicate(change);
}
