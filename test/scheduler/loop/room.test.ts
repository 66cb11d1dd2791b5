import { expect, test } from 'vitest';
import { intercept } from '../../../src/client/index.js';
import { ApiError, edit } from '../../../src/core/index.js';
import { Node, Pod, PodDisruptionBudget } from '../../../src/resources/kinds/index.js';
import {
  createNode,
  createPod,
  key,
  placesOf,
  podOf,
  profileWith,
  schedulerOf,
  testCluster,
} from './cluster.js';

const high = { priority: 100 };
const low = { priority: 1 };

test('room that could not be made is not kept, and the Pod is tried again', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '1');
  let isDown = true;
  const failing = intercept(client, {
    delete: (next, ...args) =>
      isDown ? Promise.reject(ApiError.forbidden(Pod, 'low', 'not yet')) : next(...args),
  });
  await using scheduler = schedulerOf(failing);
  await scheduler.start();
  await createPod(client, podOf('low', '1', low));
  await scheduler.idle();
  await createPod(client, podOf('high', '1', high));
  await scheduler.idle();
  expect(scheduler.counts()).toMatchObject({ backoff: 1, 'in hand': 0 });
  expect(await placesOf(client)).toEqual({ low: 'a', high: '' });
  isDown = false;
  await clock.advance(2_000);
  await scheduler.idle();
  await clock.advance(10_000);
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ high: 'a' });
  expect((await client.get(Pod, key('high'))).spec.nodeName).toBe('a');
});

test('a victim that takes its time is waited for: nobody else goes meanwhile', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '1');
  await createNode(client, 'b', '1');
  await using scheduler = schedulerOf(client);
  await scheduler.start();
  for (const name of ['low-1', 'low-2']) {
    const pod = podOf(name, '1', { ...low, terminationGracePeriodSeconds: 30 });
    await createPod(client, pod);
  }
  await scheduler.idle();
  await createPod(client, podOf('high', '1', high));
  await scheduler.idle();
  const going = async (): Promise<string[]> =>
    (await client.list(Pod)).items
      .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
      .map(({ metadata }) => metadata.name);
  const [victim, ...others] = await going();
  expect(others).toEqual([]);
  expect((await client.get(Pod, key('high'))).status?.nominatedNodeName).toBeDefined();
  // something happens that makes it try again
  await client.update(
    Node,
    edit(await client.get(Node, { name: 'a' }), (draft) => {
      draft.metadata.labels = { ...draft.metadata.labels, changed: 'yes' };
    }),
  );
  await clock.advance(320_000);
  await scheduler.idle();
  expect(await going()).toEqual([victim]);
  await client.delete(Pod, key(victim as string), { gracePeriodSeconds: 0 });
  await scheduler.idle();
  await clock.advance(10_000);
  await scheduler.idle();
  expect((await placesOf(client))['high']).not.toBe('');
});

test('a budget is kept where there is another way', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createNode(client, 'a', '1');
  await createNode(client, 'b', '1');
  await using scheduler = schedulerOf(client);
  await scheduler.start();
  for (const app of ['kept', 'free']) {
    const pod = podOf(app, '1', low);
    await createPod(client, { ...pod, metadata: { ...pod.metadata, labels: { app } } as never });
  }
  const budget = await client.create(PodDisruptionBudget, {
    metadata: { name: 'kept', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'kept' } }, minAvailable: 1 },
  });
  await client.update(
    PodDisruptionBudget,
    { ...budget, status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 } },
    { subresource: 'status' },
  );
  await scheduler.idle();
  await createPod(client, podOf('high', '1', high));
  await scheduler.idle();
  expect(Object.keys(await placesOf(client)).sort()).toEqual(['high', 'kept']);
});

test('room is kept from the less important, not from the more important', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '1');
  await using scheduler = schedulerOf(client);
  await scheduler.start();
  const slow = { terminationGracePeriodSeconds: 30 };
  await createPod(client, podOf('low', '1', { ...low, ...slow }));
  await scheduler.idle();
  await createPod(client, podOf('high', '1', high));
  await scheduler.idle();
  expect((await client.get(Pod, key('high'))).status?.nominatedNodeName).toBe('a');
  await createPod(client, podOf('highest', '1', { priority: 1_000 }));
  await createPod(client, podOf('lower', '1', low));
  await scheduler.idle();
  await client.delete(Pod, key('low'), { gracePeriodSeconds: 0 });
  await scheduler.idle();
  await clock.advance(10_000);
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ high: '', highest: 'a', lower: '' });
  expect((await client.get(Pod, key('high'))).status?.nominatedNodeName).toBeUndefined();
});

test('a Pod that is not bound yet makes room without being deleted', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createNode(client, 'a', '1');
  const profiles = [
    profileWith({
      name: 'Holds',
      permit: ({ priority }) => (priority === 1 ? { wait: 600_000 } : undefined),
    }),
  ];
  await using scheduler = schedulerOf(client, { profiles });
  await scheduler.start();
  await createPod(client, podOf('low', '1', low));
  await scheduler.idle();
  await createPod(client, podOf('high', '1', high));
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ low: '', high: 'a' });
  expect((await client.get(Pod, key('low'))).metadata.deletionTimestamp).toBeUndefined();
});

test('room on a node that is gone is kept no more', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '1');
  await using scheduler = schedulerOf(client);
  await scheduler.start();
  await createPod(client, podOf('low', '1', { ...low, terminationGracePeriodSeconds: 30 }));
  await scheduler.idle();
  await createPod(client, podOf('high', '1', high));
  await scheduler.idle();
  await client.delete(Node, { name: 'a' });
  await clock.advance(400_000);
  await scheduler.idle();
  expect((await client.get(Pod, key('high'))).status?.nominatedNodeName).toBeUndefined();
});
