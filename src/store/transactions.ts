import { ApiError, type Executor } from '../core/index.js';
import { Attempt } from './attempt.js';
import { type Committer, Stale } from './committer.js';
import { Registry, type RegistryParts } from './registry.js';
import type { State } from './state.js';
import { run, wait } from './steps.js';
import { type Transaction, transactionClient } from './transaction.js';
import type { WriteContext } from './write-context.js';

/** How often a transaction is tried. */
const MOST_ATTEMPTS = 10;

/** Runs transactions, each until what it read is still so when it commits. */
export class Transactions {
  readonly #parts: RegistryParts;
  readonly #state: State;
  readonly #committer: Committer;
  readonly #executor: Executor;
  readonly #checkOpen: () => void;

  /** @param options - `checkOpen` throws where the store is closed. */
  constructor(options: {
    readonly parts: RegistryParts;
    readonly state: State;
    readonly committer: Committer;
    readonly executor: Executor;
    readonly checkOpen: () => void;
  }) {
    this.#parts = options.parts;
    this.#state = options.state;
    this.#committer = options.committer;
    this.#executor = options.executor;
    this.#checkOpen = options.checkOpen;
  }

  /** @throws What `work` throws; ApiError Conflict where no attempt came through, or a guard does not hold. */
  async run<T>(work: (tx: Transaction) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    let count = 0;
    while (count < MOST_ATTEMPTS) {
      count += 1;
      signal?.throwIfAborted();
      this.#checkOpen();
      const { tx, attempt, end } = this.#begin(signal);
      let outcome: { readonly value: T } | { readonly error: unknown };
      try {
        outcome = { value: await work(tx) };
      } catch (error) {
        outcome = { error };
      }
      end();
      // what failed may have failed because it saw two states, or one that is no longer so
      if ('error' in outcome || attempt.changed().length === 0) await run(this.#committer.refresh(undefined));
      if (!('error' in outcome ? attempt.isUnchanged() : attempt.isCurrent())) continue;
      if ('error' in outcome) throw outcome.error;
      signal?.throwIfAborted();
      this.#checkOpen();
      try {
        await run(wait(this.#committer.commit(attempt)));
      } catch (error) {
        if (!(error instanceof Stale)) throw error;
        // whoever waited for its turn has not tried
        if (error.hasWaited) count -= 1;
        continue;
      }
      return outcome.value;
    }
    throw new ApiError({
      reason: 'Conflict',
      message: `the transaction was run ${MOST_ATTEMPTS} times, and each time something that it read changed before its end`,
    });
  }

  #begin(signal: AbortSignal | undefined): {
    readonly tx: Transaction;
    readonly attempt: Attempt;
    readonly end: () => void;
  } {
    const { kinds } = this.#parts;
    const attempt = new Attempt(kinds, this.#state);
    let isOver = false;
    const checkOpen = (): void => {
      if (isOver) throw new TypeError('Expected a transaction that goes on, got one that is over');
      this.#checkOpen();
    };
    const registry = (verb: WriteContext['verb']): Registry =>
      new Registry(this.#parts, attempt, { verb, signal });
    const tx = transactionClient({
      kinds,
      executor: this.#executor,
      target: attempt,
      registry,
      checkOpen,
    });
    const end = (): void => {
      isOver = true;
    };
    return { tx, attempt, end };
  }
}
