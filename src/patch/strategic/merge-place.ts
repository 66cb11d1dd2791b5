import type { ApiError } from '../../core/index.js';
import type { FieldSchema } from '../merge-schema.js';
import { fieldOf, type ListRules, listRulesOf, type ObjectShape } from './field-rules.js';
import { malformed, type PathStep } from './value-path.js';

/** What is wrong with an object or a list in a field that the kind does not have, or that holds neither. */
export const UNKNOWN_FIELD = 'Expected no object or list to merge: the kind has no such field';

/** What is wrong with a list in another field. */
export const NO_LIST = 'Expected no list to merge: the field holds none';

/** Two objects that are walked side by side, and what errors call them. */
export interface SideNames {
  /** As in `original`. */
  readonly before: string;
  /** As in `patch`. */
  readonly after: string;
}

/** Where a walk through two objects is: it knows the way back, so that errors can name the path. */
export class MergePlace {
  readonly #names: SideNames;
  /** The steps from the roots to here; they differ in the indices of list items only. */
  readonly #before: PathStep[] = [];
  readonly #after: PathStep[] = [];

  constructor(names: SideNames) {
    this.#names = names;
  }

  /** How many steps the place is below the roots. */
  get depth(): number {
    return this.#after.length;
  }

  enter(before: PathStep, after: PathStep = before): void {
    this.#before.push(before);
    this.#after.push(after);
  }

  /** Takes back the last {@link enter}. */
  leave(): void {
    this.#before.pop();
    this.#after.pop();
  }

  /** The rules of the member that this place is; BadRequest where the kind has no such field. */
  field(shape: ObjectShape): FieldSchema {
    const field = fieldOf(shape, String(this.#after.at(-1)));
    if (field === undefined) throw this.malformedAfter(UNKNOWN_FIELD);
    return field;
  }

  /** How the lists at this place merge; BadRequest where the kind has no list there. */
  listRules(shape: ObjectShape): ListRules {
    const rules = listRulesOf(this.field(shape));
    if (rules === undefined) throw this.malformedAfter(NO_LIST);
    return rules;
  }

  malformedBefore(message: string, step?: PathStep): ApiError {
    return malformed(
      this.#names.before,
      step === undefined ? this.#before : [...this.#before, step],
      message,
    );
  }

  malformedAfter(message: string, step?: PathStep): ApiError {
    return malformed(this.#names.after, step === undefined ? this.#after : [...this.#after, step], message);
  }
}
