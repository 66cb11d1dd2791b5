import { describe, expect, it } from 'vitest';
import { deepFreeze, isBadRequest } from '../../../src/core/index.js';
import {
  frozenObject,
  managerName,
  metadataOf,
  requestTime,
  withManagers,
  withType,
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

describe('requestTime', () => {
  it('takes what RFC 3339 can say, in whole seconds', () => {
    expect(requestTime('2026-01-01T00:00:00.999Z')).toBe('2026-01-01T00:00:00Z');
    expect(requestTime(253_402_300_799_999)).toBe('9999-12-31T23:59:59Z');
    expect(requestTime(undefined)).toBeUndefined();
    for (const now of [253_402_300_800_000, -62_167_219_200_001, Number.NaN, '']) {
      expect(() => requestTime(now)).toThrow(expect.toSatisfy(isBadRequest));
    }
  });
});

describe('managerName', () => {
  it('takes any text', () => {
    expect(managerName('me')).toBe('me');
    expect(managerName('')).toBe('unknown');
    expect(() => managerName(5 as unknown as string)).toThrow(expect.toSatisfy(isBadRequest));
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
