import type { Watch, WatchEvent } from '../client/index.js';
import type { StoreWatch } from './store-watch.js';
import type { StoredObject } from './stored-object.js';

type Result = IteratorResult<WatchEvent<StoredObject>, undefined>;

/** A watch that cannot begin before the storage has answered. */
export class DeferredWatch implements Watch<StoredObject> {
  // undefined where the watch was given up before it began, or a failure was told already
  readonly #begun: Promise<StoreWatch | undefined>;
  #failure: unknown;
  #isOver = false;
  #settle: () => void = () => undefined;

  /** @param begun - Its failure is that of the watch. @param signal - Ends the watch, also before it has begun. */
  constructor(begun: Promise<StoreWatch>, signal: AbortSignal | undefined) {
    const stop = (): void => this.stop();
    this.#begun = new Promise((resolve) => {
      this.#settle = () => {
        this.#settle = () => undefined;
        signal?.removeEventListener('abort', stop);
        resolve(undefined);
      };
      begun.then(
        (watch) => {
          // whoever gave up gets no watch that begins later
          if (this.#isOver) watch.stop();
          else resolve(watch);
          this.#settle();
        },
        (error: unknown) => {
          this.#failure = error;
          this.#settle();
        },
      );
    });
    if (signal?.aborted) this.stop();
    else signal?.addEventListener('abort', stop, { once: true });
  }

  async next(): Promise<Result> {
    const watch = await this.#begun;
    if (watch !== undefined) return watch.next();
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined && !this.#isOver) {
      this.#isOver = true;
      throw failure;
    }
    return DONE;
  }

  stop(): void {
    this.#isOver = true;
    this.#settle();
    void this.#begun.then((watch) => watch?.stop());
  }

  return(): Promise<Result> {
    this.stop();
    return Promise.resolve(DONE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const DONE: Result = /* @__PURE__ */ Object.freeze({ value: undefined, done: true });
