import { expect, it } from 'vitest';
import { type Client } from '../../src/client/index.js';
import { ApiError, VirtualClock } from '../../src/core/index.js';
import {
  type LeaderElectionRecord,
  LeaderElector,
  type Lock,
  type LockEntry,
} from '../../src/leader-election/index.js';
import { Lease } from '../../src/resources/kinds/index.js';
import { ObjectStore } from '../../src/store/index.js';
import { untilEnd } from './election.js';

/** A lock in the memory of this process: the least that a lock must do. */
class MemoryLock implements Lock {
  readonly name = 'memory';
  readonly identity: string;
  readonly client: Client;
  readonly #place: { record?: LeaderElectionRecord };

  constructor(identity: string, client: Client, place: { record?: LeaderElectionRecord }) {
    this.identity = identity;
    this.client = client;
    this.#place = place;
  }

  async get(): Promise<LockEntry | undefined> {
    return this.#place.record === undefined ? undefined : this.#entry(this.#place.record);
  }

  async create(record: LeaderElectionRecord): Promise<LockEntry> {
    if (this.#place.record !== undefined) throw ApiError.alreadyExists(Lease, this.name);
    return this.#set(record);
  }

  async update(record: LeaderElectionRecord, previous: LockEntry): Promise<LockEntry> {
    if (this.#place.record !== previous.source) throw ApiError.conflict(Lease, this.name, 'it has changed');
    return this.#set(record);
  }

  #set(record: LeaderElectionRecord): LockEntry {
    this.#place.record = record;
    return this.#entry(record);
  }

  #entry(record: LeaderElectionRecord): LockEntry {
    return { record, id: 'the one', source: record };
  }
}

it('a lock that can neither be followed nor guard anything is asked every two to four and a half seconds', async () => {
  const clock = new VirtualClock();
  const store = new ObjectStore({ resources: [], clock });
  const place: { record?: LeaderElectionRecord } = {};
  const [a, b] = ['a', 'b'].map(
    (identity) => new LeaderElector({ lock: new MemoryLock(identity, store.client(), place) }),
  ) as [LeaderElector, LeaderElector];
  const running = [a.run(untilEnd), b.run(untilEnd)];
  await clock.advance(60_000);
  expect(a.isLeader).toBe(true);
  expect(b.leader).toBe('a');
  await a.stop();
  await clock.advance(4_400);
  expect(b.isLeader).toBe(true);
  expect(place.record?.leaderTransitions).toBe(1);
  await b.stop();
  await Promise.all(running);
  expect(place.record?.holderIdentity).toBe('');
  expect(clock.timers).toBe(0);
  await store.close();
});
