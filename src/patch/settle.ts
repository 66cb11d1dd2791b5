import { jsonEqual } from '../core/index.js';

/** The old value where the new one equals it, so that what did not change stays the same object. */
export function settle<Before, After>(before: Before, after: After): Before | After {
  return jsonEqual(before, after) ? before : after;
}

/** The old list where the new one has the very same items. */
export function settleItems(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return haveSameItems(before, after) ? before : after;
}

export function haveSameItems(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length === after.length && before.every((item, index) => item === after[index]);
}
