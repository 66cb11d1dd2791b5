import { ApiError } from '../core/index.js';
import { Attempt } from './attempt.js';
import { type Committer, Stale } from './committer.js';
import { CommittingTarget } from './committing-target.js';
import type { Eventual } from './eventual.js';
import type { Kind } from './kind.js';
import { KeyTurns } from './key-turns.js';
import { Registry, type RegistryParts } from './registry.js';
import type { State } from './state.js';
import { run, type Steps, wait } from './steps.js';
import type { WriteContext } from './write-context.js';

/** How often a write is decided anew, since what it read has changed, before it is given up. */
const MOST_ATTEMPTS = 100;

/** Decides writes, each until one of its decisions stands. */
export interface Writer {
  /** Where what is decided is decided inside the call, once, and stands: what decides. */
  readonly direct?: Registry;
  /**
   * Runs `decide`, which commits once at most, until nothing that it read has changed by the end: so it must have no effects but through
   * the registry that it is given.
   *
   * @throws What `decide` throws; ApiError Conflict where no decision stood.
   */
  write<T>(context: WriteContext, decide: Decide<T>): Eventual<T>;
}

/** In memory, where nobody else has a say: the first decision stands, inside the call. */
export class DirectWriter implements Writer {
  readonly direct: Registry;

  constructor(registry: Registry) {
    this.direct = registry;
  }

  write<T>(_context: WriteContext, decide: Decide<T>): Eventual<T> {
    return decide(this.direct);
  }
}

/** Where something can come between a decision and its commit: admission that waits, or a storage. */
export class OptimisticWriter implements Writer {
  readonly #parts: RegistryParts;
  readonly #state: State;
  readonly #committer: Committer;
  // of the kinds to which something was written
  readonly #turns = new Map<Kind, KeyTurns>();

  constructor(options: {
    readonly parts: RegistryParts;
    readonly state: State;
    readonly committer: Committer;
  }) {
    this.#parts = options.parts;
    this.#state = options.state;
    this.#committer = options.committer;
  }

  write<T>(context: WriteContext, decide: Decide<T>): Eventual<T> {
    const opening = this.#committer.opened();
    return opening === undefined
      ? this.#inTurn(context, decide)
      : opening.then(() => this.#inTurn(context, decide));
  }

  #inTurn<T>(context: WriteContext, decide: Decide<T>): Eventual<T> {
    const { kind, place } = context;
    if (kind === undefined || place === undefined) return this.#decide({ context, decide, turns: undefined });
    let turns = this.#turns.get(kind);
    if (turns === undefined) {
      turns = new KeyTurns();
      this.#turns.set(kind, turns);
    }
    const turn = turns.begin(place);
    const request = { context, decide, turns };
    return turn === undefined ? this.#decide(request) : turn.then(() => this.#decide(request));
  }

  /** Decides once, and anew where that does not stand. */
  #decide<T>(request: Request<T>): Eventual<T> {
    const target = this.#target();
    let decided: Eventual<T>;
    try {
      decided = this.#ask(request, target);
    } catch (error) {
      return run(this.#conclude(request, target, { error }));
    }
    if (decided instanceof Promise) {
      return decided.then(
        (value) => this.#decided(request, target, value),
        (error: unknown) => run(this.#conclude(request, target, { error })),
      );
    }
    return this.#decided(request, target, decided);
  }

  #decided<T>(request: Request<T>, target: CommittingTarget, value: T): Eventual<T> {
    if (!target.hasCommitted) return run(this.#conclude(request, target, { value }));
    endTurn(request);
    return value;
  }

  /** What a decision comes to, or another one where that does not stand; ends the turn. */
  *#conclude<T>(request: Request<T>, first: CommittingTarget, outcomeOfFirst: Outcome<T>): Steps<T> {
    let target = first;
    let outcome = outcomeOfFirst;
    let count = 1;
    try {
      for (;;) {
        if ('error' in outcome && outcome.error instanceof Stale) {
          // whoever waited for its turn has not tried
          if (outcome.error.hasWaited) count -= 1;
        } else if (target.hasCommitted || (yield* this.#isUnchanged(target.aside))) {
          if ('error' in outcome) throw outcome.error;
          return outcome.value;
        }
        if (count === MOST_ATTEMPTS) break;
        count += 1;
        target = this.#target();
        try {
          outcome = { value: yield* wait(this.#ask(request, target)) };
        } catch (error) {
          outcome = { error };
        }
      }
    } finally {
      endTurn(request);
    }
    throw new ApiError({
      reason: 'Conflict',
      message: `the write was decided ${MOST_ATTEMPTS} times, and each time something that it read changed before its end`,
    });
  }

  /** Whether what was decided without a commit was decided on what is still so. */
  *#isUnchanged(attempt: Attempt): Steps<boolean> {
    const [kind, ...others] = attempt.kinds();
    if (kind !== undefined) yield* this.#committer.refresh(others.length === 0 ? kind : undefined);
    return attempt.isUnchanged();
  }

  #target(): CommittingTarget {
    return new CommittingTarget(new Attempt(this.#parts.kinds, this.#state), this.#committer);
  }

  #ask<T>({ context, decide }: Request<T>, target: CommittingTarget): Eventual<T> {
    context.signal?.throwIfAborted();
    return decide(new Registry(this.#parts, target, context));
  }
}

type Decide<T> = (registry: Registry) => Eventual<T>;

/** A write whose turn it is. */
interface Request<T> {
  readonly context: WriteContext;
  readonly decide: Decide<T>;
  /** Those of its kind; undefined where it takes no turn. */
  readonly turns: KeyTurns | undefined;
}

/** What came of a decision. */
type Outcome<T> = { readonly value: T } | { readonly error: unknown };

function endTurn({ context, turns }: Request<unknown>): void {
  if (context.place !== undefined) turns?.end(context.place);
}
