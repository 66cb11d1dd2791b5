import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../../src/core/index.js';
import { DEDUCED, type ListShape, rootShape, shapeOfMember } from '../../../src/patch/apply/apply-shape.js';
import type { FieldSchema, MergeSchema } from '../../../src/patch/index.js';

const item: MergeSchema = {
  fields: {
    name: { type: 'string' },
    port: { type: 'integer', required: true },
    protocol: { type: 'string', default: 'TCP' },
  },
};

function shapeOf(field: FieldSchema): unknown {
  return rootShape({ fields: { field } }).fields.get('field');
}

describe('rootShape', () => {
  it('is worked out once for a frozen schema, and anew for one that may change', () => {
    const schema: MergeSchema = { fields: { spec: { type: item } } };
    expect(rootShape(schema)).not.toBe(rootShape(schema));
    deepFreeze(schema);
    expect(rootShape(schema)).toBe(rootShape(schema));
  });

  it('deduces where there is no schema', () => {
    expect(rootShape(undefined)).toBe(DEDUCED);
    expect(shapeOf({ type: 'any' })).toBe(DEDUCED);
    expect(shapeOfMember(DEDUCED, '__proto__')).toBe(DEDUCED);
  });

  it.each<[string, FieldSchema, object]>([
    ['a text', { type: 'bytes' }, { form: 'leaf', empty: '' }],
    ['a number', { type: 'integer' }, { form: 'leaf', empty: 0 }],
    ['a port', { type: 'intOrString' }, { form: 'leaf', empty: undefined }],
    [
      'a list of which nothing is said',
      { type: 'string', list: true },
      { form: 'atomic', content: { form: 'list' } },
    ],
    ['a set', { type: 'string', list: true, listType: 'set' }, { form: 'list', keys: [] }],
    ['a map', { type: 'string', map: true }, { form: 'object', rest: { form: 'leaf' } }],
    [
      'an atomic map',
      { type: 'string', map: true, atomic: true },
      { form: 'atomic', content: { form: 'object' } },
    ],
    ['an atomic object', { type: item, atomic: true }, { form: 'atomic', content: { form: 'object' } }],
    ['anything atomic', { type: 'any', atomic: true }, { form: 'atomic', content: { form: 'object' } }],
  ])('sees %s', (_, field, shape) => expect(shapeOf(field)).toMatchObject(shape));

  it('sorts keys and knows what counts where one is absent', () => {
    const listMapKeys = ['protocol', 'port', 'name'];
    const list = shapeOf({ type: item, list: true, listType: 'map', listMapKeys }) as ListShape;
    expect(list.keys).toEqual([
      { name: 'name', default: undefined },
      { name: 'port', default: 0 },
      { name: 'protocol', default: 'TCP' },
    ]);
  });

  it('takes a schema that contains itself, and fields of any name', () => {
    const fields: Record<string, FieldSchema> = Object.fromEntries([
      ['toString', { type: 'string' as const }],
    ]);
    const node: MergeSchema = { fields };
    fields['child'] = { type: node };
    const shape = rootShape({ fields: { node: { type: node } } }).fields.get('node');
    const child = shape?.form === 'object' ? shape.fields.get('child') : undefined;
    expect(child).toBe(shape);
    expect(rootShape({ fields: {} }).fields.has('constructor')).toBe(false);
  });
});
