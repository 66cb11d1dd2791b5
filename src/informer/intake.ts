import { type ApiObject, type Executor, flatKey, keyOf, type ObjectKey } from '../core/index.js';
import { checkKey, DeltaFifo, type KeyDeltas } from './delta-fifo.js';
import type { HandlerQueue } from './handler-queue.js';
import { Indexer, type IndexerChange, type Indexers } from './indexer.js';
import { type Lister, readOnly } from './lister.js';
import { isLong, takeOverInTurns } from './long-list.js';
import { IndexFunctionError } from './object-index.js';
import type { ObjectEvent, ReflectorTarget } from './reflector-options.js';
import { NONE_SKIPPED } from './skipped.js';
import { type ListerSnapshot, Snapshots } from './snapshots.js';
import { deltaOf, type ObjectDelta, tellHandlers } from './tell-handlers.js';
import { transformedBy } from './transformed-by.js';
import { Watermark } from './watermark.js';

/** What an {@link Intake} works with. */
export interface IntakeOptions<O extends ApiObject, I extends string> {
  readonly executor: Executor;
  readonly indexers: Indexers<O, I> | undefined;
  readonly transform: ((object: O) => O) | undefined;
  /** Told of a function of the program that failed for an object. */
  readonly onFault: (during: 'index' | 'transform', thrown: unknown, key: ObjectKey) => void;
  /** The first list was taken over, and handlers are told of all of it. */
  readonly onSynced: () => void;
  /** Nothing more is taken over once it has aborted. */
  readonly signal: AbortSignal;
}

/**
 * Takes over what a reflector tells: into the cache, and at the same time to the queues of the handlers, who are called later.
 *
 * What it takes over goes through a delta queue, which puts the events of a commit in order, or past it where there is nothing to put in order.
 */
export class Intake<O extends ApiObject, I extends string> implements ReflectorTarget<O> {
  readonly cache: Indexer<O, I>;
  readonly lister: Lister<O, I>;
  /** Up to where everything is in the cache. */
  readonly watermark: Watermark = new Watermark();
  readonly #options: IntakeOptions<O, I>;
  // the functions of the indexes of the cache
  #indexers: Indexers<O, string>;
  readonly #snapshots: Snapshots<O, I>;
  // each once; an array, as a set would make an iterator for every change
  #handlers: readonly HandlerQueue<O>[] = [];
  // empty whenever no method of this class runs: whatever is put in is taken over at once
  readonly #fifo: DeltaFifo<O>;
  // the beginning of a commit that was not told wholly yet: events of one revision
  #begun: ObjectEvent<O>[] = [];
  #isSynced = false;
  // for whom the Sync deltas are that are taken over; undefined but for a resync
  #resyncing: HandlerQueue<O> | undefined;
  // the taking over of a long list; undefined while there is none
  #turns: Promise<void> | undefined;

