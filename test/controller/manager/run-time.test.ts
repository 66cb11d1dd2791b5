import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import {
  controller,
  type Controller,
  type ControllerCache,
  Manager,
  type ManagerOptions,
  type ObjectStore,
  type ReconcileContext,
  ReconcileTimeoutError,
  type Runnable,
} from '../../../src/index.js';
import { MetricsBook } from '../../core/metrics-book.js';
import { makeWorld, Page, Theme, Website } from '../website.js';

const site = (name: string, labels?: Record<string, string>) => ({
  metadata: { name, namespace: 'default', ...(labels === undefined ? {} : { labels }) },
  spec: {},
});
const key = (name: string) => ({ name, namespace: 'default' });
let store: ObjectStore | undefined;
let manager: Manager | undefined;
afterEach(async () => {
  await manager?.stop();
  await store?.close();
});

async function run(controllers: readonly Controller[], options: Partial<ManagerOptions> = {}) {
  const world = makeWorld();
  store = world.store;
  manager = new Manager({ client: world.client, controllers, ...options });
  await manager.start();
  return { ...world, manager };
}

describe('a manager at run time', () => {
  it('counts reads of the cache for a kind that a controller does not cache, also where they are caught', async () => {
    const metrics = new MetricsBook();
    const caught: unknown[] = [];
    const tryRead = (cache: ControllerCache): void => {
      try {
        cache.list(Theme);
      } catch (error) {
        caught.push(error);
      }
    };
    const reader = controller('reader')
      .for(Website)
      .reconcile(async ({ cache, snapshot }) => {
        tryRead(cache);
        tryRead(snapshot());
        cache.list(Website);
      });
    const world = await run([reader], { metrics });
    await world.client.create(Website, site('a'));
    await world.manager.idle();
    expect(caught).toHaveLength(2);
    for (const error of caught) expect(error).toBeInstanceOf(TypeError);
    expect(metrics.values).toMatchObject({
      'keelson_controller_uncached_reads_total{controller="reader",kind="Theme"}': 2,
    });
    const counted = Object.keys(metrics.values).filter((name) => name.includes('uncached'));
    expect(counted).toHaveLength(1);
  });

  it('takes controllers in and out while it runs', async () => {
    const seen: string[] = [];
    const noting = (name: string): Controller =>
      controller(name)
        .for(Website)
        .reconcile(async (context) => void seen.push(`${name} ${context.key.name}`));
    const world = await run([noting('one')]);
    await world.client.create(Website, site('a'));
    await world.manager.add(noting('two'));
    await world.manager.idle();
    expect(seen.toSorted()).toEqual(['one a', 'two a']);
    await world.manager.remove('one');
    await world.client.create(Website, site('b'));
    await world.manager.idle();
    expect(seen.slice(2)).toEqual(['two b']);
    await world.manager.add(noting('one'));
    await world.manager.idle();
    expect(seen.slice(3).toSorted()).toEqual(['one a', 'one b']);
    await expect(world.manager.add(noting('one'))).rejects.toThrow(/expected one controller of a name/);
    await expect(world.manager.remove('three')).rejects.toThrow(
      /expected the name of a controller, got "three"/,
    );
  });

  it('leaves out a controller that cannot be added, and goes on', async () => {
    const world = await run([]);
    const other = controller('other')
      .for({ ...Theme, kind: 'Nothing', plural: 'nothings' })
      .reconcile(async () => undefined);
    await expect(world.manager.add(other)).rejects.toThrow(/expected a server that serves Nothing/);
    await world.manager.add(
      controller('other')
        .for(Theme)
        .reconcile(async () => undefined),
    );
    await world.manager.idle();
  });

  it('runs other things beside its controllers, and stops where one of them fails', async () => {
    const log: string[] = [];
    const good: Runnable = {
      name: 'good',
      run: async ({ signal }) => {
        log.push('good began');
        await new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        );
        log.push('good ended');
      },
    };
    let fail = (_: Error): void => undefined;
    const bad: Runnable = { name: 'bad', run: () => new Promise((_, reject) => (fail = reject)) };
    const world = makeWorld();
    store = world.store;
    manager = new Manager({ client: world.client, runnables: [good, bad] });
    const running = manager.run({ signal: new AbortController().signal });
    await manager.start();
    expect(log).toEqual(['good began']);
    fail(new Error('out of order'));
    await expect(running).rejects.toThrow('out of order');
    expect(log).toEqual(['good began', 'good ended']);
    expect(world.clock.timers).toBe(0);
  });

  it('leads requests from sources to their keys, and says so', async () => {
    const emitter = new EventEmitter();
    const seen: unknown[] = [];
    const websites = controller('website')
      .for(Website)
      .watchesSource({ emitter, event: 'changed' }, { name: 'mail', keys: (name) => [key(name as string)] })
      .reconcile(async (context) => void seen.push([context.key.name, context.reasons]));
    const world = await run([websites]);
    emitter.emit('changed', 'x');
    await world.manager.idle();
    expect(seen).toEqual([['x', [{ type: 'source', source: 'mail' }]]]);
    await world.manager.stop();
    expect(emitter.listenerCount('changed')).toBe(0);
  });

  it('caches what a controller reads, and finds by index, without being asked by it', async () => {
    const seen: unknown[] = [];
    const websites = controller('website')
      .for(Website)
      .reads(Page, { indexers: { byNumber: ({ spec }) => [String(spec.number)] } })
      .reconcile(async ({ cache }) => {
        seen.push(cache.byIndex(Page, 'byNumber', '7').map(({ metadata }) => metadata.name));
      });
    const world = await run([websites]);
    await world.client.create(Page, { metadata: key('p'), spec: { number: 7 } });
    await world.manager.idle();
    expect(seen).toEqual([]);
    await world.client.create(Website, site('a'));
    await world.manager.idle();
    expect(seen).toEqual([['p']]);
  });

  it('reads at one moment, while the cache goes on, and sees its own writes there that it had made by then', async () => {
    const seen: unknown[] = [];
    let kept: ControllerCache | undefined;
    for (const readYourWrites of ['wait', 'overlay'] as const) {
      const websites = controller(`website-${readYourWrites}`)
        .for(Website)
        .reads(Page, { indexers: { byNumber: ({ spec }) => [String(spec.number)] } })
        .options({ readYourWrites })
        .reconcile(async ({ client, cache, snapshot }) => {
          const page = (name: string, number: number) => ({ metadata: key(name), spec: { number } });
          const names = (from: ControllerCache): string[] => [
            ...from.list(Page).map(({ metadata }) => metadata.name),
            ...from.byIndex(Page, 'byNumber', '1').map(({ metadata }) => `1: ${metadata.name}`),
          ];
          await client.create(Page, page('b', 1));
          const view = snapshot();
          kept = view;
          await client.create(Page, page('a', 1));
          await client.patch(Page, key('b'), { type: 'merge', patch: { spec: { number: 2 } } });
          seen.push(names(view), names(cache));
          await client.delete(Page, key('a'));
          await client.delete(Page, key('b'));
          seen.push(names(view), names(cache), view.get(Page, key('b'))?.spec.number);
        });
      const world = await run([websites]);
      await world.client.create(Website, site('a'));
      await world.manager.idle();
      await world.manager.stop();
      await world.store.close();
    }
    const one = [['b', '1: b'], ['a', 'b', '1: a'], ['b', '1: b'], [], 1];
    expect(seen).toEqual([...one, ...one]);
    expect(kept?.list(Page)).toEqual([]);
  });

  it('is told of objects that come into its selection, and of those that leave it', async () => {
    const seen: string[] = [];
    const websites = controller('website')
      .for(Website, { labelSelector: 'mine' })
      .reconcile(
        async ({ key: { name }, object }) =>
          void seen.push(`${name} ${object === undefined ? 'gone' : 'here'}`),
      );
    const world = await run([websites]);
    await world.client.create(Website, site('a', { mine: '' }));
    await world.client.create(Website, site('b'));
    await world.manager.idle();
    await world.client.patch(Website, key('a'), {
      type: 'merge',
      patch: { metadata: { labels: { mine: null } } },
    });
    await world.manager.idle();
    expect(seen).toEqual(['a here', 'a gone']);
  });
});

