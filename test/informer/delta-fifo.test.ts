import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Delta, DeltaFifo } from '../../src/informer/index.js';

interface Item {
  readonly key: string;
  readonly version: number;
}

const item = (key: string, version = 1): Item => ({ key, version });

function fifoOver(known: Map<string, Item> = new Map()): DeltaFifo<Item> {
  return new DeltaFifo<Item>({ key: (object) => object.key, known });
}

/** Pops everything as `key: Type version, ...`; a deletion whose final state is unknown has a `?`. */
function popAll(fifo: DeltaFifo<Item>): string[] {
  const result: string[] = [];
  while (fifo.pop((deltas, { key }) => result.push(`${key}: ${deltas.map(show).join(', ')}`)));
  return result;
}

function show(delta: Delta<Item>): string {
  if (delta.type === 'Bookmark') return `Bookmark ${delta.resourceVersion}`;
  const unknown = delta.type === 'Deleted' && !delta.finalStateKnown ? '?' : '';
  return `${delta.type}${unknown} ${delta.object.version}`;
}

/** Takes what is popped into the known objects, as a consumer does. */
function consume(fifo: DeltaFifo<Item>, known: Map<string, Item>): void {
  while (
    fifo.pop((deltas, { key }) => {
      const last = deltas.at(-1) as Delta<Item>;
      if (last.type === 'Bookmark') return;
      if (last.type === 'Deleted') known.delete(key);
      else known.set(key, last.object);
    })
  );
}

