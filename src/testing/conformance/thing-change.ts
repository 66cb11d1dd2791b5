import type { StatusReason } from '../../core/index.js';
import type { Change } from '../history/operation.js';
import { EMPTY, stateOf, textOf, type ThingState } from './thing-state.js';

/**
 * What a request makes of a thing, given what is there: another state, undefined for nothing, or the reason why it is refused.
 *
 * These are the rules of the verbs, told once more as simply as can be: a history is checked against them.
 */
export type ThingChange = (before: ThingState | undefined) => ThingState | undefined | StatusReason;

/** A rule as a history has it. */
export function contentChange(change: ThingChange): Change {
  return (before) => {
    const after = change(before === undefined ? undefined : stateOf(before));
    if (typeof after === 'string') return false;
    return after === undefined ? undefined : textOf(after);
  };
}

/** What is to be there. */
export interface Look {
  readonly colour: string;
  readonly value: string;
}

export function created(look: Look): ThingChange {
  return (before) => (before === undefined ? { ...EMPTY, ...look } : 'AlreadyExists');
}

/** Another value, which it never had, and a colour. */
export function painted(look: Look): ThingChange {
  return onExisting((before) => ({ ...before, ...look, generation: before.generation + 1 }));
}

/** Created or painted. */
export function put(look: Look): ThingChange {
  return (before) => (before === undefined ? created(look)(before) : painted(look)(before));
}

/** A status, which leaves all else alone. */
export function reported(status: string): ThingChange {
  return onExisting((before) => ({ ...before, status }));
}

/** Other finalizers: what is to be deleted takes no new ones, and goes with the last. */
export function held(finalizers: readonly string[]): ThingChange {
  return onExisting((before) => {
    if (!before.isDying) return { ...before, finalizers };
    if (finalizers.some((finalizer) => !before.finalizers.includes(finalizer))) return 'Invalid';
    return finalizers.length === 0 ? undefined : { ...before, finalizers };
  });
}

/** Deleted, or marked where finalizers hold it; a mark stays as it is. */
export function deleted(): ThingChange {
  return onExisting((before) => {
    if (before.finalizers.length === 0) return undefined;
    return before.isDying ? before : { ...before, isDying: true, generation: before.generation + 1 };
  });
}

/** Deleted, if it is there. */
export function removed(): ThingChange {
  return (before) => (before === undefined ? undefined : deleted()(before));
}

/** What one manager applies. */
export interface Intent {
  readonly manager: string;
  readonly parts: Readonly<Record<string, string>>;
  readonly force: boolean;
}

/** Parts that a manager wants, and no others: those that it owned alone, and wants no more, go. */
export function applied({ manager, parts: wanted, force }: Intent): ThingChange {
  return (before) => {
    const old = before?.parts ?? {};
    const next: Record<string, ThingState['parts'][string]> = {};
    for (const part of new Set([...Object.keys(old), ...Object.keys(wanted)])) {
      const [was, value] = [old[part], wanted[part]];
      const others = was?.owners.filter((owner) => owner !== manager) ?? [];
      const isSame = value === was?.value;
      if (value !== undefined) {
        if (!isSame && others.length > 0 && !force) return 'Conflict';
        next[part] = { value, owners: isSame ? [...others, manager].toSorted() : [manager] };
      } else if (was !== undefined && others.length > 0) next[part] = { value: was.value, owners: others };
    }
    if (before === undefined) return { ...EMPTY, parts: next };
    const isChanged =
      Object.keys(old).length !== Object.keys(next).length ||
      Object.keys(next).some((part) => next[part]?.value !== old[part]?.value);
    return { ...before, parts: next, generation: before.generation + (isChanged ? 1 : 0) };
  };
}

function onExisting(change: (before: ThingState) => ThingState | undefined | StatusReason): ThingChange {
  return (before) => (before === undefined ? 'NotFound' : change(before));
}
