import { describe, expect, test } from 'vitest';
import type { Logger } from '../../../src/core/index.js';
import { Event, type Node, Pod } from '../../../src/resources/kinds/index.js';
import { type Plugin, unschedulable } from '../../../src/scheduler/index.js';
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

type Step = Exclude<keyof Plugin<Pod, Node>, 'name' | 'weight' | 'reads' | 'normalize'>;

/** A plugin that fails in a step, for the Pod `bad` and as long as `isBad` says. */
function failingIn(step: Step, isBad: () => boolean): Plugin<Pod, Node> {
  const fail = (pod: { readonly key: string }): undefined => {
    if (pod.key === 'default/bad' && isBad()) throw new Error(`${step} is broken`);
    return undefined;
  };
  const failing: Record<string, unknown> = { name: 'Failing', [step]: fail };
  if (step === 'preScore') failing['score'] = () => 0;
  if (step === 'score') failing['score'] = (pod: { readonly key: string }) => fail(pod) ?? 0;
  if (step === 'bind')
    failing['bind'] = (pod: { readonly key: string }) => fail(pod) ?? Promise.resolve('skip');
  if (step === 'unreserve') {
    let rejections = 0;
    failing['permit'] = (pod: { readonly key: string }) =>
      pod.key === 'default/bad' && rejections++ === 0 ? unschedulable('not yet') : undefined;
  }
  return failing as unknown as Plugin<Pod, Node>;
}

function logOf(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (fields: object, message: string): void => {
    lines.push(`${message}: ${String((fields as { error?: { message: string } }).error?.message)}`);
  };
  return { lines, logger: { debug: () => undefined, info: () => undefined, warn: write, error: write } };
}

describe('a plugin that throws', () => {
  test.each<Step>(['preFilter', 'filter', 'preScore', 'score', 'reserve', 'permit', 'preBind', 'bind'])(
    'in %s fails the attempt alone: reported, retried, and nothing stays taken',
    async (step) => {
      await using cluster = testCluster();
      const { client, clock } = cluster;
      await createNode(client, 'a', '2');
      await createNode(client, 'b', '2');
      let isBad = true;
      const { logger, lines } = logOf();
      const profiles = [profileWith(failingIn(step, () => isBad))];
      await using scheduler = schedulerOf(client, { profiles, logger });
      await scheduler.start();
      await createPod(client, podOf('bad', '2'));
      await scheduler.idle();
      expect(scheduler.counts()).toMatchObject({ backoff: 1, 'in hand': 0 });
      expect(lines.join()).toContain(`running ${step} of the plugin "Failing": ${step} is broken`);
      const bad = await client.get(Pod, key('bad'));
      expect(bad.status?.conditions?.[0]).toMatchObject({ type: 'PodScheduled', reason: 'SchedulerError' });
      // others go on, and find all the room
      await createPod(client, podOf('good-1', '2'));
      await createPod(client, podOf('good-2', '2'));
      await scheduler.idle();
      expect(Object.values(await placesOf(client)).sort()).toEqual(['', 'a', 'b']);
      await client.delete(Pod, key('good-1'), { gracePeriodSeconds: 0 });
      isBad = false;
      await clock.advance(20_000);
      await scheduler.idle();
      expect(Object.values(await placesOf(client)).sort()).toEqual(['a', 'b']);
      await scheduler.stop();
      const { items } = await client.list(Event);
      expect(
        items.some(({ reason, note }) => reason === 'FailedScheduling' && note?.includes('broken')),
      ).toBe(true);
    },
  );

  test('in preEnqueue keeps its Pod out of the queue until it works', async () => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a');
    let isBad = true;
    const { logger, lines } = logOf();
    await using scheduler = schedulerOf(client, {
      profiles: [profileWith(failingIn('preEnqueue', () => isBad))],
      logger,
    });
    await scheduler.start();
    await createPod(client, podOf('bad'));
    await createPod(client, podOf('good'));
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ bad: '', good: 'a' });
    expect(lines).toContain('a plugin failed: preEnqueue is broken');
    isBad = false;
    await clock.advance(20_000);
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ bad: 'a', good: 'a' });
  });

  test.each<Step>(['unreserve', 'postBind'])('in %s is logged, and does no harm', async (step) => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a', '1');
    const { logger, lines } = logOf();
    await using scheduler = schedulerOf(client, {
      profiles: [profileWith(failingIn(step, () => true))],
      logger,
    });
    await scheduler.start();
    await createPod(client, podOf('bad'));
    await scheduler.idle();
    await clock.advance(400_000);
    await scheduler.idle();
    expect(lines.join()).toContain(`${step} is broken`);
    expect(await placesOf(client)).toEqual({ bad: 'a' });
  });

  test('in permit with an answer that is none is told so', async () => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a');
    const { logger, lines } = logOf();
    const odd = { name: 'Odd', permit: () => ({ wait: Number.NaN }) };
    await using scheduler = schedulerOf(client, { profiles: [profileWith(odd)], logger });
    await scheduler.start();
    await createPod(client, podOf('p'));
    await scheduler.idle();
    expect(lines.join()).toContain('expected wait to be a number of milliseconds from 0 up, got NaN');
    await scheduler.stop();
    await cluster.store.close();
    expect(clock.timers).toBe(0);
  });
});

