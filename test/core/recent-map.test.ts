import { expect, test } from 'vitest';
import { RecentMap } from '../../src/core/index.js';

test('the keys that were used last are there, and at most twice the limit', () => {
  const map = new RecentMap<number, number>(4);
  for (let key = 0; key < 100; key += 1) {
    map.set(key, key);
    for (let back = 0; back < 4 && back <= key; back += 1) expect(map.get(key - back)).toBe(key - back);
  }
  const kept = Array.from({ length: 100 }, (_, key) => map.get(key)).filter((value) => value !== undefined);
  expect(kept.length).toBeLessThanOrEqual(8);
});

test('a key that is read again and again stays', () => {
  const map = new RecentMap<string, number>(3);
  map.set('kept', 1);
  for (let key = 0; key < 50; key += 1) {
    map.set(String(key), key);
    expect(map.get('kept')).toBe(1);
  }
});

test('a key that is set anew has the new value, also where an older one is about', () => {
  const map = new RecentMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 1);
  map.set('c', 1);
  map.set('a', 2);
  expect(map.get('a')).toBe(2);
  map.clear();
  expect(map.get('a')).toBeUndefined();
});
