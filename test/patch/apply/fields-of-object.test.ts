import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../../src/core/index.js';
import { DEDUCED, rootShape } from '../../../src/patch/apply/apply-shape.js';
import { everyField, fieldsOfObject } from '../../../src/patch/apply/fields-of-object.js';
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

  it('is the same set whether parts are met again or not', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const frozen = deepFreeze(widget(spec));
        const fields = fieldsOfObject(frozen, shape);
        const copy = JSON.parse(JSON.stringify(frozen)) as ReturnType<typeof widget>;
        expect(fieldsOfObject(copy, shape)).toEqual(fields);
        expect(fieldsOfObject({ ...frozen }, shape)).toEqual(fields);
        everyField(frozen, shape);
        expect(fieldsOfObject({ ...frozen }, shape)).toEqual(fields);
      }),
    );
  });
});

describe('everyField', () => {
  it('has all fields, those above others and empty lists too', () => {
    const spec = { ports: [{ port: 1 }], zones: [], point: { x: 1 } };
    expect(everyField({ spec }, shape)).toEqual({
      '.': {},
      'f:spec': {
        '.': {},
        'f:ports': { '.': {}, 'k:{"port":1,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
        'f:zones': {},
        'f:point': {},
      },
    });
  });
});
