import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Kinds } from '../../src/store/kinds.js';
import type { Kind } from '../../src/store/kind.js';
import { StorageCodec } from '../../src/store/storage-codec.js';
import type { StoredObject } from '../../src/store/stored-object.js';
import { expectDeeplyFrozen, Note, Region, Website } from './kit.js';

const kinds = new Kinds([Website, Note, Region]);
const codec = new StorageCodec(kinds);
const note = kinds.of(Note);
const region = kinds.of(Region);

function object(kind: Kind, name: string, namespace?: string): StoredObject {
  const { apiVersion, kind: called } = kind.resource;
  const metadata = { name, uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  return {
    apiVersion,
    kind: called,
    metadata: namespace === undefined ? metadata : { ...metadata, namespace },
  } as StoredObject;
}

describe('the codec of a storage', () => {
  it('names an object by the collection of its kind, its namespace and its name', () => {
    expect(codec.keyOf({ kind: note, namespace: 'default', name: 'a' })).toEqual({
      collection: 'notes.example.com',
      key: 'default/a',
    });
    expect(codec.keyOf({ kind: region, namespace: '', name: 'eu' })).toEqual({
      collection: 'regions.example.com',
      key: '/eu',
    });
    expect(codec.placeOf({ collection: 'others.example.com', key: 'default/a' })).toBeUndefined();
  });

  it('has a key in printable ASCII for every name, and finds back from it', () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.string({
        unit: fc.constantFrom('%', '0', 'a', '/', ' ', '~', '\u0000', '\ud800', '\u{1f600}'),
        minLength: 1,
      }),
    );
    const property = fc.property(names, names, (name, other) => {
      const place = { kind: note, namespace: 'default', name };
      const key = codec.keyOf(place);
      expect(key.key).toMatch(/^[\x21-\x7e]+$/);
      expect(codec.placeOf(key)).toEqual(place);
      if (other !== name) expect(codec.keyOf({ ...place, name: other }).key).not.toBe(key.key);
    });
    fc.assert(property, { seed: 20_261_121, numRuns: 500 });
  });

  it('gives back any JSON as it was, frozen but for itself and its metadata', () => {
    const property = fc.property(fc.jsonValue({ stringUnit: 'binary' }), (data) => {
      const stored = { ...object(note, 'a', 'default'), data } as StoredObject;
      const text = codec.encode(stored);
      const decoded = codec.decode({ kind: note, namespace: 'default', name: 'a' }, text);
      expect(JSON.stringify(decoded)).toBe(text);
      expectDeeplyFrozen(decoded['data']);
      decoded.metadata.resourceVersion = '2';
    });
    fc.assert(property, { seed: 20_261_121, numRuns: 200 });
  });

  it('takes __proto__ for a key like others', () => {
    const text = JSON.stringify(object(note, 'a', 'default')).replace('{', '{"__proto__":{"x":1},');
    const decoded = codec.decode({ kind: note, namespace: 'default', name: 'a' }, text);
    expect(JSON.stringify(decoded)).toBe(text);
    expect((decoded as { x?: unknown }).x).toBeUndefined();
  });

  it.each([
    ['no JSON', 'x'],
    ['the beginning of an object', '{"metadata":{'],
    ['null', 'null'],
    ['a number', '5'],
    ['a list', '[]'],
    ['an object without metadata', '{}'],
    ['metadata that is none', '{"metadata":"x"}'],
    ['metadata that is null', '{"metadata":null}'],
    ['an object without a name', '{"metadata":{}}'],
    ['an object of another name', JSON.stringify(object(note, 'b', 'default'))],
    ['an object of another namespace', JSON.stringify(object(note, 'a', 'other'))],
    ['an object without a namespace', JSON.stringify(object(note, 'a'))],
  ])('refuses %s, and says where that is', (_, text) => {
    const decode = (): unknown => codec.decode({ kind: note, namespace: 'default', name: 'a' }, text);
    expect(decode).toThrow('notes.example.com/default/a');
    expect(decode).toThrow(expect.objectContaining({ reason: 'InternalError' }));
  });

  it('refuses an object of a namespaced kind without a namespace, and the other way round', () => {
    const decode = (kind: Kind, namespace: string): unknown =>
      codec.decode(
        { kind, namespace, name: 'a' },
        codec.encode(object(kind, 'a', namespace === '' ? undefined : namespace)),
      );
    expect(() => decode(note, '')).toThrow('notes.example.com//a');
    expect(() => decode(region, 'default')).toThrow('regions.example.com/default/a');
  });

  it('refuses a key that is none', () => {
    const place = codec.placeOf({ collection: 'notes.example.com', key: 'a' });
    expect(() => codec.decode(place as never, JSON.stringify(object(note, 'a', 'default')))).toThrow();
  });
});
