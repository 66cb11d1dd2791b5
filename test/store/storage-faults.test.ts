import { describe, expect, it } from 'vitest';
import type { ApiError } from '../../src/core/index.js';
import type { StorageListener } from '../../src/store/index.js';
import { Event, Namespace } from '../../src/resources/kinds/index.js';
import { at, failure, Note, Region, setUp, Website, website } from './kit.js';
import { ending, onStorage, rawSession, Reading } from './storage-kit.js';

const owner = (object: { kind: string; apiVersion: string; metadata: { name: string; uid: string } }) => ({
  apiVersion: object.apiVersion,
  kind: object.kind,
  name: object.metadata.name,
  uid: object.metadata.uid,
  blockOwnerDeletion: true,
});

describe('a store whose storage is cut off', () => {
  it('refuses what it cannot know, and goes on without loss or repeat when it is there again', () =>
    onStorage(async ({ storage, open, clock }) => {
      const one = await open();
      const two = await open();
      const a = await one.client.create(Website, website('a'));
      await two.client.list(Website);
      const reading = new Reading(two.client.watch(Website, { resourceVersion: a.metadata.resourceVersion }));
      storage.disconnect(two.session);
      await failure(two.client.list(Website), 'ServiceUnavailable');
      const refused = await failure(two.client.create(Website, website('c')), 'ServiceUnavailable');
      expect(refused.ambiguous).toBe(false);
      expect((await two.client.list(Website, { resourceVersion: '0' })).items).toEqual([a]);
      const b = await one.client.create(Website, website('b'));
      await one.client.delete(Website, at('a'));
      storage.reconnect(two.session);
      expect((await two.client.list(Website)).items).toEqual([b]);
      await clock.advance();
      expect(reading.lines).toEqual([
        `ADDED b @${b.metadata.resourceVersion}`,
        `DELETED a @${Number(b.metadata.resourceVersion) + 1}`,
      ]);
      expect(reading.isOver).toBe(false);
    }));

  it('answers a write that happened when it is told of it, where the connection broke in between', () =>
    onStorage(async ({ storage, open, clock }) => {
      const { client, session } = await open();
      storage.setLatency('changed', { least: 100, most: 100 });
      const creation = client.create(Website, website('a'));
      creation.catch(() => undefined);
      await clock.advance(50);
      storage.disconnect(session);
      await clock.advance(500);
      storage.reconnect(session);
      const result: unknown = await creation.catch((error: unknown) => error);
      if (result instanceof Error) expect((result as ApiError).ambiguous).toBe(true);
      else expect(await client.get(Website, at('a'))).toEqual(result);
    }));

  it('settles everything under way where it breaks again and again', () =>
    onStorage(
      async ({ storage, open, clock }) => {
        const one = await open();
        const two = await open();
        for (const operation of ['commit', 'changed', 'newest'] as const) {
          storage.setLatency(operation, { least: 0, most: 20 });
        }
        const works: Promise<unknown>[] = [];
        for (let index = 0; index < 30; index += 1) {
          const { client, session } = index % 2 === 0 ? one : two;
          const caught = (error: ApiError): ApiError => error;
          works.push(client.create(Website, website(`a${index % 7}`)).catch(caught));
          works.push(client.delete(Website, at(`a${(index + 3) % 7}`)).catch(caught));
          works.push(client.list(Website).catch(caught));
          if (index % 5 === 4) storage.disconnect(session);
          if (index % 5 === 0) storage.reconnect();
          if (index % 7 === 6) storage.lose(session);
          await clock.advance(5);
        }
        storage.reconnect();
        await Promise.all(works);
        const lists = await Promise.all([one, two].map(({ client }) => client.list(Website)));
        expect(lists[0]?.items).toEqual(lists[1]?.items);
        expect(lists[0]?.items.map(({ metadata }) => metadata.name)).toEqual(
          storage.entries.map(({ key }) => key.slice('default/'.length)).sort(),
        );
      },
      { seeds: [1, 2, 3, 4, 5, 6] },
    ));
});

