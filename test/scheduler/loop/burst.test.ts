import { describe, expect, test } from 'vitest';
import { intercept } from '../../../src/client/index.js';
import { type Clock, type Executor, microtaskExecutor } from '../../../src/core/index.js';
import { Pod } from '../../../src/resources/kinds/index.js';
import { Pace } from '../../../src/scheduler/loop/pace.js';
import { MetricsBook } from '../../core/metrics-book.js';
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
import { createGroup, createMembers, groupScheduler } from './groups.js';

describe('Pace', () => {
  function paced(): {
    readonly pace: Pace;
    readonly pass: (time: number) => void;
    readonly turn: () => Promise<void>;
  } {
    let now = 0;
    const turns: (() => void)[] = [];
    const breathe = (): Promise<void> => new Promise((resolve) => turns.push(resolve));
    const pace = new Pace({ monotonic: () => now } as Clock, { ...microtaskExecutor, breathe }, 5);
    return {
      pace,
      pass: (time) => void (now += time),
      turn: async () => {
        turns.shift()?.();
        await Promise.resolve();
        await Promise.resolve();
      },
    };
  }

  test('pauses after a thousand pieces of work, all for the same time', async () => {
    const { pace, pass, turn } = paced();
    for (let piece = 0; piece < 1_000; piece += 1) expect(pace.pause()).toBeUndefined();
    const pause = pace.pause();
    expect(pause).toBeDefined();
    expect(pace.pause()).toBe(pause);
    await turn();
    // what was done before other work had its turn does not count
    pass(1_000);
    expect(pace.pause()).toBeUndefined();
  });

  test('works so long that with all that it sets going the slice is used up', async () => {
    const { pace, pass, turn } = paced();
    let whole = 0;
    for (let round = 0; round < 20; round += 1) {
      let worked = 0;
      while (pace.pause() === undefined) {
        pass(0.1);
        worked += 0.1;
      }
      // three times as much follows
      pass(3 * worked);
      whole = 4 * worked;
      await turn();
    }
    expect(whole).toBeGreaterThan(4);
    expect(whole).toBeLessThan(6);
  });

  test('learns nothing of those that follow from a piece that takes longer than the slice', async () => {
    const { pace, pass, turn } = paced();
    expect(pace.pause()).toBeUndefined();
    pass(100);
    expect(pace.pause()).toBeDefined();
    pass(0.4);
    await turn();
    // each takes a tenth of a millisecond, and sets going what takes four times as long: ten of them fill a slice
    let pieces = 0;
    for (; pace.pause() === undefined; pieces += 1) pass(0.1);
    expect(pieces).toBe(10);
  });

  test('counts what is set going only for the work that sets it going', async () => {
    const { pace, pass, turn } = paced();
    expect(pace.pause()).toBeUndefined();
    pass(1);
    expect(pace.pause()).toBeDefined();
    pass(1);
    await turn();
    let pieces = 0;
    for (; pace.rest() === undefined; pieces += 1) pass(0.1);
    expect(pieces).toBeGreaterThanOrEqual(50);
    expect(pace.pause()).toBe(pace.rest());
    await turn();
    // what sets nothing going has not changed what is known of the other
    for (pieces = 0; pace.pause() === undefined; pieces += 1) pass(0.25);
    expect(pieces).toBe(4);
  });

  test('begins what may take long early in a slice, and learns from what was done before', async () => {
    const { pace, pass, turn } = paced();
    expect(pace.early()).toBeUndefined();
    expect(pace.rest()).toBeUndefined();
    pass(0.9);
    expect(pace.early()).toBeUndefined();
    expect(pace.pause()).toBeUndefined();
    pass(0.1);
    const later = pace.early();
    expect(later).toBeDefined();
    expect(pace.early()).toBe(later);
    expect(pace.pause()).toBe(later);
    // what was done set going what takes four times as long
    pass(0.4);
    await turn();
    let pieces = 0;
    for (; pace.pause() === undefined; pieces += 1) pass(0.1);
    expect(pieces).toBe(10);
  });

  test('keeps what a piece of work sets going for the next slice, where that piece has taken a whole one', async () => {
    const { pace, pass, turn } = paced();
    expect(pace.overrun()).toBeUndefined();
    expect(pace.pause()).toBeUndefined();
    pass(4.9);
    expect(pace.overrun()).toBeUndefined();
    pass(0.1);
    const next = pace.overrun();
    expect(next).toBeDefined();
    expect(pace.pause()).toBe(next);
    await turn();
    expect(pace.overrun()).toBeUndefined();
    expect(pace.pause()).toBeUndefined();
    expect(pace.overrun()).toBeUndefined();
  });

  test('never pauses where there is nothing to wait for', () => {
    const executor: Executor = { ...microtaskExecutor, breathe: undefined as never };
    const pace = new Pace({ monotonic: () => 0 } as Clock, executor, 5);
    for (let piece = 0; piece < 5_000; piece += 1) expect(pace.pause()).toBeUndefined();
    expect(pace.early()).toBeUndefined();
  });
});

