import {
  type Client,
  controller,
  type Executor,
  Manager,
  microtaskExecutor,
  ObjectStore,
  type Reconciler,
  VirtualClock,
} from 'keelson';
import { ConfigMap, Pod } from 'keelson/kinds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Website } from './website.js';

const KEY = { name: 'a', namespace: 'default' };
/** Milliseconds by which every watch is late. */
const LATE = 50;

let clock: VirtualClock;
let store: ObjectStore;
let client: Client;
let manager: Manager | undefined;

beforeEach(() => {
  clock = new VirtualClock();
  const executor: Executor = {
    execute(lane, task) {
      if (lane.kind === 'watch') clock.setTimer(LATE, task);
      else microtaskExecutor.execute(lane, task);
    },
    answer: (lane, work) => microtaskExecutor.answer(lane, work),
  };
  store = new ObjectStore({ resources: [Website, ConfigMap, Pod], clock, executor });
  client = store.client();
});
afterEach(async () => {
  const stopped = manager?.stop();
  await clock.advance(60_000);
  await stopped;
  await store.close();
});

/** Runs `reconcile` for one Website, whose watches are late, for a virtual minute. */
async function run(reconcile: Reconciler<Website>): Promise<void> {
  const definition = controller('late')
    .for(Website)
    .watches(ConfigMap, { map: () => [] })
    .reconcile(reconcile);
  manager = new Manager({ client, controllers: [definition] });
  await client.create(Website, { metadata: KEY, spec: { image: 'nginx' } });
  const started = manager.start();
  await clock.advance(60_000);
  await started;
}

describe('the contract: a controller reads its own writes, however late its watches are', () => {
  it('finds in the cache what it has created, changed and deleted', async () => {
    const seen: unknown[] = [];
    await run(async ({ key, client: own, cache }) => {
      const created = await own.create(ConfigMap, { metadata: key, data: { n: '1' } });
      seen.push(cache.get(ConfigMap, key) === created);
      const updated = await own.update(ConfigMap, { ...created, data: { n: '2' } });
      seen.push(cache.get(ConfigMap, key) === updated);
      const patched = await own.patch(ConfigMap, key, { type: 'merge', patch: { data: { n: '3' } } });
      seen.push(cache.get(ConfigMap, key) === patched);
      await own.delete(ConfigMap, key);
      seen.push(cache.get(ConfigMap, key));
    });
    expect(seen).toEqual([true, true, true, undefined]);
  });

  it('finds gone what it has deleted as a collection, and what lost its last finalizer', async () => {
    const seen: unknown[] = [];
    await run(async ({ key, client: own, cache }) => {
      await own.create(ConfigMap, { metadata: key });
      await own.deleteCollection(ConfigMap, { namespace: 'default' });
      seen.push(cache.get(ConfigMap, key));
      await own.create(ConfigMap, { metadata: { ...key, finalizers: ['example.com/a'] } });
      await own.delete(ConfigMap, key);
      seen.push(cache.get(ConfigMap, key)?.metadata.deletionTimestamp !== undefined);
      await own.patch(ConfigMap, key, { type: 'merge', patch: { metadata: { finalizers: null } } });
      seen.push(cache.get(ConfigMap, key));
    });
    expect(seen).toEqual([undefined, true, undefined]);
  });

  it('makes no child twice that it counts in the cache', async () => {
    let runs = 0;
    await run(async ({ client: own, cache }) => {
      runs += 1;
      if (cache.list(ConfigMap).length === 3) return;
      await own.create(ConfigMap, { metadata: { namespace: 'default', generateName: 'child-' } });
      return { requeueAfter: 1 };
    });
    expect(runs).toBe(4);
    expect((await client.list(ConfigMap)).items).toHaveLength(3);
  });

  it('waits for nothing where it does not watch the kind, runs dry, changes nothing, or fails', async () => {
    const times: number[] = [];
    await run(async ({ key, object, client: own, clock: now }) => {
      const start = now.monotonic();
      await own.create(Pod, { metadata: key, spec: { containers: [{ name: 'web' }] } });
      await own.create(ConfigMap, { metadata: key }, { dryRun: true });
      await own.patch(Website, key, { type: 'merge', patch: { spec: { image: object?.spec.image } } });
      await own.delete(ConfigMap, key).catch(() => undefined);
      times.push(now.monotonic() - start);
    });
    expect(times).toEqual([0]);
  });

  it('lets a write go where the manager stops meanwhile', async () => {
    const ended: string[] = [];
    const definition = controller('late')
      .for(Website)
      .watches(ConfigMap, { map: () => [] })
      .reconcile(async ({ key, client: own }) => {
        await own.create(ConfigMap, { metadata: key });
        ended.push(key.name);
      });
    manager = new Manager({ client, controllers: [definition] });
    await client.create(Website, { metadata: KEY, spec: { image: 'nginx' } });
    await manager.start();
    await clock.advance(LATE / 2);
    expect(ended).toEqual([]);
    await manager.stop();
    expect(ended).toEqual(['a']);
    expect(clock.monotonic()).toBe(LATE / 2);
  });
});
