import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/core/index.js';
import { ConfigMap, Lease, Namespace, Role } from '../../src/resources/kinds/index.js';
import { edit } from '../../src/core/index.js';
import { memoryStorage, ObjectStore } from '../../src/store/index.js';
import { at, expectDeeplyFrozen, failure, Note, Region, setUp, Website, website } from './kit.js';
import { ending, onStorage, rawSession, Reading } from './storage-kit.js';

describe('a store on a storage opens it', () => {
  it('with the first request, and not before', () =>
    onStorage(async ({ storage, make }) => {
      const { client } = make();
      expect(storage.sessions).toHaveLength(0);
      expect((await client.list(Website)).items).toEqual([]);
      expect(storage.sessions).toHaveLength(1);
    }));

  it('once for many requests at a time, which come in the order of the calls', () =>
    onStorage(async ({ storage, make }) => {
      const { store, client } = make();
      const created = await Promise.all([
        client.create(Website, website('a')),
        client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 2 } } }),
        client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 3 } } }),
        client.list(Note),
        store.open(),
      ]);
      expect(storage.sessions).toHaveLength(1);
      expect(created[2].spec.replicas).toBe(3);
      expect((await client.get(Website, at('a'))).spec.replicas).toBe(3);
    }));

  it('again with the next request where that failed, and tells why', () =>
    onStorage(async ({ storage, make }) => {
      const { store, client } = make();
      storage.failNext('open');
      const [first, second] = await Promise.all([
        failure(client.get(Website, at('a')), 'ServiceUnavailable'),
        failure(client.create(Website, website('a')), 'ServiceUnavailable'),
      ]);
      expect(first.message).toContain('failed to open');
      expect(second.message).toContain('failed to open');
      storage.failNext('load');
      await failure(store.open(), 'ServiceUnavailable');
      const created = await client.create(Website, website('a'));
      expect(await client.get(Website, at('a'))).toEqual(created);
      expect(storage.sessions).toHaveLength(1);
    }));

  it('again where the namespaces that it needs could not be created', () =>
    onStorage(async ({ storage, make }) => {
      const { store, client } = make({}, Namespace);
      storage.failNext('commit');
      await failure(store.open(), 'ServiceUnavailable');
      await client.create(Website, website('a'));
      expect((await client.list(Namespace)).items.map(({ metadata }) => metadata.name)).toEqual([
        'default',
        'kube-system',
      ]);
    }));

  it('with a clear error where it has something else than an object', () =>
    onStorage(async ({ storage, make, open }) => {
      const { client } = await open();
      await client.create(Website, website('a'));
      const other = await rawSession(storage);
      const key = 'default/b';
      await other.commit({
        compares: [],
        writes: [{ collection: 'websites.example.com', key, value: '{"metadata":{"name":"c"}}' }],
      });
      const error = await failure(make().store.open(), 'InternalError');
      expect(error.message).toContain('websites.example.com/default/b');
      // the store that is told of it goes no further
      await expect(client.list(Website)).rejects.toThrow('websites.example.com/default/b');
      await expect(client.create(Website, website('c'))).rejects.toThrow('websites.example.com/default/b');
      expect((await client.list(Website, { resourceVersion: '0' })).items).toHaveLength(1);
      await other.close();
    }));

  it('also where several do at once, with the namespaces of every store', () =>
    onStorage(async ({ make }) => {
      const stores = [make({}, Namespace), make({}, Namespace), make({}, Namespace)];
      await Promise.all(stores.map(({ store }) => store.open()));
      for (const { client } of stores) expect((await client.list(Namespace)).items).toHaveLength(2);
    }));

  it('never where it is the memory of the store', async () => {
    const { client, store } = setUp({ storage: memoryStorage() });
    await store.open();
    await client.create(Website, website('a'));
    expect((await client.list(Website)).resourceVersion).toBe('2');
  });

  it('not for kinds that would share their objects', () => {
    const other = {
      ...Website,
      kind: 'Other',
      apiVersion: 'example.com/v2',
      version: 'v2',
    } as typeof Website;
    const storage = { name: 'none', open: () => Promise.reject(new Error('none')) };
    expect(() => new ObjectStore({ resources: [Website, other], storage })).toThrow(TypeError);
  });
});

