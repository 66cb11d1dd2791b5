import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabelSelector } from '../../src/core/index.js';
import { Indexer, IndexFunctionError } from '../../src/informer/index.js';
import { type Thing, thing } from './scripted-client.js';

const names = (objects: readonly Thing[]): string[] =>
  objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);

const byApp = ({ metadata }: Thing): readonly string[] => [metadata.labels?.['app'] ?? 'none', 'any'];
const byColour = (object: Thing): readonly string[] => object.data?.['colours']?.split(' ') ?? [];

const coloured = (key: string, colours: string, version = 1): Thing =>
  thing(key, version, { data: { colours } });

describe('Indexer', () => {
  it('keeps the very object it is given, and hands it out without a copy', () => {
    const indexer = new Indexer<Thing>();
    const object = thing('default/a', 1);
    expect(indexer.set(object)).toBeUndefined();
    expect(indexer.get({ namespace: 'default', name: 'a' })).toBe(object);
    expect(indexer.list()[0]).toBe(object);
    const next = thing('default/a', 2);
    expect(indexer.set(next)).toBe(object);
    expect(indexer.size).toBe(1);
    expect(indexer.delete({ namespace: 'default', name: 'a' })).toBe(next);
    expect(indexer.delete({ namespace: 'default', name: 'a' })).toBeUndefined();
    expect(indexer.size).toBe(0);
  });

  it('never answers with an object of another namespace', () => {
    const indexer = new Indexer<Thing>();
    indexer.set(thing('default/a', 1));
    expect(indexer.get({ name: 'a' })).toBeUndefined();
    expect(indexer.get({ namespace: 'other', name: 'a' })).toBeUndefined();
  });

  it('keeps objects without a namespace under their name', () => {
    const indexer = new Indexer<{ metadata: { name: string } }>();
    indexer.set({ metadata: { name: 'node' } });
    expect(indexer.get({ name: 'node' })).toBeDefined();
    expect([...indexer.keys()]).toEqual(['node']);
  });

  it('lists by namespace and then name', () => {
    const indexer = new Indexer<Thing>();
    for (const key of ['b/x', 'a/z', 'b/a', 'a-b/m', 'a/b']) indexer.set(thing(key, 1));
    expect(names(indexer.list())).toEqual(['a/b', 'a/z', 'a-b/m', 'b/a', 'b/x']);
    expect(names(indexer.list({ namespace: 'b' }))).toEqual(['b/a', 'b/x']);
    expect(names(indexer.list({ namespace: 'nowhere' }))).toEqual([]);
    expect(names(indexer.list({ namespace: '' }))).toHaveLength(5);
  });

  it('lists what a label selector matches', () => {
    const indexer = new Indexer<Thing>();
    indexer.set(thing('a/x', 1, { labels: { app: 'web' } }));
    indexer.set(thing('a/y', 1, { labels: { app: 'db' } }));
    indexer.set(thing('b/z', 1));
    expect(names(indexer.list({ labelSelector: 'app=web' }))).toEqual(['a/x']);
    expect(names(indexer.list({ namespace: 'a', labelSelector: 'app' }))).toEqual(['a/x', 'a/y']);
    expect(names(indexer.list({ labelSelector: LabelSelector.parse('app!=web') }))).toEqual(['a/y', 'b/z']);
    expect(indexer.list({ labelSelector: LabelSelector.nothing })).toEqual([]);
    expect(() => indexer.list({ labelSelector: 'app in (' })).toThrow(
      expect.objectContaining({ reason: 'BadRequest' }),
    );
  });

  it('finds by a ready-made key what it finds by an object key', () => {
    const indexer = new Indexer<Thing>();
    const object = thing('default/a', 1);
    indexer.set(object);
    expect(indexer.getByKey('default/a')).toBe(object);
    expect(indexer.getByKey('a')).toBeUndefined();
    expect(indexer.getByKey('__proto__')).toBeUndefined();
  });

  it('lists in pages, each after the last key of the one before, whatever changes meanwhile', () => {
    const indexer = new Indexer<Thing>();
    for (const key of ['a/v', 'a/w', 'a/x', 'b/y', 'b/z'])
      indexer.set(thing(key, 1, { labels: { app: 'web' } }));
    const first = indexer.list({ limit: 2 });
    expect(names(first)).toEqual(['a/v', 'a/w']);
    expect(Object.isFrozen(first)).toBe(true);
    const after = { namespace: 'a', name: 'w' };
    indexer.delete(after);
    expect(names(indexer.list({ limit: 2, after }))).toEqual(['a/x', 'b/y']);
    expect(names(indexer.list({ after, labelSelector: 'app=web', limit: 1 }))).toEqual(['a/x']);
    expect(names(indexer.list({ after, namespace: 'b' }))).toEqual(['b/y', 'b/z']);
    expect(indexer.list({ after: { namespace: 'b', name: 'z' } })).toEqual([]);
    expect(names(indexer.list({ limit: 0 }))).toHaveLength(4);
    for (const limit of [-1, 1.5, Number.NaN]) expect(() => indexer.list({ limit })).toThrow(RangeError);
  });

  it('makes many changes at once: an index function sees what was there before, and in its list too', () => {
    const seen: string[][] = [];
    const indexer: Indexer<Thing, 'byName'> = new Indexer({
      byName: ({ metadata }: Thing) => {
        seen.push([...names(indexer?.list() ?? []), ...names(indexer?.byIndex('byName', 'x') ?? [])]);
        return [metadata.name];
      },
    });
    indexer.replace([thing('a/x', 1), thing('a/y', 1)]);
    indexer.replace([thing('a/y', 2), thing('a/z', 2), thing('a/w', 2)]);
    expect(seen).toEqual([[], [], ...[1, 2, 3].map(() => ['a/x', 'a/y', 'a/x'])]);
    expect(names(indexer.list())).toEqual(['a/w', 'a/y', 'a/z']);
    expect(indexer.indexValues('byName')).toEqual(['w', 'y', 'z']);
    indexer.apply([
      { key: 'a/w', object: undefined },
      { key: 'a/nobody', object: undefined },
      { key: 'a/v', object: thing('a/v', 3) },
    ]);
    expect(names(indexer.list())).toEqual(['a/v', 'a/y', 'a/z']);
  });

  it('replaces everything even where an index function fails, and says for how many', () => {
    const indexer = new Indexer({
      strict: (object: Thing) => {
        if (object.data === undefined) throw new Error('no data');
        return ['ok'];
      },
    });
    indexer.set(coloured('a/old', 'red'));
    const failure = catchError(() =>
      indexer.replace([thing('a/x', 1), thing('a/y', 1), coloured('a/z', 'red')]),
    );
    expect(failure).toMatchObject({
      message: 'index "strict" failed for "a/x": no data (and 1 more failures)',
    });
    expect(names(indexer.list())).toEqual(['a/x', 'a/y', 'a/z']);
    expect(names(indexer.byIndex('strict', 'ok'))).toEqual(['a/z']);
  });

  it('keeps a large list in order through changes between reads, and frees what is gone', () => {
    const indexer = new Indexer<Thing>();
    const model = new Set<string>();
    const pad = (index: number): string => `a/t${String(index).padStart(4, '0')}`;
    for (let index = 0; index < 1_000; index += 2) {
      indexer.set(thing(pad(index), 1));
      model.add(pad(index));
    }
    for (const changes of [1, 3, 40, 400, 900]) {
      expect(names(indexer.list())).toEqual([...model].toSorted());
      for (let index = 0; index < changes; index += 1) {
        const key = pad((index * 7) % 1_000);
        const [namespace = '', name = ''] = key.split('/');
        if (model.delete(key)) indexer.delete({ namespace, name });
        else {
          model.add(key);
          indexer.set(thing(key, 2));
        }
      }
    }
    expect(names(indexer.list())).toEqual([...model].toSorted());
  });

  it('hands out the same frozen list until something changes, and a list that was handed out never changes', () => {
    const indexer = new Indexer<Thing>();
    indexer.set(thing('a/x', 1));
    indexer.set(thing('b/y', 1));
    const list = indexer.list();
    expect(indexer.list()).toBe(list);
    expect(Object.isFrozen(list)).toBe(true);
    indexer.set(thing('a/x', 2));
    expect(list.map(({ metadata }) => metadata.resourceVersion)).toEqual(['1', '1']);
    expect(indexer.list().map(({ metadata }) => metadata.resourceVersion)).toEqual(['2', '1']);
    indexer.delete({ namespace: 'b', name: 'y' });
    expect(names(indexer.list())).toEqual(['a/x']);
    expect(names(list)).toEqual(['a/x', 'b/y']);
  });

  it('finds an object under every value of an index, and under those alone that it has now', () => {
    const indexer = new Indexer({ byColour });
    indexer.set(coloured('a/x', 'red blue red'));
    indexer.set(coloured('a/w', 'blue'));
    expect(names(indexer.byIndex('byColour', 'blue'))).toEqual(['a/w', 'a/x']);
    expect(names(indexer.byIndex('byColour', 'red'))).toEqual(['a/x']);
    expect(indexer.indexValues('byColour')).toEqual(['blue', 'red']);
    indexer.set(coloured('a/x', 'green', 2));
    expect(names(indexer.byIndex('byColour', 'blue'))).toEqual(['a/w']);
    expect(indexer.byIndex('byColour', 'red')).toEqual([]);
    expect(names(indexer.byIndex('byColour', 'green'))).toEqual(['a/x']);
    indexer.delete({ namespace: 'a', name: 'x' });
    indexer.delete({ namespace: 'a', name: 'w' });
    expect(indexer.indexValues('byColour')).toEqual([]);
  });

  it('shows the newest object in an index whose values did not change', () => {
    const indexer = new Indexer({ byColour });
    indexer.set(coloured('a/x', 'red', 1));
    indexer.byIndex('byColour', 'red');
    const next = coloured('a/x', 'red', 2);
    indexer.set(next);
    expect(indexer.byIndex('byColour', 'red')[0]).toBe(next);
  });

  it('fills an index that is added later with what is there', () => {
    const indexer = new Indexer<Thing>();
    indexer.set(coloured('a/x', 'red'));
    const more = indexer.addIndexers({ byColour, byName: ({ metadata }) => [metadata.name] });
    expect(names(more.byIndex('byColour', 'red'))).toEqual(['a/x']);
    expect(names(more.byIndex('byName', 'x'))).toEqual(['a/x']);
  });

  it('refuses another function under a name that is taken, and then adds nothing', () => {
    const indexer = new Indexer({ byColour });
    indexer.addIndexers({ byColour });
    expect(() => indexer.addIndexers({ byName: () => ['x'], byColour: () => [] })).toThrow(
      new TypeError('index "byColour": the name is taken by another index function'),
    );
    expect(() => indexer.byIndex('byName' as never, 'x')).toThrow(
      new TypeError('index "byName": expected "byColour"'),
    );
  });

  it('names the index and the object when an index function throws, and keeps the object and the other indexes', () => {
    const indexer = new Indexer({
      fragile: (object: Thing) => {
        if (object.data === undefined) throw new Error('no data');
        return ['ok'];
      },
      byName: (object: Thing) => [object.metadata.name],
    });
    indexer.set(coloured('a/x', 'red'));
    const bare = thing('a/x', 2);
    const failure = catchError(() => indexer.set(bare));
    expect(failure).toBeInstanceOf(IndexFunctionError);
    expect(failure).toMatchObject({
      message: 'index "fragile" failed for "a/x": no data',
      index: 'fragile',
      key: { namespace: 'a', name: 'x' },
      cause: new Error('no data'),
    });
    expect(indexer.get({ namespace: 'a', name: 'x' })).toBe(bare);
    expect(indexer.byIndex('byName', 'x')).toEqual([bare]);
    expect(indexer.byIndex('fragile', 'ok')).toEqual([]);
    indexer.set(coloured('a/x', 'red', 3));
    expect(indexer.byIndex('fragile', 'ok')).toHaveLength(1);
  });

  it('says how many objects an added index function failed for, and indexes the others', () => {
    const indexer = new Indexer<Thing>();
    for (const key of ['a/x', 'a/y']) indexer.set(thing(key, 1));
    indexer.set(coloured('a/z', 'red'));
    const failure = catchError(() =>
      indexer.addIndexers({
        strict: (object) => {
          if (object.data === undefined) throw new Error('no data');
          return ['ok'];
        },
      }),
    );
    expect(failure).toMatchObject({
      message: 'index "strict" failed for "a/x": no data (and 1 more failures)',
    });
    expect(names(indexer.byIndex('strict' as never, 'ok'))).toEqual(['a/z']);
  });

  it.each([
    ['a string', () => 'red', 'expected an array of strings, got "red"'],
    ['undefined', () => undefined, 'expected an array of strings, got undefined'],
    ['numbers', () => [1], 'expected strings, got 1'],
  ])('refuses an index function that answers with %s', (_what, indexFunction, why) => {
    const indexer = new Indexer({ bad: indexFunction as never });
    expect(() => indexer.set(thing('a/x', 1))).toThrow(`index "bad" failed for "a/x": ${why}`);
  });

  it('leaves no object behind under a value when an index function changes its mind', () => {
    let value = 'first';
    const indexer = new Indexer({ moody: (_object: Thing) => [value] });
    indexer.set(thing('a/x', 1));
    value = 'second';
    indexer.delete({ namespace: 'a', name: 'x' });
    expect(indexer.indexValues('moody')).toEqual([]);
  });

  it('takes hostile names, labels and index values as data', () => {
    const indexer = new Indexer(
      Object.fromEntries([['__proto__', (object: Thing) => [object.metadata.name]]]),
    );
    indexer.set(thing('constructor/__proto__', 1));
    expect(indexer.get({ namespace: 'constructor', name: '__proto__' })).toBeDefined();
    expect(indexer.get({ namespace: 'constructor', name: 'toString' })).toBeUndefined();
    expect(indexer.byIndex('__proto__', '__proto__')).toHaveLength(1);
    expect(indexer.byIndex('__proto__', 'toString')).toEqual([]);
    expect(() => indexer.byIndex('toString', 'x')).toThrow(TypeError);
  });

  it('keeps an object anew that was asked for and then went', () => {
    const indexer = new Indexer<Thing>();
    for (const take of [() => indexer.change('default/a', undefined), () => indexer.replace([])]) {
      indexer.change('default/a', thing('default/a', 1));
      indexer.getToChange('default/a');
      take();
      indexer.change('default/a', thing('default/a', 2));
      expect(indexer.size).toBe(1);
      expect(indexer.list()).toEqual([thing('default/a', 2)]);
    }
  });

  it('behaves as a plain map that is filtered and sorted anew for every question', () => {
    const key = fc
      .tuple(fc.constantFrom('a', 'b', 'a-b'), fc.constantFrom('x', 'y', 'z', '__proto__'))
      .map(([namespace, name]) => `${namespace}/${name}`);
    const step = fc.record({
      do: fc.constantFrom('set', 'change', 'delete', 'remove', 'ask', 'ask', 'read', 'replace'),
      key,
      colours: fc.subarray(['red', 'green', 'blue', '__proto__']),
      app: fc.constantFrom('web', 'db'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, addIndexAt) => {
        let indexer = new Indexer<Thing, 'byApp' | 'byColour'>({ byApp } as never);
        const model = new Map<string, Thing>();
        const sorted = (matches: (object: Thing) => boolean): Thing[] =>
          [...model.values()].filter(matches).toSorted((a, b) => {
            const left = [a.metadata.namespace, a.metadata.name];
            const right = [b.metadata.namespace, b.metadata.name];
            return left < right ? -1 : left > right ? 1 : 0;
          });
        const check = (indexed: boolean): void => {
          expect(indexer.size).toBe(model.size);
          expect([...indexer.keys()].toSorted()).toEqual([...model.keys()].toSorted());
          expect(indexer.list()).toEqual(sorted(() => true));
          expect(indexer.list({ namespace: 'a' })).toEqual(
            sorted(({ metadata }) => metadata.namespace === 'a'),
          );
          expect(indexer.list({ labelSelector: 'app=web' })).toEqual(
            sorted(({ metadata }) => metadata.labels?.['app'] === 'web'),
          );
          for (const app of ['web', 'db', 'any', 'absent']) {
            expect(indexer.byIndex('byApp', app)).toEqual(sorted((each) => byApp(each).includes(app)));
          }
          expect(indexer.indexValues('byApp')).toEqual(
            [...new Set(sorted(() => true).flatMap(byApp))].toSorted(),
          );
          if (!indexed) return;
          for (const colour of ['red', 'green', 'blue', '__proto__', 'absent']) {
            expect(indexer.byIndex('byColour', colour)).toEqual(
              sorted((each) => byColour(each).includes(colour)),
            );
          }
          expect(indexer.indexValues('byColour')).toEqual(
            [...new Set(sorted(() => true).flatMap(byColour))].toSorted(),
          );
        };
        for (const [version, { do: action, key: text, colours, app }] of steps.entries()) {
          if (version === addIndexAt) indexer = indexer.addIndexers({ byColour });
          const [namespace = '', name = ''] = text.split('/');
          if (action === 'ask') {
            expect(indexer.getByKey(text)).toBe(model.get(text));
            expect(indexer.getToChange(text)).toBe(model.get(text));
          } else if (action === 'remove') {
            indexer.change(text, undefined);
            model.delete(text);
          } else if (action === 'set' || action === 'change') {
            const data: Record<string, string> = colours.length === 0 ? {} : { colours: colours.join(' ') };
            const object = thing(text, version, { labels: { app }, data });
            if (action === 'set') expect(indexer.set(object)).toBe(model.get(text));
            else indexer.change(text, object);
            model.set(text, object);
          } else if (action === 'delete') {
            expect(indexer.delete({ namespace, name })).toBe(model.get(text));
            model.delete(text);
          } else if (action === 'replace') {
            // the last of several objects of one key stays
            const data = { colours: colours.join(' ') };
            const objects = ['x', 'x', 'y'].map((each, index) =>
              thing(`${namespace}/${each}`, version + index, {
                labels: { app },
                data: index === 0 ? {} : data,
              }),
            );
            indexer.replace(objects);
            model.clear();
            for (const object of objects) model.set(`${namespace}/${object.metadata.name}`, object);
          } else {
            check(version >= addIndexAt);
          }
        }
        check(steps.length > addIndexAt);
      }),
    );
  });
});

function catchError(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('expected it to throw');
}
