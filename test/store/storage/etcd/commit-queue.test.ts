import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../src/core/index.js';
import type { CommitGroup } from '../../../../src/store/storage/etcd/commit-group.js';
import { CommitQueue } from '../../../../src/store/storage/etcd/commit-queue.js';
import { EtcdError, GRPC } from '../../../../src/store/storage/etcd/etcd-error.js';
import { Keyspace } from '../../../../src/store/storage/etcd/keyspace.js';
import { encodeMeta, Lineage } from '../../../../src/store/storage/etcd/lineage.js';
import type { StorageOutcome } from '../../../../src/store/storage/storage.js';
import { failureOf } from './kit.js';

/** A queue to an etcd that answers when it is told to. */
class Sent {
  readonly clock = new VirtualClock();
  /** The keys of each group that was sent, and how to answer it. */
  readonly groups: {
    readonly keys: readonly string[];
    readonly answer: () => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  readonly queue = new CommitQueue({
    clock: this.clock,
    timeout: 5_000,
    maxOperations: 128,
    send: (group) => this.#send(group),
  });
  #revision = 0;

  #send(group: CommitGroup): Promise<readonly StorageOutcome[]> {
    const keys = group.transactions.map(({ writes }) => writes[0]?.key ?? '');
    return new Promise((resolve, reject) => {
      const answer = (): void =>
        resolve(keys.map(() => ({ committed: true, revision: (this.#revision += 1) })));
      this.groups.push({ keys, answer, fail: reject });
    });
  }
}

function lineageOf(generation: string): Lineage {
  const value = encodeMeta({ incarnation: 'a', generation, offset: 0 });
  const item = { key: '/k/meta', value, modRevision: 2, version: 1 };
  return new Lineage(new Keyspace('/k'), { clusterId: 1n, revision: 2 }, item);
}

const lineage = lineageOf('1');

function putOf(key: string): {
  readonly compares: [];
  readonly writes: [{ collection: string; key: string; value: string }];
} {
  return { compares: [], writes: [{ collection: 'pods', key, value: key }] };
}

async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}

describe('the queue of commits', () => {
  it('sends one at once, those of one turn together, and two groups at a time', async () => {
    const sent = new Sent();
    const commit = (key: string): Promise<StorageOutcome> => sent.queue.commit(lineage, putOf(key));
    const first = commit('a');
    await turns();
    const others = ['b', 'c'].map(commit);
    await turns();
    const late = ['d', 'e', 'd', 'f'].map(commit);
    await turns();
    expect(sent.groups.map(({ keys }) => keys)).toEqual([['a'], ['b', 'c']]);
    sent.groups[1]?.answer();
    expect(await Promise.all(others)).toEqual([
      { committed: true, revision: 1 },
      { committed: true, revision: 2 },
    ]);
    await turns();
    // two writes of one object are not in one group
    expect(sent.groups.map(({ keys }) => keys)).toEqual([['a'], ['b', 'c'], ['d', 'e']]);
    sent.groups[0]?.answer();
    await first;
    await turns();
    expect(sent.groups[3]?.keys).toEqual(['d', 'f']);
    sent.groups[2]?.answer();
    sent.groups[3]?.answer();
    expect((await Promise.all(late)).map(({ revision }) => revision)).toEqual([4, 5, 6, 7]);
  });

  it('fails all of a group for what etcd answers to it, and goes on', async () => {
    const sent = new Sent();
    const both = Promise.allSettled(['a', 'b'].map((key) => sent.queue.commit(lineage, putOf(key))));
    await turns();
    const error = new EtcdError(GRPC.UNAVAILABLE, 'gone', 'here');
    sent.groups[0]?.fail(error);
    expect(await both).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ]);
    const next = sent.queue.commit(lineage, putOf('c'));
    await turns();
    sent.groups[1]?.answer();
    expect((await next).committed).toBe(true);
  });

  it('sends those of a group one by one where they are too much for etcd together', async () => {
    const sent = new Sent();
    const all = Promise.allSettled(['a', 'b'].map((key) => sent.queue.commit(lineage, putOf(key))));
    await turns();
    sent.groups[0]?.fail(new EtcdError(GRPC.INVALID_ARGUMENT, 'etcdserver: request is too large', 'here'));
    await turns();
    expect(sent.groups.slice(1).map(({ keys }) => keys)).toEqual([['a'], ['b']]);
    sent.groups[1]?.answer();
    const error = new EtcdError(GRPC.INVALID_ARGUMENT, 'etcdserver: request is too large', 'here');
    sent.groups[2]?.fail(error);
    expect(await all).toEqual([
      { status: 'fulfilled', value: { committed: true, revision: 1 } },
      { status: 'rejected', reason: error },
    ]);
  });

  it('does not send what has waited as long as a request may take, and says that it did not', async () => {
    const sent = new Sent();
    void sent.queue.commit(lineage, putOf('a'));
    await turns();
    void sent.queue.commit(lineage, putOf('b'));
    await turns();
    const late = failureOf(sent.queue.commit(lineage, putOf('c')));
    await sent.clock.advance(3_000);
    const good = sent.queue.commit(lineage, putOf('d'));
    await sent.clock.advance(2_001);
    sent.groups[0]?.answer();
    const error = await late;
    expect(error.message).toBe(
      'etcd did not answer those before it within 5000 ms: the write was not sent after 5001 ms',
    );
    expect([error.reason, error.ambiguous]).toEqual(['Timeout', false]);
    await turns();
    expect(sent.groups.map(({ keys }) => keys)).toEqual([['a'], ['b'], ['d']]);
    sent.groups[2]?.answer();
    expect((await good).committed).toBe(true);
  });

  it('has writes for different contents in different groups', async () => {
    const sent = new Sent();
    void sent.queue.commit(lineage, putOf('a'));
    void sent.queue.commit(lineageOf('2'), putOf('b'));
    await turns();
    expect(sent.groups.map(({ keys }) => keys)).toEqual([['a'], ['b']]);
  });
});
