import { formatMicroTime } from '../core/index.js';
import type { LeaderElectionRecord } from './leader-election-record.js';
import type { Lock, LockEntry } from './lock.js';
import type { Timing } from './timing.js';
import { requestWithin } from './request-within.js';

/** A record that this process wrote. */
export interface Held {
  readonly entry: LockEntry;
  /** When the request that wrote it began, by the monotonic clock: before anybody could see it. */
  readonly since: number;
}

/** What a released lease says that it lasts, in milliseconds, as client-go has it. */
const RELEASED = 1_000;

/** The requests of one candidate: what it writes into the record, and how long it waits for an answer. */
export class LockRequests {
  readonly #lock: Lock;
  readonly #timing: Timing;

  constructor(lock: Lock, timing: Timing) {
    this.#lock = lock;
    this.#timing = timing;
  }

  get(signal?: AbortSignal): Promise<LockEntry | undefined> {
    return this.#within(signal, (own) => this.#lock.get({ signal: own }));
  }

  /** The record of a new term. */
  newTerm(number: number): LeaderElectionRecord {
    const now = formatMicroTime(this.#lock.client.clock.now());
    return {
      holderIdentity: this.#lock.identity,
      leaseDuration: this.#timing.leaseDuration,
      acquireTime: now,
      renewTime: now,
      leaderTransitions: number,
    };
  }

  /** Writes the record of a new term in the place of what is there. */
  claim(record: LeaderElectionRecord, previous: LockEntry | undefined): Promise<Held> {
    return this.#write(undefined, (signal) =>
      previous === undefined
        ? this.#lock.create(record, { signal })
        : this.#lock.update(record, previous, { signal }),
    );
  }

  /** Renews the lease of a term that is this candidate's own. */
  renew(previous: LockEntry, signal: AbortSignal): Promise<Held> {
    const { leaseDuration } = this.#timing;
    const record = { ...previous.record, leaseDuration, renewTime: this.#timeAfter(previous.record) };
    return this.#write(signal, (own) => this.#lock.update(record, previous, { signal: own }));
  }

  /** Gives up the lease of a term that is this candidate's own. */
  release(previous: LockEntry, signal: AbortSignal): Promise<Held> {
    const renewTime = this.#timeAfter(previous.record);
    const record: LeaderElectionRecord = {
      ...previous.record,
      holderIdentity: '',
      leaseDuration: RELEASED,
      acquireTime: renewTime,
      renewTime,
    };
    return this.#write(signal, (own) => this.#lock.update(record, previous, { signal: own }));
  }

  async #write(
    signal: AbortSignal | undefined,
    request: (signal: AbortSignal) => Promise<LockEntry>,
  ): Promise<Held> {
    const since = this.#lock.client.clock.monotonic();
    return { entry: await this.#within(signal, request), since };
  }

  #within<T>(signal: AbortSignal | undefined, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return requestWithin(this.#lock.client.clock, this.#timing.requestTimeout, signal, request);
  }

  /** The time now as it is written, but never that which is written already: others must see that the record changes. */
  #timeAfter({ renewTime }: LeaderElectionRecord): string {
    const now = this.#lock.client.clock.now();
    const text = formatMicroTime(now);
    return text === renewTime ? formatMicroTime(now + 1) : text;
  }
}
