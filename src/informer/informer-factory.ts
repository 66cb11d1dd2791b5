import type { Client, SelectOptions } from '../client/index.js';
import {
  type ApiObject,
  FieldSelector,
  LabelSelector,
  type Logger,
  type MetricsProvider,
} from '../core/index.js';
import type { AnyResource, ObjectOf } from '../resources/index.js';
import type { Informer, InformerOptions } from './informer.js';
import { Latch } from './latch.js';
import { SharedInformer } from './shared-informer.js';

/** What an {@link InformerFactory} is made from. */
export interface InformerFactoryOptions {
  readonly client: Client;
  readonly logger?: Logger | undefined;
  readonly metrics?: MetricsProvider | undefined;
}

type AnyInformer = SharedInformer<ApiObject, string>;

/**
 * Makes informers, one for all who want the same objects, and starts and stops them together.
 *
 * An informer is shared by those who ask for the same resource, namespace, selectors and transform function. Its indexes are those that any
 * of them asked for, its resync the most frequent.
 *
 * Source: `SharedInformerFactory` of client-go.
 */
export class InformerFactory implements AsyncDisposable {
  readonly #options: InformerFactoryOptions;
  // by resource, then by selection, then by transform function
  readonly #informers = new Map<AnyResource, Map<string, Map<unknown, AnyInformer>>>();
  // 'new': informers wait for the start; 'started': they start when they are made
  #phase: 'new' | 'started' | 'stopped' = 'new';
  // open once everything is stopped
  readonly #stopped = new Latch();
  // what the stop must undo
  readonly #cleanups: (() => void)[] = [];

  constructor(options: InformerFactoryOptions) {
    this.#options = options;
  }

  /**
   * The informer of a kind, shared with everyone who asks for the same; it starts with the factory, or now where that has started.
   *
   * @throws TypeError where an index name is taken by another function, or the factory was stopped; ApiError BadRequest for a malformed
   * selector.
   */
  for<R extends AnyResource, I extends string = never>(
    resource: R,
    options: InformerOptions<ObjectOf<NoInfer<R>>, I> = {},
  ): Informer<ObjectOf<R>, I> {
    if (this.#phase === 'stopped') throw new TypeError('the informer factory was stopped');
    // every object of a resource is an ApiObject, which TypeScript cannot see of an R that is not known yet
    const wanted = options as unknown as InformerOptions<ApiObject, string>;
    const selections = getOrMake(
      this.#informers,
      resource,
      () => new Map<string, Map<unknown, AnyInformer>>(),
    );
    const transforms = getOrMake(selections, selectionKey(wanted), () => new Map<unknown, AnyInformer>());
    const existing = transforms.get(wanted.transform);
    if (existing !== undefined) {
      if (wanted.indexers !== undefined) existing.addIndexers(wanted.indexers);
      existing.resyncAtLeastEvery(wanted.resync);
      return existing as unknown as Informer<ObjectOf<R>, I>;
    }
    const informer: AnyInformer = new SharedInformer<ApiObject, string>(resource, {
      ...wanted,
      ...this.#options,
    });
    transforms.set(wanted.transform, informer);
    if (this.#phase === 'started') informer.start();
    return informer as unknown as Informer<ObjectOf<R>, I>;
  }

  /**
   * Starts every informer, and from now on each that is asked for.
   *
   * Resolves once those that were asked for so far are synced. One whose list fails is tried again and again, and shows why in `lastError`
   * and its `fault` events; meanwhile this waits. Rejects with the reason of `signal` when that aborts, at which everything
   * is stopped for good.
   */
  async start(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const { signal } = options;
    if (this.#phase === 'stopped') throw new TypeError('the informer factory was stopped');
    if (signal?.aborted) {
      await this.stop(signal.reason);
      throw signal.reason;
    }
    if (signal !== undefined) {
      const abort = (): void => void this.stop(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      this.#cleanups.push(() => signal.removeEventListener('abort', abort));
    }
    this.#phase = 'started';
    const informers = this.#all();
    for (const informer of informers) informer.start();
    await Promise.all(informers.map((informer) => informer.synced()));
  }

  /** Starts, and resolves when `signal` has aborted, or {@link stop} was called, and everything is stopped. */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const stopped = this.#stopped.wait();
    try {
      await this.start(options);
    } catch (error) {
      if (!this.#isStopped()) throw error;
    }
    await stopped;
  }

  /**
   * Stops everything for good: no list, no watch and no timer is left when it resolves, and no call of a handler begins.
   *
   * @param reason - What those who wait are rejected with.
   */
  async stop(reason?: unknown): Promise<void> {
    this.#phase = 'stopped';
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    await Promise.all(this.#all().map((informer) => informer.stop(reason)));
    this.#stopped.open();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #isStopped(): boolean {
    return this.#phase === 'stopped';
  }

  #all(): AnyInformer[] {
    const result: AnyInformer[] = [];
    for (const selections of this.#informers.values()) {
      for (const transforms of selections.values()) result.push(...transforms.values());
    }
    return result;
  }
}

/** A text that is the same for selections that select the same objects. */
function selectionKey(selection: SelectOptions): string {
  const { namespace = '', labelSelector = '', fieldSelector = '' } = selection;
  const labels = typeof labelSelector === 'string' ? LabelSelector.parse(labelSelector) : labelSelector;
  const fields = typeof fieldSelector === 'string' ? FieldSelector.parse(fieldSelector) : fieldSelector;
  return JSON.stringify([namespace, labels.selectable, labels.toString(), fields.toString()]);
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
