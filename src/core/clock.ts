import { type HeapItem, IndexedHeap } from './indexed-heap.js';

/** A timer that was set; cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** How a timer is set. */
export interface TimerOptions {
  /** `false` lets the process end while the timer waits; `true` unless given. */
  readonly keepAlive?: boolean;
}

/** The port of time. */
export interface Clock {
  /** Milliseconds since 1970, which may jump with the machine's clock: for timestamps. */
  now(): number;
  /** Milliseconds since some moment, which never go back: for durations. */
  monotonic(): number;
  /**
   * Runs `task` once, `delay` milliseconds from now (at once means: soon, never in the caller's stack).
   *
   * Timers that are due at the same time fire in the order in which they were set. A delay may be as long as it likes.
   */
  setTimer(delay: number, task: () => void, options?: TimerOptions): Timer;
}

/** The longest delay that the platform's own timers take. */
const LONGEST_DELAY = 0x7fff_ffff;

/** The clock of the machine. */
export const systemClock: Clock = /* @__PURE__ */ Object.freeze({
  now: (): number => Date.now(),
  monotonic: (): number => performance.now(),
  setTimer(delay: number, task: () => void, options?: TimerOptions): Timer {
    checkDelay(delay);
    let handle: ReturnType<typeof setTimeout>;
    const arm = (left: number): void => {
      handle =
        left > LONGEST_DELAY
          ? setTimeout(() => arm(left - LONGEST_DELAY), LONGEST_DELAY)
          : setTimeout(task, left);
      if (options?.keepAlive === false) handle.unref();
    };
    arm(Math.max(0, delay));
    return { cancel: () => clearTimeout(handle) };
  },
});

interface VirtualTimer extends Timer, HeapItem {
  readonly at: number;
  readonly sequence: number;
  readonly task: () => void;
}

/**
 * A clock that stands still until it is told to move: tests and simulations run on it.
 *
 * Timers fire in order of time, equal times in the order in which they were set. After each timer, everything that it set going
 * (promises and microtasks) runs before the next one fires.
 */
export class VirtualClock implements Clock {
  readonly #epoch: number;
  // milliseconds since the start; never goes back
  #elapsed = 0;
  #sequence = 0;
  // those that wait; one that fired or was cancelled is out
  readonly #timers = new IndexedHeap<VirtualTimer>(
    (a, b) => a.at < b.at || (a.at === b.at && a.sequence < b.sequence),
  );

  /** @param start - What {@link now} says at first, in milliseconds since 1970; 2026-01-01T00:00:00Z unless given. */
  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#epoch = start;
  }

  now(): number {
    return this.#epoch + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  setTimer(delay: number, task: () => void): Timer {
    checkDelay(delay);
    const timer: VirtualTimer = {
      at: this.#elapsed + Math.max(0, delay),
      sequence: this.#sequence++,
      task,
      position: -1,
      cancel: () => {
        if (timer.position !== -1) this.#timers.remove(timer);
      },
    };
    this.#timers.push(timer);
    return timer;
  }

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer fires; undefined where none waits. */
  get untilNext(): number | undefined {
    const next = this.#timers.peek();
    return next === undefined ? undefined : next.at - this.#elapsed;
  }

  /** Moves the time on by `duration` milliseconds, firing what comes due on the way. */
  async advance(duration: number): Promise<void> {
    checkDelay(duration);
    if (duration === Number.POSITIVE_INFINITY) {
      throw new RangeError('Expected a finite duration in milliseconds, got Infinity');
    }
    const end = this.#elapsed + Math.max(0, duration);
    await drain();
    for (let next = this.#timers.peek(); next !== undefined && next.at <= end; next = this.#timers.peek()) {
      this.#fire(next);
      await drain();
    }
    this.#elapsed = Math.max(this.#elapsed, end);
  }

  /** Moves the time to the next timer and fires it; false where none waits, or only such as never fire. */
  async next(): Promise<boolean> {
    await drain();
    const next = this.#timers.peek();
    if (next === undefined || next.at === Number.POSITIVE_INFINITY) return false;
    this.#fire(next);
    await drain();
    return true;
  }

  #fire(timer: VirtualTimer): void {
    timer.cancel();
    this.#elapsed = Math.max(this.#elapsed, timer.at);
    timer.task();
  }
}

/** Lets every promise and microtask that can go on do so. */
function drain(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function checkDelay(delay: number): void {
  if (Number.isNaN(delay)) throw new RangeError('Expected a delay in milliseconds, got NaN');
}

/**
 * Waits `delay` milliseconds by `clock`.
 *
 * Rejects with the signal's reason when it aborts first; no timer is left behind.
 */
export function sleep(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const abort = (): void => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.setTimer(delay, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** A moment as Kubernetes writes it: RFC 3339, UTC, whole seconds. */
export function formatTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** A moment as Kubernetes writes a MicroTime: RFC 3339, UTC, six fraction digits. */
export function formatMicroTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 23)}000Z`;
}

/** The moment that an RFC 3339 text names, in milliseconds since 1970; undefined where it is none. */
export function parseTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) return undefined;
  // Date takes February 30 for March 2
  const day = text.slice(0, 10);
  return new Date(day).toISOString().startsWith(day) ? milliseconds : undefined;
}
