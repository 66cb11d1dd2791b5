import { type ApiObject, LabelSelector } from '../../core/index.js';
import type { Predicate } from './predicate.js';

/**
 * Passes changes of objects whose labels match, before or after: those that enter the selection, stay in it, or leave it.
 *
 * @param selector - A text such as `tier in (web,db),!canary`, or a {@link LabelSelector}.
 * @throws ApiError BadRequest for a malformed text.
 */
export function matchesLabels(selector: string | LabelSelector): Predicate {
  const compiled = typeof selector === 'string' ? LabelSelector.parse(selector) : selector;
  const matches = (object: ApiObject | undefined): boolean =>
    object !== undefined && compiled.matches(object.metadata.labels);
  return ({ before, after }) => matches(before) || matches(after);
}
