import type { Clock } from '../core/index.js';

/** How long a read waits for a revision of the future, in milliseconds: as long as in Kubernetes. */
const PATIENCE = 3_000;

/** Lets reads of a future revision wait until the store has got there. */
export class RevisionGate {
  readonly #clock: Clock;
  // those who wait; every one of them for a revision above the newest
  readonly #waiting = new Set<{ readonly revision: number; readonly open: () => void }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when the store has reached a revision, when it has not within 3 seconds, or when `signal` aborts. */
  reached(revision: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const open = (): void => {
        this.#waiting.delete(entry);
        timer.cancel();
        signal?.removeEventListener('abort', open);
        resolve();
      };
      const entry = { revision, open };
      const timer = this.#clock.setTimer(PATIENCE, open);
      signal?.addEventListener('abort', open, { once: true });
      this.#waiting.add(entry);
    });
  }

  /** Lets go of those who waited for a revision up to this; called inside the commit. */
  advance(revision: number): void {
    if (this.#waiting.size === 0) return;
    for (const waiter of this.#waiting) if (waiter.revision <= revision) waiter.open();
  }

  /** Lets go of everybody. */
  close(): void {
    for (const { open } of this.#waiting) open();
  }
}
