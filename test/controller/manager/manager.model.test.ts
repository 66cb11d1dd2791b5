import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Client } from '../../../src/index.js';
import { Page, Website } from '../website.js';
import { ManagerWorld, siteKey, type WorldOptions } from './model-world.js';

// KEELSON_SEED and KEELSON_RUNS look further than this
const SEED = Number(process.env['KEELSON_SEED'] ?? 20_261_121);
const RUNS = Number(process.env['KEELSON_RUNS'] ?? 200);
process.stdout.write(`manager.model.test.ts: KEELSON_SEED=${SEED}\n`);
const MOST_PROCESSES = 3;

type Alteration =
  | 'addController'
  | 'removeController'
  | 'replaceController'
  | 'addStore'
  | 'removeStore'
  | 'replaceStore';

type Step =
  | { readonly do: 'create' | 'update'; store: 'home' | 'red'; site: number; pages: number; isHeld: boolean }
  | { readonly do: 'delete' | 'deletePage'; store: 'home' | 'red'; site: number; pages: number }
  | { readonly do: 'wait' | 'rush'; time: number }
  | { readonly do: 'turn'; turns: number }
  | { readonly do: 'begin' }
  | {
      readonly do: 'end' | 'cut' | 'mend' | Alteration;
      process: number;
    };

const store = fc.constantFrom('home' as const, 'home' as const, 'red' as const);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('create' as const, 'update' as const),
      store,
      site: fc.nat(2),
      pages: fc.nat(3),
      isHeld: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('delete' as const, 'deletePage' as const),
      store,
      site: fc.nat(2),
      pages: fc.nat(3),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('wait' as const, 'wait' as const, 'rush' as const),
      time: fc.constantFrom(1, 5, 100, 1_000, 3_500, 5_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('turn' as const), turns: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'begin' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'end' as const,
        'cut' as const,
        'mend' as const,
        'addController' as const,
        'removeController' as const,
        'replaceController' as const,
        'replaceController' as const,
        'addStore' as const,
        'removeStore' as const,
        'replaceStore' as const,
      ),
      process: fc.nat(MOST_PROCESSES - 1),
    }),
  },
);

const anyWorld: fc.Arbitrary<WorldOptions> = fc.record({
  seed: fc.nat(1_000_000),
  election: fc.constantFrom('none' as const, 'leader' as const, 'shards' as const),
  concurrency: fc.integer({ min: 1, max: 4 }),
  budget: fc.constantFrom(undefined, undefined, 1, 2),
  readYourWrites: fc.constantFrom('wait' as const, 'overlay' as const, 'off' as const),
  reconcileTimeout: fc.constantFrom(undefined, 2_000),
});

/** Does one step of a history. */
async function take(world: ManagerWorld, step: Step): Promise<void> {
  switch (step.do) {
    case 'wait':
      return world.wait(step.time);
    case 'rush':
      // hardly anybody gets to do anything meanwhile
      return world.clock.advance(step.time);
    case 'turn':
      for (let turn = 0; turn < step.turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return;
    case 'begin':
      if (world.alive.length < MOST_PROCESSES) world.begin();
      return;
    case 'create':
    case 'update':
    case 'delete':
    case 'deletePage':
      return world.user(step.store, (client) => write(client, step));
    default:
      return manage(world, step);
  }
}

async function write(client: Client, step: Extract<Step, { site: number }>): Promise<unknown> {
  const key = siteKey(step.site);
  const { pages } = step;
  switch (step.do) {
    case 'create': {
      const finalizers = step.isHeld ? ['example.com/held'] : [];
      return client.create(Website, { metadata: { ...key, finalizers }, spec: { pages } });
    }
    case 'update':
      // never without effect, as its answer would have the revision of somebody else's change
      return client.patch(Website, key, {
        type: 'merge',
        patch: { metadata: { annotations: { change: client.random.uuid() } }, spec: { pages } },
      });
    case 'delete':
      return client.delete(Website, key);
    default:
      return client.delete(Page, { ...key, name: `${key.name}-${pages}` });
  }
}

function manage(world: ManagerWorld, step: Extract<Step, { process: number }>): void {
  const process = world.alive[step.process];
  if (process === undefined) return;
  switch (step.do) {
    case 'cut':
    case 'mend':
      process.isCut = step.do === 'cut';
      return;
    default:
      world[step.do](process);
  }
}

async function run(options: WorldOptions, steps: readonly Step[]): Promise<void> {
  const world = new ManagerWorld(options);
  world.begin();
  for (const step of steps) await take(world, step);
  await world.heal();
  const differences = await world.differences();
  await world.close();
  expect({ differences, violations: world.violations }).toEqual({ differences: [], violations: [] });
}

describe('managers, through everything that may happen to them', () => {
  it(
    `converge, keep each key in one hand, and leave nothing behind (seed ${SEED})`,
    async () => {
      await fc.assert(fc.asyncProperty(anyWorld, fc.array(anyStep, { minLength: 1, maxLength: 30 }), run), {
        seed: SEED,
        numRuns: RUNS,
        endOnFailure: process.env['KEELSON_RUNS'] === undefined,
      });
    },
    30_000 + 1_000 * RUNS,
  );
});
