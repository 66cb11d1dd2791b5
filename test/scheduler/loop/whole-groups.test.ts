import { expect, test } from 'vitest';
import { type Client, intercept } from '../../../src/client/index.js';
import { ApiError } from '../../../src/core/index.js';
import { Event, Pod } from '../../../src/resources/kinds/index.js';
import { PodGroup } from '../../../src/scheduler/index.js';
import { MetricsBook } from '../../core/metrics-book.js';
import {
  createNode,
  createPod,
  key,
  placesOf,
  podOf,
  profileWith,
  type TestCluster,
  testCluster,
} from './cluster.js';
import { createGroup, createMember, groupScheduler } from './groups.js';

const on = (node: string): Partial<Pod['spec']> => ({ nodeSelector: { 'kubernetes.io/hostname': node } });
const slow = { terminationGracePeriodSeconds: 30 };
const high = { priority: 100 };

/** A member of the group `g` on each of some nodes of one CPU, named after them; the first is less important than any other. */
async function createGang(
  client: Client,
  minMember: number,
  nodes: readonly string[],
  spec: Partial<Pod['spec']> = {},
): Promise<void> {
  for (const node of nodes) await createNode(client, node, '1');
  await createGroup(client, 'g', { minMember });
  for (const [at, node] of nodes.entries()) {
    await createMember(client, 'g', `g-${node}`, '1', { priority: 1_000 * at, ...on(node), ...spec });
  }
}

/** Those that are on nodes and not on their way off. */
async function stayersOf(client: Client): Promise<readonly string[]> {
  const { items } = await client.list(Pod);
  return items
    .filter(({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec.nodeName !== undefined)
    .map(({ metadata }) => metadata.name)
    .sort();
}

/** Lets all that are on their way be gone. */
async function endAll({ client, clock }: TestCluster): Promise<void> {
  for (const { metadata } of (await client.list(Pod)).items) {
    if (metadata.deletionTimestamp !== undefined) {
      await client.delete(Pod, key(metadata.name), { gracePeriodSeconds: 0 });
    }
  }
  await clock.advance(20_000);
}

/** What victims were told, by name. */
async function preemptedNotes(client: Client): Promise<ReadonlyMap<string, string>> {
  const { items } = await client.list(Event);
  const notes = items.filter(({ reason }) => reason === 'Preempted');
  return new Map(notes.map(({ regarding, note }) => [regarding?.name ?? '', note ?? '']));
}

test('a group that has to give up a member it cannot do without goes as a whole, whatever the priority of the others', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  const metrics = new MetricsBook({ asks: true });
  await createGang(client, 3, ['a', 'b', 'c']);
  await using scheduler = groupScheduler(client, { metrics });
  await scheduler.start();
  await scheduler.idle();
  await createPod(client, podOf('other', '1', { ...high, ...on('a') }));
  await scheduler.idle();
  await clock.advance(20_000);
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ other: 'a' });
  await scheduler.stop();
  const notes = await preemptedNotes(client);
  const { uid } = (await client.get(Pod, key('other'))).metadata;
  const by = `Preempted by default/other (${uid}) on host`;
  const why = 'its group default/g is too small without default/g-a';
  expect(notes).toEqual(
    new Map([
      ['g-a', `${by} a`],
      ['g-b', `${by} b: ${why}`],
      ['g-c', `${by} c: ${why}`],
    ]),
  );
  expect(metrics.values).toMatchObject({
    scheduler_preemption_attempts_total: 1,
    scheduler_preemption_victims: [3],
  });
});

test('a group that can do without a member keeps the others', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createGang(client, 2, ['a', 'b', 'c']);
  await using scheduler = groupScheduler(client);
  await scheduler.start();
  await scheduler.idle();
  await createPod(client, podOf('other', '1', { ...high, ...on('a') }));
  await scheduler.idle();
  expect(await stayersOf(client)).toEqual(['g-b', 'g-c', 'other']);
});

test('a group of which nobody says what it asks for gives up who was chosen', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createGang(client, 2, ['a', 'b']);
  await using scheduler = groupScheduler(client);
  await scheduler.start();
  await scheduler.idle();
  await client.delete(PodGroup, key('g'));
  await createPod(client, podOf('other', '1', { ...high, ...on('a') }));
  await scheduler.idle();
  expect(await stayersOf(client)).toEqual(['g-b', 'other']);
});

test('members that are going count as gone, and nobody counts on those that were sent away', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createGang(client, 2, ['a', 'b', 'c', 'd'], slow);
  await using scheduler = groupScheduler(client);
  await scheduler.start();
  await scheduler.idle();
  await client.delete(Pod, key('g-d'));
  await scheduler.idle();
  // both are decided about before any of them is evicted
  await createPod(client, podOf('x', '1', { ...high, ...on('a') }));
  await createPod(client, podOf('y', '1', { priority: 5_000, ...on('b') }));
  await scheduler.idle();
  expect(await stayersOf(client)).toEqual([]);
});

