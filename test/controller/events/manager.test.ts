import { afterEach, expect, it } from 'vitest';
import { ApiError, controller, intercept, Manager, type ObjectStore } from '../../../src/index.js';
import { Event } from '../../../src/resources/kinds/index.js';
import { makeWorld, Website } from '../website.js';

let store: ObjectStore;
let manager: Manager;
afterEach(async () => {
  await manager.stop();
  await store.close();
});

const websites = controller('website')
  .for(Website)
  .reconcile(async ({ object, recorder }) => {
    if (object !== undefined) recorder.normal(object, 'Published', `it has ${object.spec.pages} pages`);
  });

const themes = controller('theme')
  .for(Website)
  .reconcile(async ({ object, recorder }) => {
    if (object !== undefined) recorder.warning(object, 'NoTheme', 'it has no theme');
  });

it('gives each controller a recorder that writes as the controller', async () => {
  const world = makeWorld();
  store = world.store;
  manager = new Manager({ client: world.client, controllers: [websites, themes] });
  await manager.start();
  const site = await world.client.create(Website, {
    metadata: { name: 'a', namespace: 'default' },
    spec: {},
  });
  await manager.idle();
  await manager.events.idle();
  const { items } = await world.client.list(Event);
  const told = items.map(({ reportingController, type, reason, note, regarding }) => ({
    reportingController,
    type,
    reason,
    note,
    uid: regarding?.uid,
  }));
  expect(told).toEqual(
    expect.arrayContaining([
      {
        reportingController: 'website',
        type: 'Normal',
        reason: 'Published',
        note: 'it has 1 pages',
        uid: site.metadata.uid,
      },
      {
        reportingController: 'theme',
        type: 'Warning',
        reason: 'NoTheme',
        note: 'it has no theme',
        uid: site.metadata.uid,
      },
    ]),
  );
  expect(told).toHaveLength(2);
});

it('does not wait for events when it waits for rest, and writes them when it stops', async () => {
  const world = makeWorld();
  store = world.store;
  let broken = true;
  const client = intercept(world.client, {
    create(next, resource, object, options) {
      if (broken && resource.kind === 'Event') throw ApiError.serviceUnavailable('the server is gone');
      return next(resource, object, options);
    },
  });
  manager = new Manager({ client, controllers: [websites] });
  await manager.start();
  await client.create(Website, { metadata: { name: 'a', namespace: 'default' }, spec: {} });
  await manager.idle();
  expect((await client.list(Event)).items).toEqual([]);
  broken = false;
  await manager.stop();
  expect((await client.list(Event)).items).toHaveLength(1);
});

it('has recorders for other parts of the program', async () => {
  const world = makeWorld();
  store = world.store;
  manager = new Manager({ client: world.client, controllers: [] });
  const site = await world.client.create(Website, {
    metadata: { name: 'a', namespace: 'default' },
    spec: {},
  });
  manager.events.recorder('importer').normal(site, 'Imported', 'it comes from the old server');
  await manager.events.flush();
  expect((await world.client.list(Event)).items).toMatchObject([{ reportingController: 'importer' }]);
});
