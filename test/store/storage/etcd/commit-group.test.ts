import { describe, expect, it } from 'vitest';
import { checkOperations, CommitGroup } from '../../../../src/store/storage/etcd/commit-group.js';
import { Keyspace } from '../../../../src/store/storage/etcd/keyspace.js';
import { encodeMeta, Lineage } from '../../../../src/store/storage/etcd/lineage.js';
import type { StorageCompare, StorageTransaction } from '../../../../src/store/storage/storage.js';

const lineage = new Lineage(
  new Keyspace('/k'),
  { clusterId: 1n, revision: 2 },
  {
    key: '/k/meta',
    value: encodeMeta({ incarnation: 'a', generation: '1', offset: 0 }),
    modRevision: 2,
    version: 1,
  },
);

/** A transaction from names as `pods/a`; those that end with `=` are written, `pods` is the collection as a whole. */
function transaction(...names: readonly string[]): StorageTransaction {
  const at = (name: string): { readonly collection: string; readonly key: string } => {
    const [collection = '', key = ''] = name.split('/');
    return { collection, key };
  };
  const compares = names.filter((name) => !name.endsWith('='));
  return {
    compares: compares.map(
      (name): StorageCompare =>
        name.includes('/') ? { ...at(name), revision: 0 } : { collection: name, revision: 200 },
    ),
    writes: names
      .filter((name) => name.endsWith('='))
      .map((name) => ({ ...at(name.slice(0, -1)), value: 'x' })),
  };
}

function together(maxOperations: number, ...transactions: readonly StorageTransaction[]): readonly boolean[] {
  const group = new CommitGroup(lineage, maxOperations);
  return transactions.map((each) => group.take(each));
}

describe('a group of transactions', () => {
  it.each([
    ['what another writes', ['pods/a='], ['pods/a=']],
    ['what another compares', ['pods/a'], ['pods/a=']],
    ['and compares what another writes', ['pods/a='], ['pods/a', 'pods/b=']],
    ['into a collection that another compares', ['pods', 'apps/a='], ['pods/b=']],
    ['and compares a collection into which another writes', ['pods/b='], ['pods', 'apps/a=']],
  ])('has none that writes %s', (_, first, second) => {
    expect(together(128, transaction(...first), transaction(...second))).toEqual([true, false]);
  });

  it('has those that do not concern each other, also where they compare the same', () => {
    const all = [['pods/a', 'pods/a='], ['pods/b', 'pods/b=', 'apps/x'], ['apps/x'], ['pods/c=', 'nodes']];
    expect(together(128, ...all.map((names) => transaction(...names)))).toEqual([true, true, true, true]);
    expect(together(128, transaction('apps', 'pods/a='), transaction('apps', 'pods/b='))).toEqual([
      true,
      true,
    ]);
  });

  it('has one place for each, and no more transactions, heads, operations or bytes than etcd takes', () => {
    const many = Array.from({ length: 70 }, (_, index) => transaction(`pods/${index}=`));
    expect(together(128, ...many).filter(Boolean)).toHaveLength(64);
    expect(together(10, ...many).filter(Boolean)).toHaveLength(8);
    const wide = Array.from({ length: 70 }, (_, index) => transaction(`pods/${index}=`, `apps/${index}=`));
    expect(together(128, ...wide).filter(Boolean)).toHaveLength(32);
    const value = 'x'.repeat(150_000);
    const long = many.map((each) => ({ ...each, writes: each.writes.map((write) => ({ ...write, value })) }));
    expect(together(128, ...long).filter(Boolean)).toHaveLength(2);
    const longest = long.slice(0, 1).map((each) => ({
      ...each,
      writes: each.writes.map((write) => ({ ...write, value: value.repeat(10) })),
    }));
    expect(together(128, ...longest)).toEqual([true]);
  });

  it('has the last of it at the last place, and what is alone too', () => {
    const group = new CommitGroup(lineage, 128);
    for (const name of ['a', 'b', 'c']) group.take(transaction(`pods/${name}=`));
    const nothing = { ranges: [], txns: [] };
    const response = {
      ...nothing,
      header: { clusterId: 1n, revision: 7 },
      succeeded: true,
      txns: [true, false, true].map((succeeded) => ({ ...nothing, succeeded })),
    };
    expect(group.outcomes(response)).toEqual([
      { committed: true, revision: 7 * 64 + 61 },
      { committed: false, revision: 2 * 64 + 63 },
      { committed: true, revision: 7 * 64 + 63 },
    ]);
    const alone = new CommitGroup(lineage, 128);
    alone.take(transaction('pods/a='));
    expect(alone.outcomes({ ...response, txns: [] })).toEqual([{ committed: true, revision: 7 * 64 + 63 }]);
  });

  it('is not for what etcd would never take', () => {
    const writes = Array.from({ length: 10 }, (_, index) => `pods/${index}=`);
    expect(() => checkOperations(transaction(...writes), 11)).not.toThrow();
    expect(() => checkOperations(transaction(...writes), 10)).toThrow(
      'etcd takes at most 10 operations in a transaction: expected no more, got 0 compares and 10 writes, which take one more for each of their collections (1)',
    );
    expect(() => checkOperations(transaction('pods', 'apps', 'a/b'), 6)).not.toThrow();
    expect(() => checkOperations(transaction('pods', 'apps', 'a/b'), 5)).toThrow('3 compares and 0 writes');
  });
});
