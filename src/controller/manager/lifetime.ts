import { setMaxListeners } from 'node:events';
import type { Clock } from '../../core/index.js';

/** The life of a manager: whether it is about to end, and how much time its work has for that. */
export class Lifetime {
  readonly #clock: Clock;
  readonly #patience: number;
  // aborts when the manager stops
  readonly #stopping = new AbortController();
  // by when work must have ended, by the monotonic clock; undefined until the manager stops
  #deadline: number | undefined;

  /** @param patience - How many milliseconds work may take to end when it is told to. */
  constructor(clock: Clock, patience: number) {
    this.#clock = clock;
    this.#patience = patience;
    // every controller listens to it, which is no leak
    setMaxListeners(0, this.#stopping.signal);
  }

  /** Aborts when the manager stops. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** How many milliseconds work may take to end when it is told to now. */
  patience(): number {
    if (this.#deadline === undefined) return this.#patience;
    return Math.max(0, this.#deadline - this.#clock.monotonic());
  }

  /** The manager stops, once. */
  stop(reason: unknown): void {
    this.#deadline = this.#clock.monotonic() + this.#patience;
    this.#stopping.abort(reason);
  }

  /** @throws TypeError where the manager stops, or has. */
  expectNotStopping(what: string): void {
    if (this.isStopping) throw new TypeError(`Manager: expected ${what} before stop: make a new manager`);
  }

  /** Does something on the way to `what`. @throws TypeError where the manager is told to stop before it is done. */
  async unlessStopping(what: string, work: () => Promise<void>): Promise<void> {
    this.expectNotStopping(what);
    const { signal } = this;
    let letGo: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        letGo = resolve;
        signal.addEventListener('abort', letGo, { once: true });
        work().then(resolve, reject);
      });
    } finally {
      if (letGo !== undefined) signal.removeEventListener('abort', letGo);
      this.expectNotStopping(what);
    }
  }
}