  constructor(options: IntakeOptions<O, I>) {
    this.#options = options;
    this.cache = new Indexer<O, I>(options.indexers);
    this.#indexers = { ...options.indexers };
    this.lister = readOnly<O, I>(this.cache);
    this.#snapshots = new Snapshots<O, I>(this.lister, () => this.#indexers);
    this.#fifo = new DeltaFifo<O>({
      key: (object) => flatKey(object.metadata),
      known: { keys: () => this.cache.keys(), get: (key) => this.cache.getByKey(key) },
    });
  }

  get handlers(): readonly HandlerQueue<O>[] {
    return this.#handlers;
  }

  /** The taking over of a long list, which ends when handlers have been told of all of it; undefined while there is none. */
  get turns(): Promise<void> | undefined {
    return this.#turns;
  }

  /** Adds a handler, which is told of all that is there first. */
  addHandler(handler: HandlerQueue<O>): void {
    for (const object of this.cache.list()) handler.add(flatKey(object.metadata), object, true, undefined);
    this.#handlers = [...this.#handlers, handler];
  }

  removeHandler(handler: HandlerQueue<O>): void {
    this.#handlers = this.#handlers.filter((other) => other !== handler);
  }

  /** @throws TypeError where a name is taken by another function. */
  addIndexers(indexers: Indexers<O, string>): void {
    this.#indexing(() => this.cache.addIndexers(indexers));
    this.#indexers = { ...this.#indexers, ...indexers };
  }

  snapshot(): ListerSnapshot<O, I> {
    return this.#snapshots.take();
  }

  /** Resolves once the handlers have been called about everything up to a revision. */
  async delivered(resourceVersion: string): Promise<void> {
    await this.watermark.reached(resourceVersion);
    // of a long list the cache has everything before handlers are told
    await this.#turns;
    await Promise.all(this.#handlers.map((handler) => handler.delivered()));
  }

  /** Repeats the cache to a handler. */
  repeatTo(handler: HandlerQueue<O>): void {
    // everything is told anyway then, and must not be told ahead of what was there before
    if (this.#turns !== undefined) return;
    this.#resyncing = handler;
    this.#fifo.resync();
    this.#fifo.popAll(this.#takeOver);
    this.#resyncing = undefined;
  }

  replace(objects: readonly O[], resourceVersion: string): Promise<void> | undefined {
    const { executor } = this.#options;
    if (executor.breathe !== undefined && isLong(Math.max(objects.length, this.cache.size)))
      return this.#takeOverInTurns(objects, resourceVersion, () => executor.breathe?.());
    const all = objects.map((object) => this.#transformed(object));
    const isEmpty = this.cache.size === 0 && this.#fifo.length === 0;
    if (isEmpty) this.#takeOverFirst(all, resourceVersion);
    else this.#fifo.replace(all, resourceVersion);
    this.#replaced(resourceVersion);
    return undefined;
  }

  apply(event: ObjectEvent<O>): void {
    const { resourceVersion } = event.object.metadata;
    // what a watch began to tell before it broke off, the next one tells again
    const [first] = this.#begun;
    if (first !== undefined && first.object.metadata.resourceVersion !== resourceVersion) this.#begun = [];
    if (event.more === true) {
      this.#begun.push(event);
      return;
    }
    if (this.#begun.length === 0) {
      this.#takeOverOne(event);
      this.watermark.advance(resourceVersion);
      return;
    }
    for (const earlier of this.#begun) this.#queue(earlier);
    this.#queue(event);
    this.bookmark(resourceVersion);
  }

  /** Takes over what is queued: it is all there is, up to a revision. */
  bookmark(resourceVersion: string): void {
    if (this.#begun.length > 0) this.#begun = [];
    this.#fifo.popAll(this.#takeOver);
    this.watermark.advance(resourceVersion);
  }

  /** Takes over a long list, so that it holds up nobody; until then everything stays here as it is, and nothing else is told. */
  async #takeOverInTurns(
    objects: readonly O[],
    resourceVersion: string,
    breathe: () => Promise<void> | undefined,
  ): Promise<void> {
    this.#turns = takeOverInTurns({
      objects,
      isFirst: !this.#fifo.hasSynced,
      indexers: this.#indexers as Indexers<O, I>,
      cache: this.cache,
      adopt: (prepared) => this.#adopt(prepared, resourceVersion),
      transformed: (object) => this.#transformed(object),
      indexing: (work) => this.#indexing(work),
      breathe,
      signal: this.#options.signal,
    });
    try {
      await this.#turns;
    } finally {
      this.#turns = undefined;
    }
    if (this.#options.signal.aborted) return;
    this.#fifo.passed(resourceVersion);
    this.#replaced(resourceVersion);
  }

  /** Has all that was prepared, and nothing else; answers with the handlers, who are to be told. */
  #adopt(prepared: Indexer<O, I>, resourceVersion: string): readonly HandlerQueue<O>[] {
    if (this.#snapshots.areHeld) {
      for (const all of [prepared, this.cache]) {
        for (const key of all.keys()) this.#snapshots.remember(key, this.cache.getByKey(key));
      }
    }
    this.#indexing(() => this.cache.adopt(prepared));
    this.watermark.advance(resourceVersion);
    return this.#handlers;
  }

  /** What was listed is taken over. */
  #replaced(resourceVersion: string): void {
    this.bookmark(resourceVersion);
    if (this.#isSynced || !this.#fifo.hasSynced) return;
    this.#isSynced = true;
    this.#options.onSynced();
  }

  /** Takes over a list where nothing was, past the queue: each object is new. Of two that have the same key the last one counts. */
  #takeOverFirst(objects: readonly O[], resourceVersion: string): void {
    const changes = objects.map((object) => ({ key: checkKey(flatKey(object.metadata)), object }));
    const isInInitialList = !this.#fifo.hasSynced;
    for (const { key, object } of changes) {
      for (const handler of this.#handlers) handler.add(key, object, isInInitialList, undefined);
    }
    this.#fifo.passed(resourceVersion);
    this.#cache(changes);
  }

  /** Takes over a change that is all of its commit, as most are, past the queue: there is nothing to put in order. */
  #takeOverOne(event: ObjectEvent<O>): void {
    const object = this.#transformed(event.object);
    const key = checkKey(flatKey(object.metadata));
    const cached = this.cache.getToChange(key);
    const next = this.#tell(key, cached, deltaOf(event.type, object), !this.#fifo.hasSynced);
    if (next === cached) return;
    if (this.#snapshots.areHeld) this.#snapshots.remember(key, cached);
    try {
      this.cache.change(key, next);
    } catch (error) {
      this.#reportIndex(error);
    }
  }

  #queue(event: ObjectEvent<O>): void {
    const object = this.#transformed(event.object);
    if (event.type === 'ADDED') this.#fifo.add(object);
    else if (event.type === 'MODIFIED') this.#fifo.update(object);
    else this.#fifo.delete(object);
  }

  readonly #takeOver = (
    all: readonly KeyDeltas<O>[],
    { isInInitialList }: { readonly isInInitialList: boolean },
  ): void => {
    const changes: IndexerChange<O>[] = [];
    for (const { key, deltas } of all) {
      const cached = this.cache.getByKey(key);
      let object = cached;
      for (const delta of deltas) {
        // a bookmark is never put in here: a commit is taken over with its revision
        if (delta.type !== 'Bookmark') object = this.#tell(key, object, delta, isInInitialList);
      }
      if (object !== cached) changes.push({ key, object });
    }
    this.#cache(changes);
  };

  #cache(changes: readonly IndexerChange<O>[]): void {
    if (this.#snapshots.areHeld) {
      for (const { key } of changes) this.#snapshots.remember(key, this.cache.getByKey(key));
    }
    this.#indexing(() => this.cache.apply(changes));
  }

  /** Queues for the handlers what a delta makes of an object, and answers with what it is then. */
  #tell(key: string, before: O | undefined, delta: ObjectDelta<O>, isInInitialList: boolean): O | undefined {
    if (delta.type !== 'Sync') return tellHandlers(this.#handlers, key, before, delta, isInInitialList);
    this.#resyncing?.update(key, delta.object, delta.object, NONE_SKIPPED);
    return before;
  }

  #transformed(object: O): O {
    const { transform } = this.#options;
    if (transform === undefined) return object;
    try {
      return transformedBy(transform, object);
    } catch (error) {
      this.#options.onFault('transform', error, keyOf(object));
      return object;
    }
  }

  /** Changes the cache, and reports an index function that fails; passes on what is no such failure. */
  #indexing(change: () => void): void {
    try {
      change();
    } catch (error) {
      this.#reportIndex(error);
    }
  }

  #reportIndex(error: unknown): void {
    if (!(error instanceof IndexFunctionError)) throw error;
    this.#options.onFault('index', error, error.key);
  }
}
