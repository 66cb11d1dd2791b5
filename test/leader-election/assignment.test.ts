import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignShards } from '../../src/leader-election/assignment.js';
import { shardOf } from '../../src/leader-election/index.js';

const SEED = 20_261_121;

function names(count: number, prefix = 'member'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

/** The owner of each shard. */
function owners(members: readonly string[], shards: number): readonly string[] {
  const result: string[] = [];
  for (const [member, own] of assignShards(members, shards)) for (const shard of own) result[shard] = member;
  return result;
}

describe('shardOf', () => {
  it('is the same on every machine and in every version', () => {
    expect(['', 'a', 'default/web-1', 'größe', '😀'].map((key) => shardOf(key, 1_000))).toEqual([
      923, 715, 451, 484, 642,
    ]);
  });

  it('spreads keys evenly', () => {
    const counts = Array.from({ length: 16 }, () => 0);
    for (let key = 0; key < 16_000; key += 1) counts[shardOf(`default/web-${key}`, 16)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(880);
    expect(Math.max(...counts)).toBeLessThan(1_120);
  });

  it.each([0, -1, 1.5, Number.NaN, '4' as never])('refuses %j shards', (shards) => {
    expect(() => shardOf('a', shards)).toThrow(RangeError);
  });
});

describe('assignShards', () => {
  it('gives each shard to one member, and no member two more than another, in whatever order they are', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 100 }),
        (members, shards) => {
          const assigned = assignShards(members, shards);
          const all = [...assigned.values()].flat();
          expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: shards }, (_, index) => index));
          const counts = [...assigned.values()].map((own) => own.length);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          const reversed = assignShards(members.toReversed(), shards);
          for (const [member, own] of assigned) expect(reversed.get(member)).toEqual(own);
        },
      ),
      { seed: SEED },
    );
  });

  it('moves few shards more than it must when a member comes, or goes', () => {
    for (const [members, shards] of [
      [1, 8],
      [3, 64],
      [10, 1_024],
    ] as const) {
      let moved = 0;
      let least = 0;
      for (let turn = 0; turn < 20; turn += 1) {
        const all = names(members + 1, `m${turn}`);
        const before = owners(all.slice(0, -1), shards);
        const after = owners(all, shards);
        moved += after.filter((owner, shard) => owner !== before[shard]).length;
        least += Math.floor(shards / (members + 1));
      }
      expect(moved, `${members} members, ${shards} shards`).toBeLessThan(1.3 * least + 1);
    }
  });
});