describe('a store that may have missed something', () => {
  it('ends its watches with Expired, and goes on with what is there now', () =>
    onStorage(async ({ storage, open }) => {
      const one = await open();
      const two = await open();
      await one.client.create(Website, website('a'));
      await one.client.create(Website, website('b'));
      await two.client.list(Website);
      const reading = new Reading(two.client.watch(Website, { resourceVersion: '0' }));
      storage.disconnect(two.session);
      await one.client.delete(Website, at('a'));
      const c = await one.client.create(Website, website('c'));
      storage.compact();
      storage.reconnect(two.session);
      const { items, resourceVersion } = await two.client.list(Website);
      expect(items.map(({ metadata }) => metadata.name)).toEqual(['b', 'c']);
      expect(await reading.end).toMatchObject({ reason: 'Expired' });
      // what was before is not known
      const late = two.client.watch(Website, { resourceVersion: String(Number(resourceVersion) - 1) });
      await failure(late.next(), 'Expired');
      const next = two.client.watch(Website, { resourceVersion });
      const d = await two.client.create(Website, website('d'));
      expect((await next.next()).value?.object).toEqual(d);
      next.stop();
      expect(Number(resourceVersion)).toBeGreaterThanOrEqual(Number(c.metadata.resourceVersion));
    }));

  it('tells a watch nothing of what comes after the gap', () =>
    onStorage(
      async ({ storage, open, clock }) => {
        const one = await open();
        const two = await open();
        await two.client.list(Website);
        const reading = new Reading(two.client.watch(Website));
        await clock.advance();
        storage.setLatency('load', { least: 50, most: 50 });
        storage.disconnect(two.session);
        await one.client.create(Website, website('missed'));
        storage.compact();
        storage.reconnect(two.session);
        for (let index = 0; index < 10; index += 1) {
          await one.client.create(Website, website(`a${index}`));
          await clock.advance(10);
        }
        expect(await reading.end).toMatchObject({ reason: 'Expired' });
        expect(reading.lines).toEqual([]);
        expect((await two.client.list(Website)).items).toHaveLength(11);
      },
      { seeds: [1, 2, 3, 4, 5, 6] },
    ));

  it('answers writes that are under way meanwhile, each once it sees it', () =>
    onStorage(
      async ({ storage, open, clock }) => {
        const { client, session } = await open();
        for (const operation of ['commit', 'changed', 'load'] as const) {
          storage.setLatency(operation, { least: 0, most: 10 });
        }
        const works: Promise<void>[] = [];
        for (let index = 0; index < 20; index += 1) {
          works.push(
            client.create(Website, website(`a${index}`)).then(async (created) => {
              expect(await client.get(Website, at(`a${index}`), { resourceVersion: '0' })).toEqual(created);
            }),
          );
          if (index % 3 === 0) storage.lose(session);
          await clock.advance(index % 4);
        }
        await Promise.all(works);
      },
      { seeds: [1, 2, 3, 4, 5, 6] },
    ));

  it('loads once more where it misses something while it loads', () =>
    onStorage(async ({ storage, open, clock }) => {
      const one = await open();
      const two = await open();
      storage.setLatency('load', { least: 50, most: 100 });
      storage.lose(two.session);
      await clock.advance(20);
      await one.client.create(Website, website('a'));
      storage.lose(two.session);
      await clock.advance(70);
      await one.client.create(Website, website('b'));
      storage.lose(two.session);
      await one.client.create(Website, website('c'));
      expect((await two.client.list(Website)).items).toHaveLength(3);
      await two.client.create(Website, website('d'));
    }));

  it('tries again until it can load, and says so', () =>
    onStorage(async ({ storage, open, clock }) => {
      const one = await open();
      const two = await open();
      storage.failNext('load');
      storage.failNext('load');
      storage.lose(two.session);
      await clock.advance(500);
      const a = await one.client.create(Website, website('a'));
      expect(two.errors).toHaveLength(1);
      expect(await ending(clock, two.client.get(Website, at('a')))).toBe('pending');
      expect(await two.client.get(Website, at('a'))).toEqual(a);
      expect(two.errors).toHaveLength(2);
      storage.failNext('load');
      storage.lose(two.session);
      await clock.advance(500);
      expect(clock.timers).toBe(1);
      await two.store.close();
      expect(clock.timers).toBe(0);
    }));

  it('misses nothing while it opens', () =>
    onStorage(
      async ({ storage, open, make, clock }) => {
        const one = await open();
        const two = make({}, Namespace);
        storage.setLatency('commit', { least: 20, most: 20 });
        const opening = two.store.open();
        await clock.advance(10);
        // its namespaces are under way
        storage.lose(storage.sessions[1]);
        await one.client.create(Website, website('a'));
        await opening;
        expect((await two.client.list(Website)).items).toHaveLength(1);
        await two.client.create(Website, website('b'));
      },
      { seeds: [1, 2, 3, 4, 5] },
    ));

  it('collects what lost its owner meanwhile, and lets expire what is to', () =>
    onStorage(async ({ storage, open, clock }) => {
      const one = await open();
      const two = await open();
      const parent = await one.client.create(Website, website('a'));
      await one.client.create(Note, { metadata: { ...at('n'), ownerReferences: [owner(parent)] } });
      await two.client.list(Note);
      storage.disconnect(two.session);
      await one.client.create(Event, event('e'));
      await one.client.delete(Website, at('a'));
      // the store that deletes it has no time left to collect
      storage.crash(one.session);
      await one.store.close();
      storage.compact();
      storage.reconnect(two.session);
      await two.client.list(Note);
      await two.client.barrier();
      expect((await two.client.list(Note)).items).toEqual([]);
      expect((await two.client.list(Event)).items).toHaveLength(1);
      await clock.advance(3 * 3_600_000);
      await two.client.barrier();
      expect((await two.client.list(Event)).items).toEqual([]);
    }));

  it('collects the dependents of an owner whose name lives again by now', () =>
    onStorage(async ({ storage, open }) => {
      const { client, session } = await open();
      const parent = await client.create(Website, website('a'));
      await client.create(Note, { metadata: { ...at('n'), ownerReferences: [owner(parent)] } });
      storage.disconnect(session);
      const raw = await rawSession(storage);
      const place = { collection: 'websites.example.com', key: 'default/a' };
      await raw.commit({ compares: [], writes: [{ ...place, value: undefined }] });
      const other = { ...parent, metadata: { ...parent.metadata, uid: 'another' } };
      await raw.commit({ compares: [], writes: [{ ...place, value: JSON.stringify(other) }] });
      storage.compact();
      storage.reconnect(session);
      await client.list(Website);
      await client.barrier();
      expect((await client.list(Note)).items).toEqual([]);
      expect((await client.get(Website, at('a'))).metadata.uid).toBe('another');
      await raw.close();
    }));
});

