import { isAlreadyExists, isConflict, isNotFound, type Logger, type Timer } from '../core/index.js';
import { type LeaderElectionRecord, sameRecord } from './leader-election-record.js';
import type { Lock, LockEntry, LockFollower } from './lock.js';
import type { Held, LockRequests } from './lock-requests.js';
import type { Observation } from './observation.js';
import { JITTER, type Timing } from './timing.js';

/** What a {@link Campaign} is made from. */
export interface CampaignOptions {
  readonly lock: Lock;
  readonly timing: Timing;
  readonly requests: LockRequests;
  readonly observation: Observation;
  readonly logger: Logger;
  /** Takes note of the record in {@link observation}, and tells whoever wants to know. */
  readonly see: (entry: LockEntry | undefined) => void;
}

/**
 * The way of a candidate to a term.
 *
 * It follows the record, and tries to take it when the lease is over by the local clock, with one timer for that. Where it cannot
 * follow the record, or does not know it, it asks again and again.
 */
export class Campaign {
  readonly #options: CampaignOptions;
  // whether changes of the record are told of
  #isFollowing = false;
  // whether the record is as it was last seen, as far as anybody can know; false after a failure
  #isKnown = false;
  // what this candidate wrote to begin terms, whether it arrived or not; without those that cannot be in the record any more, but
  // never empty once there was one
  #claims: readonly LeaderElectionRecord[] = [];
  // sets the time of the next try anew; undefined unless one is waited for
  #rearm: (() => void) | undefined;

  constructor(options: CampaignOptions) {
    this.#options = options;
  }

  /**
   * Tries until a term has begun, or `signal` aborts; then undefined.
   *
   * A claim that is under way when `signal` aborts is brought to its end: what it began is the caller's to give up.
   */
  async run(signal: AbortSignal): Promise<Held | undefined> {
    const { lock } = this.#options;
    const end = new AbortController();
    const following = lock.follow?.(this.#follower(), { signal: end.signal }) ?? Promise.resolve();
    const followed = following.catch((error: unknown) => this.#lostSight(error));
    try {
      while (!signal.aborted) {
        const held = await this.#try(signal);
        if (held !== undefined) return held;
        await this.#wait(signal);
      }
      return undefined;
    } finally {
      end.abort(new DOMException('the campaign is over', 'AbortError'));
      await followed;
      this.#isFollowing = false;
      this.#isKnown = false;
    }
  }

  #follower(): LockFollower {
    return {
      changed: (entry: LockEntry | undefined): void => {
        this.#see(entry);
        this.#rearm?.();
      },
      following: (isFollowing: boolean): void => {
        if (isFollowing === this.#isFollowing) return;
        this.#isFollowing = isFollowing;
        this.#rearm?.();
      },
      failed: (error: Error): void => {
        this.#options.logger.warn({ error }, 'the lock could not be followed: trying again');
      },
    };
  }

  #lostSight(error: unknown): void {
    this.#options.logger.error({ error }, 'the lock is not followed any more: asking instead');
    this.#isFollowing = false;
    this.#rearm?.();
  }

  #see(entry: LockEntry | undefined): void {
    this.#isKnown = true;
    this.#options.see(entry);
  }

  async #try(signal: AbortSignal): Promise<Held | undefined> {
    const { lock, requests, observation, logger } = this.#options;
    try {
      if (!this.#isKnown || !this.#isFollowing) this.#see(await requests.get(signal));
      if (signal.aborted) return undefined;
      if (this.#isFree()) return await this.#take();
      if (observation.holder === lock.identity) {
        logger.warn({}, 'another process uses the identity of this one: waiting for the end of its lease');
      }
      return undefined;
    } catch (error) {
      this.#isKnown = false;
      if (!signal.aborted) logger.warn({ error }, 'the lock could not be asked for: trying again');
      return undefined;
    }
  }

  /** Whether a term may begin now. */
  #isFree(): boolean {
    const { observation, lock } = this.#options;
    if (observation.remaining === 0) return true;
    const { record } = observation.entry as LockEntry;
    if (record.holderIdentity !== lock.identity) return false;
    // a process that was here before under the same name, or this one: with a claim whose answer was lost, or a term that it lost
    return this.#claims.length === 0 || this.#claims.some((claim) => isOfTerm(record, claim));
  }

  /** Begins a term, unless somebody else is faster. */
  async #take(): Promise<Held | undefined> {
    const { lock, requests, observation, logger } = this.#options;
    const previous = observation.entry;
    const claim = requests.newTerm(observation.nextNumber);
    const since = lock.client.clock.monotonic();
    const present = previous?.record.leaderTransitions ?? 0;
    this.#claims = [...this.#claims.filter(({ leaderTransitions }) => leaderTransitions >= present), claim];
    // whatever comes of it
    this.#isKnown = false;
    try {
      return await requests.claim(claim, previous);
    } catch (error) {
      const isLate = previous === undefined ? isAlreadyExists(error) : isConflict(error) || isNotFound(error);
      if (isLate) {
        logger.debug({ error }, 'somebody else was faster');
        return undefined;
      }
      logger.warn({ error }, 'the lock could not be taken, or nobody said so: looking');
    }
    const entry = await requests.get();
    this.#see(entry);
    return entry !== undefined && sameRecord(entry.record, claim) ? { entry, since } : undefined;
  }

  /** Waits until the next try, or until `signal` aborts. */
  #wait(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.lock.client;
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      let timer: Timer;
      const finish = (): void => {
        this.#rearm = undefined;
        timer.cancel();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const arm = (): void => {
        timer = clock.setTimer(this.#pause(), finish);
      };
      this.#rearm = () => {
        timer.cancel();
        arm();
      };
      signal.addEventListener('abort', finish, { once: true });
      arm();
    });
  }

  /** How long to wait for the next try, in milliseconds. */
  #pause(): number {
    const { lock, timing, observation } = this.#options;
    const chance = lock.client.random.next();
    if (!this.#isKnown || !this.#isFollowing) return timing.retryPeriod * (1 + JITTER * chance);
    return (this.#isFree() ? 0 : observation.remaining) + timing.spread * chance;
  }
}

/** Whether a record is that of the term which another record began. */
function isOfTerm(record: LeaderElectionRecord, first: LeaderElectionRecord): boolean {
  return record.acquireTime === first.acquireTime && record.leaderTransitions === first.leaderTransitions;
}
