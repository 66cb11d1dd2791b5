import { intercept } from '../../../src/client/index.js';
import { describe, expect, test } from 'vitest';
import { ApiError, edit } from '../../../src/core/index.js';
import { Node, Pod } from '../../../src/resources/kinds/index.js';
import {
  bindingBy,
  createNode,
  createPod,
  eventsOf,
  key,
  placesOf,
  podOf,
  profileWith,
  schedulerOf,
  testCluster,
} from './cluster.js';

const never = (): Promise<never> => new Promise(() => undefined);

/** An error of a write of which nobody knows whether it came through. */
function lost(): ApiError {
  return new ApiError({ reason: 'Timeout', message: 'no answer', ambiguous: true });
}

describe('a binding', () => {
  test.each([
    ['Conflict', () => ApiError.conflict(Pod, 'p', 'not now')],
    ['Forbidden', () => ApiError.forbidden(Pod, 'p', 'not you')],
    ['NotFound, of something else', () => ApiError.notFound(Node, 'a')],
    ['an ambiguous error', lost],
    ['an error that is none of the API', () => new TypeError('oops')],
  ])('that fails with %s is tried again, and takes nothing meanwhile', async (_, error) => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a', '1');
    let tries = 0;
    const failing = bindingBy(client, (next) => {
      tries += 1;
      return tries === 1 ? Promise.reject(error()) : next();
    });
    await using scheduler = schedulerOf(failing);
    await scheduler.start();
    await createPod(client, podOf('p'));
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ p: '' });
    expect(scheduler.counts()).toMatchObject({ backoff: 1, 'in hand': 0 });
    const pod = await client.get(Pod, key('p'));
    expect(pod.status?.conditions).toMatchObject([{ type: 'PodScheduled', reason: 'SchedulerError' }]);
    // its room is free for others
    await createPod(client, podOf('other'));
    expect(scheduler.evaluate(key('p'))?.feasible).toEqual(['a']);
    await client.delete(Pod, key('other'), { gracePeriodSeconds: 0 });
    await scheduler.idle();
    await clock.advance(5_000);
    await scheduler.idle();
    expect(await placesOf(client)).toMatchObject({ p: 'a' });
  });

  test('that came through although its answer was lost counts', async () => {
    await using cluster = testCluster();
    const { client } = cluster;
    await createNode(client, 'a');
    const failing = bindingBy(client, async (next) => {
      await next();
      throw lost();
    });
    await using scheduler = schedulerOf(failing);
    await scheduler.start();
    await createPod(client, podOf('p'));
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ p: 'a' });
    expect(scheduler.counts()).toEqual({ active: 0, backoff: 0, unschedulable: 0, gated: 0, 'in hand': 0 });
    await scheduler.stop();
    expect(await eventsOf(client)).toEqual(['Scheduled: p']);
  });

  test('without an answer is given up after a time, and its room is kept until it is known', async () => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a', '1');
    let isDown = true;
    const hanging = bindingBy(client, (next) => (isDown ? never() : next()));
    await using scheduler = schedulerOf(hanging, { bindTimeout: 30_000 });
    await scheduler.start();
    await createPod(client, podOf('p'));
    await createPod(client, podOf('other'));
    await clock.advance(29_000);
    expect(scheduler.counts()).toMatchObject({ 'in hand': 1, unschedulable: 1 });
    isDown = false;
    await clock.advance(2_000);
    await scheduler.idle();
    await clock.advance(10_000);
    await scheduler.idle();
    expect(Object.values(await placesOf(client)).sort()).toEqual(['', 'a']);
  });

  test('is asked about until there is an answer', async () => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a', '1');
    let isDown = false;
    const dead = bindingBy(client, async (next) => {
      await next();
      isDown = true;
      throw lost();
    });
    const deaf = intercept(dead, {
      get: (next, ...args) => (isDown ? Promise.reject(lost()) : next(...args)),
      watch: (next, ...args) => next(...args),
    });
    await using scheduler = schedulerOf(deaf);
    await scheduler.start();
    await createPod(client, podOf('p'));
    await clock.advance(100_000);
    isDown = false;
    await clock.advance(100_000);
    await scheduler.idle();
    await scheduler.stop();
    expect(await eventsOf(client)).toEqual(['Scheduled: p']);
    // the store has one for the events
    await cluster.store.close();
    expect(clock.timers).toBe(0);
  });

  test('of a Pod that goes meanwhile is over, and one of the same name is another', async () => {
    await using cluster = testCluster();
    const { client } = cluster;
    await createNode(client, 'a', '1');
    let tries = 0;
    const hanging = bindingBy(client, (next) => {
      tries += 1;
      return tries === 1 ? never() : next();
    });
    await using scheduler = schedulerOf(hanging);
    await scheduler.start();
    await createPod(client, podOf('p'));
    await client.barrier();
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    expect(tries).toBe(1);
    await client.delete(Pod, key('p'), { gracePeriodSeconds: 0 });
    await createPod(client, podOf('p'));
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ p: 'a' });
    await client.delete(Pod, key('p'), { gracePeriodSeconds: 0 });
    await createPod(client, podOf('q'));
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ q: 'a' });
  });

  test('to which others were faster is theirs, without a word', async () => {
    await using cluster = testCluster();
    const { client } = cluster;
    await createNode(client, 'a', '1');
    await createNode(client, 'b', '1');
    let others: string | undefined;
    const late = bindingBy(client, async (next) => {
      if (others === undefined) {
        const pod = await client.get(Pod, key('p'));
        others = 'a';
        const target = { kind: 'Node', name: 'a' };
        await client.subresource(Pod, key('p'), 'binding', { metadata: pod.metadata, target });
      }
      return next();
    });
    await using scheduler = schedulerOf(late);
    await scheduler.start();
    await createPod(client, podOf('p'));
    await scheduler.idle();
    await createPod(client, podOf('q'));
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ p: 'a', q: 'b' });
    await scheduler.stop();
    const pod = await client.get(Pod, key('p'));
    expect(pod.status?.conditions?.filter(({ status }) => status === 'False') ?? []).toEqual([]);
    expect(await eventsOf(client)).not.toContain('FailedScheduling: p');
  });

  test('to a node that goes before it is sent is not sent, and the Pod goes elsewhere', async () => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a');
    let isSlow = true;
    const slow = profileWith({
      name: 'Slow',
      preBind: async (_pod, _host, { client: { clock: time } }) => {
        if (isSlow) await new Promise<void>((resolve) => void time.setTimer(1_000, resolve));
      },
    });
    await using scheduler = schedulerOf(client, { profiles: [slow] });
    await scheduler.start();
    await createPod(client, podOf('p'));
    await clock.advance(10);
    isSlow = false;
    await client.delete(Node, { name: 'a' });
    await createNode(client, 'b');
    await clock.advance(5_000);
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ p: 'b' });
  });

  test('to a node that goes while it is on its way leaves nothing behind', async () => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a', '1');
    let isFirst = true;
    const slow = bindingBy(client, async (next) => {
      if (!isFirst) return next();
      isFirst = false;
      await client.delete(Node, { name: 'a' });
      throw ApiError.conflict(Pod, 'p', 'too late');
    });
    await using scheduler = schedulerOf(slow);
    await scheduler.start();
    await createPod(client, podOf('p'));
    await scheduler.idle();
    await createNode(client, 'a', '1');
    await clock.advance(5_000);
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ p: 'a' });
  });

  test('that fails is followed by one of the newest state', async () => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a');
    const seen: unknown[] = [];
    let isFirst = true;
    const failing = bindingBy(client, async (next) => {
      if (!isFirst) return next();
      isFirst = false;
      await client.update(
        Pod,
        edit(await client.get(Pod, key('p')), (draft) => {
          draft.metadata.labels = { version: '2' };
        }),
      );
      throw ApiError.conflict(Pod, 'p', 'not now');
    });
    const profiles = [
      profileWith({
        name: 'Looks',
        reserve: ({ labels }) => {
          seen.push(labels['version']);
          return undefined;
        },
      }),
    ];
    await using scheduler = schedulerOf(failing, { profiles });
    await scheduler.start();
    await createPod(client, podOf('p'));
    await scheduler.idle();
    await clock.advance(5_000);
    await scheduler.idle();
    expect(seen).toEqual([undefined, '2']);
    expect(await placesOf(client)).toEqual({ p: 'a' });
  });

  test('that hangs does not keep the scheduler from stopping, and nothing is left', async () => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a');
    const scheduler = schedulerOf(bindingBy(client, never));
    await scheduler.start();
    await createPod(client, podOf('p'));
    await clock.advance(1_000);
    expect(scheduler.counts()['in hand']).toBe(1);
    const idle = scheduler.idle();
    await scheduler.stop();
    await idle;
    expect(clock.timers).toBe(0);
    expect(await placesOf(client)).toEqual({ p: '' });
  });
});

test('two schedulers on one store bind each Pod once, and say so once', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  for (const name of ['a', 'b', 'c']) await createNode(client, name, '16');
  await using one = schedulerOf(client, { seed: 1 });
  await using two = schedulerOf(client, { seed: 2 });
  await Promise.all([one.start(), two.start()]);
  for (let at = 0; at < 14; at += 1) await createPod(client, podOf(`p${at}`));
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([one.idle(), two.idle()]);
    await clock.advance(2_000);
  }
  const places = Object.values(await placesOf(client));
  expect(places.filter((place) => place === '')).toHaveLength(0);
  await Promise.all([one.stop(), two.stop()]);
  const scheduled = (await eventsOf(client)).filter((event) => event.startsWith('Scheduled'));
  expect(new Set(scheduled).size).toBe(scheduled.length);
  expect(scheduled).toHaveLength(14);
});
