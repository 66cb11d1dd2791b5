import { afterEach, describe, expect, it } from 'vitest';
import {
  type Client,
  controller,
  type Controller,
  intercept,
  isLeadershipLost,
  Manager,
  type ManagerOptions,
  type ObjectStore,
  type VirtualClock,
} from '../../../src/index.js';
import { Lease } from '../../../src/resources/kinds/index.js';
import { makeWorld, Page, Website } from '../website.js';

const election = { namespace: 'kube-system', name: 'demo' };
const site = (name: string) => ({ metadata: { name, namespace: 'default' }, spec: {} });

let world: { store: ObjectStore; client: Client; clock: VirtualClock };
const managers: Manager[] = [];
afterEach(async () => {
  const stopped = Promise.all(managers.splice(0).map((manager) => manager.stop()));
  await world.clock.advance(60_000);
  await stopped;
  await world.store.close();
});

/** A client that can be cut off from its store, as by a network that is down. */
function breakable(client: Client): { readonly client: Client; isDown: boolean } {
  const breaker = { isDown: false, client };
  const fail = (): void => {
    if (breaker.isDown) throw new Error('the network is down');
  };
  breaker.client = intercept(client, {
    get: (next, ...args) => (fail(), next(...args)),
    create: (next, ...args) => (fail(), next(...args)),
    update: (next, ...args) => (fail(), next(...args)),
    patch: (next, ...args) => (fail(), next(...args)),
  });
  return breaker;
}

function make(
  identity: string,
  controllers: readonly Controller[],
  options: Partial<ManagerOptions> = {},
): Manager {
  const manager = new Manager({
    client: world.client,
    controllers,
    leaderElection: { ...election, identity },
    ...options,
  });
  managers.push(manager);
  return manager;
}

/** A controller that notes who reconciled what. */
function noting(by: string, runs: string[], key = 'website'): Controller {
  return controller(key)
    .for(Website)
    .reconcile(async ({ key: { name }, reasons }) => {
      runs.push(`${by} ${name} ${reasons.map(({ type }) => type).join()}`);
    });
}

describe('a manager with leader election', () => {
  it('has decided when it has started: one leads, the other stands by with its caches filled', async () => {
    world = makeWorld();
    const runs: string[] = [];
    await world.client.create(Website, site('a'));
    const one = make('one', [noting('one', runs)]);
    const two = make('two', [noting('two', runs)]);
    await one.start();
    await two.start();
    expect([one.leads, two.leads]).toEqual([true, false]);
    await one.idle();
    await two.idle();
    expect(runs).toEqual(['one a add']);
    const lease = await world.client.get(Lease, election);
    expect(lease.spec?.holderIdentity).toBe('one');
  });

  it('hands over on a stop: the other does at once what it has heard of meanwhile', async () => {
    world = makeWorld();
    const runs: string[] = [];
    const one = make('one', [noting('one', runs)]);
    const two = make('two', [noting('two', runs)]);
    await one.start();
    await two.start();
    await world.client.create(Website, site('a'));
    await one.idle();
    await one.stop();
    await world.clock.advance(1_000);
    await two.idle();
    expect(two.leads).toBe(true);
    expect(runs).toEqual(['one a add', 'two a add']);
  });

  it('loses leadership, waits, and leads again without a new process: then everything is looked at again', async () => {
    world = makeWorld();
    const runs: string[] = [];
    const breaker = breakable(world.client);
    const one = make('one', [noting('one', runs)], { client: breaker.client });
    await one.start();
    await world.client.create(Website, site('a'));
    await one.idle();
    breaker.isDown = true;
    await world.clock.advance(10_000);
    expect(one.leads).toBe(false);
    await world.client.create(Website, site('b'));
    breaker.isDown = false;
    await world.clock.advance(20_000);
    await one.idle();
    expect(one.leads).toBe(true);
    expect(runs).toEqual(['one a add', 'one b add', 'one a takeover']);
  });

  it('aborts what runs, refuses what it still writes, and asks for it again in the next term', async () => {
    world = makeWorld();
    const breaker = breakable(world.client);
    const log: string[] = [];
    let attempts = 0;
    const slow = controller('slow')
      .for(Website)
      .reconcile(async ({ signal, client, key }) => {
        attempts += 1;
        if (attempts > 1) return;
        await new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        );
        const page = { metadata: { name: key.name, namespace: 'default' }, spec: { number: 1 } };
        await client.create(Page, page).catch((error: unknown) => {
          log.push(isLeadershipLost(error) ? 'refused' : String(error));
          throw error;
        });
      });
    const one = make('one', [slow], { client: breaker.client });
    await one.start();
    await world.client.create(Website, site('a'));
    await world.clock.advance(0);
    breaker.isDown = true;
    await world.clock.advance(10_000);
    expect(log).toEqual(['refused']);
    breaker.isDown = false;
    await world.clock.advance(20_000);
    await one.idle();
    expect(attempts).toBe(2);
    expect((await world.client.list(Page)).items).toEqual([]);
  });

  it('does not remember without bound, as it stands by, what came and went', async () => {
    world = makeWorld();
    const runs: string[] = [];
    const gauge: number[] = [];
    const silent = { add: () => undefined, observe: () => undefined };
    const metrics = {
      counter: () => silent,
      histogram: () => silent,
      gauge: ({ name }: { name: string }) => ({
        set: (value: number) => void (name === 'keelson_controller_parked' && gauge.push(value)),
      }),
    };
    const one = make('one', [noting('one', runs)]);
    const two = make('two', [noting('two', runs)], { metrics });
    await one.start();
    await two.start();
    await world.client.create(Website, site('stays'));
    for (let index = 0; index < 12_000; index += 1) {
      const { metadata } = await world.client.create(Website, site(`s-${index}`));
      await two.idle();
      await world.client.delete(Website, metadata);
      if (index % 100 === 0) await two.idle();
    }
    await two.idle();
    expect(Math.max(...gauge)).toBeLessThanOrEqual(10_001);
    runs.length = 0;
    await one.stop();
    await world.clock.advance(1_000);
    await two.idle();
    expect(runs.find((run) => run.startsWith('two stays'))).toBeDefined();
  });

  it('cuts off a reconcile that ignores the loss, after the time that it may take', async () => {
    world = makeWorld();
    const breaker = breakable(world.client);
    let attempts = 0;
    const stuck = controller('stuck')
      .for(Website)
      .reconcile(async () => {
        attempts += 1;
        if (attempts === 1) await new Promise(() => undefined);
      });
    const one = make('one', [stuck], { client: breaker.client, gracefulShutdownTimeout: 5_000 });
    await one.start();
    await world.client.create(Website, site('a'));
    await world.clock.advance(0);
    breaker.isDown = true;
    await world.clock.advance(10_000);
    breaker.isDown = false;
    await world.clock.advance(30_000);
    await one.idle();
    expect([one.leads, attempts]).toEqual([true, 2]);
  });

  it('runs what needs no leadership all the time, and single controllers under a lease of their own', async () => {
    world = makeWorld();
    const runs: string[] = [];
    const free = (by: string): Controller =>
      controller('free')
        .for(Website)
        .options({ leaderElection: false })
        .reconcile(async () => void runs.push(`${by} free`));
    const own = (by: string): Controller =>
      controller('own')
        .for(Website)
        .options({ leaderElection: { namespace: 'kube-system', name: 'own', identity: by } })
        .reconcile(async () => void runs.push(`${by} own`));
    // two takes the lease of its own before one comes
    const two = make('two', [free('two'), own('two')]);
    await two.start();
    const one = make('one', [free('one'), own('one')]);
    await one.start();
    await world.client.create(Website, site('a'));
    await one.idle();
    await two.idle();
    expect(runs.toSorted()).toEqual(['one free', 'two free', 'two own']);
  });

  it('fails to start where fencing is required and cannot be had', async () => {
    world = makeWorld();
    const client = {
      ...intercept(world.client, {}),
      capabilities: { ...world.client.capabilities, guards: false },
    };
    const one = make('one', [noting('one', [])], {
      client,
      leaderElection: { ...election, identity: 'one', requireFencing: true },
    });
    await expect(one.start()).rejects.toThrow(
      /requireFencing: expected a lock and a server that can guard writes/,
    );
  });

  it('is ready only once it has started, and says who it is', async () => {
    world = makeWorld();
    const one = make('one', [noting('one', [])]);
    expect(one.identity).toBe('one');
    expect((await one.ready.run()).healthy).toBe(false);
    await one.start();
    expect((await one.ready.run()).healthy).toBe(true);
    expect((await one.health.run()).results.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'ping ok',
      'leader-election ok',
    ]);
    await one.stop();
    expect((await one.ready.run()).healthy).toBe(false);
  });
});

