import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze, type JsonObject } from '../../../src/core/index.js';
import { rootShape } from '../../../src/patch/apply/apply-shape.js';
import { fieldsOfObject } from '../../../src/patch/apply/fields-of-object.js';
import { difference } from '../../../src/patch/apply/field-set.js';
import { mergeObjects } from '../../../src/patch/apply/merge-objects.js';
import { canonical } from '../json-model.js';
import { specs, Widget, widget } from './widget.js';

const shape = rootShape(Widget.mergeSchema);

function merge(live: object, intent: object): unknown {
  return mergeObjects(deepFreeze({ spec: live }), deepFreeze({ spec: intent }), shape).object['spec'];
}

describe('mergeObjects', () => {
  it.each<[string, object, object, object]>([
    ['members', { image: 'a', replicas: 1 }, { image: 'b' }, { image: 'b', replicas: 1 }],
    ['null over a scalar', { image: 'a' }, { image: null }, { image: null }],
    [
      'null over what has something in it',
      { limits: { a: '1' }, zones: ['a'] },
      { limits: null, zones: null },
      { limits: { a: '1' }, zones: ['a'] },
    ],
    [
      'empty over what has something in it',
      { limits: { a: '1' }, zones: ['a'] },
      { limits: {}, zones: [] },
      { limits: { a: '1' }, zones: ['a'] },
    ],
    ['empty over null', { limits: null, zones: null }, { limits: {}, zones: [] }, { limits: {}, zones: [] }],
    [
      'atomic fields',
      { point: { x: 1 }, command: ['a', 'b'] },
      { point: { y: 1 }, command: ['c'] },
      { point: { y: 1 }, command: ['c'] },
    ],
    ['another type', { free: { a: { b: 1 } } }, { free: { a: [1] } }, { free: { a: [1] } }],
    ['items that cannot be told apart', { zones: [{}] }, { zones: ['a'] }, { zones: ['a'] }],
    [
      'items between shared ones',
      { zones: ['a', 'x', 'b', 'y'] },
      { zones: ['a', 'b', 'c'] },
      { zones: ['a', 'x', 'b', 'y', 'c'] },
    ],
    [
      'items in another order',
      { zones: ['a', 'x', 'b', 'y'] },
      { zones: ['b', 'a'] },
      { zones: ['x', 'b', 'y', 'a'] },
    ],
    [
      'items that are there twice',
      { zones: ['a', 'x', 'a', 'y', 'y'] },
      { zones: ['a'] },
      { zones: ['a', 'x', 'y', 'y'] },
    ],
  ])('merges %s', (_, live, intent, result) => expect(merge(live, intent)).toEqual(result));

  it('says where the intent is hollow', () => {
    const isHollow = (live: object, intent: object): boolean =>
      mergeObjects({ spec: live }, { spec: intent }, shape).isHollow;
    expect(isHollow({ limits: { a: '1' } }, { limits: {} })).toBe(true);
    expect(isHollow({ zones: ['a'] }, { zones: null })).toBe(true);
    expect(isHollow({ limits: {} }, { limits: null })).toBe(false);
  });

  it('holds all of both, changes neither, and is the live object where nothing changes', () => {
    fc.assert(
      fc.property(specs, specs, (first, second) => {
        const live = deepFreeze(widget(first));
        const intent = deepFreeze(widget(second));
        const inputs = canonical([live, intent]);
        const { object } = mergeObjects(live, intent, shape);
        expect(canonical([live, intent])).toBe(inputs);
        expect(Object.isFrozen(object)).toBe(true);
        const fields = fieldsOfObject(object, shape);
        if (!mergeObjects(live, intent, shape).isHollow) {
          expect(difference(fieldsOfObject(intent, shape), fields)).toBeUndefined();
          expect(mergeObjects(object, intent, shape).object).toBe(object);
        }
        expect(mergeObjects(live, JSON.parse(JSON.stringify(live)) as JsonObject, shape).object).toBe(live);
        expect(mergeObjects(live, {}, shape).object).toBe(live);
      }),
      { numRuns: 500 },
    );
  });
});
