import type { Client } from '../../client/index.js';
import { type Logger, type ObjectKey, preview, sleep, withFields } from '../../core/index.js';
import type { Reason } from '../reason.js';
import { pull } from './pull.js';
import type { EmitterSource, Source, SourceContext } from './source.js';

/** What a {@link SourceRun} needs; `K` is what an item asks for. */
interface SourceRunOptions<T, K extends ObjectKey> {
  readonly source: Source<T>;
  /** For logs and reasons. */
  readonly name: string;
  readonly keys: (item: T) => Iterable<K>;
  readonly ask: (key: K, reason: Reason) => void;
  /** Aborts when no more items are wanted. */
  readonly signal: AbortSignal;
  readonly client: Client;
  readonly log: Logger;
}

/** How many milliseconds after a failure a function is called again: the first time, and at most. */
const BASE = 800;
const LONGEST = 30_000;

/**
 * Listens to a source for a controller, once: asks for the objects that each item names.
 *
 * An item whose keys cannot be told is reported, and the next one is taken. Failures are reported. When the signal aborts, listeners are
 * taken off and iterators return.
 */
export class SourceRun<T, K extends ObjectKey = ObjectKey> {
  readonly #options: SourceRunOptions<T, K>;
  readonly #log: Logger;
  readonly #reason: Reason;
  // how often a function has failed since the last item
  #failures = 0;

  /** @throws TypeError for something that is no source. */
  constructor(options: SourceRunOptions<T, K>) {
    const { source, name, log } = options;
    if (typeof source !== 'function' && !isIterable(source) && !('emitter' in source)) {
      throw new TypeError(
        `source ${name}: expected an async iterable, a function that makes one, or { emitter, event }, got ${preview(source)}`,
      );
    }
    this.#options = options;
    this.#log = withFields(log, { source: name });
    this.#reason = Object.freeze<Reason>({ type: 'source', source: name });
  }

  /**
   * Resolves when the source has ended, or the signal has aborted.
   *
   * Then what a function made has returned. An iterable, which knows nothing of the signal, is not waited for.
   */
  run(): Promise<void> {
    const { source } = this.#options;
    if (this.#options.signal.aborted) return Promise.resolve();
    if (typeof source === 'function') return this.#callAgain(source);
    return isIterable(source) ? this.#consume(source) : this.#listen(source);
  }

  async #callAgain(make: (context: SourceContext) => AsyncIterable<T>): Promise<void> {
    const { signal, client } = this.#options;
    const context = Object.freeze<SourceContext>({ signal, client, clock: client.clock, log: this.#log });
    while (!signal.aborted) {
      try {
        const made: unknown = make(context);
        if (!isIterable<T>(made)) throw new TypeError(`expected an async iterable, got ${preview(made)}`);
        await pull(made, signal, this.#take);
        return;
      } catch (error) {
        const delay = Math.min(BASE * 2 ** this.#failures, LONGEST);
        this.#failures += 1;
        this.#report(error, `the source failed, and is made anew in ${delay / 1_000} s`);
        // ends early when the signal aborts
        await sleep(client.clock, delay, signal).catch(() => undefined);
      }
    }
  }

  #consume(iterable: AsyncIterable<T>): Promise<void> {
    return this.#untilAborted((resolve, reject) => {
      pull(iterable, this.#options.signal, this.#take)
        .catch((error: unknown) => this.#report(error, 'the source failed, and cannot be made anew'))
        .then(resolve, reject);
    });
  }

  async #listen({ emitter, event }: EmitterSource): Promise<void> {
    let listener: ((item: unknown) => void) | undefined;
    try {
      await this.#untilAborted((resolve, reject) => {
        // nothing that goes wrong here is thrown into the emitter
        listener = (item) => {
          try {
            this.#take(item as T);
          } catch (error) {
            reject(error);
          }
        };
        try {
          emitter.on(event, listener);
        } catch (error) {
          this.#report(error, 'the source takes no listener');
          resolve();
        }
      });
    } finally {
      if (listener !== undefined) emitter.off(event, listener);
    }
  }

  /** As `new Promise`, which resolves when the signal aborts, too. */
  async #untilAborted(begin: (resolve: () => void, reject: (error: unknown) => void) => void): Promise<void> {
    const { signal } = this.#options;
    let abort: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        abort = resolve;
        signal.addEventListener('abort', abort, { once: true });
        begin(resolve, reject);
      });
    } finally {
      if (abort !== undefined) signal.removeEventListener('abort', abort);
    }
  }

  /** Asks for what an item names: all of it or, where that cannot be told, nothing. */
  readonly #take = (item: T): void => {
    const { keys, ask } = this.#options;
    this.#failures = 0;
    let wanted: readonly K[];
    try {
      wanted = [...keys(item)];
      wanted.forEach(checkKey);
    } catch (error) {
      this.#log.error({ error }, 'the keys of an item cannot be told, and it is left out');
      return;
    }
    for (const key of wanted) ask(key, this.#reason);
  };

  #report(error: unknown, message: string): void {
    // what is cut short by the stop has not failed
    if (this.#options.signal.aborted) this.#log.debug({ error }, 'the source was stopped');
    else this.#log.error({ error }, message);
  }
}

function isIterable<T>(value: unknown): value is AsyncIterable<T> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function checkKey(key: unknown): void {
  const { name, namespace } = (key ?? {}) as { readonly name?: unknown; readonly namespace?: unknown };
  if (typeof name === 'string' && name !== '' && ['string', 'undefined'].includes(typeof namespace)) return;
  throw new TypeError(`keys: expected keys such as { namespace: 'default', name: 'a' }, got ${preview(key)}`);
}
