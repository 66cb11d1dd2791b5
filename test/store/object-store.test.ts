import { describe, expect, it } from 'vitest';
import {
  type ApiObject,
  type Executor,
  microtaskExecutor,
  ownerReference,
  SeededRandom,
  systemClock,
  VirtualClock,
} from '../../src/core/index.js';
import { defineResource } from '../../src/resources/index.js';
import { CoreEvent, Event, Eviction, Lease } from '../../src/resources/kinds/index.js';
import { ObjectStore } from '../../src/store/index.js';
import { at, failure, Note, Region, setUp, Website, website } from './kit.js';

describe('an ObjectStore', () => {
  it('runs on the machine unless it is given clock, random and executor', async () => {
    await using store = new ObjectStore({ resources: [Website] });
    const client = store.client();
    expect(client.clock).toBe(systemClock);
    expect(client.executor).toBe(microtaskExecutor);
    const site = await client.create(Website, website('a'));
    expect(Math.abs(Date.parse(site.metadata.creationTimestamp) - systemClock.now())).toBeLessThan(60_000);
  });

  it('gives the same answers for the same seed', async () => {
    const run = async (): Promise<string> => {
      const { client } = setUp({ random: new SeededRandom(42) });
      await client.create(Website, website('', {}, { generateName: 'x-' }));
      await client.create(Region, { metadata: { generateName: 'y-' } });
      return JSON.stringify([(await client.list(Website)).items, (await client.list(Region)).items]);
    };
    expect(await run()).toBe(await run());
  });

  it('hands its ports to its clients, and says what it can do', () => {
    const clock = new VirtualClock();
    const random = new SeededRandom(3);
    const client = new ObjectStore({ resources: [], clock, random }).client();
    expect([client.clock, client.random]).toEqual([clock, random]);
    expect(client.capabilities).toMatchObject({ guards: true, singleRevision: true });
  });

  it('always serves Lease and Event, unless the user brings kinds of these names', async () => {
    const { client } = setUp();
    await client.create(Lease, { metadata: at('a') });
    expect((await client.list(Event)).items).toEqual([]);
    await failure(client.list(CoreEvent), 'NotFound');
    const Own = defineResource<ApiObject<'Namespaced'>>({
      group: 'coordination.k8s.io',
      version: 'v1',
      kind: 'Lease',
    });
    const other = setUp({}, Own).client;
    const lease = { metadata: at('a'), anything: 'goes' };
    await other.create(Own, lease);
    expect(await other.get(Lease, at('a'))).toMatchObject({ anything: 'goes' });
  });

  it('knows a kind by its names, whichever definition is asked with', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    const Other = defineResource<ApiObject<'Namespaced'>>({
      group: 'example.com',
      version: 'v1',
      kind: 'Website',
    });
    expect(await client.get(Other, at('a'))).toBe(await client.get(Website, at('a')));
    await failure(client.create(Other, { metadata: at('b') }), 'Invalid');
  });

  it('refuses kinds that it does not serve, virtual ones among them', async () => {
    const { client } = setUp({}, Eviction);
    const Unknown = defineResource({ group: 'example.com', version: 'v2', kind: 'Website' });
    const error = await failure(client.get(Unknown, at('a')), 'NotFound');
    expect(error.message).toContain('Website in example.com/v2');
    await failure(client.create(Unknown, { metadata: at('a') }), 'NotFound');
    await failure(client.list(Eviction), 'NotFound');
  });

  it('takes only a resource for a resource', async () => {
    const { client } = setUp();
    for (const wrong of [undefined, null, 'Website', 5, {}, { kind: 5 }]) {
      await expect(client.list(wrong as unknown as typeof Website)).rejects.toThrow(/Expected a resource/);
    }
    expect(() => client.watch(undefined as unknown as typeof Website)).toThrow(TypeError);
  });

  it('refuses resources that collide, and options that make no sense', () => {
    const Twin = defineResource({ group: 'example.com', version: 'v1', kind: 'Website' });
    expect(() => new ObjectStore({ resources: [Website, Twin] })).toThrow(TypeError);
    expect(() => new ObjectStore({ resources: Website as never })).toThrow(/resources: expected a list/);
    for (const wrong of [0, -1, 1.5, Number.NaN, '5' as unknown as number]) {
      expect(() => new ObjectStore({ resources: [], history: wrong })).toThrow(
        /history: expected a whole number/,
      );
      expect(() => new ObjectStore({ resources: [], watchBuffer: wrong })).toThrow(/watchBuffer: expected/);
    }
    expect(() => new ObjectStore({ resources: [Website, Website] })).not.toThrow();
  });

  it('keeps its clients in one world', async () => {
    const { store, client } = setUp();
    const site = await client.create(Website, website('a'));
    expect(await store.client().get(Website, at('a'))).toBe(site);
  });
});

