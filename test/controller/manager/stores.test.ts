import { afterEach, describe, expect, it } from 'vitest';
import { type Client, controller, Manager, ObjectStore, type VirtualClock } from '../../../src/index.js';
import { makeWorld, Page, Theme, Website } from '../website.js';

const site = (name: string) => ({ metadata: { name, namespace: 'default' }, spec: {} });
const stores: ObjectStore[] = [];
let manager: Manager | undefined;
afterEach(async () => {
  await manager?.stop();
  await Promise.all(stores.splice(0).map((store) => store.close()));
});

function home(): { client: Client; clock: VirtualClock } {
  const { store, client, clock } = makeWorld();
  stores.push(store);
  return { client, clock };
}

function tenant(clock: VirtualClock, resources = [Website, Page, Theme]): Client {
  const store = new ObjectStore({ resources, clock });
  stores.push(store);
  return store.client();
}

describe('a manager of several stores', () => {
  it('reconciles in every store that was added, with the client and the cache of that store', async () => {
    const { client, clock } = home();
    const [red, blue] = [tenant(clock), tenant(clock)];
    const seen: string[] = [];
    const websites = controller('website')
      .for(Website, { stores: 'added' })
      .owns(Page)
      .reconcile(async ({ key, store, object, cache, client: own }) => {
        seen.push(`${store} ${key.name} ${cache.list(Website).length}`);
        if (object === undefined) return;
        await own.apply(Page, {
          metadata: { name: `${key.name}-of-${store}`, namespace: 'default' },
          spec: { number: 1 },
        });
      });
    manager = new Manager({ client, controllers: [websites], stores: { red, blue } });
    await manager.start();
    await red.create(Website, site('a'));
    await blue.create(Website, site('a'));
    await client.create(Website, site('at-home'));
    await manager.idle();
    expect(seen.toSorted()).toEqual(['blue a 1', 'red a 1']);
    expect((await red.list(Page)).items.map(({ metadata }) => metadata.name)).toEqual(['a-of-red']);
    expect((await blue.list(Page)).items.map(({ metadata }) => metadata.name)).toEqual(['a-of-blue']);
    expect((await client.list(Page)).items).toEqual([]);
  });

  it('leads from one store to another: a hub whose objects are made in all others', async () => {
    const { client, clock } = home();
    const [red, blue] = [tenant(clock), tenant(clock)];
    const hub = controller('hub')
      .for(Website)
      .watches(Page, {
        stores: 'added',
        key: ({ metadata }) => ({ name: metadata.name, namespace: 'default' }),
      })
      .reconcile(async ({ key, object, at }) => {
        for (const store of ['red', 'blue']) {
          const { client: there, cache } = at(store);
          if (object !== undefined && cache.get(Page, key) === undefined) {
            await there.create(Page, { metadata: { ...key, namespace: 'default' }, spec: { number: 1 } });
          }
        }
      });
    manager = new Manager({ client, controllers: [hub], stores: { red, blue } });
    await manager.start();
    await client.create(Website, site('a'));
    await manager.idle();
    await blue.delete(Page, { name: 'a', namespace: 'default' });
    await manager.idle();
    for (const store of [red, blue]) expect((await store.list(Page)).items).toHaveLength(1);
  });

  it('takes stores in and out while it runs', async () => {
    const { client, clock } = home();
    const red = tenant(clock);
    const seen: string[] = [];
    const websites = controller('website')
      .for(Website, { stores: 'every' })
      .reconcile(async ({ key, store = 'home' }) => void seen.push(`${store} ${key.name}`));
    manager = new Manager({ client, controllers: [websites] });
    await manager.start();
    await red.create(Website, site('a'));
    await client.create(Website, site('a'));
    await manager.addStore('red', red);
    await manager.idle();
    expect(seen.toSorted()).toEqual(['home a', 'red a']);
    await manager.removeStore('red');
    await red.create(Website, site('b'));
    await client.create(Website, site('b'));
    await manager.idle();
    expect(seen.slice(2)).toEqual(['home b']);
    await manager.addStore('red', red);
    await manager.idle();
    expect(seen.slice(3).toSorted()).toEqual(['red a', 'red b']);
  });

  it('asks for what is at home when a store comes that a controller looks at', async () => {
    const { client, clock } = home();
    const [red, blue] = [tenant(clock), tenant(clock)];
    const hub = controller('hub')
      .for(Website)
      .reads(Page, { stores: 'added' })
      .reconcile(async ({ key, at, stores: names }) => {
        for (const name of names) {
          const { client: there, cache } = at(name);
          if (cache.get(Page, key) !== undefined) continue;
          await there.create(Page, { metadata: { ...key, namespace: 'default' }, spec: { number: 1 } });
        }
      });
    manager = new Manager({ client, controllers: [hub], stores: { red } });
    await manager.start();
    await client.create(Website, site('a'));
    await manager.idle();
    await manager.addStore('blue', blue);
    await manager.idle();
    for (const store of [red, blue]) expect((await store.list(Page)).items).toHaveLength(1);
  });

  it('tells what runs in a store that goes to stop, waits for it, and cuts it off in the end', async () => {
    const { client, clock } = home();
    const red = tenant(clock);
    const seen: string[] = [];
    const websites = controller('website')
      .for(Website, { stores: 'added' })
      .options({ concurrency: 2 })
      .reconcile(async ({ key, signal, client: own }) => {
        if (key.name === 'stuck') await new Promise(() => undefined);
        await new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        );
        await own.get(Website, key);
        seen.push(`${key.name} has ended`);
      });
    manager = new Manager({
      client,
      controllers: [websites],
      stores: { red },
      gracefulShutdownTimeout: 5_000,
    });
    await manager.start();
    await red.create(Website, site('quick'));
    await red.create(Website, site('stuck'));
    await clock.advance(0);
    const removed = manager.removeStore('red').then(() => seen.push('removed'));
    await clock.advance(4_999);
    expect(seen).toEqual(['quick has ended']);
    await clock.advance(1);
    await removed;
    expect(seen).toEqual(['quick has ended', 'removed']);
    await manager.idle();
  });

  it('refuses a name that is taken or none, a store that lacks a kind, and one that is not there', async () => {
    const { client, clock } = home();
    const websites = controller('website')
      .for(Website, { stores: 'every' })
      .reconcile(async () => undefined);
    manager = new Manager({ client, controllers: [websites] });
    await manager.start();
    await manager.addStore('red', tenant(clock));
    await expect(manager.addStore('red', tenant(clock))).rejects.toThrow(
      /expected one of a name, got two named "red"/,
    );
    await expect(manager.addStore('Red Store', tenant(clock))).rejects.toThrow(
      /expected a DNS name such as 'tenant-a'/,
    );
    await expect(manager.addStore('poor', tenant(clock, []))).rejects.toThrow(
      /^controller website: expected a store poor that serves Website in example.com\/v1/,
    );
    await expect(manager.removeStore('poor')).rejects.toThrow(/expected the name of a store, got "poor"/);
    await manager.idle();
  });
});
