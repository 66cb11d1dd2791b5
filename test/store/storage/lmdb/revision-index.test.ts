import { describe, expect, it } from 'vitest';
import { RevisionIndex } from '../../../../src/store/storage/lmdb/revision-index.js';

describe('the index of revisions', () => {
  it('has what it is given, and what is noted after that', () => {
    const index = new RevisionIndex(5, new Map([['pods/a', 3]]));
    expect(index.ofRecord('pods/a')).toBe(3);
    expect(index.ofRecord('pods/b')).toBe(0);
    index.note('pods', 'pods/a', 6, false);
    index.note('pods', 'pods/b', 7, false);
    expect([index.ofRecord('pods/a'), index.ofRecord('pods/b')]).toEqual([6, 7]);
    index.note('pods', 'pods/a', 8, true);
    expect(index.ofRecord('pods/a')).toBe(0);
  });

  it('takes each collection for changed at the beginning, and then when something of it is written or deleted', () => {
    const index = new RevisionIndex(5, new Map([['pods/a', 3]]));
    expect(index.ofCollection('pods')).toBe(5);
    index.note('pods', 'pods/a', 6, true);
    expect([index.ofCollection('pods'), index.ofCollection('nodes')]).toEqual([6, 5]);
  });

  it('takes names such as __proto__ for names', () => {
    const index = new RevisionIndex(1, new Map());
    expect(index.ofRecord('__proto__/constructor')).toBe(0);
    expect(index.ofCollection('constructor')).toBe(1);
  });
});
