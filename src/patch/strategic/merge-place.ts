import type { ApiError } from '../../core/index.js';
import { fieldPath, type PathStep } from '../field-path.js';
import type { FieldSchema } from '../merge-schema.js';
import { unexpected } from '../request-json.js';
import { fieldOf, type ListRules, listRulesOf, type ObjectShape } from './field-rules.js';

/** The longest path that a message quotes whole. */
const PATH_LENGTH = 300;

/** Where a walk through two objects is: it knows the way back, so that errors can name the path. */
export interface MergePlace {
  /** The last step to here, and at the root what errors call the object, as in `original`. */
  readonly before: PathStep;
  /** The same in the other object, as in `patch`; below the root, only the indices of list items differ. */
  readonly after: PathStep;
  readonly parent?: MergePlace;
  /** How many steps the place is below the root. */
  readonly depth: number;
}

export function rootPlace(before: string, after: string): MergePlace {
  return { before, after, depth: 0 };
}

export function placeIn(parent: MergePlace, before: PathStep, after: PathStep = before): MergePlace {
  return { before, after, parent, depth: parent.depth + 1 };
}

/** The error for a place where something else was expected: in the object `after`, unless `side` says otherwise. */
export function malformed(
  place: MergePlace,
  expected: string,
  value: unknown,
  side: 'before' | 'after' = 'after',
): ApiError {
  return unexpected(pathOf(place, side), expected, value);
}

function pathOf(place: MergePlace, side: 'before' | 'after'): string {
  const path = fieldPath(stepsTo(place, side));
  return path.length > PATH_LENGTH ? `${path.slice(0, PATH_LENGTH)}...` : path;
}

/** The whole path in the object `after`, without what errors call that object. */
export function pathBelowRoot(place: MergePlace): string {
  return fieldPath(stepsTo(place, 'after').slice(1));
}

function stepsTo(place: MergePlace, side: 'before' | 'after'): readonly PathStep[] {
  const steps: PathStep[] = [];
  for (let at: MergePlace | undefined = place; at; at = at.parent) steps.push(at[side]);
  return steps.reverse();
}

/** The rules of the member that a place is; BadRequest where the kind has no such field. `value` is what stands there. */
export function fieldAt(place: MergePlace, shape: ObjectShape, value: unknown): FieldSchema {
  const field = fieldOf(shape, String(place.after));
  if (!field) throw unknownField(place, value);
  return field;
}

/** The error for an object or a list in a field that the kind does not have. */
export function unknownField(place: MergePlace, value: unknown): ApiError {
  return malformed(place, 'no object or list in an unknown field', value);
}

/** How the lists at a place merge; BadRequest where the kind has no list there. */
export function listRulesAt(place: MergePlace, shape: ObjectShape, value: unknown): ListRules {
  const rules = listRulesOf(fieldAt(place, shape, value));
  if (!rules) throw malformed(place, 'no list', value);
  return rules;
}
