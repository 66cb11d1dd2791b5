import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../../src/core/index.js';
import { DEDUCED, rootShape } from '../../../src/patch/apply/apply-shape.js';
import { fieldsOfObject } from '../../../src/patch/apply/fields-of-object.js';
import { specs, Widget, widget } from './widget.js';

const shape = rootShape(Widget.mergeSchema);

describe('fieldsOfObject', () => {
  it('has leaves, items and values of maps, and no named fields above them', () => {
    const spec = {
      image: null,
      ports: [{ port: 1, tags: ['a'] }],
      zones: [],
      command: [],
      limits: { cpu: '1' },
      point: { x: 1 },
      free: {},
    };
    const fields = fieldsOfObject({ spec, status: { ready: 1 } }, shape);
    expect(fields).toEqual({
      'f:spec': {
        'f:image': {},
        'f:ports': { 'k:{"port":1,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:tags': { 'v:"a"': {} } } },
        'f:command': {},
        'f:limits': { 'f:cpu': {} },
        'f:point': {},
        'f:free': {},
      },
      'f:status': { 'f:ready': {} },
    });
  });

  it('has every field where nothing is known', () => {
    expect(fieldsOfObject({ a: { b: [1], c: {} } }, DEDUCED)).toEqual({
      'f:a': { '.': {}, 'f:b': {}, 'f:c': {} },
    });
  });

  it('has nothing where there is nothing', () => {
    expect(fieldsOfObject({}, shape)).toBeUndefined();
    expect(fieldsOfObject({ spec: { zones: [] } }, shape)).toBeUndefined();
    expect(fieldsOfObject({ spec: {} }, shape)).toEqual({ 'f:spec': {} });
  });

  it('has an item once that a list has twice, and lists of no items as a whole', () => {
    expect(fieldsOfObject({ spec: { ports: [{ port: 1 }, { port: 1 }, { port: 2 }] } }, shape)).toEqual({
      'f:spec': {
        'f:ports': {
          'k:{"port":1,"protocol":"TCP"}': {},
          'k:{"port":2,"protocol":"TCP"}': { '.': {}, 'f:port': {} },
        },
      },
    });
    expect(fieldsOfObject({ spec: { ports: [null] } }, shape)).toEqual({ 'f:spec': { 'f:ports': {} } });
  });

  it('is the previous set where it equals that, whoever wrote it', () => {
    fc.assert(
      fc.property(specs, specs, fc.boolean(), (spec, other, isFrozen) => {
        const copy = JSON.parse(JSON.stringify(widget(spec))) as ReturnType<typeof widget>;
        if (isFrozen) deepFreeze(copy);
        const previous = fieldsOfObject(widget(spec), shape);
        expect(fieldsOfObject(copy, shape, previous)).toBe(previous);
        const different = fieldsOfObject(widget(other), shape);
        expect(fieldsOfObject(copy, shape, different)).toEqual(previous);
        expect(fieldsOfObject(copy, shape)).toEqual(previous);
      }),
    );
  });
});