/** A client of a process in which each decision takes a millisecond. */
function slowed(cluster: ReturnType<typeof testCluster>) {
  const { client } = cluster;
  let elapsed = 0;
  let longest = 0;
  let since = 0;
  const clock: Clock = {
    now: () => cluster.clock.now(),
    monotonic: () => cluster.clock.monotonic() + elapsed,
    setTimer: (delay, task) => cluster.clock.setTimer(delay, task),
  };
  const executor: Executor = {
    ...client.executor,
    breathe: async () => {
      await client.executor.breathe?.();
      longest = Math.max(longest, elapsed - since);
      since = elapsed;
    },
  };
  const slow = profileWith({
    name: 'Slow',
    preFilter: () => {
      elapsed += 1;
      return undefined;
    },
  });
  return {
    client: { ...intercept(client, {}), clock, executor },
    profiles: [slow],
    /** The milliseconds that all decisions took, and that other work had to wait for its turn at most. */
    spent: () => ({ elapsed, longest: Math.max(longest, elapsed - since) }),
  };
}

test('a burst of Pods lets other work have its turn after each slice', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createNode(client, 'a', '100');
  const pods = 100;
  for (let at = 0; at < pods; at += 1) await createPod(client, podOf(`p${at}`, '100m'));
  const slow = slowed(cluster);
  await using scheduler = schedulerOf(slow.client, { profiles: slow.profiles });
  await scheduler.start();
  await scheduler.idle();
  expect(Object.values(await placesOf(client))).not.toContain('');
  expect(slow.spent().elapsed).toBeGreaterThanOrEqual(pods);
  expect(slow.spent().longest).toBeLessThanOrEqual(6);
});

test('groups that are tried in many domains let other work have its turn after some of them', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  const racks = 20;
  for (let at = 0; at < racks; at += 1) await createNode(client, `n${at}`, '4', { rack: `r${at}` });
  const slow = slowed(cluster);
  await using scheduler = groupScheduler(slow.client, { profiles: slow.profiles });
  await scheduler.start();
  for (let at = 0; at < 3; at += 1) {
    await createGroup(client, `g${at}`, { minMember: 3, topologyKey: 'rack' });
    await createMembers(client, `g${at}`, 3);
  }
  await scheduler.idle();
  expect(Object.values(await placesOf(client))).not.toContain('');
  // all members in all racks, for each group
  expect(slow.spent().elapsed).toBeGreaterThanOrEqual(3 * 3 * racks);
  expect(slow.spent().longest).toBeLessThanOrEqual(12);
});

