import type { Executor, Lane } from '../core/index.js';

/**
 * The store's own work that follows from writes: garbage collection, namespaces.
 *
 * Steps run one at a time, in the order in which they were added, each as a hand-over of its own through the executor; a step may
 * add further ones.
 */
export class Background {
  readonly #executor: Executor;
  readonly #lane: Lane = { kind: 'background', name: 'store' };
  readonly #onError: (error: unknown) => void;
  // steps that wait; while there are any, and the store is open, one hand-over is under way
  #steps: (() => void)[] = [];
  #head = 0;
  #idle: (() => void)[] = [];
  #closed = false;

  /** @param onError - Told when a step throws; the steps after it go on. */
  constructor(executor: Executor, onError: (error: unknown) => void) {
    this.#executor = executor;
    this.#onError = onError;
  }

  add(step: () => void): void {
    if (this.#closed) return;
    this.#steps.push(step);
    if (this.#steps.length - this.#head === 1) this.#executor.execute(this.#lane, this.#run);
  }

  /** Resolves when no step waits. */
  idle(): Promise<void> {
    if (this.#head === this.#steps.length) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Drops what waits. */
  close(): void {
    this.#closed = true;
    this.#steps = [];
    this.#head = 0;
    this.#settle();
  }

  readonly #run = (): void => {
    const step = this.#steps[this.#head];
    if (step === undefined) return;
    try {
      step();
    } catch (error) {
      this.#onError(error);
    }
    if (this.#closed) return;
    this.#head += 1;
    if (this.#head === this.#steps.length) {
      this.#steps = [];
      this.#head = 0;
      this.#settle();
    } else {
      this.#executor.execute(this.#lane, this.#run);
    }
  };

  #settle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
