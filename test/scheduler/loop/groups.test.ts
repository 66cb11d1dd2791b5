import { expect, test } from 'vitest';
import { intercept } from '../../../src/client/index.js';
import { ApiError } from '../../../src/core/index.js';
import { Event, Pod } from '../../../src/resources/kinds/index.js';
import { PodGroup } from '../../../src/scheduler/index.js';
import {
  bindingBy,
  createNode,
  createPod,
  eventsOf,
  key,
  placesOf,
  podOf,
  profileWith,
  testCluster,
} from './cluster.js';
import { createGroup, createMember, createMembers, groupScheduler } from './groups.js';

test('a group is placed when enough members are there, and none of them before', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createNode(client, 'a', '4');
  await using scheduler = groupScheduler(client);
  await scheduler.start();
  await createMembers(client, 'g', 2);
  await scheduler.idle();
  expect(scheduler.counts()).toMatchObject({ gated: 2 });
  await createGroup(client, 'g', { minMember: 3 });
  await scheduler.idle();
  expect(scheduler.counts()).toMatchObject({ gated: 2 });
  await createMember(client, 'g', 'g-2');
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ 'g-0': 'a', 'g-1': 'a', 'g-2': 'a' });
  // one more than are needed stands for itself
  await createMember(client, 'g', 'g-3');
  await createMember(client, 'g', 'g-4');
  await scheduler.idle();
  expect(await placesOf(client)).toMatchObject({ 'g-3': 'a', 'g-4': '' });
});

test('a group for which there is no room holds nothing, and is placed as a whole once there is', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '2');
  await createGroup(client, 'g', { minMember: 3 });
  await createMembers(client, 'g', 3);
  await using scheduler = groupScheduler(client);
  await scheduler.start();
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ 'g-0': '', 'g-1': '', 'g-2': '' });
  const { status } = await client.get(Pod, key('g-0'));
  expect(status?.conditions?.[0]?.message).toBe('group default/g: there is no room for 3 of 3 members');
  expect(scheduler.counts()).toMatchObject({ unschedulable: 3 });
  // what the group does not hold is there for others
  await createPod(client, podOf('single'));
  await scheduler.idle();
  expect(await placesOf(client)).toMatchObject({ single: 'a' });
  await createNode(client, 'b', '2');
  await clock.advance(2_000);
  await scheduler.idle();
  const places = Object.values(await placesOf(client));
  expect(places.filter((place) => place === '')).toEqual([]);
});

test('why a member fits nowhere is told with what the group asks for', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createNode(client, 'a', '2');
  await createGroup(client, 'g', { minMember: 2 });
  await createMember(client, 'g', 'small');
  await createMember(client, 'g', 'large', '3');
  await using scheduler = groupScheduler(client);
  await scheduler.start();
  await scheduler.idle();
  const { status } = await client.get(Pod, key('large'));
  expect(status?.conditions?.[0]?.message).toBe(
    'group default/g: there is no room for 2 of 2 members: 0/1 nodes are available: 1 Insufficient cpu.',
  );
  expect(await eventsOf(client)).toContain('FailedScheduling: small');
});

test('all members go to one domain, and those that come later to the same', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  for (const [name, rack, cpu] of [
    ['a1', 'a', '2'],
    ['b1', 'b', '2'],
    ['b2', 'b', '2'],
  ] as const) {
    await createNode(client, name, cpu, { rack });
  }
  await createGroup(client, 'g', { minMember: 3, topologyKey: 'rack' });
  await createMembers(client, 'g', 3);
  await using scheduler = groupScheduler(client);
  await scheduler.start();
  await scheduler.idle();
  expect(Object.values(await placesOf(client)).every((place) => place.startsWith('b'))).toBe(true);
  await createMember(client, 'g', 'late');
  await createMember(client, 'g', 'later');
  await scheduler.idle();
  const { late, later } = await placesOf(client);
  expect(new Set([late, later].map((place) => place?.slice(0, 1)))).toEqual(new Set(['', 'b']));
  // a node that joins the domain helps
  await createNode(client, 'c1', '2', { rack: 'c' });
  await clock.advance(20_000);
  await scheduler.idle();
  expect(scheduler.counts()).toMatchObject({ unschedulable: 1 });
  await createNode(client, 'b3', '2', { rack: 'b' });
  await clock.advance(20_000);
  await scheduler.idle();
  expect(Object.values(await placesOf(client))).not.toContain('');
});

