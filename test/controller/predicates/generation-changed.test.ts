import { describe, expect, it } from 'vitest';
import { generationChanged } from '../../../src/index.js';
import { COMES_AND_GOES, object, update } from './changes.js';

describe('generationChanged', () => {
  it('passes a new generation, and drops what keeps it', () => {
    const before = object({ generation: 1 });
    expect(generationChanged(update(before, object({ generation: 2 })))).toBe(true);
    expect(generationChanged(update(before, before))).toBe(false);
    const after = object(
      { generation: 1, resourceVersion: '2', labels: { a: 'b' } },
      { status: { ready: 1 } },
    );
    expect(generationChanged(update(before, after))).toBe(false);
  });

  it('passes what comes and goes', () => {
    for (const change of COMES_AND_GOES) expect(generationChanged(change)).toBe(true);
  });

  it('passes the mark of a deletion, also where there is no generation', () => {
    const deletionTimestamp = '2026-01-01T00:00:01Z';
    expect(generationChanged(update(object(), object({ deletionTimestamp })))).toBe(true);
    const marked = object({ generation: 2, deletionTimestamp });
    expect(generationChanged(update(object({ generation: 1 }), marked))).toBe(true);
  });

  it('compares the fields of kinds that have no generation, instead of dropping all their updates', () => {
    const before = object({}, { data: { a: '1' } });
    expect(generationChanged(update(before, object({}, { data: { a: '2' } })))).toBe(true);
    const relabelled = object({ resourceVersion: '2', labels: { a: 'b' } }, { data: { a: '1' }, status: {} });
    expect(generationChanged(update(before, relabelled))).toBe(false);
  });

  it('passes every change where only the metadata is known, and there is no generation', () => {
    expect(generationChanged(update(object(), object({ resourceVersion: '2' })))).toBe(true);
    expect(generationChanged(update(object(), object()))).toBe(false);
  });

  it('passes a deletion and a creation that are told as one update', () => {
    expect(generationChanged(update(object({ generation: 1 }), object({ generation: 1, uid: '2' })))).toBe(
      true,
    );
  });
});
