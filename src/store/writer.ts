import { ApiError } from '../core/index.js';
import { Attempt } from './attempt.js';
import { type Committer, Stale } from './committer.js';
import { CommittingTarget } from './committing-target.js';
import type { Eventual } from './eventual.js';
import { KeyTurns } from './key-turns.js';
import { Registry, type RegistryParts } from './registry.js';
import type { State } from './state.js';
import { run, type Steps, wait } from './steps.js';
import type { WriteContext } from './write-context.js';

/** How often a write is decided anew, since what it read has changed, before it is given up. */
const MOST_ATTEMPTS = 100;

/** Decides writes, each until one of its decisions stands. */
export interface Writer {
  /** Whether what is decided is decided inside the call, once. */
  readonly isDirect: boolean;
  /**
   * Runs `decide`, which commits once at most, until nothing that it read has changed by the end: so it must have no effects but through
   * the registry that it is given.
   *
   * @throws What `decide` throws; ApiError Conflict where no decision stood.
   */
  write<T>(context: WriteContext, decide: (registry: Registry) => Eventual<T>): Eventual<T>;
}

/** In memory, where nobody else has a say: the first decision stands, inside the call. */
export class DirectWriter implements Writer {
  readonly isDirect = true;
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  write<T>(_context: WriteContext, decide: (registry: Registry) => Eventual<T>): Eventual<T> {
    return decide(this.#registry);
  }
}

/** Where something can come between a decision and its commit: admission that waits, or a storage. */
export class OptimisticWriter implements Writer {
  readonly isDirect = false;
  readonly #parts: RegistryParts;
  readonly #state: State;
  readonly #committer: Committer;
  readonly #turns = new KeyTurns();

  constructor(options: {
    readonly parts: RegistryParts;
    readonly state: State;
    readonly committer: Committer;
  }) {
    this.#parts = options.parts;
    this.#state = options.state;
    this.#committer = options.committer;
  }

  write<T>(context: WriteContext, decide: (registry: Registry) => Eventual<T>): Eventual<T> {
    return run(this.#write(context, decide));
  }

  *#write<T>(context: WriteContext, decide: (registry: Registry) => Eventual<T>): Steps<T> {
    yield* this.#committer.opened();
    const { kind, place } = context;
    if (kind === undefined || place === undefined) return yield* this.#decide(context, decide);
    const key = `${kind.collection} ${place}`;
    const turn = this.#turns.begin(key);
    if (turn !== undefined) yield turn;
    try {
      return yield* this.#decide(context, decide);
    } finally {
      this.#turns.end(key);
    }
  }

  *#decide<T>(context: WriteContext, decide: (registry: Registry) => Eventual<T>): Steps<T> {
    let count = 0;
    while (count < MOST_ATTEMPTS) {
      count += 1;
      context.signal?.throwIfAborted();
      const attempt = new Attempt(this.#parts.kinds, this.#state);
      const target = new CommittingTarget(attempt, this.#committer);
      let outcome: { readonly value: T } | { readonly error: unknown };
      try {
        outcome = { value: yield* wait(decide(new Registry(this.#parts, target, context))) };
      } catch (error) {
        if (error instanceof Stale) {
          // whoever waited for its turn has not tried
          if (error.hasWaited) count -= 1;
          continue;
        }
        outcome = { error };
      }
      // what was decided without a commit may have been decided on what is no longer so
      if (!target.hasCommitted) {
        const [kind, ...others] = attempt.kinds();
        if (kind !== undefined) yield* this.#committer.refresh(others.length === 0 ? kind : undefined);
        if (!attempt.isUnchanged()) continue;
      }
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    }
    throw new ApiError({
      reason: 'Conflict',
      message: `the write was decided ${MOST_ATTEMPTS} times, and each time something that it read changed before its end`,
    });
  }
}
