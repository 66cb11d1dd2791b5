import { describe, expect, it } from 'vitest';
import { annotationsChanged, labelsChanged, resourceVersionChanged } from '../../../src/index.js';
import { COMES_AND_GOES, object, update } from './changes.js';

describe.each([
  { predicate: labelsChanged, field: 'labels' },
  { predicate: annotationsChanged, field: 'annotations' },
])('$field changed', ({ predicate, field }) => {
  it('passes a change of them, and drops others', () => {
    const before = object({ [field]: { a: '1' } });
    expect(predicate(update(before, object({ [field]: { a: '2' } })))).toBe(true);
    expect(predicate(update(before, object()))).toBe(true);
    expect(
      predicate(update(before, object({ [field]: { a: '1' }, resourceVersion: '2', generation: 2 }))),
    ).toBe(false);
  });

  it('takes none and an empty map for the same', () => {
    expect(predicate(update(object(), object({ [field]: {} })))).toBe(false);
  });

  it('takes keys such as __proto__ for keys', () => {
    const odd = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
    expect(predicate(update(object({ [field]: {} }), object({ [field]: odd })))).toBe(true);
  });

  it('passes what comes and goes', () => {
    for (const change of COMES_AND_GOES) expect(predicate(change)).toBe(true);
  });
});

describe('resourceVersionChanged', () => {
  it('drops what changes nothing, as a resync does, and passes all else', () => {
    const before = object();
    expect(resourceVersionChanged(update(before, before))).toBe(false);
    expect(resourceVersionChanged(update(before, object({ resourceVersion: '2' })))).toBe(true);
    for (const change of COMES_AND_GOES) expect(resourceVersionChanged(change)).toBe(true);
  });
});