test('members that a plugin holds back keep the others from being bound; a no releases all', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '4');
  await createGroup(client, 'g', { minMember: 3 });
  await createMembers(client, 'g', 3);
  const holds = {
    name: 'Holds',
    permit: ({ key: name }: { readonly key: string }) =>
      name === 'default/g-1' ? { wait: 600_000 } : undefined,
    wakes: () => false,
  };
  await using scheduler = groupScheduler(client, { profiles: [profileWith(holds)] });
  await scheduler.start();
  await scheduler.idle();
  expect(scheduler.waiting().map(({ workload }) => workload.key)).toEqual(['default/g-1']);
  expect(Object.values(await placesOf(client))).toEqual(['', '', '']);
  scheduler.waiting()[0]?.reject('Holds', 'not today');
  await scheduler.idle();
  expect(scheduler.counts()).toMatchObject({ unschedulable: 3, 'in hand': 0 });
  const { status } = await client.get(Pod, key('g-0'));
  expect(status?.conditions?.[0]?.message).toBe('default/g-1 of the same group was rejected: not today');
  // the room is there for others
  for (const name of ['w', 'x', 'y', 'z']) await createPod(client, podOf(name));
  await scheduler.idle();
  expect(await placesOf(client)).toMatchObject({ w: 'a', x: 'a', y: 'a', z: 'a' });
  for (const name of ['w', 'x', 'y']) await client.delete(Pod, key(name));
  await clock.advance(320_000);
  await scheduler.idle();
  scheduler.waiting()[0]?.allow('Holds');
  await scheduler.idle();
  expect(await placesOf(client)).toMatchObject({ 'g-0': 'a', 'g-1': 'a', 'g-2': 'a' });
});

test('a group that cannot be bound in time is taken back, and tried again', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '4');
  await createGroup(client, 'g', { minMember: 2, scheduleTimeoutSeconds: 30 });
  await createMembers(client, 'g', 2);
  let isSlow = true;
  const slow = {
    name: 'Slow',
    preBind: ({ key: name }: { readonly key: string }) =>
      name === 'default/g-1' && isSlow ? new Promise<void>(() => undefined) : Promise.resolve(),
  };
  await using scheduler = groupScheduler(client, { profiles: [profileWith(slow)] });
  await scheduler.start();
  await clock.advance(29_000);
  expect(Object.values(await placesOf(client))).toEqual(['', '']);
  expect(scheduler.counts()).toMatchObject({ 'in hand': 2 });
  isSlow = false;
  await clock.advance(1_000);
  expect(scheduler.counts()).toMatchObject({ 'in hand': 0, backoff: 2 });
  const { status } = await client.get(Pod, key('g-0'));
  expect(status?.conditions?.[0]?.message).toBe(
    'the group could not be bound within 30000ms of its placement',
  );
  await clock.advance(10_000);
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ 'g-0': 'a', 'g-1': 'a' });
});

test('a member that is deleted while others wait for it releases them; one beyond what is needed does not', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '8');
  for (const [group, minMember] of [['exact', 3] as const, ['spare', 2] as const]) {
    await createGroup(client, group, { minMember });
    await createMembers(client, group, 3);
  }
  const holds = {
    name: 'Holds',
    permit: ({ key: name }: { readonly key: string }) =>
      name.endsWith('-0') ? { wait: 600_000 } : undefined,
  };
  await using scheduler = groupScheduler(client, { profiles: [profileWith(holds)] });
  await scheduler.start();
  await scheduler.idle();
  await client.delete(Pod, key('exact-0'));
  await client.delete(Pod, key('spare-0'));
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ 'exact-1': '', 'exact-2': '', 'spare-1': 'a', 'spare-2': 'a' });
  await clock.advance(20_000);
  expect(scheduler.counts()).toMatchObject({ gated: 2, 'in hand': 0 });
});

