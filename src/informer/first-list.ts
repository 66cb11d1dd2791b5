import { type ApiObject, flatKey } from '../core/index.js';
import { checkKey } from './delta-fifo.js';
import type { HandlerQueue } from './handler-queue.js';
import { Indexer, type IndexerChange, type Indexers } from './indexer.js';

/** How many objects are taken over in one go. */
const PART = 500;

/** A list where nothing was, and who is to have it. */
interface FirstList<O extends ApiObject, I extends string> {
  readonly objects: readonly O[];
  readonly indexers: Indexers<O, I>;
  /** Has the cache adopt what is prepared; answers with the handlers that are there then: whoever comes later has heard of it. */
  readonly adopt: (prepared: Indexer<O, I>) => readonly HandlerQueue<O>[];
  readonly transformed: (object: O) => O;
  /** Does what may throw because of an index function that failed for an object. */
  readonly indexing: (work: () => void) => void;
  /** Gives the rest of the process its turn. */
  readonly breathe: () => Promise<void> | undefined;
  readonly signal: AbortSignal;
}

/** Whether a list is so long that to take it over in one go would hold up the rest of the process. */
export function isLong(objects: readonly unknown[]): boolean {
  return objects.length > PART;
}

/**
 * Takes over a long list, where nothing was, in turns: the cache has it at once when all of it is prepared, and then handlers are told part by
 * part.
 *
 * Does nothing more once `signal` has aborted.
 */
export async function takeOverInTurns<O extends ApiObject, I extends string>(
  list: FirstList<O, I>,
): Promise<void> {
  const { objects, indexers, adopt, transformed, indexing, breathe, signal } = list;
  const prepared = new Indexer<O, I>(indexers);
  const parts: IndexerChange<O>[][] = [];
  for (let from = 0; from < objects.length; from += PART) {
    const part = objects.slice(from, from + PART).map((given) => {
      const object = transformed(given);
      return { key: checkKey(flatKey(object.metadata)), object };
    });
    indexing(() => prepared.apply(part));
    parts.push(part);
    await breathe();
    if (signal.aborted) return;
  }
  // of two of one key the last one counts
  const last = prepared.size === objects.length ? undefined : new Set(prepared.list());
  const handlers = adopt(prepared);
  for (const part of parts) {
    for (const { key, object } of part) {
      if (object === undefined || last?.has(object) === false) continue;
      for (const handler of handlers) handler.add(key, object, true, undefined);
    }
    await breathe();
    if (signal.aborted) return;
  }
}
