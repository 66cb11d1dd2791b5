import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonEqual } from '../../../src/core/index.js';
import { DEDUCED, rootShape } from '../../../src/patch/apply/apply-shape.js';
import { compareObjects } from '../../../src/patch/apply/compare-objects.js';
import { difference, intersection, union } from '../../../src/patch/apply/field-set.js';
import { isNormal, membersOf } from './field-set-model.js';
import { specs, Widget, widget } from './widget.js';

const shape = rootShape(Widget.mergeSchema);

function compare(before: object, after: object): object {
  return compareObjects({ spec: before }, { spec: after }, shape);
}

function within(fields: object): object {
  return { 'f:spec': fields };
}

describe('compareObjects', () => {
  it('tells what was set and removed, with what is in it', () => {
    expect(compare({ image: 'a', replicas: 1 }, { image: 'b', limits: { cpu: '1' } })).toEqual({
      changed: within({ 'f:image': {}, 'f:limits': { '.': {}, 'f:cpu': {} } }),
      removed: within({ 'f:replicas': {} }),
    });
  });

  it.each<[string, object, object, object]>([
    [
      'emptying removes what was in it',
      { limits: { a: '' } },
      { limits: {} },
      { removed: { 'f:limits': { 'f:a': {} } } },
    ],
    ['so does null', { zones: ['a'] }, { zones: null }, { removed: { 'f:zones': { 'v:"a"': {} } } }],
    ['empty and null differ', { zones: [] }, { zones: null }, { changed: { 'f:zones': {} } }],
    [
      'atomic lists differ as a whole',
      { command: ['a'] },
      { command: ['b'] },
      { changed: { 'f:command': {} } },
    ],
    ['atomic objects too', { point: { x: 1 } }, { point: {} }, { changed: { 'f:point': {} } }],
    [
      'a scalar that becomes an object',
      { free: { a: 1 } },
      { free: { a: { b: 1 } } },
      { changed: { 'f:free': { 'f:a': { '.': {}, 'f:b': {} } } } },
    ],
    [
      'an object that becomes a list',
      { free: { a: { b: 1 } } },
      { free: { a: [1] } },
      { changed: { 'f:free': { 'f:a': {} } }, removed: { 'f:free': { 'f:a': { 'f:b': {} } } } },
    ],
    [
      'a second item adds one, and removes what was in the first',
      { ports: [{ port: 1, protocol: 'TCP' }] },
      { ports: [{ port: 1, protocol: 'TCP' }, { port: 1 }] },
      {
        changed: { 'f:ports': { 'k:{"port":1,"protocol":"TCP"}': {} } },
        removed: {
          'f:ports': { 'k:{"port":1,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:protocol': {} } },
        },
      },
    ],
    [
      'several that differ',
      { ports: [{ port: 1 }, { port: 1 }] },
      { ports: [{ port: 1 }, { port: 1, name: 'a' }] },
      { changed: { 'f:ports': { 'k:{"port":1,"protocol":"TCP"}': {} } } },
    ],
  ])('%s', (_, before, after, changes) => {
    const expected = Object.fromEntries(
      Object.entries(changes).map(([kind, fields]) => [kind, within(fields as object)]),
    );
    expect(compare(before, after)).toEqual(expected);
  });

  it('does not look at the order of lists, nor at what is identical', () => {
    expect(compare({ zones: ['a', 'b'] }, { zones: ['b', 'a'] })).toEqual({});
    const trap = new Proxy({}, { ownKeys: () => expect.unreachable() });
    expect(compareObjects({ spec: trap }, { spec: trap }, shape)).toEqual({});
  });

  it('finds every difference, both ways, and no field twice', () => {
    fc.assert(
      fc.property(specs, specs, fc.boolean(), (first, second, isDeduced) => {
        const how = isDeduced ? DEDUCED : shape;
        const [a, b] = [widget(first), widget(second)];
        const there = compareObjects(a, b, how);
        const back = compareObjects(b, a, how);
        if (jsonEqual(a, b)) expect(there).toEqual({});
        const all = membersOf(union(there.changed, there.removed));
        expect(membersOf(union(back.changed, back.removed))).toEqual(all);
        for (const set of [there.changed, there.removed]) expect(isNormal(set)).toBe(true);
        // what is gone there is new here, and neither counts twice
        expect(difference(there.removed, back.changed)).toBeUndefined();
        expect(intersection(there.changed, there.removed)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});
