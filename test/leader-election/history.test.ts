import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { live, type Plan, plans } from './history.js';

const SEED = 20_261_121;
const RUNS = 60;
const LONG = 120_000;

/** Everything that can happen, with clocks of which one may run four times as fast as another. */
const ANYTHING = plans(['stop', 'cut', 'end', 'twin'], { min: 0.5, max: 2 });

/** A leader whose clock runs slowly and whose connection is gone, and a candidate whose clock runs fast. */
const BEYOND: Plan = {
  seed: 1,
  rates: [0.5, 2],
  latency: 0,
  losses: 0,
  incidents: [{ machine: 0, after: 1_000, what: 'cut', lasts: 15_000 }],
};

describe('histories of elections', () => {
  it('L2: no write of a term is stored after a write of the next, whatever happens', {
    timeout: LONG,
  }, async () => {
    let terms = 0;
    let writes = 0;
    await fc.assert(
      fc.asyncProperty(ANYTHING, async (plan) => {
        const outcome = await live(plan, { fenced: true });
        terms += outcome.terms;
        writes += outcome.writes;
        expect(outcome.overwritten).toEqual([]);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // something did happen
    expect(terms).toBeGreaterThan(RUNS * 2);
    expect(writes).toBeGreaterThan(RUNS * 20);
  });

  it('without the fence, writes are overwritten: the control', { timeout: LONG }, async () => {
    const { failed, counterexample } = await fc.check(
      fc.asyncProperty(ANYTHING, async (plan) => {
        const { overwritten } = await live(plan, { fenced: false });
        return overwritten.length === 0;
      }),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    );
    expect(failed).toBe(true);
    const [plan] = counterexample as [Plan];
    expect((await live(plan, { fenced: true })).overwritten).toEqual([]);
  });

  it.each([
    ['15/10/2 and rates within 1.4', { min: 0.85, max: 1.19 }, {}],
    ['45/10/2 and rates within 4', { min: 0.5, max: 2 }, { leaseDuration: 45_000 }],
  ])(
    'L1: no two lead at once where no process stands still, with %s',
    { timeout: LONG },
    async (_what, rates, timing) => {
      await fc.assert(
        fc.asyncProperty(plans(['cut', 'end'], rates), async (plan) => {
          const outcome = await live(plan, { fenced: true, ...timing });
          expect(outcome).toMatchObject({ together: [], overwritten: [] });
        }),
        { seed: SEED, numRuns: RUNS / 2 },
      );
    },
  );

  it('beyond that bound two may lead at once, and the fence holds all the same', async () => {
    const fenced = await live(BEYOND, { fenced: true });
    expect(fenced.together).not.toEqual([]);
    expect(fenced.overwritten).toEqual([]);
    const control = await live(BEYOND, { fenced: false });
    expect(control.together).not.toEqual([]);
  });
});
