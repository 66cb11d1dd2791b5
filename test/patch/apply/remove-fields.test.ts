import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../../src/core/index.js';
import { rootShape } from '../../../src/patch/apply/apply-shape.js';
import { type FieldSet, LEAF } from '../../../src/patch/apply/field-set.js';
import { removeFields } from '../../../src/patch/apply/remove-fields.js';
import { setOf } from './field-set-model.js';
import { specs, Widget, widget } from './widget.js';

const shape = rootShape(Widget.mergeSchema);

function remove(spec: object, fields: FieldSet): unknown {
  return removeFields({ spec }, shape, { 'f:spec': fields })['spec'];
}

describe('removeFields', () => {
  it('removes fields with all that is in them', () => {
    expect(remove({ image: 'a', limits: { a: '1' } }, { 'f:limits': LEAF })).toEqual({ image: 'a' });
    expect(remove({ zones: ['a', 'b', 'a'] }, { 'f:zones': { 'v:"a"': LEAF } })).toEqual({ zones: ['b'] });
  });

  it('leaves null where nothing is left, and drops items of which nothing is', () => {
    expect(remove({ limits: { a: '1' } }, { 'f:limits': { 'f:a': LEAF } })).toEqual({ limits: null });
    expect(remove({ zones: ['a'] }, { 'f:zones': { 'v:"a"': LEAF } })).toEqual({ zones: null });
    const item = { 'k:{"port":1,"protocol":"TCP"}': { 'f:port': LEAF } };
    expect(remove({ ports: [{ port: 1 }, { port: 2 }] }, { 'f:ports': item })).toEqual({
      ports: [{ port: 2 }],
    });
  });

  it('gives back the very object that has none of the fields', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const object = deepFreeze(widget(spec));
        expect(removeFields(object, shape, undefined)).toBe(object);
        expect(removeFields(object, shape, setOf([['f:other'], ['f:metadata', 'f:labels']]))).toBe(object);
      }),
    );
  });
});