test('a plugin that says no to one member, or throws, takes nothing for any of them', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createNode(client, 'a', '8');
  const taken = new Set<string>();
  const picky = {
    name: 'Picky',
    reserve: ({ key: name }: { readonly key: string }) => {
      taken.add(name);
      if (name === 'default/no-1') return { code: 'Unschedulable' as const, reasons: ['not you'] };
      if (name === 'default/err-1') throw new Error('out of order');
      return undefined;
    },
    unreserve: ({ key: name }: { readonly key: string }) => {
      taken.delete(name);
    },
  };
  for (const group of ['no', 'err']) {
    await createGroup(client, group, { minMember: 3 });
    await createMembers(client, group, 3);
  }
  await using scheduler = groupScheduler(client, { profiles: [profileWith(picky)] });
  await scheduler.start();
  await scheduler.idle();
  expect([...taken]).toEqual([]);
  expect(scheduler.counts()).toMatchObject({ unschedulable: 3, backoff: 3, 'in hand': 0 });
  await createPod(client, podOf('all', '8'));
  await scheduler.idle();
  expect(await placesOf(client)).toMatchObject({ all: 'a' });
});

test('a binding that fails after others were bound is tried again for itself', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '4');
  await createGroup(client, 'g', { minMember: 3 });
  await createMembers(client, 'g', 3);
  let failures = 1;
  const failing = bindingBy(client, (next) =>
    failures-- > 0 ? Promise.reject(ApiError.internal('no luck')) : next(),
  );
  await using scheduler = groupScheduler(failing);
  await scheduler.start();
  await scheduler.idle();
  expect(Object.values(await placesOf(client)).sort()).toEqual(['', 'a', 'a']);
  await clock.advance(10_000);
  await scheduler.idle();
  expect(Object.values(await placesOf(client))).toEqual(['a', 'a', 'a']);
});

test('a group pushes those of lower priority off, and keeps the room meanwhile', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  for (const name of ['a', 'b']) await createNode(client, name, '2');
  await using scheduler = groupScheduler(client);
  await scheduler.start();
  for (let at = 0; at < 4; at += 1) {
    await createPod(client, podOf(`low-${at}`, '1', { priority: 1, terminationGracePeriodSeconds: 30 }));
  }
  await scheduler.idle();
  await createGroup(client, 'g', { minMember: 2 });
  for (const name of ['x', 'y']) await createMember(client, 'g', name, '2', { priority: 100 });
  await scheduler.idle();
  const { items } = await client.list(Pod);
  expect(items.filter(({ metadata }) => metadata.deletionTimestamp !== undefined)).toHaveLength(4);
  const nominated = items.flatMap(({ status }) => status?.nominatedNodeName ?? []);
  expect(nominated.sort()).toEqual(['a', 'b']);
  // each is told where it was
  const events = (await client.list(Event)).items.filter(({ reason }) => reason === 'Preempted');
  expect(new Map(events.map(({ note, regarding }) => [regarding?.name, note?.slice(-1)]))).toEqual(
    new Map(
      items
        .filter(({ metadata }) => metadata.name.startsWith('low'))
        .map(({ spec, metadata }) => [metadata.name, spec.nodeName]),
    ),
  );
  // the room that is being made is for the group
  await createPod(client, podOf('other', '1', { priority: 50 }));
  await scheduler.idle();
  for (let at = 0; at < 4; at += 1) {
    await client.delete(Pod, key(`low-${at}`), { gracePeriodSeconds: 0 });
    await scheduler.idle();
    await clock.advance(3_000);
    await scheduler.idle();
    const { x, y } = await placesOf(client);
    // all of it or nothing
    expect([x, y].filter((place) => place !== '').length).toBe(at < 3 ? 0 : 2);
  }
  await clock.advance(20_000);
  await scheduler.idle();
  expect(await placesOf(client)).toMatchObject({ other: '' });
});