describe('permission', () => {
  function held(wait: number): readonly ReturnType<typeof profileWith>[] {
    return [
      profileWith({ name: 'One', permit: () => ({ wait }) }, { name: 'Two', permit: () => ({ wait }) }),
    ];
  }

  test('of all who hold a Pod back lets it be bound; to wait for it keeps nobody busy', async () => {
    await using cluster = testCluster();
    const { client } = cluster;
    await createNode(client, 'a', '1');
    await using scheduler = schedulerOf(client, { profiles: held(60_000) });
    await scheduler.start();
    await createPod(client, podOf('p'));
    await scheduler.idle();
    await createPod(client, podOf('q'));
    await scheduler.idle();
    // its room is taken all the while
    expect(scheduler.counts()).toMatchObject({ 'in hand': 1, unschedulable: 1 });
    const [waiting] = scheduler.waiting();
    expect(waiting?.pendingPlugins).toEqual(['One', 'Two']);
    waiting?.allow('One');
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ p: '', q: '' });
    waiting?.allow('Two');
    await scheduler.idle();
    expect(await placesOf(client)).toEqual({ p: 'a', q: '' });
  });

  test.each(['One', 'nobody in particular'])('that %s refuses sends the Pod back', async (plugin) => {
    await using cluster = testCluster();
    const { client } = cluster;
    await createNode(client, 'a', '1');
    await using scheduler = schedulerOf(client, { profiles: held(60_000) });
    await scheduler.start();
    await createPod(client, podOf('p'));
    await scheduler.idle();
    scheduler.waiting()[0]?.reject(plugin, 'not today');
    await scheduler.idle();
    const pod = await client.get(Pod, key('p'));
    expect(pod.status?.conditions?.[0]?.message).toBe('not today');
  });

  test('that nobody gives in time is refused', async () => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a', '1');
    await using scheduler = schedulerOf(client, { profiles: held(5_000), bindTimeout: 1_000 });
    await scheduler.start();
    await createPod(client, podOf('p'));
    await clock.advance(4_999);
    expect(scheduler.waiting()).toHaveLength(1);
    await clock.advance(1);
    await scheduler.idle();
    const pod = await client.get(Pod, key('p'));
    expect(pod.status?.conditions?.[0]?.message).toBe(
      'rejected due to timeout after waiting 5000ms at plugin One',
    );
  });

  test('is not waited for where the Pod is deleted, or about to be', async () => {
    await using cluster = testCluster();
    const { client, clock } = cluster;
    await createNode(client, 'a', '2');
    await using scheduler = schedulerOf(client, { profiles: held(600_000) });
    await scheduler.start();
    await createPod(client, podOf('gone'));
    await createPod(client, {
      ...podOf('going'),
      metadata: { name: 'going', namespace: 'default', finalizers: ['example.com/keep'] } as never,
    });
    await scheduler.idle();
    expect(scheduler.waiting()).toHaveLength(2);
    await client.delete(Pod, key('gone'));
    await client.delete(Pod, key('going'));
    await scheduler.idle();
    expect(scheduler.waiting()).toEqual([]);
    expect(scheduler.counts()['in hand']).toBe(0);
    await scheduler.stop();
    await cluster.store.close();
    expect(clock.timers).toBe(0);
  });
});

test('Pods that a plugin rejects wherever they are placed do not wake each other', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '8');
  let asked = 0;
  const picky: Plugin<Pod, Node> = {
    name: 'Picky',
    reserve() {
      asked += 1;
      return { code: 'Unschedulable', reasons: ['not you'] };
    },
  };
  await using scheduler = schedulerOf(client, { profiles: [profileWith(picky)] });
  await scheduler.start();
  for (const name of ['p', 'q', 'r']) await createPod(client, podOf(name));
  await scheduler.idle();
  expect(asked).toBe(3);
  await clock.advance(100_000);
  expect(asked).toBe(3);
  expect(scheduler.counts()).toMatchObject({ unschedulable: 3 });
});

test('each profile decides by its own plugins', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createNode(client, 'a');
  await createNode(client, 'b');
  const only = (name: string): Plugin<Pod, Node> => ({
    name: 'Only',
    filter: (_pod, host) => (host.name === name ? undefined : unschedulable('not there')),
  });
  await using scheduler = schedulerOf(client, {
    profiles: [
      { ...profileWith(only('a')), schedulerName: 'one' },
      { ...profileWith(only('b')), schedulerName: 'two' },
    ],
  });
  await scheduler.start();
  await createPod(client, podOf('p', '1', { schedulerName: 'one' }));
  await createPod(client, podOf('q', '1', { schedulerName: 'two' }));
  await createPod(client, podOf('r', '1', { schedulerName: 'three' }));
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ p: 'a', q: 'b', r: '' });
});