describe('a reconcile', () => {
  it('knows why it runs', async () => {
    const reasons: unknown[] = [];
    let failures = 1;
    const websites = controller('website')
      .for(Website)
      .owns(Page)
      .reconcile(async (context) => {
        reasons.push(context.reasons.map(({ type, kind = '' }) => `${type} ${kind}`.trim()));
        if (failures-- > 0) throw new Error('not yet');
        if (failures === -1) return { requeueAfter: 1_000 };
        return undefined;
      });
    const world = await run([websites]);
    await world.client.create(Website, site('a'));
    await world.clock.advance(5_000);
    expect(reasons).toEqual([['add Website'], ['retry'], ['requeueAfter']]);
  });

  it('is not asked for again by what it wrote itself', async () => {
    let runs = 0;
    const websites = controller('website')
      .for(Website)
      .owns(Page)
      .reconcile(async ({ key: { name }, object, client }) => {
        runs += 1;
        if (object === undefined) return;
        const metadata = { name: `${name}-page`, namespace: 'default', ownerReferences: [owner(object)] };
        await client.apply(Page, { metadata, spec: { number: runs } });
        await client.patch(
          Website,
          key(name),
          { type: 'merge', patch: { status: { pages: 1 } } },
          { subresource: 'status' },
        );
      });
    const world = await run([websites]);
    await world.client.create(Website, site('a'));
    await world.manager.idle();
    expect(runs).toBe(1);
    await world.client.delete(Page, key('a-page'));
    await world.manager.idle();
    expect(runs).toBe(2);
  });

  it('is cut short after its time: its signal aborts, it writes no more, and is tried again', async () => {
    const seen: unknown[] = [];
    let first: ReconcileContext<unknown> | undefined;
    const slow = controller('slow')
      .for(Website)
      .options({ reconcileTimeout: 1_000 })
      .reconcile(async (context) => {
        seen.push(context.attempt);
        first ??= context;
        if (context.attempt === 1) await new Promise(() => undefined);
      });
    const world = await run([slow]);
    await world.client.create(Website, site('a'));
    await world.clock.advance(999);
    expect(first?.signal.aborted).toBe(false);
    await world.clock.advance(6);
    expect(first?.signal.reason).toBeInstanceOf(ReconcileTimeoutError);
    expect(String(first?.signal.reason)).toContain('expected a reconcile of at most 1000 milliseconds');
    await world.manager.idle();
    expect(seen).toEqual([1, 2]);
    await expect(first?.client.delete(Website, key('a'))).rejects.toThrow(
      /was cut short, and writes no more/,
    );
    await world.client.get(Website, key('a'));
  });

  it('forgets what an earlier one wished for', async () => {
    let runs = 0;
    const websites = controller('website')
      .for(Website)
      .reconcile(async () => {
        runs += 1;
        return runs === 1 ? { requeueAfter: 10_000 } : undefined;
      });
    const world = await run([websites]);
    await world.client.create(Website, site('a'));
    await world.manager.idle();
    await world.client.patch(Website, key('a'), { type: 'merge', patch: { spec: { pages: 2 } } });
    await world.manager.idle();
    await world.clock.advance(60_000);
    expect(runs).toBe(2);
  });

  it.each([
    ['a string', 'nonsense', /expected an Error, threw "nonsense"/],
    ['undefined', undefined, /expected an Error, threw undefined/],
    ['a function', () => 1, /expected an Error, threw/],
  ])('that throws %s fails as any other, and the others go on', async (_, thrown, message) => {
    let runs = 0;
    const lines: unknown[] = [];
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: ({ error }: { error?: unknown }) => void lines.push(error),
    };
    const bad = controller('bad')
      .for(Website)
      .reconcile(async () => {
        // oxlint-disable-next-line typescript/only-throw-error -- that is what is tested
        throw thrown;
      });
    const good = controller('good')
      .for(Website)
      .reconcile(async () => void (runs += 1));
    const world = await run([bad, good], { logger });
    await world.client.create(Website, site('a'));
    await expect(Promise.all([world.manager.idle(), world.clock.advance(60_000)])).rejects.toThrow(message);
    expect(runs).toBe(1);
    expect(String(lines[0])).toMatch(message);
  });

  it.each([
    [null],
    [0],
    [true],
    ['5s'],
    [{ requeueAfter: -1 }],
    [{ requeueAfter: Number.NaN }],
    [{ requeue: true }],
    [{ requeueAfter: 1, more: 1 }],
  ])('that answers %j has failed, and is told what was expected', async (result) => {
    const bad = controller('bad')
      .for(Website)
      .reconcile(async () => result as never);
    const world = await run([bad]);
    await world.client.create(Website, site('a'));
    await expect(Promise.all([world.manager.idle(), world.clock.advance(60_000)])).rejects.toThrow(
      /^controller bad: reconcile: expected nothing or { requeueAfter: milliseconds }, got/,
    );
  });

  it('that adds itself for ever holds up neither the others nor the stop', async () => {
    let runs = 0;
    const forever = controller('forever')
      .for(Website)
      .reconcile(async () => ((runs += 1), { requeueAfter: 0 }));
    let others = 0;
    const other = controller('other')
      .for(Website)
      .reconcile(async () => void (others += 1));
    const world = await run([forever, other]);
    await world.client.create(Website, site('a'));
    await world.clock.advance(50);
    expect(others).toBe(1);
    expect(runs).toBe(51);
    await world.manager.stop();
    const stopped = runs;
    await world.clock.advance(1_000);
    expect(runs).toBe(stopped);
  });
});