test('room that could not be made is kept for no member', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  for (const name of ['a', 'b']) await createNode(client, name, '1');
  let isDown = true;
  const failing = intercept(client, {
    delete: (next, ...args) =>
      isDown ? Promise.reject(ApiError.forbidden(Pod, 'low', 'not yet')) : next(...args),
  });
  await using scheduler = groupScheduler(failing);
  await scheduler.start();
  for (const name of ['low-a', 'low-b']) await createPod(client, podOf(name, '1', { priority: 1 }));
  await scheduler.idle();
  await createGroup(client, 'g', { minMember: 2 });
  for (const name of ['x', 'y']) await createMember(client, 'g', name, '1', { priority: 100 });
  await scheduler.idle();
  expect(scheduler.counts()).toMatchObject({ backoff: 2, 'in hand': 0 });
  isDown = false;
  for (let at = 0; at < 3; at += 1) {
    await clock.advance(10_000);
    await scheduler.idle();
  }
  const { x, y } = await placesOf(client);
  expect(new Set([x, y])).toEqual(new Set(['a', 'b']));
});

test('members that are held back, or ask for other rules, are not waited for by those that are not needed', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createNode(client, 'a', '8');
  await createGroup(client, 'g', { minMember: 3 });
  await using scheduler = groupScheduler(client, {
    profiles: [profileWith(), { ...profileWith(), schedulerName: 'other' }],
  });
  await scheduler.start();
  await createMembers(client, 'g', 2);
  await createMember(client, 'g', 'gated', '1', { schedulingGates: [{ name: 'example.com/wait' }] });
  await createMember(client, 'g', 'other', '1', { schedulerName: 'other' });
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ 'g-0': '', 'g-1': '', gated: '', other: '' });
  const { status } = await client.get(Pod, key('g-0'));
  expect(status?.conditions?.[0]?.message).toBe(
    'the group default/g needs 3 members at once, and not so many can be tried by the same rules now',
  );
  const { spec, ...rest } = await client.get(Pod, key('gated'));
  const { schedulingGates: _, ...free } = spec;
  await client.update(Pod, { ...rest, spec: free });
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ 'g-0': 'a', 'g-1': 'a', gated: 'a', other: 'a' });
});

test('a group that makes no sense, or is gone, holds its members back', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '8');
  await createGroup(client, 'g', { minMember: 0 });
  await createMembers(client, 'g', 2);
  await using scheduler = groupScheduler(client);
  await scheduler.start();
  await scheduler.idle();
  expect(scheduler.counts()).toMatchObject({ gated: 2 });
  expect(await eventsOf(client)).toContain('FailedScheduling: g');
  const broken = await client.get(PodGroup, key('g'));
  await client.update(PodGroup, { ...broken, spec: { minMember: 9 } });
  await scheduler.idle();
  await client.delete(PodGroup, key('g'));
  await clock.advance(400_000);
  expect(scheduler.counts()).toMatchObject({ gated: 2 });
  await createGroup(client, 'g', { minMember: 2 });
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ 'g-0': 'a', 'g-1': 'a' });
});

test('another leader takes over a group of which nothing was bound', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '4');
  await createGroup(client, 'g', { minMember: 2 });
  await createMembers(client, 'g', 2);
  const never = {
    name: 'Never',
    permit: () => ({ wait: 600_000 }),
  };
  const leaderElection = { namespace: 'default', name: 'scheduler' };
  const first = groupScheduler(client, {
    profiles: [profileWith(never)],
    leaderElection: { ...leaderElection, identity: 'first' },
  });
  await first.start();
  await first.idle();
  expect(first.waiting()).toHaveLength(2);
  await using second = groupScheduler(client, { leaderElection: { ...leaderElection, identity: 'second' } });
  await second.start();
  await first.stop();
  expect(first.counts()).toMatchObject({ 'in hand': 0 });
  await clock.advance(30_000);
  await second.idle();
  expect(await placesOf(client)).toEqual({ 'g-0': 'a', 'g-1': 'a' });
});