test('a group makes another one go as a whole, and waits for those who were in its way only', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createGang(client, 4, ['a', 'b', 'c', 'd'], { ...slow, priority: 0 });
  await using scheduler = groupScheduler(client);
  await scheduler.start();
  await scheduler.idle();
  await createGroup(client, 'h', { minMember: 2 });
  for (const node of ['a', 'b']) await createMember(client, 'h', `h-${node}`, '1', { ...high, ...on(node) });
  await scheduler.idle();
  expect(await stayersOf(client)).toEqual([]);
  for (const node of ['a', 'b']) {
    expect(await placesOf(client)).toMatchObject({ 'h-a': '', 'h-b': '' });
    await client.delete(Pod, key(`g-${node}`), { gracePeriodSeconds: 0 });
    await scheduler.idle();
    await cluster.clock.advance(20_000);
    await scheduler.idle();
  }
  expect(await stayersOf(client)).toEqual(['h-a', 'h-b']);
});

test('those that are not bound yet are given back with their group, and not deleted', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createGang(client, 3, ['a', 'b', 'c']);
  const holds = {
    name: 'Holds',
    permit: ({ key: name }: { readonly key: string }) =>
      name.startsWith('default/g') ? { wait: 900_000 } : undefined,
  };
  await using scheduler = groupScheduler(client, { profiles: [profileWith(holds)] });
  await scheduler.start();
  await scheduler.idle();
  expect(scheduler.waiting()).toHaveLength(3);
  await createPod(client, podOf('other', '1', { ...high, ...on('a') }));
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ 'g-a': '', 'g-b': '', 'g-c': '', other: 'a' });
  expect(scheduler.waiting()).toEqual([]);
  // they are tried as a group again
  await client.delete(Pod, key('other'));
  await clock.advance(20_000);
  await scheduler.idle();
  expect(scheduler.waiting()).toHaveLength(3);
  await scheduler.stop();
  const { items } = await client.list(Event);
  expect(items.filter(({ regarding }) => regarding?.name === 'g-a').map(({ note }) => note)).toContain(
    'default/g-c of the same group was rejected: preempted by default/other: its group default/g is too small without default/g-a',
  );
});

test('members that come back are tried as a group, and none of them before', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createGang(client, 2, ['a', 'b'], slow);
  await using scheduler = groupScheduler(client);
  await scheduler.start();
  await scheduler.idle();
  await createPod(client, podOf('other', '1', { ...high, ...on('a') }));
  await scheduler.idle();
  // there is room for it, but the group has nobody else any more
  await createNode(client, 'c', '4');
  await createMember(client, 'g', 'new-1');
  await scheduler.idle();
  expect(await stayersOf(client)).toEqual([]);
  expect(scheduler.counts()).toMatchObject({ gated: 1 });
  await endAll(cluster);
  await scheduler.idle();
  expect(await stayersOf(client)).toEqual(['other']);
  await createMember(client, 'g', 'new-2');
  await scheduler.idle();
  await clock.advance(20_000);
  await scheduler.idle();
  expect(await stayersOf(client)).toEqual(['new-1', 'new-2', 'other']);
});

test('as long as one of a group cannot be evicted those that were chosen stay, and the group is whole', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createGang(client, 2, ['a', 'b']);
  let isDown = true;
  const failing = intercept(client, {
    delete: (next, ...args) =>
      isDown && args[1].name === 'g-b'
        ? Promise.reject(ApiError.forbidden(Pod, 'g-b', 'not yet'))
        : next(...args),
  });
  await using scheduler = groupScheduler(failing);
  await scheduler.start();
  await scheduler.idle();
  await createPod(client, podOf('other', '1', { ...high, ...on('a') }));
  await scheduler.idle();
  expect(await stayersOf(client)).toEqual(['g-a', 'g-b']);
  // they count in their group as before: one more stands for itself
  await createNode(client, 'c', '1');
  await createMember(client, 'g', 'g-c');
  await scheduler.idle();
  expect(await stayersOf(client)).toEqual(['g-a', 'g-b', 'g-c']);
  await client.delete(Pod, key('g-c'));
  isDown = false;
  for (let at = 0; at < 3; at += 1) {
    await clock.advance(10_000);
    await scheduler.idle();
  }
  expect(await placesOf(client)).toEqual({ other: 'a' });
});

test('once one of a group has gone the others go too, though nobody needs the room any more', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createGang(client, 3, ['a', 'b', 'c']);
  const leaving = intercept(client, {
    async delete(next, ...args) {
      const answer = await next(...args);
      if (args[1].name === 'g-b') {
        await client.delete(Pod, key('other'));
        await client.barrier();
      }
      return answer;
    },
  });
  await using scheduler = groupScheduler(leaving);
  await scheduler.start();
  await scheduler.idle();
  await createPod(client, podOf('other', '1', { ...high, ...on('a') }));
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({});
});
