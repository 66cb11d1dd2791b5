import { describe, expect, it } from 'vitest';
import { SeededRandom, systemRandom } from '../../src/core/index.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const draw = (seed: number, count = 20): number[] => {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () => random.next());
};

describe('SeededRandom', () => {
  it('gives the same sequence for the same seed, of numbers, integers and uuids', () => {
    const all = (): unknown[] => {
      const random = new SeededRandom(7);
      return [random.next(), random.integer(100), random.uuid(), random.next(), random.uuid()];
    };
    expect(all()).toEqual(all());
    expect(new SeededRandom(7).seed).toBe(7);
  });

  it('gives another sequence for every seed, near or far, below zero or beyond 32 bits', () => {
    const seeds = [
      ...Array.from({ length: 200 }, (_, index) => index - 100),
      2 ** 31,
      2 ** 32,
      2 ** 32 + 1,
      -(2 ** 32),
      2 ** 52 + 1,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
    ];
    expect(new Set(seeds.map((seed) => draw(seed, 3).join(' '))).size).toBe(seeds.length);
  });

  it('draws numbers from 0 to below 1, spread evenly', () => {
    const counts = Array.from({ length: 10 }, () => 0);
    for (const value of draw(1, 20_000)) {
      expect(value >= 0 && value < 1).toBe(true);
      const bucket = Math.floor(value * 10);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(250);
  });

  it('spreads the first draws of neighbouring seeds evenly', () => {
    const firsts = Array.from({ length: 2_000 }, (_, seed) => draw(seed, 1)[0] as number);
    expect(Math.abs(firsts.filter((value) => value < 0.5).length - 1_000)).toBeLessThan(150);
  });

  it('draws whole numbers within their bound, and every one of them', () => {
    const random = new SeededRandom(3);
    const seen = new Set(Array.from({ length: 200 }, () => random.integer(6)));
    expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(random.integer(1)).toBe(0);
  });

  it('makes version 4 uuids, no two alike', () => {
    const random = new SeededRandom(5);
    const uuids = Array.from({ length: 1_000 }, () => random.uuid());
    for (const uuid of uuids) expect(uuid).toMatch(UUID);
    expect(new Set(uuids).size).toBe(1_000);
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses the seed %s', (seed) => {
    expect(() => new SeededRandom(seed)).toThrow(
      new RangeError(`Expected seed to be a safe integer, got ${seed}`),
    );
  });
});

describe('systemRandom', () => {
  it('draws numbers, integers and uuids', () => {
    const value = systemRandom.next();
    expect(value >= 0 && value < 1).toBe(true);
    for (let round = 0; round < 50; round += 1) expect([0, 1, 2]).toContain(systemRandom.integer(3));
    expect(systemRandom.uuid()).toMatch(UUID);
    const uuids = Array.from({ length: 1_000 }, () => systemRandom.uuid());
    for (const uuid of uuids) expect(uuid).toMatch(UUID);
    expect(new Set(uuids).size).toBe(1_000);
    // of the bits that are random, each is now one and now the other
    for (const at of [0, 7, 9, 12, 15, 17, 19, 24, 35]) {
      expect(new Set(uuids.map((uuid) => uuid[at])).size).toBe(at === 19 ? 4 : 16);
    }
  });
});