function event(name: string): never {
  return {
    metadata: at(name),
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'example.com/test',
    reportingInstance: 'test-1',
    action: 'Test',
    reason: 'Test',
    type: 'Normal',
    regarding: { kind: 'Website', ...at('a') },
  } as never;
}

describe('a storage that tells in the middle of other things', () => {
  const place = { collection: 'notes.example.com', key: 'default/a' } as const;
  const text = (name: string): string => {
    const metadata = {
      ...at(name),
      uid: name,
      resourceVersion: '',
      creationTimestamp: '2026-01-01T00:00:00Z',
    };
    return JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Note', metadata });
  };

  it('tells no watch of what comes after a gap: what was told before the end of a load is part of it', async () => {
    let listener: StorageListener | undefined;
    let revision = 1;
    const { client, store } = setUp({
      storage: {
        name: 'told',
        open: async (context) => {
          listener = context.listener;
          return {
            load: async (take) => {
              const loaded = revision;
              if (loaded > 1) {
                take({ ...place, value: text('a'), revision: loaded });
                listener?.changed({
                  revision: loaded + 1,
                  writes: [{ ...place, key: 'default/b', value: text('b') }],
                });
              }
              return loaded;
            },
            commit: () => Promise.reject(new Error('none')),
            replace: () => Promise.reject(new Error('none')),
            compact: () => Promise.resolve(),
            close: () => Promise.resolve(),
          };
        },
      },
    });
    await store.open();
    const reading = new Reading(client.watch(Note));
    revision = 10;
    listener?.lost();
    expect(await reading.end).toMatchObject({ reason: 'Expired' });
    expect(reading.lines).toEqual([]);
    const { items, resourceVersion } = await client.list(Note);
    expect(items.map(({ metadata }) => `${metadata.name} @${metadata.resourceVersion}`)).toEqual([
      'a @10',
      'b @11',
    ]);
    expect(resourceVersion).toBe('11');
    await store.close();
  });

  it('is loaded once more where it tells during a load that something is missed', async () => {
    let listener: StorageListener | undefined;
    let loads = 0;
    const { client, store } = setUp({
      storage: {
        name: 'lossy',
        open: async (context) => {
          listener = context.listener;
          return {
            load: async (take) => {
              loads += 1;
              if (loads === 1 || loads === 3) listener?.lost();
              if (loads === 4) take({ ...place, value: text('a'), revision: 4 });
              return loads;
            },
            commit: () => Promise.reject(new Error('none')),
            replace: () => Promise.reject(new Error('none')),
            compact: () => Promise.resolve(),
            close: () => Promise.resolve(),
          };
        },
      },
    });
    await store.open();
    expect((await client.list(Note, { resourceVersion: '2' })).items).toEqual([]);
    listener?.lost();
    const { items } = await client.list(Note, { resourceVersion: '4' });
    expect(items).toHaveLength(1);
    expect(loads).toBe(4);
    await store.close();
  });

  it('may tell of a write before it answers, in the call, and of others to the same place', async () => {
    let listener: StorageListener | undefined;
    let revision = 1;
    const { client, store } = setUp({
      storage: {
        name: 'at once',
        open: async (context) => {
          listener = context.listener;
          return {
            load: async () => 1,
            commit: async ({ writes }) => {
              revision += 1;
              const own = revision;
              listener?.changed({ revision, writes });
              if (writes[0]?.value === undefined) {
                // its name lives again, and is gone again, before the answer
                revision += 2;
                const [write] = writes as [(typeof writes)[0]];
                listener?.changed({ revision: own + 1, writes: [{ ...write, value: text('a') }] });
                listener?.changed({ revision: own + 2, writes: [{ ...write, value: undefined }] });
              }
              return { committed: true, revision: own };
            },
            replace: () => Promise.reject(new Error('none')),
            compact: () => Promise.resolve(),
            close: () => Promise.resolve(),
          };
        },
      },
    });
    const created = await client.create(Note, { metadata: at('a') });
    expect(created.metadata.resourceVersion).toBe('2');
    const { object, resourceVersion } = await client.delete(Note, at('a'));
    expect(object.metadata.uid).toBe(created.metadata.uid);
    expect(resourceVersion).toBe('3');
    expect((await client.list(Note)).resourceVersion).toBe('5');
    await store.close();
  });
});

