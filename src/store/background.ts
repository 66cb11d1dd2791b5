import {
  ApiError,
  type Clock,
  type Executor,
  isConflict,
  isNotFound,
  type Lane,
  type Timer,
} from '../core/index.js';
import { run, type Steps } from './steps.js';

/** How many steps may wait for the storage at a time. */
const MOST_AT_ONCE = 64;
/** How long a step that the storage could not carry out waits before it is tried again, in milliseconds. */
const RETRY = 1_000;

/**
 * The store's own work that follows from writes: garbage collection, namespaces, expiry.
 *
 * Steps begin in the order in which they were added, each as a hand-over of its own through the executor; a step may add further
 * ones. In memory each ends before the next begins; where a storage makes them wait, several are under way at a time. A step that finds
 * its object gone or changed has been overtaken, and is over; one that the storage cannot carry out now is tried again.
 */
export class Background {
  readonly #clock: Clock;
  readonly #executor: Executor;
  readonly #lane: Lane = { kind: 'background', name: 'store' };
  readonly #onError: (error: unknown) => void;
  // steps that wait for their turn: from #head on
  #steps: (() => Steps<void>)[] = [];
  #head = 0;
  // a hand-over to #next is under way; so it is whenever steps wait and fewer than the most are under way
  #isScheduled = false;
  #underWay = 0;
  // the retries that are to come
  readonly #timers = new Set<Timer>();
  #idle: (() => void)[] = [];
  #closed = false;

  /** @param onError - Told when a step throws; the steps after it go on. */
  constructor(clock: Clock, executor: Executor, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#executor = executor;
    this.#onError = onError;
  }

  add(step: () => Steps<void>): void {
    if (this.#closed) return;
    this.#steps.push(step);
    this.#schedule();
  }

  /** Resolves when no step waits or is under way; at once where it is closed. */
  idle(): Promise<void> {
    if (this.#closed || this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Drops what waits. */
  close(): void {
    this.#closed = true;
    this.#steps = [];
    this.#head = 0;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#settle();
  }

  #isIdle(): boolean {
    return this.#head === this.#steps.length && this.#underWay === 0 && this.#timers.size === 0;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#head === this.#steps.length || this.#underWay >= MOST_AT_ONCE) return;
    this.#isScheduled = true;
    this.#executor.execute(this.#lane, this.#next);
  }

  readonly #next = (): void => {
    this.#isScheduled = false;
    const step = this.#steps[this.#head];
    if (step === undefined) return;
    this.#head += 1;
    if (this.#head === this.#steps.length) {
      this.#steps = [];
      this.#head = 0;
    }
    this.#underWay += 1;
    let outcome: unknown;
    try {
      outcome = run(step());
    } catch (error) {
      this.#failed(step, error);
    }
    if (outcome instanceof Promise) {
      void outcome
        .catch((error: unknown) => this.#failed(step, error))
        .then(() => {
          this.#ended();
        });
      this.#schedule();
    } else {
      this.#ended();
    }
  };

  #ended(): void {
    this.#underWay -= 1;
    if (this.#closed) return;
    if (this.#isIdle()) this.#settle();
    else this.#schedule();
  }

  #failed(step: () => Steps<void>, error: unknown): void {
    if (this.#closed || isNotFound(error) || isConflict(error)) return;
    if (!isTransient(error)) {
      this.#onError(error);
      return;
    }
    const timer = this.#clock.setTimer(
      RETRY,
      () => {
        this.#timers.delete(timer);
        this.add(step);
      },
      { keepAlive: false },
    );
    this.#timers.add(timer);
  }

  #settle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** Whether the storage may well carry out later what it could not now. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return (
    error.reason === 'ServiceUnavailable' || error.reason === 'Timeout' || error.reason === 'ServerTimeout'
  );
}
