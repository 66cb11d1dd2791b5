import { describe, expect, it } from 'vitest';
import { deepFreeze, isBadRequest } from '../../../src/core/index.js';
import {
  frozenObject,
  metadataOf,
  typeText,
  withManagers,
  withType,
  writerOf,
} from '../../../src/patch/apply/tracked-object.js';

describe('frozenObject', () => {
  it('takes a frozen object as it is, and copies any other', () => {
    const frozen = deepFreeze({ a: { b: 1 } });
    expect(frozenObject(frozen, 'live')).toBe(frozen);
    const open = { a: frozen.a };
    const copy = frozenObject(open, 'live', frozen);
    expect(copy).toBe(frozen);
    expect(frozenObject({ a: { b: 2 } }, 'live')).toEqual({ a: { b: 2 } });
  });

  it('refuses what is no object', () => {
    for (const value of [[], Object.freeze([]), Object.freeze(new Map())]) {
      expect(() => frozenObject(value, 'live')).toThrow(expect.toSatisfy(isBadRequest));
    }
  });
});

describe('withManagers', () => {
  it('drops a record without managers, and makes no metadata for it', () => {
    const object = { metadata: { name: 'a', managedFields: [] } };
    expect(withManagers(object, new Map())).toEqual({ metadata: { name: 'a' } });
    const bare = { kind: 'X' };
    expect(withManagers(bare, new Map())).toBe(bare);
    expect(metadataOf({ metadata: 'odd' })).toEqual({});
  });
});

describe('writerOf', () => {
  it('takes any time that RFC 3339 can say, in whole seconds', () => {
    const timeOf = (now: string | number | undefined): unknown => writerOf({ manager: 'me', now }).time;
    expect(timeOf('2026-01-01T00:00:00.999Z')).toBe('2026-01-01T00:00:00Z');
    expect(timeOf(253_402_300_799_999)).toBe('9999-12-31T23:59:59Z');
    expect(timeOf(undefined)).toBeUndefined();
    for (const now of [253_402_300_800_000, -62_167_219_200_001, Number.NaN, '']) {
      expect(() => timeOf(now)).toThrow(expect.toSatisfy(isBadRequest));
    }
  });

  it('takes any text for a name', () => {
    expect(writerOf({ manager: 'me', subresource: 'status' })).toMatchObject({
      manager: 'me',
      subresource: 'status',
    });
    expect(writerOf({ manager: '', subresource: '' })).toMatchObject({
      manager: 'unknown',
      subresource: undefined,
    });
    expect(() => writerOf({ manager: 5 as unknown as string })).toThrow(expect.toSatisfy(isBadRequest));
  });
});

describe('typeText', () => {
  it('is what the object has, or what is expected', () => {
    expect(typeText({ kind: 'X' }, 'next', 'kind')).toBe('X');
    expect(typeText({ kind: 'X' }, 'next', 'kind', 'X')).toBe('X');
    for (const kind of ['', null]) expect(typeText({ kind }, 'next', 'kind', 'X')).toBe('X');
    for (const kind of ['', null, 0, false, {}]) {
      expect(() => typeText({ kind }, 'next', 'kind')).toThrow(expect.toSatisfy(isBadRequest));
    }
    for (const kind of ['Y', 0, false]) {
      expect(() => typeText({ kind }, 'next', 'kind', 'X')).toThrow(expect.toSatisfy(isBadRequest));
    }
  });
});

describe('withType', () => {
  it('puts apiVersion and kind first where they are new', () => {
    const object = deepFreeze({ spec: 1, kind: 'X' });
    expect(JSON.stringify(withType(object, 'v1', 'X'))).toBe('{"apiVersion":"v1","kind":"X","spec":1}');
    const typed = deepFreeze({ kind: 'X', apiVersion: 'v1' });
    expect(withType(typed, 'v1', 'X')).toBe(typed);
  });
});
