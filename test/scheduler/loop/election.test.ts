import { expect, test } from 'vitest';
import { intercept } from '../../../src/client/index.js';
import { Event, Pod } from '../../../src/resources/kinds/index.js';
import { createNode, createPod, placesOf, podOf, profileWith, schedulerOf, testCluster } from './cluster.js';

function election(identity: string): {
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
} {
  return { namespace: 'default', name: 'scheduler', identity };
}

test('only the leader binds, and the other takes over as soon as it is gone', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '10');
  let byOne = 0;
  let byTwo = 0;
  const count = (add: () => void): ReturnType<typeof profileWith>[] => [
    profileWith({ name: 'Counts', postBind: add }),
  ];
  const one = schedulerOf(client, { leaderElection: election('one'), profiles: count(() => (byOne += 1)) });
  await one.start();
  await using two = schedulerOf(client, {
    leaderElection: election('two'),
    profiles: count(() => (byTwo += 1)),
  });
  await two.start();
  await createPod(client, podOf('p'));
  await one.idle();
  await two.idle();
  expect([byOne, byTwo]).toEqual([1, 0]);
  await one.stop();
  await createPod(client, podOf('q'));
  await clock.advance(3_000);
  await two.idle();
  expect([byOne, byTwo]).toEqual([1, 1]);
  expect(await placesOf(client)).toEqual({ p: 'a', q: 'a' });
});

test('a deposed leader binds nothing more, forgets what it assumed, and may lead again', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '1');
  let isCutOff = false;
  const cut = intercept(client, {
    update: (next, ...args) => (isCutOff ? new Promise(() => undefined) : next(...args)),
    patch: (next, ...args) => (isCutOff ? new Promise(() => undefined) : next(...args)),
  });
  const errors: string[] = [];
  await using one = schedulerOf(cut, {
    leaderElection: election('one'),
    profiles: [profileWith({ name: 'Waits', permit: () => ({ wait: 600_000 }) })],
  });
  await one.start();
  await createPod(client, podOf('p'));
  await one.idle();
  expect(one.waiting()).toHaveLength(1);
  await using two = schedulerOf(client, { leaderElection: election('two') });
  await two.start();
  isCutOff = true;
  await clock.advance(60_000);
  await two.idle();
  expect(one.waiting()).toEqual([]);
  expect(one.counts()['in hand']).toBe(0);
  expect(await placesOf(client)).toEqual({ p: 'a' });
  expect(errors).toEqual([]);
  isCutOff = false;
  await two.stop();
  await clock.advance(60_000);
  await createNode(client, 'b', '1');
  await createPod(client, podOf('q'));
  await one.idle();
  expect(one.waiting().map(({ workload }) => workload.key)).toEqual(['default/q']);
  one.waiting()[0]?.allow('Waits');
  await one.idle();
  expect(await placesOf(client)).toEqual({ p: 'a', q: 'b' });
});

test('a bind that a deposed leader had sent is refused by the server', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a', '1');
  let release: (() => void) | undefined;
  const failures: unknown[] = [];
  const slow = intercept(client, {
    async subresource(next, ...args) {
      await new Promise<void>((resolve) => (release = resolve));
      return next(...args).catch((error: unknown) => {
        failures.push((error as { reason?: string }).reason);
        throw error;
      });
    },
    // its renewals do not come through
    update: () => new Promise(() => undefined),
  });
  await using one = schedulerOf(slow, { leaderElection: election('one') });
  await one.start();
  await createPod(client, podOf('p'));
  await clock.advance(60_000);
  await using two = schedulerOf(client, {
    leaderElection: election('two'),
    profiles: [profileWith({ name: 'Waits', permit: () => ({ wait: 600_000 }) })],
  });
  await two.start();
  await clock.advance(60_000);
  release?.();
  await clock.advance(1_000);
  expect(failures).toHaveLength(1);
  expect((await client.list(Pod)).items[0]?.spec.nodeName ?? '').toBe('');
  await one.stop();
  expect((await client.list(Event)).items.filter(({ reason }) => reason === 'Scheduled')).toEqual([]);
});

test('start fails where fencing is asked for and cannot be had', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  const unguarded = {
    ...intercept(client, {}),
    capabilities: { guards: false, singleRevision: true, transactions: false },
  };
  await using scheduler = schedulerOf(unguarded, {
    leaderElection: { ...election('one'), requireFencing: true },
  });
  await expect(scheduler.start()).rejects.toThrow('requireFencing');
});

test('run ends as its signal aborts, even where the server does not answer', async () => {
  await using cluster = testCluster();
  const deaf = intercept(cluster.client, { list: () => new Promise(() => undefined) });
  const scheduler = schedulerOf(deaf);
  const controller = new AbortController();
  const running = scheduler.run({ signal: controller.signal });
  controller.abort();
  await running;
  await expect(scheduler.start()).rejects.toThrow('expected start before stop');
});
