import { describe, expect, test } from 'vitest';
import { edit } from '../../../src/core/index.js';
import { Event, Node, Pod } from '../../../src/resources/kinds/index.js';
import { createNode, createPod, placesOf, podOf, schedulerOf, testCluster } from './cluster.js';

const key = (name: string): { name: string; namespace: string } => ({ name, namespace: 'default' });

describe('Scheduler', () => {
  test('places what is there and what comes, and nothing is overcommitted', async () => {
    await using cluster = testCluster();
    const { client } = cluster;
    await createNode(client, 'a');
    await createNode(client, 'b');
    await createPod(client, podOf('before'));
    await using scheduler = schedulerOf(client);
    await scheduler.start();
    for (let at = 0; at < 9; at += 1) await createPod(client, podOf(`p${at}`));
    await scheduler.idle();
    const places = Object.values(await placesOf(client));
    expect(places.filter((place) => place === 'a')).toHaveLength(4);
    expect(places.filter((place) => place === 'b')).toHaveLength(4);
    expect(places.filter((place) => place === '')).toHaveLength(2);
    expect(scheduler.counts().unschedulable).toBe(2);
  });

  test('says why a Pod fits nowhere, and places it once it fits', async () => {
    await using cluster = testCluster();
    const { client } = cluster;
    await createNode(client, 'a', '1');
    await using scheduler = schedulerOf(client);
    await scheduler.start();
    await createPod(client, podOf('big', '3'));
    await scheduler.idle();
    const pod = await client.get(Pod, key('big'));
    expect(pod.status?.conditions).toMatchObject([
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' },
    ]);
    expect(pod.status?.conditions?.[0]?.message).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    );
    expect(scheduler.inspect(key('big'))).toMatchObject({
      place: 'unschedulable',
      rejectedBy: ['NodeResourcesFit'],
    });

    await createNode(client, 'b', '4');
    await scheduler.idle();
    // there was nothing else to do, so it need not wait for its backoff
    expect(await placesOf(client)).toEqual({ big: 'b' });
    await scheduler.stop();
    const { items } = await client.list(Event);
    expect(items.map(({ reason, note }) => [reason, note])).toEqual(
      expect.arrayContaining([['Scheduled', 'Successfully assigned default/big to b']]),
    );
    expect(items.map(({ reason }) => reason)).toContain('FailedScheduling');
  });

  test('a Pod goes where another went away', async () => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a', '1');
    await using scheduler = schedulerOf(client);
    await scheduler.start();
    await createPod(client, podOf('first'));
    await scheduler.idle();
    await createPod(client, podOf('second'));
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ first: 'a', second: '' });
    await client.delete(Pod, key('first'), { gracePeriodSeconds: 0 });
    await scheduler.idle();
    await clock.advance(1_000);
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ second: 'a' });
  });

  test('the less important make room, and the room is kept', async () => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a', '2');
    await using scheduler = schedulerOf(client);
    await scheduler.start();
    for (const name of ['low-1', 'low-2']) await createPod(client, podOf(name, '1', { priority: 1 }));
    await scheduler.idle();
    await createPod(client, podOf('high', '1', { priority: 100 }));
    await scheduler.idle();
    await createPod(client, podOf('low-3', '1', { priority: 1 }));
    await scheduler.idle();
    await clock.advance(2_000);
    await scheduler.idle();
    const places = await placesOf(client);
    expect(places['high']).toBe('a');
    expect(places['low-3']).toBe('');
    expect(Object.values(places).filter((place) => place === 'a')).toHaveLength(2);
    await scheduler.stop();
    const { items } = await client.list(Event);
    expect(items.map(({ reason }) => reason)).toContain('Preempted');
  });

  test('a gated Pod waits for its gates', async () => {
    await using cluster = testCluster();
    const { client } = cluster;
    await createNode(client, 'a');
    await using scheduler = schedulerOf(client);
    await scheduler.start();
    const pod = await createPod(
      client,
      podOf('gated', '1', { schedulingGates: [{ name: 'example.com/wait' }] }),
    );
    await scheduler.idle();
    expect(scheduler.counts()).toMatchObject({ gated: 1 });
    await client.update(
      Pod,
      edit(pod, (draft) => {
        draft.spec.schedulingGates = [];
      }),
    );
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ gated: 'a' });
  });

  test('two schedulers on one store: each Pod is bound, once', async () => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    for (const name of ['a', 'b', 'c']) await createNode(client, name);
    await using one = schedulerOf(client, { seed: 1 });
    await using two = schedulerOf(client, { seed: 2 });
    await Promise.all([one.start(), two.start()]);
    for (let at = 0; at < 12; at += 1) await createPod(client, podOf(`p${at}`));
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([one.idle(), two.idle()]);
      await clock.advance(2_000);
    }
    expect(Object.values(await placesOf(client))).not.toContain('');
  });

  test('a node that makes no sense is left out, and said', async () => {
    await using cluster = testCluster();
    const { client } = cluster;
    await createNode(client, 'a', '1');
    const node = await client.create(Node, { metadata: { name: 'bad' } });
    await client
      .update(
        Node,
        { ...node, status: { allocatable: { cpu: '-4', pods: '10' } } },
        { subresource: 'status' },
      )
      .catch(() => undefined);
    await using scheduler = schedulerOf(client);
    await scheduler.start();
    await createPod(client, podOf('p'));
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ p: 'a' });
  });

  test('another scheduler’s Pods are left to it', async () => {
    await using cluster = testCluster();
    const { client } = cluster;
    await createNode(client, 'a');
    await using scheduler = schedulerOf(client);
    await scheduler.start();
    await createPod(client, podOf('theirs', '1', { schedulerName: 'other' }));
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ theirs: '' });
  });
});
