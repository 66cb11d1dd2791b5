import { EventEmitter } from 'eventemitter3';
import type { Client, SelectOptions } from '../client/index.js';
import {
  type ApiObject,
  flatKey,
  formatKey,
  keyOf,
  type Logger,
  type MetricsProvider,
  noopLogger,
  noopMetrics,
  type ObjectKey,
  parseKey,
  preview,
  withFields,
} from '../core/index.js';
import type { Resource } from '../resources/index.js';
import { checkKey, DeltaFifo, type KeyDeltas } from './delta-fifo.js';
import type { EventHandler, HandlerOptions, HandlerRegistration } from './event-handler.js';
import { isLong, takeOverInTurns } from './long-list.js';
import { HandlerMetrics } from './handler-metrics.js';
import { HandlerQueue } from './handler-queue.js';
import { Indexer, type IndexerChange, type Indexers } from './indexer.js';
import type {
  Informer,
  InformerEmitter,
  InformerEvents,
  InformerFault,
  InformerOptions,
} from './informer.js';
import { Latch } from './latch.js';
import { type Lister, readOnly } from './lister.js';
import { IndexFunctionError } from './object-index.js';
import { kindName, Reflector } from './reflector.js';
import type { ObjectEvent, ReflectorState } from './reflector-options.js';
import { checkPeriod, Resyncs } from './resyncs.js';
import { NONE_SKIPPED } from './skipped.js';
import { type ListerSnapshot, Snapshots } from './snapshots.js';
import { deltaOf, type ObjectDelta, tellHandlers } from './tell-handlers.js';
import { transformedBy } from './transformed-by.js';
import { Watermark } from './watermark.js';

/** What a {@link SharedInformer} is made from. */
export interface SharedInformerOptions<O, I extends string = never> extends InformerOptions<O, I> {
  readonly client: Client;
  readonly logger?: Logger | undefined;
  readonly metrics?: MetricsProvider | undefined;
  /** As in `ReflectorOptions`. */
  readonly stream?: boolean | undefined;
  /** Called once, when it has stopped; must not throw. */
  readonly onStop?: (() => void) | undefined;
}

/**
 * An {@link Informer} with its life: reflector, delta queue, cache and handlers, in this order.
 *
 * It is started once and stopped once, or released by all who have it: whoever made it, and everybody whom it was shared with. Usually an
 * `InformerFactory` makes it, so that those who want the same objects share it.
 */
export class SharedInformer<O extends ApiObject, I extends string = never> implements Informer<O, I> {
  readonly lister: Lister<O, I>;
  readonly #client: Client;
  readonly #name: string;
  readonly #logger: Logger;
  readonly #metrics: MetricsProvider | undefined;
  readonly #transform: ((object: O) => O) | undefined;
  readonly #events = new EventEmitter<InformerEvents>();
  readonly #indexer: Indexer<O, I>;
  // the functions of its indexes
  #indexers: Indexers<O, string>;
  readonly #snapshots: Snapshots<O, I>;
  // empty whenever no method of this class runs: whatever is put in is taken over at once
  readonly #fifo: DeltaFifo<O>;
  // the beginning of a commit that was not told wholly yet: events of one revision
  #begun: ObjectEvent<O>[] = [];
  readonly #reflector: Reflector<O>;
  readonly #watermark = new Watermark();
  readonly #synced = new Latch();
  // each once; an array, as a set would make an iterator for every change
  #handlers: readonly HandlerQueue<O>[] = [];
  readonly #stop = new AbortController();
  // the run of the reflector; undefined before the start
  #running: Promise<void> | undefined;
  // how many have it; it stops when there is none
  #holders = 1;
  readonly #onStop: (() => void) | undefined;
  // of the handlers; started once the cache is synced
  readonly #resyncs: Resyncs<HandlerQueue<O>>;
  // for whom the Sync deltas are that are taken over; undefined but for a resync
  #resyncing: HandlerQueue<O> | undefined;
  // the taking over of a long list; undefined while there is none
  #turns: Promise<void> | undefined;

