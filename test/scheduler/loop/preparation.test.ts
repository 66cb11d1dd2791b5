import { expect, test } from 'vitest';
import { type Client, intercept } from '../../../src/client/index.js';
import type { Clock, Executor } from '../../../src/core/index.js';
import type { Node, Pod } from '../../../src/resources/kinds/index.js';
import type { Plugin } from '../../../src/scheduler/index.js';
import {
  createNode,
  createPod,
  placesOf,
  podOf,
  profileWith,
  schedulerOf,
  type TestCluster,
  testCluster,
} from './cluster.js';

const NODES = 120;
/** How many milliseconds a plugin works for each host. */
const EACH = 0.25;
const SLICE = 5;
/** So many hosts are looked at in one go. */
const PIECE = 8;

/** A client whose clock moves while plugins work; `turns` has how long there was work between two turns of other work. */
class WorkingClient {
  readonly client: Client;
  readonly turns: number[] = [];
  #worked = 0;
  #before = 0;

  constructor({ client, clock: still }: TestCluster) {
    const clock: Clock = {
      now: () => still.now(),
      monotonic: () => still.monotonic() + this.#worked,
      setTimer: (delay, task) => still.setTimer(delay, task),
    };
    const executor: Executor = {
      ...client.executor,
      breathe: async () => {
        await client.executor.breathe?.();
        this.#turn();
      },
    };
    this.client = { ...intercept(client, {}), clock, executor };
  }

  work(time: number): void {
    this.#worked += time;
  }

  get longest(): number {
    this.#turn();
    return Math.max(...this.turns);
  }

  #turn(): void {
    this.turns.push(this.#worked - this.#before);
    this.#before = this.#worked;
  }
}

async function clusterOf(pods: readonly Parameters<typeof createPod>[1][]): Promise<TestCluster> {
  const cluster = testCluster();
  for (let at = 0; at < NODES; at += 1) await createNode(cluster.client, `n${at}`);
  for (const pod of pods) await createPod(cluster.client, pod);
  return cluster;
}

/** Takes its time with each host. */
function slow(working: WorkingClient, more: Partial<Plugin<Pod, Node>> = {}): Plugin<Pod, Node> {
  return {
    name: 'Slow',
    reads: { part: () => '', placed: false },
    filter() {
      working.work(EACH);
      return undefined;
    },
    ...more,
  };
}

test('no slice is longer than the bound and one piece, though the first decision takes that of many', async () => {
  const pods = Array.from({ length: 40 }, (_, at) => podOf(`p${at}`, `${100 + (at % 4)}m`));
  await using cluster = await clusterOf(pods);
  const working = new WorkingClient(cluster);
  await using scheduler = schedulerOf(working.client, {
    profiles: [profileWith(slow(working))],
    slice: SLICE,
  });
  await scheduler.start();
  await scheduler.idle();
  expect(Object.values(await placesOf(cluster.client))).not.toContain('');
  const whole = working.turns.reduce((sum, turn) => sum + turn, 0);
  expect(whole).toBeGreaterThanOrEqual(NODES * EACH);
  expect(working.longest).toBeLessThanOrEqual(SLICE + PIECE * EACH);
});

test('what one plugin counts before hosts are looked at has a turn of its own', async () => {
  await using cluster = await clusterOf([podOf('p')]);
  const working = new WorkingClient(cluster);
  let isCounted = false;
  const counting: Plugin<Pod, Node> = {
    name: 'Counting',
    preFilter() {
      if (!isCounted) working.work(8);
      isCounted = true;
      return undefined;
    },
  };
  const profiles = [profileWith(slow(working), counting)];
  await using scheduler = schedulerOf(working.client, { profiles, slice: SLICE });
  await scheduler.start();
  await scheduler.idle();
  expect(isCounted).toBe(true);
  expect(working.longest).toBe(8);
});

test('where everything changes all the time there is a decision all the same', async () => {
  await using cluster = await clusterOf([podOf('p'), podOf('q')]);
  const working = new WorkingClient(cluster);
  let version = 0;
  const restless = slow(working, {
    reads: { part: () => '', placed: false, version: () => (version += 1) },
  });
  await using scheduler = schedulerOf(working.client, { profiles: [profileWith(restless)], slice: SLICE });
  await scheduler.start();
  await scheduler.idle();
  expect(Object.values(await placesOf(cluster.client))).not.toContain('');
  const slices = working.turns.filter((turn) => turn > 0);
  // for each of two Pods: 100 slices, and then all hosts at once
  expect(slices.filter((turn) => turn >= NODES * EACH)).toHaveLength(2);
  expect(slices.length).toBeGreaterThanOrEqual(200);
  expect(slices.length).toBeLessThanOrEqual(210);
});

test('a plugin that throws while a decision is prepared ends the attempt, not the loop', async () => {
  await using cluster = await clusterOf([podOf('bad'), podOf('good', '2')]);
  const working = new WorkingClient(cluster);
  const failing = slow(working, {
    reads: { part: ({ key }) => key, placed: false },
    filter({ key }, { name }) {
      working.work(EACH);
      if (key === 'default/bad' && name === 'n100') throw new Error('boom');
      return undefined;
    },
  });
  await using scheduler = schedulerOf(working.client, { profiles: [profileWith(failing)], slice: SLICE });
  await scheduler.start();
  await scheduler.idle();
  const places = await placesOf(cluster.client);
  expect(places['bad']).toBe('');
  expect(places['good']).not.toBe('');
  expect(scheduler.counts()).toMatchObject({ backoff: 1 });
});

test('nothing is prepared for a Pod of another scheduler, or one that others have placed', async () => {
  await using cluster = await clusterOf([
    podOf('other', '1', { schedulerName: 'other' }),
    podOf('placed', '1', { nodeName: 'n0' }),
  ]);
  const working = new WorkingClient(cluster);
  await using scheduler = schedulerOf(working.client, {
    profiles: [profileWith(slow(working))],
    slice: SLICE,
  });
  await scheduler.start();
  await scheduler.idle();
  expect(await placesOf(cluster.client)).toEqual({ other: '', placed: 'n0' });
  expect(working.longest).toBe(0);
});
