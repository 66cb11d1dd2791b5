import { type ApiObject, flatKey } from '../core/index.js';
import { checkKey } from './delta-fifo.js';
import type { HandlerQueue } from './handler-queue.js';
import { Indexer, type Indexers } from './indexer.js';
import { tellHandlers } from './tell-handlers.js';

/** How many objects are taken over in one go. */
const PART = 500;

/** A list of all objects there are, and who is to have it. */
interface LongList<O extends ApiObject, I extends string> {
  readonly objects: readonly O[];
  readonly isFirst: boolean;
  readonly indexers: Indexers<O, I>;
  /** What was there before: nothing else changes it meanwhile. */
  readonly cache: Indexer<O, I>;
  /** Has the cache adopt what is prepared; answers with the handlers that are there then: whoever comes later has heard of it. */
  readonly adopt: (prepared: Indexer<O, I>) => readonly HandlerQueue<O>[];
  readonly transformed: (object: O) => O;
  /** Does what may throw because of an index function that failed for an object. */
  readonly indexing: (work: () => void) => void;
  /** Gives the rest of the process its turn. */
  readonly breathe: () => Promise<void> | undefined;
  readonly signal: AbortSignal;
}

/** An object of the list, and what was under its key before. */
interface Listed<O> {
  readonly key: string;
  readonly before: O | undefined;
  readonly object: O;
}

/** Whether so many objects are more than can be taken over in one go without holding up the rest of the process. */
export function isLong(objects: number): boolean {
  return objects > PART;
}

/**
 * Takes over a long list in turns: the cache has it at once when all of it is prepared, and then handlers are told part by part, first of
 * what is gone.
 *
 * Does nothing more once `signal` has aborted.
 */
export async function takeOverInTurns<O extends ApiObject, I extends string>(
  list: LongList<O, I>,
): Promise<void> {
  const { objects, isFirst, indexers, cache, adopt, transformed, indexing } = list;
  const prepared = new Indexer<O, I>(indexers);
  const listed: Listed<O>[] = [];
  const isPrepared = await inParts(list, objects, (part) => {
    const entries = part.map((given) => {
      const object = transformed(given);
      const key = checkKey(flatKey(object.metadata));
      return { key, before: cache.getByKey(key), object };
    });
    indexing(() => prepared.apply(entries));
    for (const entry of entries) listed.push(entry);
  });
  if (!isPrepared) return;
  const gone: Listed<O>[] = [];
  const isSearched = await inParts(list, [...cache.keys()], (part) => {
    for (const key of part) {
      const object = prepared.getByKey(key) === undefined ? cache.getByKey(key) : undefined;
      if (object !== undefined) gone.push({ key, before: object, object });
    }
  });
  if (!isSearched) return;
  // of two of one key the last one counts
  const last = prepared.size === objects.length ? undefined : new Set(prepared.list());
  const handlers = adopt(prepared);
  const isGoneTold = await inParts(list, gone, (part) => {
    for (const { key, before, object } of part) {
      tellHandlers(handlers, key, before, { type: 'Deleted', object, finalStateKnown: false }, isFirst);
    }
  });
  if (!isGoneTold) return;
  await inParts(list, listed, (part) => {
    for (const { key, before, object } of part) {
      if (last?.has(object) === false) continue;
      tellHandlers(handlers, key, before, { type: 'Replaced', object }, isFirst);
    }
  });
}

/** Does the work for some items at a time, with a turn for others after each part; answers false, and does no more, once it is to stop. */
async function inParts<T>(
  { breathe, signal }: Pick<LongList<never, never>, 'breathe' | 'signal'>,
  items: readonly T[],
  work: (part: readonly T[]) => void,
): Promise<boolean> {
  for (let from = 0; from < items.length; from += PART) {
    work(items.slice(from, from + PART));
    await breathe();
    if (signal.aborted) return false;
  }
  return true;
}
