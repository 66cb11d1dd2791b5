import type { Client, Guard, RequestOptions } from '../client/index.js';
import type { LeaderElectionRecord } from './leader-election-record.js';

/** A record as a lock had it at one moment: what an update of the record is based on. */
export interface LockEntry {
  readonly record: LeaderElectionRecord;
  /** Tells this record from one that was deleted and made anew, as a uid does. */
  readonly id: string;
  /** What the lock itself needs to replace the record; of no concern to anybody else. */
  readonly source: unknown;
  /** Since when this process knows the record, by the monotonic clock of the lock's client; since just now unless given. */
  readonly seenAt?: number | undefined;
}

/** Who is told what becomes of a record; called synchronously. */
export interface LockFollower {
  /** This is the record now, changed or not; undefined where there is none. */
  changed(entry: LockEntry | undefined): void;
  /** Whether changes are told of from now on. */
  following(isFollowing: boolean): void;
  /** Something went wrong, and is tried again. */
  failed(error: Error): void;
}

/**
 * A record that many can read, and one at a time replace.
 *
 * Every request gives up when its signal aborts. A failure is an ApiError; `ambiguous` need not be said: whoever gets an error other
 * than those named here looks before it goes on.
 */
export interface Lock {
  /** Who asks: no two that are alive at the same time may share it. */
  readonly identity: string;
  /** Names the lock in logs and metrics. */
  readonly name: string;
  /** Gives clock, randomness and executor, and is what terms write through. */
  readonly client: Client;
  /** The record; undefined where there is none. */
  get(options: RequestOptions): Promise<LockEntry | undefined>;
  /** Makes the record. @throws ApiError AlreadyExists where there is one. */
  create(record: LeaderElectionRecord, options: RequestOptions): Promise<LockEntry>;
  /** Replaces the record that `previous` is. @throws ApiError Conflict where it has changed since, NotFound where it is gone. */
  update(record: LeaderElectionRecord, previous: LockEntry, options: RequestOptions): Promise<LockEntry>;
  /**
   * Tells a follower what becomes of the record until `signal` aborts, beginning with what there is; never gives up by itself.
   *
   * Where it is absent, candidates ask again and again.
   */
  follow?(follower: LockFollower, options: { readonly signal: AbortSignal }): Promise<void>;
  /** What must hold for the term of `entry` to go on; absent where nothing can be fenced. */
  guard?(entry: LockEntry): Guard;
}
