import {
  type ApiError,
  type Client,
  controller,
  edit,
  isNotFound,
  keyOf,
  Manager,
  ObjectStore,
  setControllerReference,
  TerminalError,
  VirtualClock,
} from 'keelson';
import { ConfigMap, Deployment } from 'keelson/kinds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Website } from './website.js';

const KEY = { name: 'a', namespace: 'default' };
const NEW = { metadata: KEY, spec: { image: 'nginx' } };

let clock: VirtualClock;
let store: ObjectStore;
let client: Client;
let manager: Manager;
beforeEach(() => {
  clock = new VirtualClock();
  store = new ObjectStore({ resources: [Website, Deployment, ConfigMap], clock });
  client = store.client();
});
afterEach(async () => {
  await manager.stop();
  await store.close();
});

/** The Deployment that a Website wants. */
function desired(site: Website, suffix = '') {
  const labels = { app: site.metadata.name };
  return setControllerReference(site, {
    metadata: keyOf(site),
    spec: {
      replicas: site.spec.replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'web', image: `${site.spec.image}${suffix}` }] },
      },
    },
  });
}

const websites = controller('website')
  .for(Website)
  .owns(Deployment)
  .watches(ConfigMap, { map: (config) => [{ namespace: config.metadata.namespace, name: 'a' }] })
  .options({ concurrency: 4 })
  .reconcile(async ({ key, object, client: own, cache }) => {
    if (!object) return;
    const suffix = cache.get(ConfigMap, key)?.data?.['suffix'];
    await own.apply(Deployment, desired(object, suffix), { force: true });
    return { requeueAfter: 60_000 };
  });

async function image(): Promise<string | undefined> {
  return (await client.get(Deployment, KEY)).spec.template.spec?.containers[0]?.image;
}

