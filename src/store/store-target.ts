import { checkGuards } from './guards.js';
import type { Kinds } from './kinds.js';
import type { Replacement, State, Write } from './state.js';
import type { StoredObject } from './stored-object.js';
import type { WriteRule } from './write-rule.js';
import type { WriteTarget } from './write-target.js';

/** The store itself: each write is a commit of its own, of which the rules are told. */
export function storeTarget(kinds: Kinds, state: State, rules: readonly WriteRule[]): WriteTarget {
  return {
    get revision() {
      return state.revision;
    },
    get aside() {
      return this;
    },
    log: state.log,
    find: (kind, namespace, name) => kind.table.get(namespace, name),
    ordered: (kind, namespace) => kind.table.ordered(namespace),
    isEmpty: (kind, namespace) => kind.table.sizeOf(namespace) === 0,
    holds: (guards) => checkGuards(guards, kinds),
    commit: (write) => {
      const previous = write.slot?.object;
      const object = state.commitOne(write);
      tell(rules, write, previous, object);
      return object;
    },
  };
}

/** Tells the rules of a write that has happened. */
export function tell(
  rules: readonly WriteRule[],
  write: Write,
  previous: StoredObject | undefined,
  object: StoredObject,
): void {
  for (const rule of rules) {
    if (write.next === undefined) rule.afterDelete?.(write.kind, object, write.slot);
    else rule.afterWrite?.(write.kind, previous, object);
  }
}

/** Tells the rules what has changed where the content of the state was replaced. */
export function tellReplaced(rules: readonly WriteRule[], replacements: readonly Replacement[]): void {
  for (const { kind, slot, previous, object } of replacements) {
    for (const rule of rules) {
      if (object !== undefined) rule.afterWrite?.(kind, previous, object);
      else if (previous !== undefined) rule.afterDelete?.(kind, previous, slot);
    }
  }
}
