import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiError } from '../../src/core/index.js';
import type { StorageEntry, StorageListener } from '../../src/store/index.js';
import { Namespace } from '../../src/resources/kinds/index.js';
import { at, expectDeeplyFrozen, failure, Note, Region, setUp, Website, website } from './kit.js';
import { onStorage, Reading } from './storage-kit.js';

let folder = '';
let path = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-backup-'));
  path = join(folder, 'backup');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A backup with these lines as its objects, whole as far as the file goes. */
async function save(objects: readonly unknown[], header: object = {}): Promise<void> {
  const first = {
    format: 'keelson-backup',
    version: 1,
    revision: 5,
    time: '',
    objects: objects.length,
    ...header,
  };
  const text = [first, ...objects].map((each) => `${JSON.stringify(each)}\n`).join('');
  await writeFile(path, `${text}${JSON.stringify({ crc32: crc32(text) })}\n`);
}

async function filled(): Promise<ReturnType<typeof setUp>> {
  const made = setUp({}, Namespace);
  const { client, store } = made;
  const owner = await client.create(Website, website('a', { tags: { ümlaut: '😀\u2028' } }));
  await client.create(Note, {
    metadata: {
      ...at('n'),
      ownerReferences: [
        { apiVersion: 'example.com/v1', kind: 'Website', name: 'a', uid: owner.metadata.uid },
      ],
    },
    text: 'line\nline',
  });
  await client.create(Region, { metadata: { name: 'eu' } });
  await client.create(Website, website('gone'));
  await client.delete(Website, at('gone'));
  await store.idle();
  return made;
}

type Store = ReturnType<typeof setUp>['client'];

/** Everything in a store, without the revisions. */
async function content(client: Store): Promise<unknown> {
  const lists = await Promise.all(
    [Website, Note, Region, Namespace].map((kind) => client.list(kind as typeof Note)),
  );
  return lists.flatMap(({ items }) =>
    items.map((item) => ({ ...item, metadata: { ...item.metadata, resourceVersion: undefined } })),
  );
}

describe('a snapshot', () => {
  it('puts back what was there, far above every revision that was seen', async () => {
    const { client, store } = await filled();
    const before = await content(client);
    const revision = await store.snapshot(path);
    expect(revision).toBe((await client.list(Website)).resourceVersion);
    await client.delete(Website, at('a'));
    await client.create(Website, website('new'));
    await store.idle();
    const watch = new Reading(client.watch(Website, { resourceVersion: revision }));
    await store.restore(path);
    expect(await content(client)).toEqual(before);
    const { items, resourceVersion } = await client.list(Website);
    expect(Number(resourceVersion)).toBeGreaterThan(Number(revision) + 1_000_000);
    expect(items[0]?.metadata.resourceVersion).toBe(resourceVersion);
    for (const item of items) expectDeeplyFrozen(item);
    expect(await watch.end).toMatchObject({ reason: 'Expired' });
    await failure(client.watch(Website, { resourceVersion: revision }).next(), 'Expired');
    await failure(
      client.list(Website, { resourceVersion: revision, resourceVersionMatch: 'Exact' }),
      'Expired',
    );
    // an update of what was read before is a conflict
    const [item] = items as [Website];
    const old = { ...item, metadata: { ...item.metadata, resourceVersion: revision } };
    await failure(client.update(Website, { ...old, spec: { ...old.spec, replicas: 9 } }), 'Conflict');
    const next = await client.update(Website, { ...item, spec: { ...item.spec, replicas: 9 } });
    expect(Number(next.metadata.resourceVersion)).toBe(Number(resourceVersion) + 1);
  });

  it('goes into a fresh store, whose background work goes on from it', async () => {
    const { store } = await filled();
    await store.snapshot(path);
    const fresh = setUp({}, Namespace);
    await fresh.store.restore(path);
    expect((await fresh.client.list(Note)).items).toHaveLength(1);
    await fresh.client.delete(Website, at('a'));
    await fresh.store.idle();
    expect((await fresh.client.list(Note)).items).toEqual([]);
  });

  it('leaves nothing beside the file, and takes the place of an older one', async () => {
    const { store, client } = await filled();
    await writeFile(`${path}.part`, 'left by a process that was stopped');
    await store.snapshot(path);
    await client.create(Website, website('b'));
    await Promise.all([store.snapshot(path), store.snapshot(path)]);
    expect((await readdir(folder)).sort()).toEqual(['backup', 'backup.part']);
    const fresh = setUp({}, Namespace);
    await fresh.store.restore(path);
    expect((await fresh.client.list(Website)).items).toHaveLength(2);
  });

  it('fails where the file cannot be written, and leaves nothing', async () => {
    const { store } = await filled();
    await expect(store.snapshot(join(folder, 'none', 'backup'))).rejects.toThrow('ENOENT');
    const { mkdir } = await import('node:fs/promises');
    await mkdir(path);
    await writeFile(join(path, 'x'), '');
    await expect(store.snapshot(path)).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['backup']);
  });

  it('is written in pieces where it is long', async () => {
    const { client, store } = setUp();
    for (let index = 0; index < 50; index += 1) {
      await client.create(Note, { metadata: at(`n${index}`), text: 'ü'.repeat(20_000) });
    }
    await store.snapshot(path);
    const fresh = setUp();
    await fresh.store.restore(path);
    expect((await fresh.client.list(Note)).items).toHaveLength(50);
  });
});

