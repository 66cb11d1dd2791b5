import type { Client } from '../client/index.js';
import type { Timer } from '../core/index.js';
import { fencedClient } from './fenced-client.js';
import { LeadershipLostError, type LostTerm } from './leadership-lost-error.js';
import type { Lock, LockEntry } from './lock.js';
import type { Held } from './lock-requests.js';
import type { Term, TermEnd } from './term.js';

/** What a {@link RunningTerm} is made from. */
export interface RunningTermOptions {
  readonly lock: Lock;
  /** What began the term. */
  readonly held: Held;
  /** For how many milliseconds after the beginning of a renewal the lease counts as held. */
  readonly renewDeadline: number;
  /** Whether writes can be guarded; otherwise the local clock is all there is. */
  readonly guarded: boolean;
  /** Reads the record. */
  readonly read: () => Promise<LockEntry | undefined>;
  /** Called once, when the signal aborts. */
  readonly onEnd: (why: TermEnd) => void;
}

/**
 * A term of this process, from the claim until its lease was given up or lost.
 *
 * It has two ends: `signal` aborts when the leader should stop, and `over` when the lease does not count as held any more. Between the two
 * lies the time in which a callback that was told to stop brings its work to an end.
 */
export class RunningTerm implements Term {
  readonly number: number;
  readonly identity: string;
  readonly client: Client;
  readonly #options: RunningTermOptions;
  // aborted no later than #over
  readonly #leading = new AbortController();
  // aborted with the error that every further write gets
  readonly #over = new AbortController();
  // the record as this process wrote it last
  #entry: LockEntry;
  // when the request that wrote it began
  #renewedAt: number;
  // fires at the deadline; armed until the term is over
  #timer: Timer;

  constructor(options: RunningTermOptions) {
    const { lock, held } = options;
    this.#options = options;
    this.identity = lock.identity;
    this.number = held.entry.record.leaderTransitions;
    this.#entry = held.entry;
    this.#renewedAt = held.since;
    this.#timer = this.#arm();
    const guard = options.guarded ? lock.guard?.(held.entry) : undefined;
    this.client = fencedClient(lock.client, {
      guard,
      check: () => this.check(),
      verify: (error) => this.#verify(error),
    });
  }

  get signal(): AbortSignal {
    return this.#leading.signal;
  }

  /** Aborts when the lease does not count as held any more. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** The record as this process wrote it last. */
  get entry(): LockEntry {
    return this.#entry;
  }

  /** When the last renewal began, by the monotonic clock. */
  get renewedAt(): number {
    return this.#renewedAt;
  }

  fence(client: Client): Client {
    return fencedClient(client, {
      guard: undefined,
      check: () => this.check(),
      verify: (error) => Promise.resolve(error),
    });
  }

  remaining(): number {
    return this.over.aborted ? 0 : Math.max(0, this.#left());
  }

  /**
   * Makes sure that the lease counts as held now: where the process stood still, the timer of the deadline comes late, and this does not.
   *
   * @throws LeadershipLostError
   */
  check(): void {
    if (!this.over.aborted && this.#left() <= 0) this.#expire();
    if (this.over.aborted) throw this.over.reason as Error;
  }

  /** The lease was renewed. Does nothing where that took too long. */
  renewed(held: Held): void {
    if (this.over.aborted) return;
    if (this.#left() <= 0) {
      this.#expire();
      return;
    }
    this.#entry = held.entry;
    this.#renewedAt = held.since;
    this.#timer.cancel();
    this.#timer = this.#arm();
  }

  /** Ends the term where the record, as it was just read, is not of this term any more; true where that is so. */
  compare(entry: LockEntry | undefined): boolean {
    const loss = this.#lossOf(entry);
    if (loss !== undefined) this.#end('lost', loss);
    return loss !== undefined;
  }

  /** Tells the leader to stop; the lease stays. */
  stop(reason: unknown): void {
    if (this.signal.aborted) return;
    this.#leading.abort(reason);
    this.#options.onEnd('stopped');
  }

  /** The callback has ended: whatever it left running must not write any more. */
  close(why: 'returned' | 'threw'): void {
    this.#end(why, new LeadershipLostError(this.#name(), `its callback ${why}`));
  }

  #left(): number {
    const { lock, renewDeadline } = this.#options;
    return this.#renewedAt + renewDeadline - lock.client.clock.monotonic();
  }

  #arm(): Timer {
    return this.#options.lock.client.clock.setTimer(this.#left(), () => {
      if (this.#left() <= 0) this.#expire();
      // a timer may come a little early
      else this.#timer = this.#arm();
    });
  }

  #expire(): void {
    const why = `it was not renewed within ${this.#options.renewDeadline} milliseconds`;
    this.#end('lost', new LeadershipLostError(this.#name(), why));
  }

  #end(why: TermEnd, error: LeadershipLostError): void {
    if (this.over.aborted) return;
    this.#timer.cancel();
    this.#over.abort(error);
    if (this.signal.aborted) return;
    this.#leading.abort(error);
    this.#options.onEnd(why);
  }

  /** What to tell of a write that failed where its guard may not hold. */
  async #verify(error: Error): Promise<Error> {
    let entry: LockEntry | undefined;
    try {
      entry = await this.#options.read();
    } catch {
      // nobody can say more than the error itself
      return error;
    }
    const loss = this.#lossOf(entry, error);
    if (loss === undefined) return error;
    this.#end('lost', loss);
    return loss;
  }

  /** What says that the record, as it was just read, is not of this term any more; undefined where it is. */
  #lossOf(entry: LockEntry | undefined, cause?: Error): LeadershipLostError | undefined {
    const lost = (why: string, holder?: string): LeadershipLostError =>
      new LeadershipLostError(this.#name(), why, { holder, cause });
    if (entry === undefined) return lost('the record is gone');
    const { holderIdentity: holder, leaderTransitions: number } = entry.record;
    if (holder === '') return lost(`the lease was given up after term ${number}`);
    if (holder !== this.identity || number !== this.number) {
      return lost(`${JSON.stringify(holder)} leads in term ${number}`, holder);
    }
    return entry.id === this.#entry.id ? undefined : lost('the record was deleted and made anew');
  }

  #name(): LostTerm {
    return { lock: this.#options.lock.name, identity: this.identity, number: this.number };
  }
}
