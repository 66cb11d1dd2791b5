import type { Clock } from '../core/index.js';

/** How long a read waits for a revision of the future, in milliseconds: as long as in Kubernetes. */
const PATIENCE = 3_000;

/** Lets reads of a future revision wait until the store has got there. */
export class RevisionGate {
  readonly #clock: Clock;
  // those who wait; every one of them for a revision above the newest
  readonly #waiting = new Set<{ readonly revision: number; readonly open: () => void }>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves when the store has reached a revision, when `signal` aborts, when the gate is closed, or when it has not within `patience`
   * milliseconds: 3 seconds unless given.
   */
  reached(
    revision: number,
    {
      signal,
      patience = PATIENCE,
    }: { readonly signal?: AbortSignal | undefined; readonly patience?: number } = {},
  ): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const open = (): void => {
        this.#waiting.delete(entry);
        timer?.cancel();
        signal?.removeEventListener('abort', open);
        resolve();
      };
      const entry = { revision, open };
      const timer = Number.isFinite(patience) ? this.#clock.setTimer(patience, open) : undefined;
      this.#waiting.add(entry);
      if (signal?.aborted) open();
      else signal?.addEventListener('abort', open, { once: true });
    });
  }

  /** Lets go of those who waited for a revision up to this; called inside the commit. */
  advance(revision: number): void {
    if (this.#waiting.size === 0) return;
    for (const waiter of this.#waiting) if (waiter.revision <= revision) waiter.open();
  }

  /** Lets go of everybody, and holds nobody any more. */
  close(): void {
    this.#closed = true;
    for (const { open } of this.#waiting) open();
  }
}