describe('stores that share a storage', () => {
  it('see what the others have written as soon as it was answered', () =>
    onStorage(
      async ({ storage, open }) => {
        const one = await open();
        const two = await open();
        storage.setLatency('changed', { least: 5, most: 50 });
        const created = await one.client.create(Website, website('a'));
        expect(await two.client.get(Website, at('a'))).toEqual(created);
        expectDeeplyFrozen(await two.client.get(Website, at('a')));
        const updated = await two.client.update(
          Website,
          edit(created, (draft) => {
            draft.spec.replicas = 5;
          }),
        );
        const { items, resourceVersion } = await one.client.list(Website);
        expect(items).toEqual([updated]);
        expect(resourceVersion).toBe(updated.metadata.resourceVersion);
        await one.client.delete(Website, at('a'));
        await failure(two.client.get(Website, at('a')), 'NotFound');
      },
      { gaps: true },
    ));

  it("serve '0' from memory, without asking", () =>
    onStorage(async ({ storage, open, clock }) => {
      const one = await open();
      const two = await open();
      storage.setLatency('changed', { least: 1_000, most: 1_000 });
      const write = one.client.create(Website, website('a'));
      await clock.advance(500);
      expect((await two.client.list(Website, { resourceVersion: '0' })).items).toEqual([]);
      await failure(two.client.get(Website, at('a'), { resourceVersion: '0' }), 'NotFound');
      await write;
      expect((await two.client.list(Website)).items).toHaveLength(1);
    }));

  it('decide updates on what has happened: of an old state Conflict, of one that is still to be told not', () =>
    onStorage(async ({ storage, open }) => {
      const one = await open();
      const two = await open();
      storage.setLatency('changed', { least: 5, most: 50 });
      const first = await one.client.create(Website, website('a'));
      const second = await two.client.update(Website, { ...first, spec: { ...first.spec, replicas: 2 } });
      await failure(
        one.client.update(Website, { ...first, spec: { ...first.spec, replicas: 3 } }),
        'Conflict',
      );
      const third = await one.client.update(Website, { ...second, spec: { ...first.spec, replicas: 4 } });
      expect(third.spec.replicas).toBe(4);
    }));

  it('decide patches, applies and unconditional updates and deletions again where another was faster', () =>
    onStorage(async ({ storage, open }) => {
      const one = await open({}, ConfigMap);
      const two = await open({}, ConfigMap);
      storage.setLatency('changed', { least: 5, most: 50 });
      await one.client.create(Website, website('a'));
      const tag = (client: typeof one.client, name: string): Promise<unknown> =>
        client.patch(Website, at('a'), { type: 'merge', patch: { spec: { tags: { [name]: name } } } });
      await Promise.all([
        ...['a', 'b', 'c'].map((name) => tag(one.client, name)),
        ...['d', 'e', 'f'].map((name) => tag(two.client, name)),
        one.client.apply(Website, { metadata: at('a'), spec: { tags: { g: 'g' } } }, { fieldManager: 'one' }),
        two.client.patch(Website, at('a'), {
          type: 'json',
          patch: [{ op: 'replace', path: '/spec/replicas', value: 7 }],
        }),
      ]);
      const after = await one.client.get(Website, at('a'));
      expect(Object.keys(after.spec.tags ?? {}).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
      expect(after.spec.replicas).toBe(7);
      const config = await one.client.create(ConfigMap, { metadata: at('c'), data: {} });
      const anyRevision = { ...config, metadata: { ...config.metadata, resourceVersion: '' } };
      const put = ({ client }: typeof one, by: string): Promise<unknown> =>
        client.update(ConfigMap, { ...anyRevision, data: { by } });
      await Promise.all([put(one, 'a'), put(two, 'b'), put(one, 'c'), put(two, 'd')]);
      expect(['c', 'd']).toContain((await one.client.get(ConfigMap, at('c'))).data?.['by']);
      const [patch, deletion] = await Promise.allSettled([
        tag(two.client, 'i'),
        one.client.delete(Website, at('a')),
      ]);
      expect(deletion.status).toBe('fulfilled');
      if (patch.status === 'rejected') expect(patch.reason).toMatchObject({ reason: 'NotFound' });
      await failure(two.client.get(Website, at('a')), 'NotFound');
    }));

  it('let one of many creations of a name win', () =>
    onStorage(async ({ open }) => {
      const stores = [await open(), await open(), await open()];
      const answers = await Promise.all(
        [...stores, ...stores].map(({ client }, index) =>
          client.create(Website, website('a', { replicas: index })).catch((error: unknown) => error),
        ),
      );
      const made = answers.filter((answer) => !(answer instanceof ApiError));
      expect(made).toHaveLength(1);
      for (const answer of answers) {
        if (answer instanceof ApiError) expect(answer.reason).toBe('AlreadyExists');
      }
      for (const { client } of stores) expect((await client.list(Website)).items).toEqual(made);
    }));

  it('give every object a name of its own', () =>
    onStorage(async ({ open }) => {
      // both draw the same names
      const random = {
        next: () => 0.5,
        integer: (below: number) => picks.next().value % below,
        uuid: () => `${Math.floor(picks.next().value)}`,
      };
      const picks = (function* (): Generator<number, never> {
        for (let index = 0; ; index += 1) yield Math.floor(index / 40);
      })();
      const one = await open({ random });
      const two = await open({ random });
      const create = ({ client }: typeof one): Promise<Website> =>
        client.create(Website, {
          ...website('', {}),
          metadata: { generateName: 'site-', namespace: 'default' },
        });
      const made = await Promise.all([one, two, one, two, one, two].map(create));
      const names = made.map(({ metadata }) => metadata.name);
      expect(new Set(names).size).toBe(6);
      expect((await one.client.list(Website)).items).toHaveLength(6);
    }));

  it('confirm what they decided on their memory before they answer', () =>
    onStorage(async ({ storage, open }) => {
      const one = await open();
      const two = await open();
      storage.setLatency('changed', { least: 5, most: 50 });
      // NotFound
      const a = await one.client.create(Website, website('a'));
      const patched = await two.client.patch(Website, at('a'), {
        type: 'merge',
        patch: { spec: { replicas: 9 } },
      });
      expect(patched.metadata.uid).toBe(a.metadata.uid);
      // a patch that changes nothing, as long as one does not know better
      await two.client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 1 } } });
      const back = await one.client.patch(Website, at('a'), {
        type: 'merge',
        patch: { spec: { replicas: 9 } },
      });
      expect(back.spec.replicas).toBe(9);
      expect((await two.client.get(Website, at('a'))).spec.replicas).toBe(9);
      // AlreadyExists
      await one.client.delete(Website, at('a'));
      await two.client.create(Website, website('a'));
      // a dry run
      await two.client.delete(Website, at('a'));
      await failure(one.client.delete(Website, at('a'), { dryRun: true }), 'NotFound');
      const dry = await one.client.create(Website, website('a'), { dryRun: true });
      expect(dry.metadata.name).toBe('a');
      await failure(two.client.get(Website, at('a')), 'NotFound');
    }));

  it('confirm also what they decided on objects of other kinds', () =>
    onStorage(async ({ storage, open }) => {
      const one = await open({}, Namespace);
      const two = await open({}, Namespace);
      storage.setLatency('changed', { least: 5, most: 50 });
      await one.client.create(Namespace, { metadata: { name: 'team' } });
      await two.client.create(Website, { ...website('a'), metadata: at('a', 'team') });
    }));

  it('confirm that a guard does not hold', () =>
    onStorage(async ({ storage, open }) => {
      const one = await open();
      const two = await open();
      const lease = await one.client.create(Lease, { metadata: at('lock'), spec: { holderIdentity: 'one' } });
      await two.client.get(Lease, at('lock'));
      storage.setLatency('changed', { least: 5, most: 50 });
      await one.client.update(Lease, { ...lease, spec: { holderIdentity: 'two' } });
      await two.client.create(Website, website('a'), { guards: [guardOf('two')] });
    }));

  it('begin a watch of the newest state with that', () =>
    onStorage(async ({ storage, open, clock }) => {
      const one = await open();
      const two = await open();
      storage.setLatency('changed', { least: 5, most: 50 });
      const a = await one.client.create(Website, website('a'));
      const reading = new Reading(two.client.watch(Website));
      const b = await one.client.create(Website, website('b'));
      await two.client.list(Website);
      await two.client.barrier();
      await clock.advance();
      expect(reading.lines).toEqual([
        `ADDED a @${a.metadata.resourceVersion}`,
        `ADDED b @${b.metadata.resourceVersion}`,
      ]);
    }));

  it('leave objects of kinds alone that they do not serve', () =>
    onStorage(async ({ storage, open, clock }) => {
      const one = await open();
      const random = { next: () => 0, integer: () => 0, uuid: () => 'u' };
      const two = new ObjectStore({ resources: [Note], storage, clock, random });
      const region = await one.client.create(Region, { metadata: { name: 'eu' } });
      await one.client.create(Website, website('a'));
      const note = await two.client().create(Note, { metadata: at('n') });
      await one.client.create(Region, { metadata: { name: 'us' } });
      expect((await two.client().list(Note)).items).toEqual([note]);
      expect(Number(await two.client().barrier())).toBe(storage.revision);
      await two.close();
      expect(await one.client.get(Region, { name: 'eu' })).toEqual(region);
      expect((await one.client.list(Website)).items).toHaveLength(1);
    }));
});

