import { preview } from '../../core/index.js';
import type { ObjectChange, Predicate } from './predicate.js';

/**
 * Whether a change passes all predicates.
 *
 * One that throws, or answers with anything but true or false (as an asynchronous one does), is reported, and the change passes: a
 * reconcile too many does no harm.
 */
export function passesAll<O>(
  predicates: readonly Predicate<O>[],
  change: ObjectChange<O>,
  report: (error: unknown) => void,
): boolean {
  return predicates.every((predicate) => {
    try {
      const answer: unknown = predicate(change);
      if (typeof answer === 'boolean') return answer;
      if (answer instanceof Promise) answer.catch(report);
      throw new TypeError(`predicate: expected true or false, got ${preview(answer)}`);
    } catch (error) {
      report(error);
      return true;
    }
  });
}
