import { EventEmitter } from 'eventemitter3';
import type { Client, SelectOptions } from '../client/index.js';
import {
  type ApiObject,
  formatKey,
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
import type { EventHandler, HandlerOptions, HandlerRegistration } from './event-handler.js';
import { HandlerMetrics } from './handler-metrics.js';
import { HandlerQueue } from './handler-queue.js';
import type { Indexers } from './indexer.js';
import { Intake } from './intake.js';
import type {
  Informer,
  InformerEmitter,
  InformerEvents,
  InformerFault,
  InformerOptions,
} from './informer.js';
import { Latch } from './latch.js';
import type { Lister } from './lister.js';
import { kindName, Reflector } from './reflector.js';
import type { ReflectorState } from './reflector-options.js';
import { checkPeriod, Resyncs } from './resyncs.js';
import type { ListerSnapshot } from './snapshots.js';

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
  readonly #events = new EventEmitter<InformerEvents>();
  readonly #intake: Intake<O, I>;
  readonly #reflector: Reflector<O>;
  readonly #synced = new Latch();
  readonly #stop = new AbortController();
  // the run of the reflector; undefined before the start
  #running: Promise<void> | undefined;
  // how many have it; it stops when there is none
  #holders = 1;
  readonly #onStop: (() => void) | undefined;
  // of the handlers; started once the cache is synced
  readonly #resyncs: Resyncs<HandlerQueue<O>>;

  /** @throws TypeError or RangeError for an option that makes no sense. */
  constructor(resource: Resource<O>, options: SharedInformerOptions<O, I>) {
    const { client, namespace, labelSelector, fieldSelector } = options;
    const selection: SelectOptions = { namespace, labelSelector, fieldSelector };
    this.#client = client;
    this.#name = kindName(resource);
    this.#logger = withFields(options.logger ?? noopLogger, { informer: this.#name });
    // what measures nothing is not worth a look at the clock for every change
    this.#metrics = options.metrics === noopMetrics ? undefined : options.metrics;
    this.#onStop = options.onStop;
    this.#intake = new Intake<O, I>({
      executor: client.executor,
      indexers: options.indexers,
      transform: options.transform,
      onFault: (during, thrown, key) => this.#report(during, thrown, key),
      onSynced: () => this.#open(),
      signal: this.#stop.signal,
    });
    this.lister = this.#intake.lister;
    this.#resyncs = new Resyncs(client.clock, client.random, options.resync, (handler) =>
      this.#intake.repeatTo(handler),
    );
    this.#reflector = new Reflector<O>({
      client,
      resource,
      selection,
      logger: this.#logger,
      metrics: options.metrics,
      stream: options.stream,
      target: this.#intake,
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
    return this.#intake.watermark.revision;
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
      this.#intake.watermark.fail(why);
      for (const handler of this.#intake.handlers) handler.close(why);
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
    this.#intake.addHandler(queue);
    if (this.#synced.isOpen) queue.markSynced();
    this.#resyncs.add(queue, resync);
    return queue;
  }

  snapshot(): ListerSnapshot<O, I> {
    return this.#intake.snapshot();
  }

  addIndexers<J extends string>(indexers: Indexers<O, J>): Informer<O, I | J> {
    this.#intake.addIndexers(indexers);
    return this;
  }

  synced(): Promise<void> {
    return this.#synced.wait();
  }

  reached(resourceVersion: string): Promise<void> {
    return this.#intake.watermark.reached(resourceVersion);
  }

  caughtUpTo(resourceVersion: string): Promise<void> {
    return this.#intake.delivered(resourceVersion);
  }

  async idle(): Promise<void> {
    for (;;) {
      await this.#intake.turns;
      const busy = this.#busy();
      if (busy.length === 0 && this.#intake.turns === undefined) return;
      await Promise.all(busy.map((handler) => handler.idle()));
    }
  }

  #busy(): HandlerQueue<O>[] {
    return this.#intake.handlers.filter((handler) => handler.busy);
  }

  /** The first list is there, and handlers are told of all of it. */
  #open(): void {
    this.#synced.open();
    for (const handler of this.#intake.handlers) handler.markSynced();
    this.#resyncs.start();
  }

  #forget(handler: HandlerQueue<O>): void {
    this.#intake.removeHandler(handler);
    this.#resyncs.remove(handler);
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