describe('the contract: controller and manager', () => {
  it('runs the program as written', async () => {
    manager = new Manager({ client, controllers: [websites] });
    await manager.start();
    const site = await client.create(Website, NEW);
    await manager.idle();
    expect(await image()).toBe('nginx');

    await client.update(
      Website,
      edit(site, (draft) => {
        draft.spec.replicas = 3;
      }),
    );
    await manager.idle();
    expect((await client.get(Deployment, KEY)).spec.replicas).toBe(3);

    await client.create(ConfigMap, { metadata: KEY, data: { suffix: ':2' } });
    await manager.idle();
    expect(await image()).toBe('nginx:2');

    await client.delete(Deployment, KEY);
    await manager.idle();
    expect(await image()).toBe('nginx:2');

    await client.delete(Website, KEY);
    await manager.idle();
    expect((await client.list(Deployment)).items).toEqual([]);
    await manager.stop();
  });

  it('reconciles what was there before the start', async () => {
    await client.create(Website, NEW);
    manager = new Manager({ client, controllers: [websites] });
    await manager.start();
    await manager.idle();
    expect(await image()).toBe('nginx');
  });

  it('keeps no state in a definition: managers run it one after another', async () => {
    await client.create(Website, NEW);
    for (const suffix of [':2', ':3']) {
      manager = new Manager({ client, controllers: [websites] });
      await manager.start();
      const data = { suffix };
      if (suffix === ':2') await client.create(ConfigMap, { metadata: KEY, data });
      else await client.patch(ConfigMap, KEY, { type: 'merge', patch: { data } });
      await manager.idle();
      expect(await image()).toBe(`nginx${suffix}`);
      await manager.stop();
    }
    expect(Object.isFrozen(websites)).toBe(true);
  });

  it('never runs one key twice at the same time, and at most as many keys as concurrency says', async () => {
    const running = new Set<string>();
    let most = 0;
    let overlaps = 0;
    const slow = controller('slow')
      .for(Website)
      .options({ concurrency: 3 })
      .reconcile(async ({ key, client: own }) => {
        if (running.has(key.name)) overlaps += 1;
        running.add(key.name);
        most = Math.max(most, running.size);
        for (let turn = 0; turn < 5; turn += 1) await own.list(Website);
        running.delete(key.name);
      });
    manager = new Manager({ client, controllers: [slow] });
    await manager.start();
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 10; index += 1) {
        const key = { name: `site-${index}`, namespace: 'default' };
        if (round === 0) await client.create(Website, { metadata: key, spec: { image: 'nginx' } });
        else await client.patch(Website, key, { type: 'merge', patch: { spec: { replicas: round + 1 } } });
      }
    }
    await manager.idle();
    expect({ most, overlaps }).toEqual({ most: 3, overlaps: 0 });
  });

  it('looks again after requeueAfter, by the clock, and does not count the wish as work', async () => {
    const times: number[] = [];
    const ticking = controller('ticking')
      .for(Website)
      .reconcile(async ({ clock: own }) => {
        times.push(own.monotonic());
        return { requeueAfter: 60_000 };
      });
    manager = new Manager({ client, controllers: [ticking] });
    await manager.start();
    await client.create(Website, NEW);
    await manager.idle();
    expect(times).toEqual([0]);
    await clock.advance(180_000);
    expect(times).toEqual([0, 60_000, 120_000, 180_000]);
  });

  it('tries again with growing delays after a throw, and idle waits for the success', async () => {
    const times: number[] = [];
    const attempts: number[] = [];
    const stubborn = controller('stubborn')
      .for(Website)
      .reconcile(async ({ clock: own, attempt }) => {
        times.push(own.monotonic());
        attempts.push(attempt);
        if (times.length < 4) throw new Error('not yet');
      });
    manager = new Manager({ client, controllers: [stubborn] });
    await manager.start();
    await client.create(Website, NEW);
    const state = { idle: false };
    const idle = manager.idle().then(() => {
      state.idle = true;
    });
    await clock.advance(0);
    expect(state.idle).toBe(false);
    await clock.advance(1_000);
    await idle;
    expect(times).toEqual([0, 5, 15, 35]);
    expect(attempts).toEqual([1, 2, 3, 4]);
  });

  it('does not try again after a TerminalError, but after the next event', async () => {
    let runs = 0;
    const hopeless = controller('hopeless')
      .for(Website)
      .reconcile(async () => {
        runs += 1;
        throw new TerminalError('never');
      });
    manager = new Manager({ client, controllers: [hopeless] });
    await manager.start();
    await client.create(Website, NEW);
    await manager.idle();
    await clock.advance(3_600_000);
    expect(runs).toBe(1);
    await client.patch(Website, KEY, { type: 'merge', patch: { spec: { replicas: 2 } } });
    await manager.idle();
    expect(runs).toBe(2);
  });

  it('rejects idle with the error of a key that failed 10 times in a row', async () => {
    const failing = controller('failing')
      .for(Website)
      .reconcile(async () => {
        throw new Error('broken for good');
      });
    manager = new Manager({ client, controllers: [failing] });
    await manager.start();
    await client.create(Website, NEW);
    const idle = expect(manager.idle()).rejects.toThrow('broken for good');
    await clock.advance(10_000);
    await idle;
  });

  it('says what waits where idle is aborted', async () => {
    const failing = controller('failing')
      .for(Website)
      .reconcile(async () => {
        throw new Error('broken');
      });
    manager = new Manager({ client, controllers: [failing] });
    await manager.start();
    await client.create(Website, NEW);
    const abort = new AbortController();
    const idle = expect(manager.idle({ signal: abort.signal })).rejects.toThrow(
      /failing default\/a \(failed 1 times\)/,
    );
    await clock.advance(0);
    abort.abort();
    await idle;
  });

  it('never moves a clock by waiting for idle', async () => {
    manager = new Manager({ client, controllers: [websites] });
    await manager.start();
    await client.create(Website, NEW);
    await manager.idle();
    expect(clock.monotonic()).toBe(0);
  });

  it('fails the start where a kind is not served, naming it', async () => {
    const own = new ObjectStore({ resources: [Website], clock });
    manager = new Manager({ client: own.client(), controllers: [websites] });
    const error = await manager.start().then(
      () => undefined,
      (reason: unknown) => reason as ApiError,
    );
    expect(isNotFound(error)).toBe(true);
    expect(error?.message).toMatch(/controller website: .*Deployment in apps\/v1/);
    await own.close();
  });

  it('refuses a result that it would have to ignore', async () => {
    const messages: string[] = [];
    const wrong = controller('wrong')
      .for(Website)
      .reconcile(async () => ({ requeueAfter: 5, requeue: true }) as { requeueAfter: number });
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: ({ error }: Readonly<Record<string, unknown>>) => void messages.push((error as Error).message),
    };
    manager = new Manager({ client, controllers: [wrong], logger });
    await manager.start();
    await client.create(Website, NEW);
    await clock.advance(0);
    expect(messages[0]).toMatch(/expected nothing or \{ requeueAfter: milliseconds \}/);
  });

  it('stops once what runs has ended, and aborts its signal', async () => {
    const ended: string[] = [];
    const waiting = controller('waiting')
      .for(Website)
      .reconcile(async ({ signal, key }) => {
        await new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        );
        ended.push(key.name);
      });
    manager = new Manager({ client, controllers: [waiting] });
    await manager.start();
    await client.create(Website, NEW);
    await clock.advance(0);
    await manager.stop();
    expect(ended).toEqual(['a']);
    await client.patch(Website, KEY, { type: 'merge', patch: { spec: { replicas: 2 } } });
    await clock.advance(1_000);
    expect(ended).toEqual(['a']);
  });

  it('gives the reads of a reconcile from the server, and its object from the cache', async () => {
    const seen: boolean[] = [];
    const reading = controller('reading')
      .for(Website)
      .reconcile(async ({ key, object, client: own, cache }) => {
        if (!object) return;
        const live = await own.get(Website, key);
        seen.push(cache.get(Website, key) === object, live === object, keyOf(live).name === key.name);
      });
    manager = new Manager({ client, controllers: [reading] });
    await manager.start();
    await client.create(Website, NEW);
    await manager.idle();
    expect(seen).toEqual([true, true, true]);
  });
});
