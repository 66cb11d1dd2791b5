import { expect, it } from 'vitest';
import { ApiError, controller, intercept, Manager } from '../../src/index.js';
import { makePages, makeWorld, Page, Website } from '../controller/website.js';

it('a test fails the second creation of a kind, and the controller still gets there', async () => {
  const { store, client } = makeWorld();
  let creations = 0;
  const frail = intercept(client, {
    create(next, resource, object, options) {
      if (resource.kind === 'Page') creations += 1;
      if (creations === 2) throw ApiError.serviceUnavailable('as the test wants it');
      return next(resource, object, options);
    },
  });
  const attempts: number[] = [];
  const websites = controller('website')
    .for(Website)
    .owns(Page)
    .reconcileObject(async (object, { client: own, attempt }) => {
      attempts.push(attempt);
      await makePages(own, object);
    });
  const manager = new Manager({ client: frail, controllers: [websites] });
  await manager.start();
  await client.create(Website, { metadata: { name: 'a', namespace: 'default' }, spec: { pages: 3 } });
  await manager.settled({ horizon: 1_000 });
  expect((await client.list(Page)).items.map(({ metadata }) => metadata.name)).toEqual(['a-0', 'a-1', 'a-2']);
  expect(attempts.slice(0, 2)).toEqual([1, 2]);
  expect(creations).toBe(4);
  await manager.stop();
  await store.close();
});
