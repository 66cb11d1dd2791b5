import { describe, expect, it } from 'vitest';
import { distinct, ownersOf } from '../../src/controller/requests.js';
import { Page, Theme, Website } from './website.js';

const reference = { apiVersion: 'example.com/v1', kind: 'Website', name: 'a', uid: '1' };
const owned = (...ownerReferences: (typeof reference & { controller?: boolean })[]) => ({
  metadata: { name: 'page', namespace: 'default', ownerReferences },
});

describe('ownersOf', () => {
  const byController = { resource: Page, matchEveryOwner: false, predicates: [] };

  it('names the controller alone, in the namespace of what it owns', () => {
    const object = owned({ ...reference, controller: true }, { ...reference, name: 'b' });
    expect(ownersOf(object, Website, byController)).toEqual([{ name: 'a', namespace: 'default' }]);
  });

  it('names every owner of the kind where that is asked for', () => {
    const object = owned({ ...reference, controller: true }, { ...reference, name: 'b' });
    expect(ownersOf(object, Website, { ...byController, matchEveryOwner: true })).toHaveLength(2);
  });

  it('looks at group and kind, not at the version', () => {
    const other = { ...reference, controller: true };
    expect(ownersOf(owned({ ...other, apiVersion: 'example.com/v9' }), Website, byController)).toHaveLength(
      1,
    );
    expect(ownersOf(owned({ ...other, apiVersion: 'other.com/v1' }), Website, byController)).toEqual([]);
    expect(ownersOf(owned({ ...other, kind: 'Website2' }), Website, byController)).toEqual([]);
  });

  it('gives owners of cluster kinds no namespace', () => {
    const object = owned({ ...reference, kind: 'Theme', controller: true });
    expect(ownersOf(object, Theme, byController)).toEqual([{ name: 'a' }]);
  });

  it('finds none where there are none', () => {
    expect(ownersOf({ metadata: { name: 'page' } }, Website, byController)).toEqual([]);
  });
});

describe('distinct', () => {
  it('keeps one of each key', () => {
    const keys = [{ name: 'a' }, { name: 'a', namespace: 'x' }, { name: 'a' }];
    expect([...distinct(keys)]).toEqual([{ name: 'a' }, { name: 'a', namespace: 'x' }]);
  });
});
