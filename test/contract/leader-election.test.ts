import { type Client, ObjectStore, sleep, VirtualClock } from 'keelson';
import { Lease } from 'keelson/kinds';
import { isLeadershipLost, LeaderElector, LeaseLock, ShardedElector, shardOf } from 'keelson/leader-election';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Website } from './website.js';

let clock: VirtualClock;
let store: ObjectStore;
let client: Client;
beforeEach(() => {
  clock = new VirtualClock();
  store = new ObjectStore({ resources: [Website], clock });
  client = store.client();
});
afterEach(async () => {
  await store.close();
  expect(clock.timers).toBe(0);
});

const site = { metadata: { name: 'a', namespace: 'default' }, spec: { image: 'nginx' } };

describe('the contract: leader election', () => {
  it('runs the program as written', async () => {
    const abort = new AbortController();
    const { signal } = abort;
    const told: string[] = [];

    const elector = new LeaderElector({
      lock: new LeaseLock({ client, namespace: 'kube-system', name: 'demo', identity: 'a' }),
      leaseDuration: 15_000,
      renewDeadline: 10_000,
      retryPeriod: 2_000,
      releaseOnCancel: true,
    });
    const running = elector.run(
      async (term) => {
        await term.client.create(Website, site);
        told.push('leads');
        await sleep(clock, 3_600_000, term.signal);
      },
      { signal },
    );

    await clock.advance(60_000);
    expect(told).toEqual(['leads']);
    expect(elector.isLeader).toBe(true);
    const lease = await client.get(Lease, { namespace: 'kube-system', name: 'demo' });
    expect(lease.spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
    abort.abort();
    await running;
    const released = await client.get(Lease, { namespace: 'kube-system', name: 'demo' });
    expect(released.spec).toMatchObject({ holderIdentity: '', leaseTransitions: 0 });
  });

  it('releases and resolves when the callback returns, releases and rejects when it throws', async () => {
    const elector = new LeaderElector({
      lock: new LeaseLock({ client, namespace: 'kube-system', name: 'demo', identity: 'a' }),
    });
    await elector.run(() => undefined);
    const holder = async (): Promise<string | undefined> =>
      (await client.get(Lease, { namespace: 'kube-system', name: 'demo' })).spec?.holderIdentity;
    expect(await holder()).toBe('');
    const running = elector.run(async () => {
      throw new Error('boom');
    });
    await expect(running).rejects.toThrow('boom');
    expect(await holder()).toBe('');
  });

  it('fences: the writes of a term fail once another term began, and the callback is awaited before the next', async () => {
    const abort = new AbortController();
    const terms: number[] = [];
    const errors: unknown[] = [];
    const elector = new LeaderElector({
      lock: new LeaseLock({ client, namespace: 'kube-system', name: 'demo', identity: 'a' }),
    });
    const running = elector.run(
      async (term) => {
        terms.push(term.number);
        if (term.number > 0) return abort.abort();
        const lease = await client.get(Lease, { namespace: 'kube-system', name: 'demo' });
        const spec = { ...lease.spec, holderIdentity: 'b', leaseTransitions: 1 };
        await client.update(Lease, { ...lease, spec });
        await term.client.create(Website, site).catch((error: unknown) => errors.push(error));
        await sleep(clock, 60_000);
      },
      { signal: abort.signal },
    );
    await clock.advance(59_999);
    expect(terms).toEqual([0]);
    await clock.advance(20_000);
    await running;
    expect(terms).toEqual([0, 2]);
    expect(errors).toEqual([expect.toSatisfy(isLeadershipLost)]);
    expect((await client.list(Website)).items).toEqual([]);
  });

  it('shares shards', async () => {
    const [a, b] = ['a', 'b'].map(
      (identity) =>
        new ShardedElector({ client, namespace: 'kube-system', name: 'mail', identity, shards: 4 }),
    ) as [ShardedElector, ShardedElector];
    const own = new Map<number, string>();
    const running = [a, b].map((elector) =>
      elector.run(async (shard) => {
        own.set(shard.index, shard.identity);
        await sleep(clock, 3_600_000, shard.signal);
      }),
    );
    await clock.advance(2_000);
    expect([...a.owned, ...b.owned].toSorted((x, y) => x - y)).toEqual([0, 1, 2, 3]);
    expect(a.owned).toHaveLength(2);
    expect(own.get(shardOf('default/a', 4))).toMatch(/^[ab]$/);
    const stopping = Promise.all([a.stop(), b.stop()]);
    await clock.advance(1_000);
    await stopping;
    await Promise.all(running);
  });
});
