import { formatKey } from '../core/index.js';
import type { WorkQueue } from '../workqueue/index.js';
import type { ReconcileRequest } from './reconcile.js';

/** How often a key fails in a row before whoever waits for it is told. */
const MOST_FAILURES = 10;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Whether a controller has converged for now: nothing is ready or running, and no key that failed waits for its next try.
 *
 * A wish to look again later does not count.
 */
export class Settlement {
  readonly #controller: string;
  readonly #queue: WorkQueue<ReconcileRequest>;
  // the keys whose last try failed: how often in a row, and with what
  readonly #failing = new Map<string, { count: number; error: unknown }>();
  #waiters: Waiter[] = [];
  #runs = 0;

  constructor(controller: string, queue: WorkQueue<ReconcileRequest>) {
    this.#controller = controller;
    this.#queue = queue;
  }

  /** How many reconciles have begun: two equal answers mean that none began between them. */
  get runs(): number {
    return this.#runs;
  }

  get settled(): boolean {
    return this.#queue.length === 0 && this.#queue.processing === 0 && this.#failing.size === 0;
  }

  /** What is not settled, for people. */
  describe(): string[] {
    const { ready, processing } = this.#queue.inspect();
    const name = ({ item }: { readonly item: ReconcileRequest }): string =>
      `${this.#controller} ${formatKey(item.key)}`;
    return [
      ...processing.map((item) => `${name(item)} (running)`),
      ...ready.map((item) => `${name(item)} (ready)`),
      ...Array.from(
        this.#failing,
        ([key, { count }]) => `${this.#controller} ${key} (failed ${count} times)`,
      ),
    ];
  }

  /** Resolves once it is settled; rejects with the error of a key that failed 10 times in a row. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.check();
    });
  }

  began(): void {
    this.#runs += 1;
  }

  /** The key needs no further try. */
  cleared(key: string): void {
    this.#failing.delete(key);
  }

  failed(key: string, error: unknown): void {
    const failing = this.#failing.get(key);
    if (failing === undefined) this.#failing.set(key, { count: 1, error });
    else Object.assign(failing, { count: failing.count + 1, error });
  }

  /** Tells the waiters where there is something to tell. */
  check(): void {
    if (this.#waiters.length === 0) return;
    for (const { count, error } of this.#failing.values()) {
      if (count < MOST_FAILURES) continue;
      for (const { reject } of this.#waiters.splice(0)) reject(error);
    }
    if (this.settled) this.close();
  }

  /** Lets every waiter go. */
  close(): void {
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }
}