describe('a store whose storage takes no more writes', () => {
  it('refuses every write and says why; reads and watches go on, and it can be closed', () =>
    onStorage(async ({ storage, open, clock }) => {
      const { client, store, session, errors } = await open();
      const a = await client.create(Website, website('a'));
      await client.create(Event, event('e'));
      const reading = new Reading(client.watch(Website));
      storage.fail(session);
      await clock.advance();
      for (let index = 0; index < 2; index += 1) {
        const error = await failure(client.create(Website, website('b')), 'ServiceUnavailable');
        expect(error.message).toContain('EIO');
        await failure(
          store.transaction((tx) => tx.delete(Website, at('a'))),
          'ServiceUnavailable',
        );
      }
      expect(errors).toHaveLength(1);
      expect((await client.list(Website)).items).toEqual([a]);
      await failure(client.get(Website, at('b')), 'NotFound');
      // what it does by itself is over
      await clock.advance(3 * 3_600_000);
      expect((await client.list(Event)).items).toHaveLength(1);
      await client.barrier();
      await store.idle();
      expect(reading.isOver).toBe(false);
      expect(reading.lines).toEqual([`ADDED a @${a.metadata.resourceVersion}`]);
      await store.close();
      expect(await reading.end).toMatchObject({ reason: 'ServiceUnavailable' });
    }));

  it('settles what is under way, also where others go on', () =>
    onStorage(
      async ({ storage, open, clock }) => {
        const one = await open();
        const two = await open();
        for (const operation of ['commit', 'changed', 'newest'] as const) {
          storage.setLatency(operation, { least: 0, most: 20 });
        }
        const works = Array.from({ length: 10 }, (_, index) => [
          one.client.create(Website, website(`a${index}`)),
          one.client.list(Website),
          one.client.delete(Website, at(`a${index}`)),
        ]).flat();
        const ends = Promise.allSettled(works);
        await clock.advance(15);
        storage.fail(one.session);
        const last = await two.client.create(Website, website('z'));
        for (const end of await ends) {
          if (end.status === 'rejected') {
            expect(['ServiceUnavailable', 'NotFound']).toContain((end.reason as ApiError).reason);
          }
        }
        // it cannot know what the others did, and does not say that it does
        await failure(one.client.get(Website, at('z')), 'ServiceUnavailable');
        await one.client.list(Website, { resourceVersion: '0' });
        expect(await two.client.get(Website, at('z'))).toEqual(last);
      },
      { seeds: [1, 2, 3, 4, 5, 6] },
    ));

  it('is full: the write that found out is refused like those that follow', () =>
    onStorage(async ({ storage, open }) => {
      const { client } = await open();
      await client.create(Website, website('a'));
      storage.fill();
      for (const name of ['b', 'c']) {
        const error = await failure(client.create(Website, website(name)), 'ServiceUnavailable');
        expect(error.message).toContain('ENOSPC');
        expect(error.ambiguous).toBe(false);
      }
      expect((await client.list(Website)).items).toHaveLength(1);
    }));
});

