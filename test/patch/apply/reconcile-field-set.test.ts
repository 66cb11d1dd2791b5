import { describe, expect, it } from 'vitest';
import { DEDUCED, rootShape } from '../../../src/patch/apply/apply-shape.js';
import { LEAF } from '../../../src/patch/apply/field-set.js';
import { reconcileFieldSet } from '../../../src/patch/apply/reconcile-field-set.js';
import { Widget } from './widget.js';

const shape = rootShape(Widget.mergeSchema);

describe('reconcileFieldSet', () => {
  it('gives what is owned as a whole now to who owned a part of it', () => {
    const fields = {
      'f:spec': {
        'f:point': { '.': LEAF, 'f:x': LEAF },
        'f:command': { 'v:"a"': LEAF },
        'f:image': LEAF,
      },
    };
    const reconciled = { 'f:spec': { 'f:point': {}, 'f:command': {}, 'f:image': {} } };
    expect(reconcileFieldSet(fields, shape)).toEqual(reconciled);
  });

  it('leaves the rest as it is, known or not', () => {
    const fields = {
      'f:spec': {
        'f:bogus': { 'f:a': LEAF },
        'f:limits': { 'f:cpu': { 'f:odd': LEAF } },
        'f:free': { 'f:a': { 'f:b': LEAF } },
        'f:ports': { 'k:{"port":1}': { 'f:tags': { 'v:"a"': LEAF } } },
        'k:{"odd":1}': { 'f:a': LEAF },
      },
    };
    expect(reconcileFieldSet(fields, shape)).toBe(fields);
    expect(reconcileFieldSet(fields, DEDUCED)).toBe(fields);
  });

  it('looks into items', () => {
    const atomic = rootShape({
      fields: {
        list: {
          type: { fields: { point: { type: { fields: {} }, atomic: true } } },
          list: true,
          listType: 'map',
          listMapKeys: ['name'],
        },
      },
    });
    const fields = { 'f:list': { 'k:{"name":"a"}': { 'f:point': { 'f:x': LEAF } } } };
    expect(reconcileFieldSet(fields, atomic)).toEqual({ 'f:list': { 'k:{"name":"a"}': { 'f:point': {} } } });
  });
});