describe('settled', () => {
  it('drives the clock through retries and wishes up to the horizon, and no further', async () => {
    const at: number[] = [];
    const websites = controller('website')
      .for(Website)
      .reconcile(async ({ clock, attempt }) => {
        at.push(clock.monotonic());
        if (attempt < 3) throw new Error('not yet');
        return at.length < 6 ? { requeueAfter: 10_000 } : undefined;
      });
    const world = await run([websites]);
    await world.client.create(Website, site('a'));
    await world.manager.settled({ horizon: 12_000 });
    expect(at.slice(0, 4)).toEqual([0, 5, 15, 10_015]);
    expect(world.clock.monotonic()).toBeLessThanOrEqual(12_000);
  });

  it('names who never comes to rest', async () => {
    const websites = controller('website')
      .for(Website)
      .reconcile(async ({ object, client, key: request }) => {
        const pages = ((object as { status?: { pages: number } } | undefined)?.status?.pages ?? 0) + 1;
        await client.patch(
          Website,
          request,
          { type: 'merge', patch: { status: { pages } } },
          { subresource: 'status' },
        );
      });
    const world = await run([websites]);
    await world.client.create(Website, site('a'));
    await expect(world.manager.settled({ horizon: 0 })).rejects.toThrow(
      /expected the stores to come to rest.*website/,
    );
  });

  it('rejects with the error of a key that still fails', async () => {
    const websites = controller('website')
      .for(Website)
      .reconcile(async () => {
        throw new Error('broken');
      });
    const world = await run([websites]);
    await world.client.create(Website, site('a'));
    await expect(world.manager.settled({ horizon: 100 })).rejects.toThrow('broken');
  });
});

function owner(object: { metadata: { name: string; uid: string } }) {
  const { name, uid } = object.metadata;
  return { apiVersion: 'example.com/v1', kind: 'Website', name, uid, controller: true };
}