describe('a write', () => {
  it('has happened when the call returns', async () => {
    const { client } = setUp();
    const writing = client.create(Website, website('a'));
    const reading = client.get(Website, at('a'));
    expect(await reading).toBe(await writing);
  });

  it('with a signal that has aborted does not happen', async () => {
    const { client } = setUp();
    const reason = new Error('no longer');
    const signal = AbortSignal.abort(reason);
    const requests = [
      client.create(Website, website('a'), { signal }),
      client.get(Website, at('a'), { signal }),
      client.list(Website, { signal }),
      client.listAll(Website, { signal }),
      client.delete(Website, at('a'), { signal }),
    ];
    for (const request of requests) await expect(request).rejects.toBe(reason);
    expect((await client.list(Website)).resourceVersion).toBe('1');
  });
});

describe('background work', () => {
  it('goes step by step, each a hand-over of its own', async () => {
    let steps = 0;
    const executor: Executor = {
      execute(lane, task) {
        if (lane.kind === 'background') steps += 1;
        queueMicrotask(task);
      },
      answer: async (_lane, work) => work(),
    };
    const { store, client } = setUp({ executor });
    const site = await client.create(Website, website('a'));
    for (const name of ['x', 'y', 'z']) {
      await client.create(Note, { metadata: { ...at(name), ownerReferences: [ownerReference(site)] } });
    }
    expect(steps).toBe(0);
    await client.delete(Website, at('a'));
    await store.idle();
    expect(steps).toBe(3);
  });

  it('that fails is told to the logger, and the rest goes on', async () => {
    const told: unknown[] = [];
    const silent = (): void => undefined;
    const logger = {
      debug: silent,
      info: silent,
      warn: silent,
      error: (...args: unknown[]) => void told.push(args),
    };
    const broken = new Error('the clock is broken');
    class BreakingClock extends VirtualClock {
      /** How many more times it tells the time before it fails once. */
      left = Number.POSITIVE_INFINITY;
      override now(): number {
        this.left -= 1;
        if (this.left === -1) throw broken;
        return super.now();
      }
    }
    const clock = new BreakingClock();
    const { store, client } = setUp({ logger, clock });
    const site = await client.create(Website, website('a'));
    const ownerReferences = [ownerReference(site)];
    const finalizers = ['example.com/hold'];
    await client.create(Note, { metadata: { ...at('x'), ownerReferences, finalizers } });
    await client.create(Note, { metadata: { ...at('y'), ownerReferences } });
    // the deletion and its commit; the first dependent's deletion fails
    clock.left = 2;
    await client.delete(Website, at('a'));
    await store.idle();
    expect(told).toEqual([[{ error: broken }, 'the background work of the store failed']]);
    expect((await client.list(Note)).items.map(({ metadata }) => metadata.name)).toEqual(['x']);
  });
});

describe('close', () => {
  it('refuses all that comes later, and may be called again', async () => {
    const { store, client } = setUp();
    await store.open();
    await client.create(Website, website('a'));
    await store.close();
    await store.close();
    const requests = [
      () => client.create(Website, website('b')),
      () => client.get(Website, at('a')),
      () => client.list(Website),
      () => client.listAll(Website),
      () => client.patch(Website, at('a'), { type: 'merge', patch: {} }),
      () => client.delete(Website, at('a')),
      () => client.deleteCollection(Website),
      () => client.subresource(Website, at('a'), 'scale'),
      () => client.watch(Website).next(),
      () => client.barrier(),
      () => store.client().list(Website),
      () => store.open(),
    ];
    for (const request of requests) {
      expect((await failure(request(), 'ServiceUnavailable')).message).toBe('the store is closed');
    }
    await store.idle();
  });

  it('leaves no timer behind', async () => {
    const { store, client, clock } = setUp();
    client.watch(Website, { allowWatchBookmarks: true });
    await store.close();
    expect(clock.timers).toBe(0);
  });
});
