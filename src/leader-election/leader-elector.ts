import { EventEmitter } from 'eventemitter3';
import {
  ApiError,
  type Lane,
  type Logger,
  noopLogger,
  noopMetrics,
  preview,
  withFields,
} from '../core/index.js';
import { Campaign } from './campaign.js';
import { Decision } from './decision.js';
import { ElectionMetrics } from './election-metrics.js';
import type {
  Lead,
  LeaderElectionEmitter,
  LeaderElectionEvents,
  LeaderElectorOptions,
} from './leader-elector-options.js';
import { isLeadershipLost } from './leadership-lost-error.js';
import type { Lock, LockEntry } from './lock.js';
import { type Held, LockRequests } from './lock-requests.js';
import { Observation } from './observation.js';
import { Renewal } from './renewal.js';
import { RunningTerm } from './running-term.js';
import type { TermEnd } from './term.js';
import { checkTiming, type Timing } from './timing.js';

/**
 * Sees to it that one of several processes leads, and that another takes over when it is gone.
 *
 * - **Time.** Only what this process saw itself counts, by its own monotonic clock. A lease is over when the record has not changed
 *   for the duration that it names. A leader stops `renewDeadline` after its last renewal began, which is earlier.
 * - **Terms.** Every term has a larger number than the one before, be the leader the same or another: also a process that comes back under
 *   its old identity, and takes its own lease over at once, begins a new one.
 * - **Candidates** follow the record and take it as soon as the lease is over or given up.
 * - **Fencing.** Writes through `term.client` fail once another term began, where the server checks guards.
 *
 * An elector never gives up because of the server: what fails is logged and tried again.
 *
 * Source: `LeaderElector` of client-go.
 *
 * @example
 * ```ts
 * const lock = new LeaseLock({ client, namespace: 'kube-system', name: 'demo', identity: 'a' });
 * const elector = new LeaderElector({ lock });
 * await elector.run(async (term) => {
 *   // lead until term.signal aborts
 * }, { signal });
 * ```
 */
export class LeaderElector implements AsyncDisposable {
  readonly #lock: Lock;
  readonly #timing: Timing;
  readonly #logger: Logger;
  readonly #metrics: ElectionMetrics;
  readonly #releaseOnCancel: boolean;
  readonly #requireFencing: boolean;
  readonly #lane: Lane;
  readonly #events = new EventEmitter<LeaderElectionEvents>();
  readonly #observation: Observation;
  readonly #requests: LockRequests;
  readonly #campaign: Campaign;
  readonly #renewal: Renewal;
  // aborting it ends the run; undefined while there is none
  #stop: AbortController | undefined;
  // resolves when the run is over
  #stopped: Promise<void> = Promise.resolve();
  // open once it is known in this run who leads; undefined before the first one
  #decision: Decision | undefined;
  // from the claim until the callback has ended
  #term: RunningTerm | undefined;
  // whether it was said that writes cannot be guarded here
  #hasWarned = false;

  /** @throws RangeError for durations that do not fit together, naming the option. */
  constructor(options: LeaderElectorOptions) {
    const { lock, logger = noopLogger, metrics = noopMetrics } = options;
    const { releaseOnCancel = true, requireFencing = false } = options;
    this.#lock = lock;
    this.#timing = checkTiming('LeaderElector', options);
    this.#logger = withFields(logger, { lock: lock.name, identity: lock.identity });
    this.#metrics = new ElectionMetrics(metrics, options.name ?? lock.name);
    this.#releaseOnCancel = releaseOnCancel;
    this.#requireFencing = requireFencing;
    this.#lane = { kind: 'worker', name: `leader of ${lock.name}` };
    this.#observation = new Observation(lock.client.clock);
    this.#requests = new LockRequests(lock, this.#timing);
    const parts = {
      lock,
      timing: this.#timing,
      requests: this.#requests,
      logger: this.#logger,
      see: (entry: LockEntry | undefined) => this.#see(entry),
    };
    this.#campaign = new Campaign({ ...parts, observation: this.#observation });
    this.#renewal = new Renewal({ ...parts, metrics: this.#metrics });
  }

  /** Who leads, as far as this process knows; undefined where nobody does, or it was not asked yet. */
  get leader(): string | undefined {
    return this.#observation.holder;
  }

  /** Whether this process leads: it has a term that has not ended. */
  get isLeader(): boolean {
    return this.#term !== undefined && !this.#term.signal.aborted && this.#term.remaining() > 0;
  }

  get events(): LeaderElectionEmitter {
    return this.#events;
  }

