import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LruMap } from '../../src/core/index.js';

const SEED = 20_261_122;

/** The same in the plainest words: pairs, the one that was not used for longest first. */
class Plain {
  entries: [string, number][] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): number | undefined {
    const entry = this.entries.find(([known]) => known === key);
    if (entry !== undefined) this.#last(entry);
    return entry?.[1];
  }

  set(key: string, value: number): number | undefined {
    this.#last([key, value]);
    return this.entries.length > this.#limit ? this.entries.shift()?.[1] : undefined;
  }

  delete(key: string, value: number): void {
    this.entries = this.entries.filter(([known, of]) => known !== key || of !== value);
  }

  #last(entry: [string, number]): void {
    this.entries = [...this.entries.filter(([known]) => known !== entry[0]), entry];
  }
}

test(`the entry that was not used for longest makes room (seed ${SEED})`, () => {
  const anyStep = fc.record({
    do: fc.constantFrom('get', 'set', 'set', 'delete'),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
    value: fc.constantFrom(1, 2),
  });
  fc.assert(
    fc.property(fc.nat({ max: 5 }), fc.array(anyStep, { maxLength: 200 }), (limit, steps) => {
      const map = new LruMap<number>(limit);
      const plain = new Plain(limit);
      for (const { do: what, key, value } of steps) {
        if (what === 'get') expect(map.get(key)).toBe(plain.get(key));
        else if (what === 'set') expect(map.set(key, value)).toBe(plain.set(key, value));
        else {
          map.delete(key, value);
          plain.delete(key, value);
        }
        expect([...map.values()]).toEqual(plain.entries.map(([, of]) => of));
      }
    }),
    { seed: SEED, numRuns: 500 },
  );
});
