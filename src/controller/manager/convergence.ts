import type { Client } from '../../client/index.js';
import { preview, VirtualClock } from '../../core/index.js';
import type { ControllerRunner } from '../runner/controller-runner.js';
import type { ManagedStore } from './managed-store.js';

/** How far a virtual clock is driven. */
export interface SettledOptions {
  /** Milliseconds from now: timers that are due later are left alone. */
  readonly horizon: number;
  readonly signal?: AbortSignal | undefined;
}

/** So many rounds of asking for everything may change something before it counts as a loop. */
const MOST_ROUNDS = 10;

interface ConvergenceOptions {
  readonly client: Client;
  /** Aborts when everything stops: nobody is waited for then. */
  readonly signal: AbortSignal;
  readonly stores: Iterable<ManagedStore>;
  readonly runners: () => readonly ControllerRunner[];
}

/** Waits until the control loop has come to rest. */
export class Convergence {
  readonly #options: ConvergenceOptions;

  constructor(options: ConvergenceOptions) {
    this.#options = options;
  }

  /** See `Manager.idle`. */
  async idle(signal: AbortSignal | undefined): Promise<void> {
    await this.#rest(signal, { withRetries: true });
  }

  /** See `Manager.settled`. */
  async settled({ horizon, signal }: SettledOptions): Promise<void> {
    const { clock } = this.#options.client;
    if (!(clock instanceof VirtualClock)) {
      throw new TypeError('Manager: settled: expected a client whose clock is a VirtualClock');
    }
    if (!(horizon >= 0 && horizon < Number.POSITIVE_INFINITY)) {
      throw new RangeError(
        `Manager: settled: horizon: expected 0 milliseconds or more, got ${preview(horizon)}`,
      );
    }
    const deadline = clock.monotonic() + horizon;
    const drive = async (): Promise<void> => {
      for (;;) {
        await this.#rest(signal, { withRetries: false });
        const { untilNext } = clock;
        if (untilNext === undefined || clock.monotonic() + untilNext > deadline) return;
        await this.unless(signal, clock.next());
      }
    };
    await drive();
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      this.#expectNoFailures();
      const before = await this.#revisions(signal);
      for (const runner of this.#options.runners()) runner.askForAll({ type: 'resync' });
      await drive();
      const after = await this.#revisions(signal);
      if (before.every((revision, index) => revision === after[index])) return;
    }
    const writers = this.#options.runners().map((runner) => runner.controller.name);
    throw new Error(
      `Manager: settled: expected the stores to come to rest, but after ${MOST_ROUNDS} times of reconciling everything they still change: some of ${writers.join(', ')} write something new each time; manager.explain(key) tells more`,
    );
  }

  /** Waits for `promise`, unless the signal aborts first: then rejects with an error that names what is waited for. */
  unless<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
    if (signal === undefined) return promise;
    return new Promise<T>((resolve, reject) => {
      const abort = (): void => {
        const waiting = this.#options.runners().flatMap(({ settlement }) => settlement.describe());
        const what = waiting.length === 0 ? 'the caches to catch up' : waiting.join(', ');
        reject(new Error(`Manager: idle was aborted while it waited for ${what}`, { cause: signal.reason }));
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }

  /** Waits until every change is told of, and nothing is ready or running, and (with retries) nothing waits for its next try. */
  async #rest(signal: AbortSignal | undefined, how: { readonly withRetries: boolean }): Promise<void> {
    const { runners } = this.#options;
    for (;;) {
      const runs = this.#runs();
      await this.unless(signal, this.#caughtUp());
      if (runners().every(({ settlement }) => settlement.isSettled(how)) && this.#runs() === runs) return;
      await this.unless(signal, Promise.all(runners().map(({ settlement }) => settlement.wait(how))));
      if (this.#options.signal.aborted) return;
    }
  }

  /** Resolves when every controller has heard of everything that is in the stores now. */
  async #caughtUp(): Promise<void> {
    const { stores, runners } = this.#options;
    await Promise.all(
      Array.from(stores, async ({ name, client }) => {
        const own = runners().flatMap((runner) => [...runner.informers()]);
        const informers = new Set(own.flatMap(([store, informer]) => (store === name ? [informer] : [])));
        if (informers.size === 0) return;
        const revision = await client.barrier();
        await Promise.all(
          Array.from(informers, (informer) =>
            revision === undefined ? informer.idle() : informer.caughtUpTo(revision),
          ),
        );
      }),
    );
  }

  async #revisions(signal: AbortSignal | undefined): Promise<readonly (string | undefined)[]> {
    const barriers = Array.from(this.#options.stores, ({ client }) => client.barrier());
    return this.unless(signal, Promise.all(barriers));
  }

  #expectNoFailures(): void {
    for (const { settlement } of this.#options.runners()) {
      const error = settlement.failure;
      if (error !== undefined) throw error.error;
    }
  }

  #runs(): number {
    return this.#options.runners().reduce((sum, { settlement }) => sum + settlement.runs, 0);
  }
}