  /**
   * Stands for election, and calls `lead` for each term, one after another.
   *
   * - `lead` returns: the lease is given up, and this resolves.
   * - `lead` throws: the lease is given up, and this rejects with the error.
   * - The term is lost: its signal aborts; when `lead` has ended, this stands for election again. What `lead` throws then is passed on,
   *   unless it is the reason of the signal, has that as its cause, or is a {@link LeadershipLostError}.
   * - `signal` aborts, or {@link stop} is called: the signal of the term aborts; the lease is renewed until `lead` has ended, and then given up
   *   (see `releaseOnCancel`); this resolves. What `lead` throws is passed on, with the same exceptions.
   *
   * An elector may run again when it has ended.
   *
   * @throws TypeError where it runs already, or where fencing is required and the server cannot do it.
   */
  async run(lead: Lead, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (typeof lead !== 'function')
      throw new TypeError(`LeaderElector: run: expected a function, got ${preview(lead)}`);
    if (this.#stop !== undefined)
      throw new TypeError(`LeaderElector: the elector of ${this.#lock.name} runs already`);
    this.#checkFencing();
    const stop = new AbortController();
    const { signal } = options;
    const abort = (): void => stop.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.#stop = stop;
    const decision = new Decision();
    this.#decision = decision;
    const running = this.#run(lead, stop.signal).finally(() => {
      decision.make();
      signal?.removeEventListener('abort', abort);
      this.#stop = undefined;
    });
    this.#stopped = running.catch(() => undefined);
    return running;
  }

  /**
   * Resolves once it is known for the first time in this run who leads: somebody else, or this process, and then its callback was called.
   *
   * Resolves too when the run is over, and at once where there is none.
   */
  async decided(): Promise<void> {
    await this.#decision?.made;
  }

  /**
   * Ends the run, as its signal does, and resolves when it is over; does nothing where there is none.
   *
   * Not to be awaited by the callback. What that throws is the business of whoever called {@link run}.
   */
  async stop(reason?: unknown): Promise<void> {
    this.#stop?.abort(
      reason ?? new DOMException(`the elector of ${this.#lock.name} was stopped`, 'AbortError'),
    );
    await this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * For health checks: whether the leader of this process behaves as one.
   *
   * Passes where this process has no term. A term that was not renewed has ended; this fails where its callback goes on all the same.
   *
   * @param timeout - How many milliseconds longer than the lease that may take; 0 unless given.
   * @throws ApiError ServiceUnavailable where the callback of a term runs, and the lease ended more than `timeout` ago.
   */
  check(timeout = 0): void {
    if (this.#term === undefined) return;
    const age = this.#lock.client.clock.monotonic() - this.#term.renewedAt;
    if (age <= this.#timing.leaseDuration + timeout) return;
    throw ApiError.serviceUnavailable(
      `${this.#lock.name}: expected a leader that renews its lease or ends, got one that has not for ${Math.round(age)} milliseconds`,
    );
  }

  async #run(lead: Lead, signal: AbortSignal): Promise<void> {
    for (;;) {
      const held = await this.#campaign.run(signal);
      if (held === undefined || (await this.#lead(held, lead, signal))) return;
    }
  }

  /** Leads for one term; false where another should follow. */
  async #lead(held: Held, lead: Lead, signal: AbortSignal): Promise<boolean> {
    const term = this.#begin(held);
    const stop = (): void => term.stop(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const renewing = this.#renewal.run(term);
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.#call(lead, term);
    } catch (error) {
      if (!isEndOf(term, error)) failure = { error };
    }
    signal.removeEventListener('abort', stop);
    const wasLost = term.over.aborted;
    term.close(failure === undefined ? 'returned' : 'threw');
    await renewing;
    if (!wasLost && (this.#releaseOnCancel || !signal.aborted)) await this.#renewal.release(term);
    this.#term = undefined;
    if (failure !== undefined) throw failure.error;
    return signal.aborted || !wasLost;
  }

  #begin(held: Held): RunningTerm {
    const term: RunningTerm = new RunningTerm({
      lock: this.#lock,
      held,
      renewDeadline: this.#timing.renewDeadline,
      guarded: this.#isGuarded,
      read: () => this.#requests.get(),
      onEnd: (why) => this.#ended(term, why),
    });
    this.#term = term;
    this.#metrics.leading(true);
    this.#see(held.entry);
    this.#logger.info({ term: term.number }, 'a term began');
    this.#notify(() => this.#events.emit('termStarted', term));
    return term;
  }

  async #call(lead: Lead, term: RunningTerm): Promise<void> {
    await new Promise<void>((resolve) => this.#lock.client.executor.execute(this.#lane, resolve));
    if (term.signal.aborted) return;
    term.check();
    const leading = lead(term);
    this.#decision?.make();
    await leading;
  }

  #ended(term: RunningTerm, why: TermEnd): void {
    this.#metrics.leading(false);
    this.#logger.info({ term: term.number, why, reason: term.signal.reason as unknown }, 'a term ended');
    this.#notify(() => this.#events.emit('termEnded', term, why));
  }

  #see(entry: LockEntry | undefined): void {
    const before = this.leader;
    this.#observation.see(entry);
    const { leader } = this;
    if (leader === before) return;
    if (leader !== undefined && leader !== this.#lock.identity) this.#decision?.make();
    this.#notify(() => this.#events.emit('newLeader', leader));
  }

  get #isGuarded(): boolean {
    return this.#lock.guard !== undefined && this.#lock.client.capabilities.guards;
  }

  #checkFencing(): void {
    if (this.#isGuarded) return;
    if (this.#requireFencing) {
      throw new TypeError(
        `LeaderElector: requireFencing: expected a lock and a server that can guard writes, got ${this.#lock.name} without`,
      );
    }
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#logger.warn(
      {},
      'writes cannot be guarded here: whether the term lasts is checked by the local clock before each, which is all that can be done',
    );
  }

  /** Emits an event; a listener that throws is reported to the log, and stops nothing. */
  #notify(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      this.#logger.error({ error }, 'a listener of the elector threw');
    }
  }
}

/** Whether what a callback threw says no more than that its term has ended. */
function isEndOf({ signal }: RunningTerm, error: unknown): boolean {
  if (!signal.aborted) return false;
  const reason: unknown = signal.reason;
  return error === reason || isLeadershipLost(error) || (error instanceof Error && error.cause === reason);
}