describe('closing a store on a storage', () => {
  it('settles what is under way, leaves no timer, and can be done twice', () =>
    onStorage(
      async ({ storage, open, make, clock }) => {
        const { client, store } = await open({}, Namespace);
        const unopened = make();
        await client.create(Website, website('a'));
        for (const operation of ['open', 'load', 'commit', 'changed', 'newest'] as const) {
          storage.setLatency(operation, { least: 5, most: 20 });
        }
        const reading = new Reading(
          client.watch(Website, { resourceVersion: '0', allowWatchBookmarks: true, timeout: 9_999 }),
        );
        const works = [
          client.create(Event, event('e')),
          ...[1, 2, 3].map((replicas) =>
            client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas } } }),
          ),
          client.list(Website),
          client.get(Website, at('b'), { resourceVersion: '1000' }),
          client.delete(Website, at('none')),
          client.watch(Note).next(),
          client.barrier(),
          store.transaction((tx) => tx.create(Note, { metadata: at('n') })),
          store.snapshot('/nonexistent/backup'),
          unopened.client.create(Website, website('c')),
          unopened.client.watch(Note).next(),
        ];
        const ends = Promise.allSettled(works);
        await clock.advance(12);
        await Promise.all([store.close(), store.close(), unopened.store.close()]);
        await store.close();
        expect(clock.timers).toBe(0);
        for (const end of await ends) {
          if (end.status === 'fulfilled') continue;
          const { reason } = end.reason as ApiError;
          if (reason !== undefined) expect(['ServiceUnavailable', 'NotFound', 'Timeout']).toContain(reason);
        }
        expect(await reading.end).toMatchObject({ reason: 'ServiceUnavailable' });
        await failure(client.list(Website), 'ServiceUnavailable');
        expect(clock.timers).toBe(0);
        expect(storage.sessions).toEqual([]);
      },
      { seeds: [1, 2, 3, 4, 5, 6], hasFiles: true },
    ));

  it('ends also where the storage is cut off, and answers what it knows', () =>
    onStorage(async ({ storage, open, make, clock }) => {
      const { client, store, session } = await open();
      const unopened = make({}, Namespace);
      storage.setLatency('changed', { least: 1_000, most: 1_000 });
      const creation = client.create(Website, website('a')).catch((error: unknown) => error);
      const opening = unopened.store.open().catch((error: unknown) => error);
      await clock.advance(100);
      storage.disconnect(session);
      await clock.advance(100);
      const before = clock.now();
      await Promise.all([store.close(), unopened.store.close()]);
      expect(await opening).toMatchObject({ reason: 'ServiceUnavailable' });
      const result = await creation;
      if (result instanceof Error)
        expect(result).toMatchObject({ reason: 'ServiceUnavailable', ambiguous: true });
      expect(clock.now() - before).toBeLessThan(3_000);
    }));
});

