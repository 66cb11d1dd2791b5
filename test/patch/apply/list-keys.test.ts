import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../../src/core/index.js';
import type { ListShape, Shape } from '../../../src/patch/apply/apply-shape.js';
import { elementOf, elementsOf, itemsOf, Repeated } from '../../../src/patch/apply/list-keys.js';

const element: Shape = { form: 'leaf', empty: undefined };
const set: ListShape = { form: 'list', keys: [], element };
const map: ListShape = {
  form: 'list',
  keys: [
    { name: 'port', default: undefined },
    { name: 'protocol', default: 'TCP' },
  ],
  element,
};

describe('elementsOf', () => {
  it('names the items of a set by their values', () => {
    expect(elementsOf(['a', 1, true, 'a'], set)).toEqual(['v:"a"', 'v:1', 'v:true', 'v:"a"']);
    expect(elementsOf([], set)).toEqual([]);
  });

  it('names objects by their keys, with defaults for absent ones', () => {
    const items = [{ port: 1, name: 'x' }, { protocol: 'UDP' }, { port: null }, { port: 'a<b' }];
    expect(elementsOf(items, map)).toEqual([
      'k:{"port":1,"protocol":"TCP"}',
      'k:{"protocol":"UDP"}',
      'k:{"port":null,"protocol":"TCP"}',
      'k:{"port":"a\\u003cb","protocol":"TCP"}',
    ]);
  });

  it('has no name for what is no item', () => {
    for (const item of [null, {}, []]) expect(elementOf(item, set)).toBeUndefined();
    for (const item of [null, 'a', [], { port: {} }]) expect(elementOf(item, map)).toBeUndefined();
    const plain: ListShape = { form: 'list', keys: [{ name: 'toString', default: undefined }], element };
    expect(elementOf({}, plain)).toBeUndefined();
    expect(elementsOf(['a', null], set)).toBeUndefined();
  });

  it('remembers the names in frozen lists only, one shape at a time', () => {
    const frozen = deepFreeze([{ port: 1 }]);
    expect(elementsOf(frozen, map)).toBe(elementsOf(frozen, map));
    expect(elementsOf(frozen, set)).toBeUndefined();
    expect(elementsOf(frozen, map)).toEqual(['k:{"port":1,"protocol":"TCP"}']);
    const open = ['a'];
    expect(elementsOf(open, set)).toEqual(['v:"a"']);
    open.push('b');
    expect(elementsOf(open, set)).toEqual(['v:"a"', 'v:"b"']);
  });
});

describe('itemsOf', () => {
  it('has items by their names, and together those that share one', () => {
    expect(itemsOf(['a', 1], set)).toEqual(
      new Map<string, unknown>([
        ['v:"a"', 'a'],
        ['v:1', 1],
      ]),
    );
    const items = [{ port: 1 }, { port: 2 }, { port: 1, name: 'x' }, { port: 1 }];
    expect(itemsOf(items, map)?.get('k:{"port":2,"protocol":"TCP"}')).toBe(items[1]);
    expect(itemsOf(items, map)?.get('k:{"port":1,"protocol":"TCP"}')).toEqual(
      new Repeated(items[0], items[2], items[3]),
    );
  });

  it('has none where there is no list, or items without a name', () => {
    for (const list of [undefined, null, 'a', {}, [null]]) expect(itemsOf(list, set)).toBeUndefined();
  });
});
