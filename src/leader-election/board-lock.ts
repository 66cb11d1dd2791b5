import type { Client, Guard, RequestOptions } from '../client/index.js';
import type { LeaderElectionRecord } from './leader-election-record.js';
import type { LeaseBoard } from './lease-board.js';
import { LeaseLock, type LeaseLockOptions } from './lease-lock.js';
import type { Lock, LockEntry, LockFollower } from './lock.js';

/** A lock that is one of the leases on a board. */
export class BoardLock implements Lock {
  readonly identity: string;
  readonly name: string;
  readonly client: Client;
  readonly #board: LeaseBoard;
  readonly #lease: LeaseLock;
  readonly #leaseName: string;

  constructor(board: LeaseBoard, options: LeaseLockOptions) {
    this.#board = board;
    this.#lease = new LeaseLock(options);
    this.#leaseName = options.name;
    this.identity = this.#lease.identity;
    this.name = this.#lease.name;
    this.client = this.#lease.client;
  }

  get(options: RequestOptions): Promise<LockEntry | undefined> {
    return this.#lease.get(options);
  }

  create(record: LeaderElectionRecord, options: RequestOptions): Promise<LockEntry> {
    return this.#lease.create(record, options);
  }

  update(record: LeaderElectionRecord, previous: LockEntry, options: RequestOptions): Promise<LockEntry> {
    return this.#lease.update(record, previous, options);
  }

  follow(follower: LockFollower, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    return this.#board.follow(this.#leaseName, follower, signal);
  }

  guard(entry: LockEntry): Guard {
    return this.#lease.guard(entry);
  }
}
