import type { WorkQueue } from '../../workqueue/index.js';
import type { Reason } from '../reason.js';
import type { QueuedRequest } from '../request.js';

/** How often a key fails in a row before whoever waits for it is told. */
const MOST_FAILURES = 10;

/** What counts as settled. */
export interface Settled {
  /** A key that failed must not wait for its next try. */
  readonly withRetries: boolean;
}

interface Waiter extends Settled {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Whether a controller has converged for now: nothing is ready or running, and no key that failed waits for its next try.
 *
 * A wish to look again later does not count, nor does what waits for the leadership of this process.
 */
export class Settlement {
  readonly #controller: string;
  readonly #queue: WorkQueue<QueuedRequest, Reason>;
  readonly #undecided: () => number;
  // the keys whose last try failed: how often in a row, and with what
  readonly #failing = new Map<string, { count: number; error: unknown }>();
  #waiters: Waiter[] = [];
  #runs = 0;

  /** @param undecided - How many changes wait until it is known whether they ask for a reconcile. */
  constructor(controller: string, queue: WorkQueue<QueuedRequest, Reason>, undecided: () => number) {
    this.#controller = controller;
    this.#queue = queue;
    this.#undecided = undecided;
  }

  /** How many reconciles have begun: two equal answers mean that none began between them. */
  get runs(): number {
    return this.#runs;
  }

  /** What a key failed with, of those that wait for their next try; undefined where there is none. */
  get failure(): { readonly error: unknown } | undefined {
    const [first] = this.#failing.values();
    return first;
  }

  isSettled({ withRetries }: Settled): boolean {
    return (
      this.#queue.length === 0 &&
      this.#queue.processing === 0 &&
      (!withRetries || this.#failing.size === 0) &&
      this.#undecided() === 0
    );
  }

  /** What is not settled, for people. */
  describe(): string[] {
    const { ready, processing } = this.#queue.inspect();
    const name = ({ item }: { readonly item: QueuedRequest }): string => `${this.#controller} ${item.text}`;
    return [
      ...processing.map((item) => `${name(item)} (running)`),
      ...ready.map((item) => `${name(item)} (ready)`),
      ...Array.from(
        this.#failing,
        ([key, { count }]) => `${this.#controller} ${key} (failed ${count} times)`,
      ),
    ];
  }

  /** Resolves once it is settled; with retries, rejects with the error of a key that failed 10 times in a row. */
  wait({ withRetries }: Settled): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject, withRetries });
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

  /** Nobody waits for these keys any more. */
  forget(isForgotten: (key: string) => boolean): void {
    for (const key of this.#failing.keys()) if (isForgotten(key)) this.#failing.delete(key);
    this.check();
  }

  failed(key: string, error: unknown): void {
    const failing = this.#failing.get(key);
    if (failing === undefined) this.#failing.set(key, { count: 1, error });
    else Object.assign(failing, { count: failing.count + 1, error });
  }

  /** Tells the waiters where there is something to tell. */
  check(): void {
    if (this.#waiters.length === 0) return;
    // asked after every reconcile while somebody waits
    const isFailing = this.#failing.size > 0;
    if (!isFailing && !this.isSettled({ withRetries: false })) return;
    const hopeless = [...this.#failing.values()].find(({ count }) => count >= MOST_FAILURES);
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      if (this.isSettled(waiter)) waiter.resolve();
      else if (waiter.withRetries && hopeless !== undefined) waiter.reject(hopeless.error);
      else this.#waiters.push(waiter);
    }
  }

  /** Lets every waiter go. */
  close(): void {
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }
}