describe('a manager with shards', () => {
  it('shares the keys among the processes, each with all of its own and no other', async () => {
    world = makeWorld();
    const runs: string[] = [];
    const shards = { ...election, shards: 8 };
    const one = make('one', [noting('one', runs)], { leaderElection: { ...shards, identity: 'one' } });
    const two = make('two', [noting('two', runs)], { leaderElection: { ...shards, identity: 'two' } });
    await one.start();
    await two.start();
    await world.clock.advance(5_000);
    const names = Array.from({ length: 40 }, (_, index) => `site-${index}`);
    for (const name of names) await world.client.create(Website, site(name));
    await one.idle();
    await two.idle();
    const by = (who: string): string[] =>
      runs.filter((run) => run.startsWith(who)).map((run) => run.split(' ')[1] as string);
    expect([...by('one'), ...by('two')].toSorted()).toEqual(names.toSorted());
    expect(by('one').length).toBeGreaterThan(5);
    expect(by('two').length).toBeGreaterThan(5);
    // the other takes over what one of them leaves
    runs.length = 0;
    await one.stop();
    await world.clock.advance(20_000);
    await two.idle();
    for (const name of names)
      await world.client.patch(Website, site(name).metadata, {
        type: 'merge',
        patch: { metadata: { labels: { a: 'b' } } },
      });
    await two.idle();
    expect(new Set(by('two'))).toEqual(new Set(names));
  });

  it('never works on one key in two processes, while processes come and go', async () => {
    world = makeWorld();
    const busy = new Map<string, string>();
    const overlaps: string[] = [];
    const working = (by: string): Controller =>
      controller('website')
        .for(Website)
        .options({ concurrency: 4 })
        .reconcile(async ({ key: { name }, clock }) => {
          if (busy.has(name)) overlaps.push(`${by} and ${busy.get(name)} on ${name}`);
          busy.set(name, by);
          await new Promise<void>((resolve) => clock.setTimer(700, resolve));
          busy.delete(name);
          return { requeueAfter: 300 };
        });
    for (let index = 0; index < 12; index += 1) await world.client.create(Website, site(`site-${index}`));
    const started: Manager[] = [];
    for (const identity of ['a', 'b', 'c']) {
      const manager = make(identity, [working(identity)], {
        leaderElection: { ...election, identity, shards: 6 },
      });
      void manager.start();
      started.push(manager);
      await world.clock.advance(7_000);
    }
    const stopping = started[0]?.stop();
    await world.clock.advance(20_000);
    await stopping;
    expect(overlaps).toEqual([]);
    expect(started.slice(1).every((manager) => manager.leads)).toBe(true);
  });
});