describe('a store that opens a storage which another left', () => {
  it('finds the same objects at the same revisions, and goes on from there', () =>
    onStorage(
      async ({ storage, open }) => {
        const one = await open();
        for (const name of ['a', 'b', 'c']) await one.client.create(Website, website(name));
        await one.client.create(Region, { metadata: { name: 'eu' } });
        await one.client.delete(Website, at('b'));
        const before = [await one.client.list(Website), await one.client.list(Region)];
        await one.store.close();
        const two = await open();
        const after = [await two.client.list(Website), await two.client.list(Region)];
        expect(after.map(({ items }) => items)).toEqual(before.map(({ items }) => items));
        const next = await two.client.create(Website, website('d'));
        expect(Number(next.metadata.resourceVersion)).toBeGreaterThan(Number(before[0]?.resourceVersion));
        expect(storage.sessions).toHaveLength(1);
      },
      { shared: false },
    ));

  it('finishes what was begun: foreground deletions, namespaces, garbage and expiry', () =>
    onStorage(
      async ({ storage, open, clock }) => {
        const one = await open({}, Namespace);
        const parent = await one.client.create(Website, website('parent'));
        await one.client.create(Note, { metadata: { ...at('kid'), ownerReferences: [owner(parent)] } });
        const gone = await one.client.create(Website, website('gone'));
        await one.client.create(Note, { metadata: { ...at('orphan'), ownerReferences: [owner(gone)] } });
        await one.client.create(Namespace, { metadata: { name: 'team' } });
        await one.client.create(Note, { metadata: at('n', 'team') });
        await one.client.create(Event, event('e'));
        // no time for what follows from these
        await Promise.all([
          one.client.delete(Website, at('parent'), { propagationPolicy: 'Foreground' }),
          one.client.delete(Website, at('gone')),
          one.client.delete(Namespace, { name: 'team' }),
        ]);
        storage.crash(one.session);
        await one.store.close();
        const two = await open({}, Namespace);
        await two.client.barrier();
        const left = async (client: typeof two.client): Promise<number[]> => [
          (await client.list(Website)).items.length,
          (await client.list(Note)).items.length,
          (await client.list(Namespace)).items.length,
          (await client.list(Event)).items.length,
        ];
        expect(await left(two.client)).toEqual([0, 0, 2, 1]);
        await clock.advance(3 * 3_600_000);
        await two.client.barrier();
        expect(await left(two.client)).toEqual([0, 0, 2, 0]);
      },
      { seeds: [1, 2, 3, 4, 5] },
    ));
});