  /** @throws TypeError or RangeError for an option that makes no sense. */
  constructor(resource: Resource<O>, options: SharedInformerOptions<O, I>) {
    const { client, namespace, labelSelector, fieldSelector } = options;
    const selection: SelectOptions = { namespace, labelSelector, fieldSelector };
    this.#client = client;
    this.#name = kindName(resource);
    this.#logger = withFields(options.logger ?? noopLogger, { informer: this.#name });
    // what measures nothing is not worth a look at the clock for every change
    this.#metrics = options.metrics === noopMetrics ? undefined : options.metrics;
    this.#transform = options.transform;
    this.#onStop = options.onStop;
    this.#resyncs = new Resyncs(client.clock, client.random, options.resync, (handler) =>
      this.#repeatTo(handler),
    );
    this.#indexer = new Indexer<O, I>(options.indexers);
    this.#indexers = { ...options.indexers };
    this.lister = readOnly<O, I>(this.#indexer);
    this.#snapshots = new Snapshots<O, I>(this.lister, () => this.#indexers);
    this.#fifo = new DeltaFifo<O>({
      key: (object) => flatKey(object.metadata),
      known: { keys: () => this.#indexer.keys(), get: (key) => this.#indexer.getByKey(key) },
    });
    this.#reflector = new Reflector<O>({
      client,
      resource,
      selection,
      logger: this.#logger,
      metrics: options.metrics,
      stream: options.stream,
      target: {
        replace: (objects, resourceVersion) => this.#replace(objects, resourceVersion),
        apply: (event) => this.#apply(event),
        bookmark: (resourceVersion) => this.#commit(resourceVersion),
      },
      onState: (state) => this.#notify(() => this.#events.emit('state', state)),
      onReconnect: (reconnection) => this.#notify(() => this.#events.emit('reconnect', reconnection)),
      onError: (error, during) => this.#notify(() => this.#events.emit('fault', { error, during })),
    });
  }

  get state(): ReflectorState {
    return this.#reflector.state;
  }

  get lastError(): Error | undefined {
    return this.#reflector.lastError;
  }

  get reconnects(): number {
    return this.#reflector.reconnects;
  }

  get resourceVersion(): string | undefined {
    return this.#watermark.revision;
  }

  get events(): InformerEmitter {
    return this.#events;
  }

  /** Begins to list and watch; does nothing where it has begun. @throws TypeError where it was stopped. */
  start(): void {
    this.#expectNotStopped();
    this.#running ??= this.#reflector.run({ signal: this.#stop.signal });
  }

  /**
   * Stops for good: no list, no watch and no timer is left when it resolves, and no call of a handler begins.
   *
   * A call that runs may go on; it is not waited for, so a handler may await this.
   *
   * @param reason - What those who wait are rejected with.
   */
  async stop(reason?: unknown): Promise<void> {
    if (!this.#stop.signal.aborted) {
      const why = reason ?? new DOMException(`the informer of ${this.#name} was stopped`, 'AbortError');
      this.#stop.abort(why);
      this.#synced.fail(why);
      this.#watermark.fail(why);
      for (const handler of this.#handlers) handler.close(why);
      await this.#running;
      this.#onStop?.();
    }
    await this.#running;
  }

  /** Starts, and resolves when `signal` has aborted and everything is stopped. */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const { signal } = options;
    const stop = (): void => void this.stop(signal.reason);
    if (signal.aborted) return this.stop(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      this.start();
      await this.#running;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Whether anybody has it still. */
  get isHeld(): boolean {
    return this.#holders > 0;
  }

  /** One more has it, and wants these indexes, and a resync at least as frequent. */
  share(wanted: Pick<InformerOptions<O, string>, 'indexers' | 'resync'>): void {
    this.#resyncs.atLeastEvery(wanted.resync);
    if (wanted.indexers !== undefined) this.addIndexers(wanted.indexers);
    this.#holders += 1;
  }

  async release(): Promise<void> {
    if (this.#holders > 0) this.#holders -= 1;
    if (this.#holders === 0) await this.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  addEventHandler(handler: EventHandler<O>, options: HandlerOptions = {}): HandlerRegistration {
    this.#expectNotStopped();
    const { name = this.#name, resync } = options;
    if (resync !== undefined) checkPeriod(resync);
    const { clock, executor } = this.#client;
    const queue: HandlerQueue<O> = new HandlerQueue<O>({
      name,
      handler,
      clock,
      executor,
      metrics: this.#metrics && new HandlerMetrics(this.#metrics, this.#name, name),
      onError: (error, key) => this.#report('handler', error, parseKey(key)),
      onRemove: () => this.#forget(queue),
    });
    for (const object of this.#indexer.list()) queue.add(flatKey(object.metadata), object, true, undefined);
    this.#handlers = [...this.#handlers, queue];
    if (this.#synced.isOpen) queue.markSynced();
    this.#resyncs.add(queue, resync);
    return queue;
  }

  snapshot(): ListerSnapshot<O, I> {
    return this.#snapshots.take();
  }

  addIndexers<J extends string>(indexers: Indexers<O, J>): Informer<O, I | J> {
    this.#indexing(() => this.#indexer.addIndexers(indexers));
    this.#indexers = { ...this.#indexers, ...indexers };
    return this;
  }

  synced(): Promise<void> {
    return this.#synced.wait();
  }

  reached(resourceVersion: string): Promise<void> {
    return this.#watermark.reached(resourceVersion);
  }

  async caughtUpTo(resourceVersion: string): Promise<void> {
    await this.#watermark.reached(resourceVersion);
    // of a long list the cache has everything before handlers are told
    await this.#turns;
    await Promise.all(this.#handlers.map((handler) => handler.delivered()));
  }

  async idle(): Promise<void> {
    for (let busy = this.#busy(); busy.length > 0; busy = this.#busy()) {
      await Promise.all(busy.map((handler) => handler.idle()));
    }
  }

  #busy(): HandlerQueue<O>[] {
    return this.#handlers.filter((handler) => handler.busy);
  }

  #replace(objects: readonly O[], resourceVersion: string): Promise<void> | undefined {
    const { executor } = this.#client;
    if (executor.breathe !== undefined && isLong(Math.max(objects.length, this.#indexer.size)))
      return this.#takeOverInTurns(objects, resourceVersion, () => executor.breathe?.());
    const all = objects.map((object) => this.#transformed(object));
    const isEmpty = this.#indexer.size === 0 && this.#fifo.length === 0;
    if (isEmpty) this.#takeOverFirst(all, resourceVersion);
    else this.#fifo.replace(all, resourceVersion);
    this.#replaced(resourceVersion);
    return undefined;
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
      cache: this.#indexer,
      adopt: (prepared) => this.#adopt(prepared, resourceVersion),
      transformed: (object) => this.#transformed(object),
      indexing: (work) => this.#indexing(work),
      breathe,
      signal: this.#stop.signal,
    });
    try {
      await this.#turns;
    } finally {
      this.#turns = undefined;
    }
    if (this.#stop.signal.aborted) return;
    this.#fifo.passed(resourceVersion);
    this.#replaced(resourceVersion);
  }

  /** Has all that was prepared, and nothing else; answers with the handlers, who are to be told. */
  #adopt(prepared: Indexer<O, I>, resourceVersion: string): readonly HandlerQueue<O>[] {
    if (this.#snapshots.areHeld) {
      for (const all of [prepared, this.#indexer]) {
        for (const key of all.keys()) this.#snapshots.remember(key, this.#indexer.getByKey(key));
      }
    }
    this.#indexing(() => this.#indexer.adopt(prepared));
    this.#watermark.advance(resourceVersion);
    return this.#handlers;
  }

  /** What was listed is taken over. */
  #replaced(resourceVersion: string): void {
    this.#commit(resourceVersion);
    if (this.#synced.isOpen || !this.#fifo.hasSynced) return;
    this.#synced.open();
    for (const handler of this.#handlers) handler.markSynced();
    this.#resyncs.start();
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

  #apply(event: ObjectEvent<O>): void {
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
      this.#watermark.advance(resourceVersion);
      return;
    }
    for (const earlier of this.#begun) this.#queue(earlier);
    this.#queue(event);
    this.#commit(resourceVersion);
  }

  /** Takes over a change that is all of its commit, as most are, past the queue: there is nothing to put in order. */
  #takeOverOne(event: ObjectEvent<O>): void {
    const object = this.#transformed(event.object);
    const key = checkKey(flatKey(object.metadata));
    const cached = this.#indexer.getToChange(key);
    const next = this.#tell(key, cached, deltaOf(event.type, object), !this.#fifo.hasSynced);
    if (next === cached) return;
    if (this.#snapshots.areHeld) this.#snapshots.remember(key, cached);
    try {
      this.#indexer.change(key, next);
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

  /** Takes over what is queued: it is all there is, up to a revision. */
  #commit(resourceVersion: string): void {
    if (this.#begun.length > 0) this.#begun = [];
    this.#fifo.popAll(this.#takeOver);
    this.#watermark.advance(resourceVersion);
  }

  readonly #takeOver = (
    all: readonly KeyDeltas<O>[],
    { isInInitialList }: { readonly isInInitialList: boolean },
  ): void => {
    const changes: IndexerChange<O>[] = [];
    for (const { key, deltas } of all) {
      const cached = this.#indexer.getByKey(key);
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
      for (const { key } of changes) this.#snapshots.remember(key, this.#indexer.getByKey(key));
    }
    this.#indexing(() => this.#indexer.apply(changes));
  }

  /** Queues for the handlers what a delta makes of an object, and answers with what it is then. */
  #tell(key: string, before: O | undefined, delta: ObjectDelta<O>, isInInitialList: boolean): O | undefined {
    if (delta.type !== 'Sync') return tellHandlers(this.#handlers, key, before, delta, isInInitialList);
    this.#resyncing?.update(key, delta.object, delta.object, NONE_SKIPPED);
    return before;
  }

  #transformed(object: O): O {
    if (this.#transform === undefined) return object;
    try {
      return transformedBy(this.#transform, object);
    } catch (error) {
      this.#report('transform', error, keyOf(object));
      return object;
    }
  }

  /** Repeats the cache to a handler. */
  #repeatTo(handler: HandlerQueue<O>): void {
    // everything is told anyway then, and must not be told ahead of what was there before
    if (this.#turns !== undefined) return;
    this.#resyncing = handler;
    this.#fifo.resync();
    this.#fifo.popAll(this.#takeOver);
    this.#resyncing = undefined;
  }

  #forget(handler: HandlerQueue<O>): void {
    this.#handlers = this.#handlers.filter((other) => other !== handler);
    this.#resyncs.remove(handler);
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
    this.#report('index', error, error.key);
  }

  #report(during: InformerFault['during'], thrown: unknown, key: ObjectKey): void {
    const error =
      thrown instanceof Error ? thrown : new Error(`${during}: threw ${preview(thrown)}`, { cause: thrown });
    this.#logger.error({ error, key: formatKey(key) }, `the ${during} failed`);
    this.#notify(() => this.#events.emit('fault', { error, during, key }));
  }

  /** Emits an event; a listener that throws is reported to the log, and stops nothing. */
  #notify(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      this.#logger.error({ error }, 'a listener of the informer threw');
    }
  }

  #expectNotStopped(): void {
    if (this.#stop.signal.aborted) throw new TypeError(`the informer of ${this.#name} was stopped`);
  }
}
