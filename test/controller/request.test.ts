import { describe, expect, it } from 'vitest';
import { ownersOf, parseRequest, QueuedRequest } from '../../src/controller/request.js';
import { Theme, Website } from './website.js';

const reference = { apiVersion: 'example.com/v1', kind: 'Website', name: 'a', uid: '1' };
const owned = (...ownerReferences: (typeof reference & { controller?: boolean })[]) => ({
  metadata: { name: 'page', namespace: 'default', ownerReferences },
});

describe('ownersOf', () => {
  it('names the controller alone, in the namespace of what it owns', () => {
    const object = owned({ ...reference, controller: true }, { ...reference, name: 'b' });
    expect(ownersOf(object, Website, false)).toEqual([{ name: 'a', namespace: 'default' }]);
  });

  it('names every owner of the kind where that is asked for', () => {
    const object = owned({ ...reference, controller: true }, { ...reference, name: 'b' });
    expect(ownersOf(object, Website, true)).toHaveLength(2);
  });

  it('looks at group and kind, not at the version', () => {
    const other = { ...reference, controller: true };
    expect(ownersOf(owned({ ...other, apiVersion: 'example.com/v9' }), Website, false)).toHaveLength(1);
    expect(ownersOf(owned({ ...other, apiVersion: 'other.com/v1' }), Website, false)).toEqual([]);
    expect(ownersOf(owned({ ...other, kind: 'Website2' }), Website, false)).toEqual([]);
  });

  it('gives owners of cluster kinds no namespace', () => {
    const object = owned({ ...reference, kind: 'Theme', controller: true });
    expect(ownersOf(object, Theme, false)).toEqual([{ name: 'a' }]);
  });

  it('finds none where there are none', () => {
    expect(ownersOf({ metadata: { name: 'page' } }, Website, false)).toEqual([]);
  });
});

describe('QueuedRequest', () => {
  it.each([
    [{ name: 'a' }, undefined, 'a'],
    [{ name: 'a', namespace: 'x' }, undefined, 'x/a'],
    [{ name: 'a' }, 'one', 'one//a'],
    [{ name: 'a', namespace: 'x' }, 'one', 'one//x/a'],
    [{ name: 'system:a.b', namespace: 'x' }, 'one.two', 'one.two//x/system:a.b'],
  ])('writes %j of the store %s as %s, which reads back', (key, store, text) => {
    expect(new QueuedRequest(key, store).text).toBe(text);
    expect(parseRequest(text)).toEqual({ key, store });
  });
});
