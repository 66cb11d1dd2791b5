import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sleep } from '../../src/core/index.js';
import { type Shard, ShardedElector } from '../../src/leader-election/index.js';
import { Counter } from './fencing.js';
import { World } from './world.js';

const SEED = 20_261_121;
const RUNS = 25;
const SHARDS = 5;

interface Plan {
  readonly seed: number;
  readonly latency: number;
  readonly losses: number;
  readonly incidents: readonly {
    readonly member: number;
    readonly after: number;
    readonly what: 'stop' | 'cut' | 'leave';
    readonly lasts: number;
  }[];
}

const PLANS: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(1_000_000),
  latency: fc.constantFrom(0, 5, 100),
  losses: fc.constantFrom(0, 0.05),
  incidents: fc.array(
    fc.record({
      member: fc.nat(2),
      after: fc.integer({ min: 100, max: 20_000 }),
      what: fc.constantFrom('stop' as const, 'cut' as const, 'leave' as const),
      lasts: fc.integer({ min: 100, max: 40_000 }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
});

/** Lets three members share shards through a plan; the writes to each shard, and who owns what when all is quiet again. */
async function live(
  plan: Plan,
): Promise<{ writes: readonly (readonly string[])[]; owned: readonly number[][] }> {
  const world = new World([Counter], plan.seed);
  const writes: string[][] = Array.from({ length: SHARDS }, () => []);
  for (let shard = 0; shard < SHARDS; shard += 1) {
    await world.client.create(Counter, { metadata: { namespace: 'default', name: `s${shard}` }, owner: '' });
  }
  const watching = new AbortController();
  void (async () => {
    for await (const event of world.client.watch(Counter, { signal: watching.signal })) {
      if (event.type !== 'MODIFIED') continue;
      const { metadata, owner } = event.object as typeof event.object & { owner: string };
      writes[Number(metadata.name.slice(1))]?.push(owner);
    }
  })();
  world.latency = plan.latency;
  world.losses = plan.losses;
  let tenures = 0;
  const members = Array.from({ length: 3 }, (_, index) => {
    const machine = world.machine();
    const { client } = machine;
    const elector = new ShardedElector({
      client,
      namespace: 'kube-system',
      name: 'set',
      identity: `m${index}`,
      shards: SHARDS,
    });
    const lead = async (shard: Shard): Promise<void> => {
      tenures += 1;
      const owner = `${shard.identity}/${tenures}`;
      for (let turn = 0; !shard.signal.aborted; turn += 1) {
        await sleep(client.clock, 200 + world.random.integer(800));
        const key = { namespace: 'default', name: `s${shard.index}` };
        const patch = { owner, turn };
        // whatever becomes of it
        void shard.client.patch(Counter, key, { type: 'merge', patch }).catch(() => undefined);
      }
    };
    let isRunning = false;
    const run = (): void => {
      if (isRunning) return;
      isRunning = true;
      void elector.run(lead).then(() => {
        isRunning = false;
      });
    };
    run();
    return { elector, run, machine };
  });
  await world.advance(5_000);
  for (const { member, after, what, lasts } of plan.incidents) {
    await world.advance(after);
    const { elector, run, machine } = members[member] as (typeof members)[number];
    if (what === 'leave') {
      void elector.stop().then(() => world.clock.setTimer(lasts, run));
    } else if (what === 'cut') {
      machine.cut();
      world.clock.setTimer(lasts, () => machine.mend());
    } else {
      machine.stop();
      world.clock.setTimer(lasts, () => machine.resume());
    }
  }
  world.losses = 0;
  await world.advance(150_000);
  const owned = members.map(({ elector }) => [...elector.owned]);
  const stopping = Promise.all(members.map(({ elector }) => elector.stop()));
  await world.advance(60_000);
  await stopping;
  watching.abort();
  await world.store.close();
  if (world.clock.timers !== 0) throw new Error(`${world.clock.timers} timers are left`);
  return { writes, owned };
}

describe('histories of sharded elections', () => {
  it('have one owner a shard at a time, whose writes come all before those of the next, and end evenly', {
    timeout: 120_000,
  }, async () => {
    let handovers = 0;
    await fc.assert(
      fc.asyncProperty(PLANS, async (plan) => {
        const { writes, owned } = await live(plan);
        for (const owners of writes) {
          const inTurn = owners.filter((owner, index) => owner !== owners[index - 1]);
          expect(new Set(inTurn).size, inTurn.join(' ')).toBe(inTurn.length);
          handovers += inTurn.length - 1;
        }
        expect(owned.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([1, 2, 2]);
        expect(new Set(owned.flat()).size).toBe(SHARDS);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(handovers).toBeGreaterThan(RUNS * 5);
  });
});