test('no more binds are sent than a server can be asked to answer at once', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createNode(client, 'a', '1000');

  let open = 0;
  let most = 0;
  const answers: (() => void)[] = [];
  const slow = intercept(client, {
    async subresource(next, ...args) {
      open += 1;
      most = Math.max(most, open);
      await new Promise<void>((resolve) => answers.push(resolve));
      open -= 1;
      return next(...args);
    },
  });
  for (let at = 0; at < 3_000; at += 1) {
    await createPod(client, podOf(`p${at}`, '1m', { tolerations: [] }));
  }
  const profiles = [
    {
      schedulerName: 'default-scheduler',
      plugins: profileWith().plugins.filter(({ name }) => /Sort|Binder/.test(name)),
    },
  ];
  await using scheduler = schedulerOf(slow, { profiles });
  await scheduler.start();
  for (let turn = 0; turn < 40; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    for (const answer of answers.splice(0)) answer();
  }
  await scheduler.idle();
  // 500, and what was decided in the slice before they were sent
  expect(most).toBeLessThanOrEqual(1_500);
  expect(Object.values(await placesOf(client))).not.toContain('');
});

test('reports are written some at a time, the newest of each Pod', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  let open = 0;
  let most = 0;
  let written = 0;
  const slow = intercept(client, {
    async patch(next, ...args) {
      open += 1;
      most = Math.max(most, open);
      await new Promise<void>((resolve) => void clock.setTimer(10, resolve));
      open -= 1;
      written += 1;
      return next(...args);
    },
  });
  await using scheduler = schedulerOf(slow);
  await scheduler.start();
  for (let at = 0; at < 100; at += 1) await createPod(client, podOf(`p${at}`, '100'));
  await clock.advance(1);
  expect(scheduler.counts()).toMatchObject({ unschedulable: 100 });
  // while the first of them are written, all are tried again
  await createNode(client, 'a');
  await clock.advance(10_000);
  await scheduler.idle();
  expect(most).toBe(16);
  expect(written).toBeLessThanOrEqual(116);
  for (let at = 0; at < 100; at += 1) {
    const pod = await client.get(Pod, key(`p${at}`));
    expect(pod.status?.conditions?.[0]?.message).toContain('0/1 nodes are available: 1 Insufficient cpu');
  }
});

test('a report that fails is logged, and written with the next attempt', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  let isDown = true;
  const errors: string[] = [];
  const logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (_: object, message: string) => void errors.push(message),
  };
  const failing = intercept(client, {
    patch: (next, ...args) => (isDown ? Promise.reject(new Error('down')) : next(...args)),
  });
  await using scheduler = schedulerOf(failing, { logger });
  await scheduler.start();
  await createNode(client, 'a');
  await createPod(client, podOf('p', '100'));
  await scheduler.idle();
  expect(errors).toContain('a write about a workload failed');
  isDown = false;
  await clock.advance(301_000);
  await scheduler.idle();
  expect((await client.get(Pod, key('p'))).status?.conditions).toHaveLength(1);
});

test('what was measured has the names of kube-scheduler', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  const metrics = new MetricsBook({ asks: true });
  await createNode(client, 'a', '1');
  await using scheduler = schedulerOf(client, {
    metrics,
    profiles: [profileWith({ name: 'Holds', permit: () => ({ wait: 1_000 }) })],
  });
  await scheduler.start();
  await createPod(client, podOf('p'));
  await scheduler.idle();
  scheduler.waiting()[0]?.allow('Holds');
  await scheduler.idle();
  await createPod(client, podOf('q'));
  await createPod(client, podOf('high', '1', { priority: 5 }));
  await scheduler.idle();
  scheduler.waiting()[0]?.allow('Holds');
  await scheduler.idle();
  const { values } = metrics;
  const profile = 'profile="default-scheduler"';
  expect(values).toMatchObject({
    [`scheduler_schedule_attempts_total{result="scheduled",${profile}}`]: 2,
    scheduler_preemption_attempts_total: 1,
    scheduler_preemption_victims: [1],
    'scheduler_permit_wait_duration_seconds{result="allowed"}': [0, 0],
  });
  expect(
    values[`scheduler_unschedulable_attempts_total{plugin="NodeResourcesFit",${profile}}`],
  ).toBeGreaterThan(0);
  expect(metrics.ask()).toMatchObject({
    'scheduler_pending_pods{queue="unschedulable"}': 1,
    'scheduler_pending_pods{queue="active"}': 0,
  });
  await scheduler.stop();
  expect(Object.keys(metrics.ask()).filter((name) => name.startsWith('scheduler_'))).toEqual([]);
});