describe('restoring', () => {
  /** Restores, which must fail with BadRequest and change nothing. */
  async function refused(made: ReturnType<typeof setUp>): Promise<ApiError> {
    const before = await made.client.list(Website);
    const error = await failure(made.store.restore(path), 'BadRequest');
    expect(await made.client.list(Website)).toEqual(before);
    return error;
  }

  it('refuses a file that was cut off anywhere, or in which a byte has changed', async () => {
    const made = await filled();
    await made.store.snapshot(path);
    const whole = await readFile(path);
    for (let length = 0; length < whole.length - 1; length += 13) {
      await writeFile(path, whole.subarray(0, length));
      const error = await refused(made);
      expect(error.message).toContain(path);
    }
    for (let index = 0; index < whole.length - 1; index += 17) {
      const broken = Buffer.from(whole);
      broken[index] = (broken[index] as number) ^ 1;
      await writeFile(path, broken);
      await refused(made);
    }
    const lines = whole.toString().split('\n');
    await writeFile(path, lines.filter((_, index) => index !== 2).join('\n'));
    expect((await refused(made)).message).toContain('checksum');
  });

  it('fails where there is no file', async () => {
    const { store } = setUp();
    await expect(store.restore(path)).rejects.toThrow('ENOENT');
  });

  it.each([
    ['no backup', { format: 'other' }, [], 'begins with'],
    ['one of another version', { version: 2 }, [], 'version 2'],
    ['one of no revision', { revision: '5' }, [], 'revision "5"'],
    ['fewer objects than it says', { objects: 3 }, [], '0 objects of 3'],
    ['a kind that is not served', {}, [{ apiVersion: 'x/v1', kind: 'Other', metadata: at('a') }], '"Other"'],
    ['something else than an object', {}, [5], 'got 5'],
    ['null', {}, [null], 'got null'],
    ['an object without metadata', {}, [{ apiVersion: 'example.com/v1', kind: 'Note' }], 'metadata.name'],
    [
      'an object without a uid',
      {},
      [{ apiVersion: 'example.com/v1', kind: 'Note', metadata: at('a') }],
      'metadata.uid',
    ],
  ] as const)('refuses %s', async (_, header, objects, message) => {
    await save(objects, header);
    const error = await refused(setUp());
    expect(error.message).toContain(message);
  });

  it('refuses an object in the wrong scope, or one that is there twice', async () => {
    const meta = { uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z', resourceVersion: '3' };
    const note = { apiVersion: 'example.com/v1', kind: 'Note', metadata: { ...at('a'), ...meta } };
    await save([{ ...note, metadata: { name: 'a', ...meta } }]);
    expect((await refused(setUp())).message).toContain('metadata.namespace');
    await save([{ ...note, kind: 'Region' }]);
    expect((await refused(setUp())).message).toContain('metadata.namespace');
    await save([note, note]);
    expect((await refused(setUp())).message).toContain('second');
    await save([note]);
    const made = setUp();
    await made.store.restore(path);
    expect((await made.client.list(Note)).items).toHaveLength(1);
  });
});

describe('restoring on a storage', () => {
  const quick = { seeds: [1, 2], hasFiles: true };

  it('is seen by every store that has it open: watches end, and everybody reads the same', () =>
    onStorage(async ({ open, storage }) => {
      const source = await filled();
      await source.store.snapshot(path);
      const one = await open({}, Namespace);
      const two = await open({}, Namespace);
      const lost = await one.client.create(Website, website('lost'));
      await two.client.list(Website);
      const readings = [one, two].map(
        ({ client }) => new Reading(client.watch(Website, { resourceVersion: '0' })),
      );
      await one.store.restore(path);
      for (const { client } of [one, two]) {
        expect(await content(client)).toEqual(await content(source.client));
        const { resourceVersion } = await client.list(Website);
        expect(Number(resourceVersion)).toBeGreaterThan(Number(lost.metadata.resourceVersion) + 1_000_000);
      }
      for (const reading of readings) expect(await reading.end).toMatchObject({ reason: 'Expired' });
      await failure(two.client.update(Website, lost), 'NotFound');
      const next = await two.client.create(Website, website('next'));
      expect(await one.client.get(Website, at('next'))).toEqual(next);
      expect(storage.entries.some(({ key }) => key.includes('lost'))).toBe(false);
    }, quick));

  it('settles the writes under way, each before or after', () =>
    onStorage(async ({ open, storage, clock }) => {
      const one = await open();
      const two = await open();
      await one.client.create(Website, website('a'));
      await one.store.snapshot(path);
      for (const operation of ['commit', 'changed', 'load', 'replace'] as const) {
        storage.setLatency(operation, { least: 0, most: 20 });
      }
      const restoring = one.store.restore(path);
      const run = { isOver: false };
      void restoring.then(() => {
        run.isOver = true;
      });
      const works: Promise<unknown>[] = [];
      for (let index = 0; !run.isOver; index += 1) {
        const { client } = index % 2 === 0 ? one : two;
        const created = client.create(Website, website(`b${index}`));
        works.push(created.catch((error: unknown) => error));
        works.push(client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: index } } }));
        await new Promise((resolve) => setImmediate(resolve));
        await clock.advance(5);
      }
      await Promise.all([restoring, ...works]);
      const [first, second] = await Promise.all([one, two].map(({ client }) => client.list(Website)));
      expect(first?.items).toEqual(second?.items);
      expect(first?.items).toHaveLength(storage.entries.length);
    }, quick));

  it('is ambiguous where nobody knows whether it happened, and then the store has what the storage has', () =>
    onStorage(async ({ open, storage, clock }) => {
      const { client, store } = await open();
      await client.create(Website, website('a'));
      await store.snapshot(path);
      await client.create(Website, website('b'));
      for (const [fault, names] of [
        ['refused', ['a', 'b']],
        ['vanishes', ['a', 'b']],
        ['happens', ['a']],
      ] as const) {
        storage.failNext('replace', fault);
        const error = await failure(store.restore(path), 'ServiceUnavailable');
        expect(error.ambiguous).toBe(fault !== 'refused');
        const { items } = await client.list(Website);
        expect(items.map(({ metadata }) => metadata.name)).toEqual(names);
        await client.create(Note, { metadata: at(fault) });
      }
      await client.create(Website, website('b'));
      storage.failNext('replace', 'late');
      expect((await failure(store.restore(path), 'ServiceUnavailable')).ambiguous).toBe(true);
      await clock.advance(2_000);
      const { items } = await client.list(Website);
      expect(items.map(({ metadata }) => metadata.name)).toEqual(['a']);
    }, quick));

  it('is ambiguous also where nobody else writes, and what is read next is what the storage has', () =>
    onStorage(
      async ({ open, storage }) => {
        const { client, store } = await open();
        await client.create(Website, website('a'));
        await store.snapshot(path);
        await client.create(Website, website('b'));
        storage.setLatency('load', { least: 50, most: 50 });
        storage.failNext('replace', 'happens');
        expect((await failure(store.restore(path), 'ServiceUnavailable')).ambiguous).toBe(true);
        const [items, missing] = await Promise.all([
          client.list(Website).then((list) => list.items),
          failure(client.delete(Website, at('b')), 'NotFound'),
        ]);
        expect(items.map(({ metadata }) => metadata.name)).toEqual(['a']);
        expect(missing.ambiguous).toBe(false);
        await client.create(Website, website('c'));
      },
      { ...quick, shared: false },
    ));

  it('comes off where the load after it fails at first', () =>
    onStorage(async ({ open, storage }) => {
      const { client, store } = await open();
      await client.create(Website, website('a'));
      await store.snapshot(path);
      await client.delete(Website, at('a'));
      storage.failNext('load');
      await store.restore(path);
      await client.get(Website, at('a'));
      await client.create(Website, website('b'));
      expect((await client.list(Website)).items).toHaveLength(2);
    }, quick));

  it('tells no watch of what is written to the new content before that is loaded', async () => {
    const source = setUp();
    await source.client.create(Note, { metadata: at('a') });
    await source.store.snapshot(path);
    let listener: StorageListener | undefined;
    let entries: StorageEntry[] = [];
    let newest = 1;
    const { client, store } = setUp({
      storage: {
        name: 'told',
        open: async (context) => {
          listener = context.listener;
          return {
            load: async (take) => {
              for (const entry of entries) take(entry);
              return newest;
            },
            commit: () => Promise.reject(new Error('none')),
            replace: async (writes, revision) => {
              entries = [...writes].map((write) => ({ ...write, value: write.value ?? '', revision }));
              // somebody else is quick
              newest = revision + 1;
              const [first] = entries as [StorageEntry];
              const own = { ...first, key: 'default/b', value: first.value.replace('"a"', '"b"') };
              entries.push({ ...own, revision: newest });
              listener?.changed({ revision: newest, writes: [own] });
            },
            compact: () => Promise.resolve(),
            close: () => Promise.resolve(),
          };
        },
      },
    });
    await store.open();
    const reading = new Reading(client.watch(Note));
    await store.restore(path);
    expect(await reading.end).toMatchObject({ reason: 'Expired' });
    expect(reading.lines).toEqual([]);
    expect((await client.list(Note)).items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    await store.close();
  });

  it('changes nothing where the file is no backup', () =>
    onStorage(async ({ open }) => {
      const { client, store } = await open();
      const a = await client.create(Website, website('a'));
      await save([5]);
      await failure(store.restore(path), 'BadRequest');
      expect((await client.list(Website)).items).toEqual([a]);
    }, quick));
});
