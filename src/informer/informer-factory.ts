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

/** What an {@link InformerFactory} is made from; the selection is that of every informer that is not asked for with another. */
export interface InformerFactoryOptions extends SelectOptions {
  readonly client: Client;
  readonly logger?: Logger | undefined;
  readonly metrics?: MetricsProvider | undefined;
  /** As in `ReflectorOptions`: a matter of the server, and so of all informers. */
  readonly stream?: boolean | undefined;
}

type AnyInformer = SharedInformer<ApiObject, string>;

/** An informer, and what those who share it asked for. */
interface Shared {
  readonly informer: AnyInformer;
  readonly resource: AnyResource;
  readonly selection: string;
  readonly transform: unknown;
}

/**
 * Makes informers, one for all who want the same objects, and starts and stops them together.
 *
 * An informer is shared by those who ask for the same resource, namespace, selectors and transform function. Its indexes are those that any
 * of them asked for, its resync the most frequent. It stops when all of them have released it.
 *
 * Source: `SharedInformerFactory` of client-go.
 */
export class InformerFactory implements AsyncDisposable {
  readonly #options: InformerFactoryOptions;
  // those that somebody has, and those that are about to stop
  readonly #shared = new Set<Shared>();
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
   * It stops with the factory, or when it was released as often as it was asked for.
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
    const selected = this.#select(resource, wanted);
    const selection = selectionKey(selected);
    const { transform } = wanted;
    for (const shared of this.#shared) {
      if (shared.resource !== resource || shared.selection !== selection) continue;
      if (shared.transform !== transform || !shared.informer.isHeld) continue;
      shared.informer.share(wanted);
      return shared.informer as unknown as Informer<ObjectOf<R>, I>;
    }
    const { client, logger, metrics, stream } = this.#options;
    const informer: AnyInformer = new SharedInformer<ApiObject, string>(resource, {
      ...wanted,
      ...selected,
      client,
      logger,
      metrics,
      stream,
      onStop: () => this.#shared.delete(shared),
    });
    const shared: Shared = { informer, resource, selection, transform };
    this.#shared.add(shared);
    if (this.#phase === 'started') informer.start();
    return informer as unknown as Informer<ObjectOf<R>, I>;
  }

  /** What an informer selects: what it was asked for with, and the factory's where that says nothing. */
  #select(resource: AnyResource, wanted: SelectOptions): SelectOptions {
    const factory = this.#options;
    const namespace = resource.scope === 'Namespaced' ? factory.namespace : undefined;
    return {
      namespace: wanted.namespace ?? namespace,
      labelSelector: wanted.labelSelector ?? factory.labelSelector,
      fieldSelector: wanted.fieldSelector ?? factory.fieldSelector,
    };
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
    await Promise.all(
      Array.from(this.#shared, async ({ informer }) => {
        if (!informer.isHeld) return;
        informer.start();
        try {
          await informer.synced();
        } catch (error) {
          // otherwise nobody wants it any more
          if (informer.isHeld) throw error;
        }
      }),
    );
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
    await Promise.all(Array.from(this.#shared, ({ informer }) => informer.stop(reason)));
    this.#stopped.open();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #isStopped(): boolean {
    return this.#phase === 'stopped';
  }
}

/** A text that is the same for selections that select the same objects. */
function selectionKey(selection: SelectOptions): string {
  const { namespace = '', labelSelector = '', fieldSelector = '' } = selection;
  const labels = typeof labelSelector === 'string' ? LabelSelector.parse(labelSelector) : labelSelector;
  const fields = typeof fieldSelector === 'string' ? FieldSelector.parse(fieldSelector) : fieldSelector;
  return JSON.stringify([namespace, labels.selectable, labels.toString(), fields.toString()]);
}
