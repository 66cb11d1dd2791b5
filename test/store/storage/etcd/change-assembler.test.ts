import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChangeAssembler } from '../../../../src/store/storage/etcd/change-assembler.js';
import { Keyspace } from '../../../../src/store/storage/etcd/keyspace.js';
import { encodeMeta, Lineage } from '../../../../src/store/storage/etcd/lineage.js';
import { encodeObject } from '../../../../src/store/storage/etcd/object-value.js';
import { LAST_PLACE } from '../../../../src/store/storage/etcd/place.js';
import type { WatchEvent } from '../../../../src/store/storage/etcd/watch-messages.js';
import type { StorageChange, StorageWrite } from '../../../../src/store/storage/storage.js';

const SEED = 20_252;
const OFFSET = 1_000;

const meta = encodeMeta({ incarnation: 'a', generation: '1', offset: OFFSET });
const lineage = new Lineage(
  new Keyspace('/k'),
  { clusterId: 1n, revision: 2 },
  { key: '/k/meta', value: meta, modRevision: 2, version: 1 },
);

function event(revision: number, key: string, value?: string, place = LAST_PLACE): WatchEvent {
  const text = value === undefined ? '' : encodeObject(place, value);
  const item = { key: `/k/1/o/pods/${key}`, value: text, modRevision: revision, version: 1 };
  return { type: value === undefined ? 'delete' : 'put', item };
}

function head(revision: number, deleted: readonly string[] = [], place = LAST_PLACE): WatchEvent {
  const item = { key: lineage.keys.head('pods', place), value: deleted.join('\n') };
  return { type: 'put', item: { ...item, modRevision: revision, version: 1 } };
}

/** The storage's revision for one of etcd, all of whose transactions have happened. */
function after(revision: number): number {
  return lineage.fromEtcd(revision);
}

function assembler(revision: number): { readonly told: StorageChange[]; readonly made: ChangeAssembler } {
  const told: StorageChange[] = [];
  return { told, made: new ChangeAssembler(lineage, revision, (change) => told.push(change)) };
}

describe('the assembler of changes', () => {
  it('makes one change of each revision, however the events are cut up, repeated and resumed', () => {
    // how many keys each transaction has, and what is cut: after each event, whether the response ends, and what comes after it
    const cut = fc.constantFrom('no', 'no', 'fragment', 'repeat', 'resume');
    fc.assert(
      fc.property(
        fc.array(fc.array(cut, { minLength: 1, maxLength: 5 }), { maxLength: 8 }),
        (transactions) => {
          const { told, made } = assembler(10);
          const all: WatchEvent[] = [];
          const cuts: string[] = [];
          const expected = transactions.map((keys, index): StorageChange => {
            const revision = 11 + 2 * index;
            keys.forEach((what, place) => {
              all.push(event(revision, `${place}`, place % 2 === 0 ? `${revision}` : undefined));
              cuts.push(what);
            });
            const deleted = keys.flatMap((_, place) => (place % 2 === 0 ? [] : [`${place}`]));
            all.push(head(revision, deleted));
            cuts.push('no');
            return {
              revision: after(revision),
              writes: keys.map((_, place) => ({
                collection: 'pods',
                key: `${place}`,
                value: place % 2 === 0 ? `${revision}` : undefined,
              })),
            };
          });
          let response: WatchEvent[] = [];
          let from = 0;
          for (let place = 0; place < all.length; place += 1) {
            response.push(all[place] as WatchEvent);
            if (cuts[place] === 'no') continue;
            expect(made.take(response, true)).toBe(true);
            response = [];
            if (cuts[place] === 'repeat') response = all.slice(from, place + 1);
            if (cuts[place] === 'resume') {
              // the connection is lost, once: the rest is read from the next revision on
              cuts[place] = 'no';
              made.reset();
              place = all.findIndex(({ item }) => item.modRevision > made.revision) - 1;
              from = place + 1;
            }
          }
          expect(made.take(response, false)).toBe(true);
          expect(told).toEqual(expected);
          if (expected.length > 0) expect(made.revision).toBe(9 + 2 * expected.length);
        },
      ),
      { seed: SEED, numRuns: 500 },
    );
  });

  it('leaves out what was before its revision, and what is told again', () => {
    const { told, made } = assembler(10);
    expect(made.take([event(9, 'a', '1'), event(10, 'a', '2'), event(11, 'a', '3')], false)).toBe(true);
    expect(made.take([event(10, 'b', '2'), event(11, 'a', '3')], false)).toBe(true);
    expect(told.map(({ revision }) => revision)).toEqual([after(11)]);
  });

  it('tells of a transaction that changed nothing', () => {
    const { told, made } = assembler(10);
    made.take([head(11)], false);
    expect(told).toEqual([{ revision: after(11), writes: [] }]);
  });

  it('says where a revision goes on after it was told', () => {
    const { made } = assembler(10);
    expect(made.take([event(11, 'a', '1')], false)).toBe(true);
    expect(made.take([event(11, 'b', '1')], false)).toBe(false);
  });

  it('knows a head of its newest change, also where nothing has happened since', () => {
    const { made } = assembler(10);
    expect(made.last).toBeUndefined();
    made.take([event(11, 'a', '1'), head(11)], false);
    made.advance(20);
    expect(made.revision).toBe(20);
    expect(made.last).toEqual({ key: lineage.keys.head('pods', LAST_PLACE), modRevision: 11 });
    expect(made.take([event(11, 'a', '1'), event(20, 'b', '1')], false)).toBe(true);
    expect(made.take([event(11, 'b', '1')], false)).toBe(false);
  });

  it('keeps keys with slashes whole, and any name as data', () => {
    const { told, made } = assembler(10);
    made.take([event(11, 'a/b//c', '1'), event(11, '__proto__', '1')], false);
    expect(told[0]?.writes.map(({ key }) => key)).toEqual(['a/b//c', '__proto__']);
  });

  it('tells apart the transactions of one revision, deletions and those that changed nothing included', () => {
    const { told, made } = assembler(10);
    const first = [event(11, 'a', '1', 60), event(11, 'b', undefined), head(11, ['b', 'never'], 60)];
    const second = [head(11, ['c'], 61)];
    const last = [event(11, 'd', undefined), event(11, 'e', '2'), head(11, ['d'])];
    // the transaction at place 62 did not happen
    expect(made.take([...first, ...second], true)).toBe(true);
    expect(told).toEqual([]);
    expect(made.take(last, false)).toBe(true);
    const write = (key: string, value?: string): StorageWrite => ({ collection: 'pods', key, value });
    expect(told).toEqual([
      { revision: lineage.fromEtcd(11, 60), writes: [write('a', '1'), write('b')] },
      { revision: lineage.fromEtcd(11, 61), writes: [] },
      { revision: lineage.fromEtcd(11, 63), writes: [write('d'), write('e', '2')] },
    ]);
  });
});
