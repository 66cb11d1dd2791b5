import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyOwned } from '../../../src/index.js';
import { makeWorld, Page, Website } from '../website.js';

const SEED = 20_261_121;

/** What two owners want, step by step: each has names of its own, with a number. */
const step = fc.record({
  owner: fc.integer({ min: 0, max: 1 }),
  wanted: fc.dictionary(fc.constantFrom('p', 'q', 'r', 's'), fc.integer({ min: 0, max: 2 })),
});

describe('applyOwned', () => {
  it(`leaves just what is wanted after any steps, and says what it did (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const { store, client } = makeWorld();
        const owners = await Promise.all(
          ['a', 'b'].map((name) =>
            client.create(Website, { metadata: { name, namespace: 'default' }, spec: {} }),
          ),
        );
        const model = new Map<string, number>();
        for (const { owner: index, wanted } of steps) {
          const owner = owners[index] as Website;
          const prefix = `${owner.metadata.name}-`;
          const before = new Map(model);
          for (const name of before.keys()) if (name.startsWith(prefix)) model.delete(name);
          for (const [name, number] of Object.entries(wanted)) model.set(prefix + name, number);
          const objects = Object.entries(wanted).map(([name, number]) => ({
            metadata: { name: prefix + name },
            spec: { number },
          }));
          const { applied, unchanged, pruned } = await applyOwned({ client, owner }, [Page, objects]);
          const [changed, same, gone] = [applied, unchanged, pruned].map((list) =>
            list.map(({ metadata }) => metadata.name).sort(),
          );
          const mine = [...model].filter(([name]) => name.startsWith(prefix));
          expect(changed).toEqual(names(mine.filter(([name, number]) => before.get(name) !== number)));
          expect(same).toEqual(names(mine.filter(([name, number]) => before.get(name) === number)));
          expect(gone).toEqual(
            names([...before].filter(([name]) => name.startsWith(prefix) && !model.has(name))),
          );
          const { items } = await client.list(Page);
          const found = items.map(({ metadata, spec }) => [metadata.name, spec.number]);
          expect(found).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)));
        }
        await store.close();
      }),
      { seed: SEED, numRuns: 60 },
    );
  });
});

function names(entries: readonly (readonly [string, number])[]): string[] {
  return entries.map(([name]) => name).sort();
}