describe('DeltaFifo', () => {
  it('hands out keys in the order in which they first came, each with all its changes', () => {
    const fifo = fifoOver();
    fifo.add(item('b', 1));
    fifo.add(item('a', 2));
    fifo.update(item('b', 3));
    expect(fifo.length).toBe(2);
    expect(popAll(fifo)).toEqual(['b: Added 1, Updated 3', 'a: Added 2']);
    expect(fifo.length).toBe(0);
  });

  it('queues a key at the end again once it was popped', () => {
    const fifo = fifoOver();
    fifo.add(item('a', 1));
    fifo.add(item('b', 2));
    fifo.pop(() => undefined);
    fifo.update(item('a', 3));
    expect(popAll(fifo)).toEqual(['b: Added 2', 'a: Updated 3']);
  });

  it('keeps what is added while it processes for a later pop', () => {
    const fifo = fifoOver();
    fifo.add(item('a', 1));
    const seen: string[] = [];
    fifo.pop((deltas) => {
      seen.push(...deltas.map(show));
      fifo.update(item('a', 2));
    });
    expect(seen).toEqual(['Added 1']);
    expect(popAll(fifo)).toEqual(['a: Updated 2']);
  });

  it('answers false when nothing waits', () => {
    expect(fifoOver().pop(() => undefined)).toBe(false);
  });

  it('ignores the deletion of a key that is neither queued nor known', () => {
    const fifo = fifoOver(new Map([['known', item('known')]]));
    fifo.delete(item('stranger'));
    fifo.delete(item('known', 2));
    fifo.add(item('queued', 1));
    fifo.delete(item('queued', 2));
    expect(popAll(fifo)).toEqual(['known: Deleted 2', 'queued: Added 1, Deleted 2']);
  });

  it('keeps one of two deletions in a row: the later, unless only the earlier knows the final state', () => {
    const known = new Map([['a', item('a', 1)]]);
    const fifo = fifoOver(known);
    fifo.delete(item('a', 2));
    fifo.delete(item('a', 3));
    fifo.replace([], '9');
    expect(popAll(fifo)).toEqual(['a: Deleted 3']);

    const other = fifoOver(known);
    other.replace([], '9');
    other.delete(item('a', 4));
    expect(popAll(other)).toEqual(['a: Deleted 4']);
  });

  it('keeps a deletion before and after a recreation', () => {
    const fifo = fifoOver(new Map([['a', item('a')]]));
    fifo.delete(item('a', 2));
    fifo.add(item('a', 3));
    fifo.delete(item('a', 4));
    expect(popAll(fifo)).toEqual(['a: Deleted 2, Added 3, Deleted 4']);
  });

  it('replaces what a list has, after the deletion of what it has no longer', () => {
    const known = new Map([
      ['gone', item('gone', 1)],
      ['stays', item('stays', 2)],
    ]);
    const fifo = fifoOver(known);
    fifo.replace([item('new', 5), item('stays', 2)], '5');
    expect(fifo.resourceVersion).toBe('5');
    expect(popAll(fifo)).toEqual(['gone: Deleted? 1', 'new: Replaced 5', 'stays: Replaced 2']);
  });

  it('makes a tombstone of the newest queued state, not of the known one', () => {
    const fifo = fifoOver(new Map([['a', item('a', 1)]]));
    fifo.update(item('a', 2));
    fifo.add(item('only-queued', 3));
    fifo.replace([], '9');
    expect(popAll(fifo)).toEqual(['a: Updated 2, Deleted? 2', 'only-queued: Added 3, Deleted? 3']);
  });

  it('leaves a queued deletion alone when the list has the key no longer, and replaces after it when it has it again', () => {
    const known = new Map([['a', item('a', 1)]]);
    const fifo = fifoOver(known);
    fifo.delete(item('a', 2));
    fifo.replace([], '3');
    fifo.replace([item('a', 4)], '4');
    expect(popAll(fifo)).toEqual(['a: Deleted 2, Replaced 4']);
  });

  it('changes nothing when the key function fails in a list', () => {
    const fifo = new DeltaFifo<Item>({
      key: ({ key }) => {
        if (key === 'bad') throw new TypeError('no key');
        return key;
      },
    });
    expect(() => fifo.replace([item('a'), item('bad')], '1')).toThrow('no key');
    expect(fifo.length).toBe(0);
    expect(fifo.resourceVersion).toBeUndefined();
  });

  it('has synced once the first list was popped and processed, and stays so', () => {
    const fifo = fifoOver();
    expect(fifo.hasSynced).toBe(false);
    fifo.add(item('early'));
    expect(fifo.hasSynced).toBe(false);
    fifo.replace([item('a'), item('b')], '1');
    const initial: boolean[] = [];
    const during: boolean[] = [];
    const process = (_deltas: unknown, { isInInitialList }: { isInInitialList: boolean }): void => {
      initial.push(isInInitialList);
      during.push(fifo.hasSynced);
    };
    fifo.pop(process);
    fifo.add(item('late'));
    fifo.pop(process);
    expect(fifo.hasSynced).toBe(false);
    fifo.pop(process);
    expect(fifo.hasSynced).toBe(true);
    fifo.pop(process);
    expect(initial).toEqual([true, true, true, false]);
    expect(during).toEqual([false, false, false, true]);
    fifo.replace([item('c')], '2');
    expect(fifo.hasSynced).toBe(true);
  });

  it('is synced by a list that was taken over past it', () => {
    const fifo = fifoOver();
    fifo.passed('5');
    expect(fifo.hasSynced).toBe(true);
    expect(fifo.resourceVersion).toBe('5');
    fifo.replace([item('a')], '6');
    const initial: boolean[] = [];
    while (fifo.pop((_, { isInInitialList }) => initial.push(isInInitialList)));
    expect(initial).toEqual([false]);
  });

  it('has synced at once when the first list is empty', () => {
    const fifo = fifoOver();
    fifo.replace([], '1');
    expect(fifo.hasSynced).toBe(true);
  });

  it('passes on what the processing throws, and counts the key as processed', () => {
    const fifo = fifoOver();
    fifo.replace([item('a')], '1');
    expect(() =>
      fifo.pop(() => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(fifo.length).toBe(0);
    expect(fifo.hasSynced).toBe(true);
  });

  it('repeats at a resync what is known, except what has something newer queued', () => {
    const fifo = fifoOver(
      new Map([
        ['a', item('a', 1)],
        ['b', item('b', 2)],
      ]),
    );
    fifo.update(item('a', 3));
    fifo.resync();
    expect(popAll(fifo)).toEqual(['a: Updated 3', 'b: Sync 2']);
  });

  it('knows nothing but what is queued when it is not told what its consumer holds', () => {
    const fifo = new DeltaFifo<Item>({ key: ({ key }) => key });
    fifo.add(item('a', 1));
    fifo.pop(() => undefined);
    fifo.delete(item('a', 2));
    fifo.resync();
    fifo.replace([item('b', 3)], '3');
    expect(popAll(fifo)).toEqual(['b: Replaced 3']);
  });

  it('takes any text as a key', () => {
    const known = new Map<string, Item>();
    const fifo = fifoOver(known);
    fifo.add(item('__proto__', 1));
    fifo.add(item('constructor', 2));
    expect(popAll(fifo)).toEqual(['__proto__: Added 1', 'constructor: Added 2']);
    fifo.delete(item('toString', 3));
    expect(fifo.length).toBe(0);
  });

  it('hands a bookmark out behind everything that came before it, and the newest of several alone', () => {
    const fifo = fifoOver();
    fifo.bookmark('1');
    fifo.add(item('a', 2));
    fifo.bookmark('2');
    fifo.add(item('b', 3));
    expect(fifo.resourceVersion).toBe('2');
    expect(fifo.length).toBe(3);
    expect(popAll(fifo)).toEqual(['a: Added 2', ': Bookmark 2', 'b: Added 3']);
  });

  it('does not count a bookmark among what the first list has', () => {
    const fifo = fifoOver();
    fifo.bookmark('1');
    fifo.replace([item('a')], '2');
    fifo.bookmark('2');
    expect(fifo.length).toBe(2);
    fifo.pop(() => undefined);
    expect(fifo.hasSynced).toBe(true);
    fifo.pop((_deltas, { isInInitialList }) => expect(isInInitialList).toBe(false));

    const empty = fifoOver();
    empty.bookmark('1');
    empty.replace([], '2');
    expect(empty.hasSynced).toBe(true);
  });

  it('refuses the empty key, which is that of a bookmark', () => {
    const fifo = fifoOver();
    expect(() => fifo.add(item(''))).toThrow(RangeError);
    expect(() => fifo.replace([item('a'), item('')], '1')).toThrow(RangeError);
    expect(fifo.length).toBe(0);
  });

  it('hands everything out at once, as the pops would have one after another', () => {
    const known = new Map([['gone', item('gone', 1)]]);
    const fifo = fifoOver(known);
    fifo.add(item('a', 2));
    fifo.replace([item('a', 3), item('b', 3)], '3');
    fifo.bookmark('3');
    const seen: string[] = [];
    expect(
      fifo.popAll((all, { isInInitialList }) => {
        expect(isInInitialList).toBe(true);
        expect(fifo.hasSynced).toBe(false);
        expect(fifo.length).toBe(0);
        fifo.add(item('later', 4));
        for (const { key, deltas } of all) seen.push(`${key}: ${deltas.map(show).join(', ')}`);
      }),
    ).toBe(true);
    expect(seen).toEqual(['a: Added 2, Replaced 3', 'gone: Deleted? 1', 'b: Replaced 3', ': Bookmark 3']);
    expect(fifo.hasSynced).toBe(true);
    expect(popAll(fifo)).toEqual(['later: Added 4']);
    expect(fifo.popAll(() => undefined)).toBe(false);
  });

  it('does not slow down, however much was popped before: many adds and pops in turn', () => {
    const fifo = fifoOver();
    for (let turn = 0; turn < 50_000; turn += 1) fifo.add(item(`k${turn}`));
    let popped = 0;
    for (let turn = 0; turn < 200_000; turn += 1) {
      fifo.add(item(`n${turn}`));
      fifo.pop((_deltas, { key }) => {
        if (key !== (popped < 50_000 ? `k${popped}` : `n${popped - 50_000}`)) throw new Error(key);
        popped += 1;
      });
    }
    expect(fifo.length).toBe(50_000);
  });

  it('behaves as a plain list of keys with their changes does, whatever happens', () => {
    const key: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'c', '__proto__');
    const step = fc.oneof(
      fc.record({
        do: fc.constantFrom('add', 'update', 'delete'),
        keys: fc.array(key, { minLength: 1, maxLength: 1 }),
      }),
      fc.record({ do: fc.constant('replace'), keys: fc.uniqueArray(key) }),
      fc.record({ do: fc.constantFrom('resync', 'pop', 'pop'), keys: fc.constant([]) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const known = new Map<string, Item>();
        const fifo = fifoOver(known);
        let model: { key: string; deltas: string[]; last: Item }[] = [];
        let initial: number | undefined;
        const push = (type: string, object: Item): void => {
          const entry = model.find((each) => each.key === object.key);
          const text = `${type} ${object.version}`;
          if (entry === undefined) model.push({ key: object.key, deltas: [text], last: object });
          else if (entry.deltas.at(-1)?.startsWith('Deleted') && type.startsWith('Deleted')) {
            if (type === 'Deleted') entry.deltas[entry.deltas.length - 1] = text;
          } else {
            entry.deltas.push(text);
            entry.last = object;
          }
        };
        for (const [version, { do: action, keys }] of steps.entries()) {
          const objects = keys.map((each) => item(each, version));
          const [object] = objects;
          if (action === 'add' && object) {
            fifo.add(object);
            push('Added', object);
          } else if (action === 'update' && object) {
            fifo.update(object);
            push('Updated', object);
          } else if (action === 'delete' && object) {
            fifo.delete(object);
            if (known.has(object.key) || model.some((each) => each.key === object.key))
              push('Deleted', object);
          } else if (action === 'replace') {
            fifo.replace(objects, String(version));
            for (const entry of model) if (!keys.includes(entry.key)) push('Deleted?', entry.last);
            for (const [each, last] of known) {
              if (!keys.includes(each) && !model.some((entry) => entry.key === each)) push('Deleted?', last);
            }
            for (const each of objects) push('Replaced', each);
            initial ??= model.length;
          } else if (action === 'resync') {
            fifo.resync();
            for (const [each, last] of known)
              if (!model.some((entry) => entry.key === each)) push('Sync', last);
          } else if (action === 'pop') {
            const [first, ...rest] = model;
            model = rest;
            const synced = initial === 0;
            const popped = fifo.pop((deltas, context) => {
              expect(context).toEqual({ key: first?.key, isInInitialList: !synced });
              expect(deltas.map(show)).toEqual(first?.deltas);
              const last = deltas.at(-1) as Delta<Item>;
              if (last.type === 'Bookmark') return;
              if (last.type === 'Deleted') known.delete(context.key);
              else known.set(context.key, last.object);
            });
            expect(popped).toBe(first !== undefined);
            if (first !== undefined && initial !== undefined && initial > 0) initial -= 1;
          }
          expect(fifo.length).toBe(model.length);
          expect(fifo.hasSynced).toBe(initial === 0);
        }
      }),
    );
  });

  it('leaves its consumer, after a list, with exactly the objects of the list, whatever was queued', () => {
    const objects = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'));
    const changes = fc.array(
      fc.tuple(fc.constantFrom('add', 'update', 'delete'), fc.constantFrom('a', 'b', 'c', 'd')),
    );
    fc.assert(
      fc.property(objects, changes, objects, (before, between, after) => {
        const known = new Map<string, Item>();
        const fifo = fifoOver(known);
        fifo.replace(
          before.map((key) => item(key, 1)),
          '1',
        );
        consume(fifo, known);
        for (const [action, key] of between) fifo[action](item(key, 2));
        fifo.replace(
          after.map((key) => item(key, 3)),
          '3',
        );
        consume(fifo, known);
        expect([...known.keys()].toSorted()).toEqual(after.toSorted());
        expect([...known.values()].every(({ version }) => version === 3)).toBe(true);
      }),
    );
  });
});
