import { describe, expect, it } from 'vitest';
import { DEDUCED, rootShape } from '../../../src/patch/apply/apply-shape.js';
import { LEAF } from '../../../src/patch/apply/field-set.js';
import { fitFieldSet, withNamedFields } from '../../../src/patch/apply/fit-field-set.js';
import { Widget } from './widget.js';

const shape = rootShape(Widget.mergeSchema);

describe('fitFieldSet', () => {
  it('gives what is owned as a whole now to who owned a part of it', () => {
    const fields = {
      'f:spec': {
        'f:point': { '.': LEAF, 'f:x': LEAF },
        'f:command': { 'v:"a"': LEAF },
        'f:image': LEAF,
      },
    };
    const reconciled = { 'f:spec': { 'f:point': {}, 'f:command': {}, 'f:image': {} } };
    expect(fitFieldSet(fields, shape)).toEqual(reconciled);
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
    expect(fitFieldSet(fields, shape)).toBe(fields);
    expect(fitFieldSet(fields, DEDUCED)).toBe(fields);
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
    expect(fitFieldSet(fields, atomic)).toEqual({ 'f:list': { 'k:{"name":"a"}': { 'f:point': {} } } });
  });
});

describe('withNamedFields', () => {
  it('adds the fields with a name that lead to members', () => {
    const fields = {
      'f:spec': {
        'f:ports': { 'k:{"port":1,"protocol":"TCP"}': { 'f:tags': { 'v:"a"': LEAF } } },
        'f:limits': { 'f:cpu': LEAF },
        'f:free': { 'f:a': { 'f:b': LEAF } },
      },
    };
    expect(withNamedFields(fields, shape)).toEqual({
      'f:spec': {
        '.': {},
        'f:ports': {
          '.': {},
          'k:{"port":1,"protocol":"TCP"}': { 'f:tags': { '.': {}, 'v:"a"': {} } },
        },
        'f:limits': { '.': {}, 'f:cpu': {} },
        'f:free': { '.': {}, 'f:a': { 'f:b': {} } },
      },
    });
    expect(withNamedFields(fields, DEDUCED)).toBe(fields);
    expect(withNamedFields(undefined, shape)).toBeUndefined();
  });
});
