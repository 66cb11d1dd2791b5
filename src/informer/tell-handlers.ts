import { type ApiObject, keyOf } from '../core/index.js';
import type { Delta } from './delta-fifo.js';
import type { HandlerQueue } from './handler-queue.js';
import type { ObjectEvent } from './reflector-options.js';
import { compareRevisions } from './revision.js';
import { NONE_SKIPPED } from './skipped.js';

/** A delta of an object. */
export type ObjectDelta<O> = Exclude<Delta<O>, { readonly type: 'Bookmark' }>;

/** One that may say something new. */
type TellingDelta<O> = Exclude<ObjectDelta<O>, { readonly type: 'Sync' }>;

/**
 * Queues for handlers what a delta makes of an object, and answers with what it is then.
 *
 * They are called in a later turn, when the cache shows it.
 */
export function tellHandlers<O extends ApiObject>(
  handlers: readonly HandlerQueue<O>[],
  key: string,
  before: O | undefined,
  delta: TellingDelta<O>,
  isInInitialList: boolean,
): O | undefined {
  if (isOld(delta, before)) return before;
  const { object } = delta;
  if (delta.type === 'Deleted') {
    tellDeleted(handlers, key, object, delta.finalStateKnown);
    return undefined;
  }
  if (before !== undefined && before.metadata.uid === object.metadata.uid) {
    const isRepeated = before.metadata.resourceVersion === object.metadata.resourceVersion;
    const skipped = delta.type === 'Updated' || isRepeated ? NONE_SKIPPED : undefined;
    for (const handler of handlers) handler.update(key, before, object, skipped);
    return object;
  }
  // nobody told of the deletion of another object of this name
  if (before !== undefined) tellDeleted(handlers, key, before, false);
  const skipped = delta.type === 'Added' ? NONE_SKIPPED : undefined;
  for (const handler of handlers) handler.add(key, object, isInInitialList, skipped);
  return object;
}

/** The delta of an event of a watch. */
export function deltaOf<O>(type: ObjectEvent<O>['type'], object: O): ObjectDelta<O> {
  if (type === 'DELETED') return { type: 'Deleted', object, finalStateKnown: true };
  return { type: type === 'ADDED' ? 'Added' : 'Updated', object };
}

/** True where the cache reflects a change already: a watch that was resumed may repeat some. */
function isOld<O extends ApiObject>(delta: TellingDelta<O>, cached: O | undefined): boolean {
  if (cached === undefined) return delta.type === 'Deleted';
  const wasWatched =
    delta.type === 'Deleted' ? delta.finalStateKnown : delta.type === 'Added' || delta.type === 'Updated';
  if (!wasWatched) return false;
  const { metadata } = delta.object;
  const order = compareRevisions(metadata.resourceVersion, cached.metadata.resourceVersion);
  if (order !== 0) return order < 0;
  return delta.type !== 'Deleted' || metadata.uid !== cached.metadata.uid;
}

function tellDeleted<O extends ApiObject>(
  handlers: readonly HandlerQueue<O>[],
  key: string,
  last: O,
  finalStateKnown: boolean,
): void {
  const skipped = finalStateKnown ? NONE_SKIPPED : undefined;
  const event = { key: keyOf(last), last, finalStateKnown, skipped };
  for (const handler of handlers) handler.delete(key, event);
}
