import { afterEach, describe, expect, it } from 'vitest';
import { type Client, type Controller, controller, Manager, ObjectStore, sleep } from '../../src/index.js';
import { makeWorld, Website } from '../controller/website.js';

const site = (name: string, namespace = 'default') => ({ metadata: { name, namespace }, spec: {} });

let world: ReturnType<typeof makeWorld>;
let manager: Manager | undefined;
afterEach(async () => {
  await manager?.stop();
  await world.store.close();
});

async function createMany(client: Client, count: number, namespace?: string): Promise<void> {
  for (let index = 0; index < count; index += 1)
    await client.create(Website, site(`old-${index}`, namespace));
}

/** A controller whose reconciles take 10 ms each, one after another, and are noted. */
function slow(seen: string[], options: Controller['options'] = {}): Controller {
  return controller('slow')
    .for(Website, { stores: 'every' })
    .options(options)
    .reconcile(async ({ key, store = 'home', clock, signal }) => {
      seen.push(`${store} ${key.namespace}/${key.name}`);
      await sleep(clock, 10, signal);
    });
}

describe('the queue of a controller', () => {
  it('takes what happens now before what was there at the start, and that all the same', async () => {
    world = makeWorld();
    const seen: string[] = [];
    await createMany(world.client, 100);
    manager = new Manager({ client: world.client, controllers: [slow(seen)] });
    await manager.start();
    await world.clock.advance(100);
    const before = seen.length;
    await world.client.create(Website, site('new'));
    await world.clock.advance(2_000);
    expect(before).toBeLessThan(20);
    // one was at work when it came
    expect(seen.indexOf('home default/new')).toBe(before);
    expect(new Set(seen).size).toBe(101);
  });

  it('shares its turns among the namespaces where it is told to', async () => {
    world = makeWorld();
    const seen: string[] = [];
    const controllers = [slow(seen, { flowOf: ({ key }) => key.namespace ?? '' })];
    manager = new Manager({ client: world.client, controllers });
    await manager.start();
    await createMany(world.client, 100, 'big');
    await world.client.create(Website, site('a', 'small'));
    await world.clock.advance(2_000);
    expect(seen.indexOf('home small/a')).toBeLessThanOrEqual(2);
    expect(seen).toHaveLength(101);
  });

  it('shares its turns among the stores without being told', async () => {
    world = makeWorld();
    const seen: string[] = [];
    const other = new ObjectStore({ resources: [Website], clock: world.clock });
    const stores = { small: other.client() };
    manager = new Manager({ client: world.client, controllers: [slow(seen)], stores });
    await manager.start();
    await createMany(world.client, 100);
    await stores.small.create(Website, site('a'));
    await world.clock.advance(2_000);
    expect(seen.indexOf('small default/a')).toBeLessThanOrEqual(2);
    expect(seen).toHaveLength(101);
    await manager.stop();
    await other.close();
  });
});
