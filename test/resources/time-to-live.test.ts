import { describe, expect, it } from 'vitest';
import { type ApiObject } from '../../src/core/index.js';
import { defineResource, type TimeToLive } from '../../src/resources/index.js';
import { CoreEvent, Event, Pod } from '../../src/resources/kinds/index.js';

function kind(ttl: unknown): { readonly ttl?: TimeToLive | undefined } {
  return defineResource<ApiObject>({
    group: 'example.com',
    version: 'v1',
    kind: 'Session',
    ttl: ttl as TimeToLive,
  });
}

describe('the time to live of a kind', () => {
  it('is a number of milliseconds, or the path of a field', () => {
    expect(kind(undefined).ttl).toBeUndefined();
    expect(kind(1_500).ttl).toBe(1_500);
    const given = { secondsIn: 'spec.ttlSeconds' };
    expect(kind(given).ttl).toEqual(given);
    expect(kind(given).ttl).not.toBe(given);
    expect(Object.isFrozen(kind(given).ttl)).toBe(true);
  });

  it.each([
    0,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '5',
    null,
    {},
    { secondsIn: 5 },
    { secondsIn: '' },
    { secondsIn: 'a..b' },
  ])('is not %j', (ttl) => {
    expect(() => kind(ttl)).toThrow(/^defineResource: ttl: expected milliseconds above 0, or/);
  });

  it('is an hour for events, as in kube-apiserver', () => {
    expect([Event.ttl, CoreEvent.ttl, Pod.ttl]).toEqual([3_600_000, 3_600_000, undefined]);
  });
});
