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