/** Holds while `holder` has the lock. */
function guardOf(
  holder: string,
): NonNullable<Parameters<ReturnType<ObjectStore['client']>['create']>[2]>['guards'] extends
  | readonly (infer G)[]
  | undefined
  ? G
  : never {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    ...at('lock'),
    fields: { 'spec.holderIdentity': holder },
  };
}

describe('a watch of a store that is not open yet', () => {
  it('begins when it is', () =>
    onStorage(async ({ open, make, clock }) => {
      const { client } = await open();
      const a = await client.create(Website, website('a'));
      const other = make();
      const reading = new Reading(other.client.watch(Website));
      await other.store.open();
      const b = await other.client.create(Website, website('b'));
      await other.client.barrier();
      await clock.advance();
      expect(reading.lines).toEqual([
        `ADDED a @${a.metadata.resourceVersion}`,
        `ADDED b @${b.metadata.resourceVersion}`,
      ]);
    }));

  it('fails where it cannot be opened, once', () =>
    onStorage(async ({ storage, make }) => {
      storage.failNext('open');
      const watch = make().client.watch(Website);
      await failure(watch.next(), 'ServiceUnavailable');
      expect(await watch.next()).toEqual({ value: undefined, done: true });
    }));

  it('ends where it is stopped before it began, by itself or by a signal', () =>
    onStorage(async ({ storage, make, clock }) => {
      const { client, store } = make();
      storage.pause();
      const controller = new AbortController();
      const watches = [
        client.watch(Website),
        client.watch(Website, { signal: controller.signal }),
        client.watch(Website, { signal: AbortSignal.abort() }),
      ];
      const ends = watches.map((watch) => watch.next());
      watches[0]?.stop();
      controller.abort();
      for (const end of ends) expect(await ending(clock, end)).toEqual({ value: undefined, done: true });
      storage.resume();
      await store.open();
      await client.create(Website, website('a'));
      await client.barrier();
      for (const watch of watches) expect(await watch.next()).toEqual({ value: undefined, done: true });
    }));

  it('ends with the store', () =>
    onStorage(async ({ storage, make, clock }) => {
      const { client, store } = make();
      storage.setLatency('open', { least: 100, most: 100 });
      const end = failure(client.watch(Website).next(), 'ServiceUnavailable');
      await clock.advance(50);
      await store.close();
      await end;
    }));
});

describe('what a store keeps in a storage', () => {
  it('comes back as it was, whatever the names and texts are', () =>
    onStorage(async ({ open }) => {
      const one = await open({}, Role);
      const names = [
        'system:a b',
        'ümlaut',
        '😀',
        'a\u0000b',
        'a\\b"c',
        '__proto__',
        'constructor',
        '~!@#$^&*()',
        'a'.repeat(253),
      ];
      const made = [];
      for (const name of names) made.push(await one.client.create(Role, { metadata: at(name), rules: [] }));
      const json = JSON.parse(
        '{"__proto__":{"a":1},"text":"\\ud800 \u2028","n":[1e21,-0.5,null,{}]}',
      ) as object;
      const note = await one.client.create(Note, { metadata: at('n'), data: json });
      const two = await open({}, Role);
      for (const [index, name] of names.entries()) {
        expect(await two.client.get(Role, at(name))).toEqual(made[index]);
      }
      expect(JSON.stringify(await two.client.get(Note, at('n')))).toBe(JSON.stringify(note));
      expectDeeplyFrozen(await two.client.get(Note, at('n')));
      for (const name of names) await two.client.delete(Role, at(name));
      expect((await one.client.list(Role)).items).toEqual([]);
    }));
});
