import { describe, expect, it } from 'vitest';
import type { Client, WatchEvent, WatchOptions } from '../../src/client/index.js';
import { type Executor, isExpired, LabelSelector, type Lane } from '../../src/core/index.js';
import { metadataOnly } from '../../src/resources/index.js';
import {
  at,
  expectDeeplyFrozen,
  failure,
  fieldsOf,
  line,
  lines,
  Note,
  Region,
  setUp,
  told,
  Website,
  website,
} from './kit.js';

/** Three Notes come and go: seven events, at the revisions 2 to 8. */
async function history(client: Client): Promise<string[]> {
  await client.create(Note, { metadata: at('a') });
  await client.create(Note, { metadata: at('b') });
  await client.patch(Note, at('a'), { type: 'merge', patch: { x: 1 } });
  await client.delete(Note, at('b'));
  await client.create(Note, { metadata: at('b') });
  await client.create(Note, { metadata: at('c', 'other') });
  await client.delete(Note, at('a'));
  return [
    'ADDED a @2',
    'ADDED b @3',
    'MODIFIED a @4',
    'DELETED b @5',
    'ADDED b @6',
    'ADDED c @7',
    'DELETED a @8',
  ];
}

/** Reads until the watch ends: the lines, and the error if there was one. */
async function drain(
  watch: AsyncIterable<WatchEvent<unknown>>,
): Promise<{ lines: string[]; error?: unknown }> {
  const seen: string[] = [];
  try {
    for await (const event of watch) seen.push(line(event));
  } catch (error) {
    return { lines: seen, error };
  }
  return { lines: seen };
}

describe('a watch', () => {
  it('begins when it is called, not when it is first read', async () => {
    const { client } = setUp();
    const watch = client.watch(Note, { resourceVersion: '1' });
    const expected = await history(client);
    expect(await lines(client, watch)).toEqual(expected);
  });

  it('tells the stored objects themselves, and the last state of a deleted one at the revision of its end', async () => {
    const { client } = setUp();
    const watch = client.watch(Website, { resourceVersion: '1' });
    const created = await client.create(Website, website('a'));
    const changed = await client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 2 } } });
    const deleted = await client.delete(Website, at('a'));
    const events = await told(client, watch);
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    expect(events[0]?.object).toBe(created);
    expect(events[1]?.object).toBe(changed);
    expect(events[2]?.object).toEqual({
      ...changed,
      metadata: { ...changed.metadata, resourceVersion: '4' },
    });
    expect(events[2]?.object).toBe(deleted.object);
    expectDeeplyFrozen(events[2]?.object);
  });

  it('from every revision in the window tells exactly what followed', async () => {
    const { client } = setUp();
    const expected = await history(client);
    for (let revision = 1; revision <= 8; revision += 1) {
      const watch = client.watch(Note, { resourceVersion: String(revision) });
      expect(await lines(client, watch)).toEqual(expected.slice(revision - 1));
      watch.stop();
    }
  });

  it("without a revision, from '' and from '0' begins with what is there, ordered", async () => {
    const { client } = setUp();
    await history(client);
    for (const resourceVersion of [undefined, '', '0']) {
      const watch = client.watch(Note, { resourceVersion });
      const patch = { again: `${resourceVersion}` };
      const object = await client.patch(Note, at('b'), { type: 'merge', patch });
      const [first, second, third, ...none] = await told(client, watch);
      expect([first, second].map((event) => event && line(event).replace(/@.*/, ''))).toEqual([
        'ADDED b ',
        'ADDED c ',
      ]);
      expect(third).toEqual({ type: 'MODIFIED', object });
      expect(none).toEqual([]);
      watch.stop();
    }
  });

  it('older than the window fails with Expired from the first read', async () => {
    const { client } = setUp({ history: 3 });
    await history(client); // the log holds 6, 7 and 8
    const watch = client.watch(Note, { resourceVersion: '4' });
    expect((await failure(watch.next(), 'Expired')).message).toBe('too old resource version: 4 (5)');
    expect(await watch.next()).toEqual({ value: undefined, done: true });
    expect(await lines(client, client.watch(Note, { resourceVersion: '5' }))).toEqual([
      'ADDED b @6',
      'ADDED c @7',
      'DELETED a @8',
    ]);
  });

  it('is not disturbed by the log forgetting what it still has to read', async () => {
    const { client } = setUp({ history: 1 });
    const watch = client.watch(Note, { resourceVersion: '1' });
    const expected = await history(client);
    expect(await lines(client, watch)).toEqual(expected);
  });

  it('of a future revision is silent until then', async () => {
    const { client } = setUp();
    const watch = client.watch(Note, { resourceVersion: '5' });
    const expected = await history(client);
    expect(await lines(client, watch)).toEqual(expected.slice(4));
  });

  it('of a future revision tells no bookmark from before it', async () => {
    const { client } = setUp();
    const watch = client.watch(Note, { resourceVersion: '50' });
    await history(client);
    await client.barrier();
    expect(await watch.next()).toEqual({
      value: { type: 'BOOKMARK', object: { metadata: { resourceVersion: '50' } } },
      done: false,
    });
  });

  it('of garbage is a BadRequest from the first read', async () => {
    const { client } = setUp();
    for (const resourceVersion of ['x', '-1', '1.5']) {
      await failure(client.watch(Note, { resourceVersion }).next(), 'BadRequest');
    }
  });

  it('of a kind that is not served is NotFound from the first read', async () => {
    const { client } = setUp();
    await failure(client.watch({ ...Note, kind: 'Other' }).next(), 'NotFound');
  });

  it('hears of its own kind alone', async () => {
    const { client } = setUp();
    const watch = client.watch(Region, { resourceVersion: '1' });
    await client.create(Note, { metadata: at('a') });
    await client.create(Region, { metadata: { name: 'eu' } });
    expect(await lines(client, watch)).toEqual(['ADDED eu @3']);
  });

  it('of one name follows that object through its lives', async () => {
    const { client } = setUp();
    const selections: [WatchOptions, string[]][] = [
      [
        { namespace: 'default', fieldSelector: 'metadata.name=b' },
        ['ADDED b @3', 'DELETED b @5', 'ADDED b @6'],
      ],
      [{ fieldSelector: 'metadata.name=b' }, ['ADDED b @3', 'DELETED b @5', 'ADDED b @6']],
      [{ namespace: 'other' }, ['ADDED c @7']],
      [{ namespace: 'other', fieldSelector: 'metadata.name=b' }, []],
      [
        { namespace: 'default', fieldSelector: 'metadata.name!=b' },
        ['ADDED a @2', 'MODIFIED a @4', 'DELETED a @8'],
      ],
      [{ labelSelector: LabelSelector.nothing }, []],
    ];
    const live = selections.map(([options]) => client.watch(Note, { ...options, resourceVersion: '1' }));
    await history(client);
    for (const [index, [options, expected]] of selections.entries()) {
      const late = client.watch(Note, { ...options, resourceVersion: '1' });
      expect(await lines(client, late)).toEqual(expected);
      const now = await client.barrier();
      const early = live[index];
      if (early === undefined) throw new Error('a watch a selection');
      expect((await lines(client, early)).filter((text) => !text.startsWith('BOOKMARK'))).toEqual(expected);
      expect(now).toBe('8');
    }
    const cluster = client.watch(Region, { fieldSelector: 'metadata.name=eu', resourceVersion: '8' });
    await client.create(Region, { metadata: { name: 'us' } });
    await client.create(Region, { metadata: { name: 'eu' } });
    expect(await lines(client, cluster)).toEqual(['ADDED eu @10']);
  });
});

describe('a watch with a selector', () => {
  it('tells of an object that enters as ADDED and of one that leaves as DELETED', async () => {
    const { client } = setUp();
    const options = { labelSelector: 'app=x', resourceVersion: '1' };
    const live = client.watch(Website, options);
    await client.create(Website, website('a')); // 2
    const label = async (app: string | null): Promise<unknown> =>
      client.patch(Website, at('a'), { type: 'merge', patch: { metadata: { labels: { app } } } });
    await label('x'); // 3: enters
    const inside = await client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 2 } } }); // 4
    await label('y'); // 5: leaves
    await label('z'); // 6: outside
    await client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 3 } } }); // 7: outside
    await label('x'); // 8: enters again
    await client.delete(Website, at('a')); // 9: ends inside
    await client.create(Website, website('b')); // 10: outside
    await client.delete(Website, at('b')); // 11: ends outside
    const expected = ['ADDED a @3', 'MODIFIED a @4', 'DELETED a @5', 'ADDED a @8', 'DELETED a @9'];
    const events = await told(client, live);
    expect(events.map(line)).toEqual(expected);
    // the object that left is shown as it was inside, at the revision at which it left
    expect(events[2]?.object).toEqual({ ...inside, metadata: { ...inside.metadata, resourceVersion: '5' } });
    expectDeeplyFrozen(events[2]?.object);
    expect(await lines(client, client.watch(Website, options))).toEqual(expected);
  });

  it('does the same for fields', async () => {
    const { client } = setUp();
    const options = { fieldSelector: 'spec.replicas=2', resourceVersion: '1' };
    const watch = client.watch(Website, options);
    await client.create(Website, website('a'));
    for (const replicas of [2, 1, 2]) {
      await client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas } } });
    }
    const expected = ['ADDED a @3', 'DELETED a @4', 'ADDED a @5'];
    expect(await lines(client, watch)).toEqual(expected);
    expect(await lines(client, client.watch(Website, options))).toEqual(expected);
  });

  it('begins with what matches', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', { replicas: 2 }));
    await client.create(Website, website('b'));
    await client.create(Website, { ...website('c', { replicas: 2 }), metadata: at('c', 'other') });
    expect(await lines(client, client.watch(Website, { fieldSelector: 'spec.replicas=2' }))).toEqual([
      'ADDED a @2',
      'ADDED c @4',
    ]);
    expect(await lines(client, client.watch(Website, { namespace: 'other' }))).toEqual(['ADDED c @4']);
  });
});

describe('a watch of metadata alone', () => {
  it('shows the metadata of every event, and selects on the whole object', async () => {
    const { client } = setUp();
    const watch = client.watch(metadataOnly(Website), {
      fieldSelector: 'spec.replicas=2',
      resourceVersion: '1',
    });
    await client.create(Website, website('a', { replicas: 2 }));
    await client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 1 } } });
    const events = await told(client, watch);
    expect(events.map(line)).toEqual(['ADDED a @2', 'DELETED a @3']);
    for (const { object } of events) expect(Object.keys(object)).toEqual(['apiVersion', 'kind', 'metadata']);
  });
});

describe('a slow reader', () => {
  it('is cut off with Expired after what was buffered; the others are not disturbed', async () => {
    const { client } = setUp({ watchBuffer: 3 });
    const slow = client.watch(Note, { resourceVersion: '1' });
    const quick = client.watch(Note, { resourceVersion: '1' });
    const seen: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      await client.create(Note, { metadata: at(`n${index}`) });
      const { value } = await quick.next();
      if (value !== undefined) seen.push(line(value));
    }
    expect(seen).toHaveLength(5);
    const { lines: read, error } = await drain(slow);
    expect(read).toEqual(['ADDED n0 @2', 'ADDED n1 @3', 'ADDED n2 @4']);
    expect(isExpired(error)).toBe(true);
    expect(await slow.next()).toEqual({ value: undefined, done: true });
    // and goes on where it was
    expect(await lines(client, client.watch(Note, { resourceVersion: '4' }))).toEqual([
      'ADDED n3 @5',
      'ADDED n4 @6',
    ]);
  });

  it('is one of a thousand, and nobody waits for it', async () => {
    const { client } = setUp({ watchBuffer: 10 });
    const watches = Array.from({ length: 1_000 }, () => client.watch(Note, { resourceVersion: '1' }));
    const stuck = watches[500];
    const seen = new Map(watches.map((watch) => [watch, 0]));
    for (let index = 0; index < 20; index += 1) {
      await client.create(Note, { metadata: at(`n${index}`) });
      for (const watch of watches) {
        if (watch === stuck) continue;
        const { value } = await watch.next();
        expect(value?.object.metadata.resourceVersion).toBe(String(index + 2));
        seen.set(watch, (seen.get(watch) ?? 0) + 1);
      }
    }
    expect([...seen.values()].filter((count) => count === 20)).toHaveLength(999);
    const { lines: read, error } = await drain(stuck as (typeof watches)[number]);
    expect(read).toHaveLength(10);
    expect(isExpired(error)).toBe(true);
  });

  it('has room for new events beside those that the watch began with', async () => {
    const { client } = setUp({ watchBuffer: 2 });
    for (let index = 0; index < 5; index += 1) await client.create(Note, { metadata: at(`n${index}`) });
    for (const resourceVersion of ['0', '1']) {
      const watch = client.watch(Note, { resourceVersion });
      await client.patch(Note, at('n0'), { type: 'merge', patch: { [`x${resourceVersion}`]: 1 } });
      await client.patch(Note, at('n0'), { type: 'merge', patch: { [`y${resourceVersion}`]: 2 } });
      expect((await told(client, watch)).length).toBeGreaterThanOrEqual(7);
    }
  });

  it('has no more room for having begun with much, once that is read', async () => {
    const { client } = setUp({ watchBuffer: 2 });
    for (let index = 0; index < 5; index += 1) await client.create(Note, { metadata: at(`n${index}`) });
    for (const resourceVersion of ['0', '1']) {
      const watch = client.watch(Note, { resourceVersion });
      for (let index = 0; index < 5; index += 1) expect((await watch.next()).done).toBe(false);
      for (let turn = 0; turn < 4; turn += 1) {
        const patch = { [`z${resourceVersion}`]: turn };
        await client.patch(Note, at('n0'), { type: 'merge', patch });
      }
      const { error } = await drain(watch);
      expect(isExpired(error)).toBe(true);
    }
  });

  it('may be thousands behind and catch up while more comes', async () => {
    const { client } = setUp();
    const watch = client.watch(Note, { resourceVersion: '1' });
    const seen: string[] = [];
    const read = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) {
        const { value } = await watch.next();
        if (value !== undefined) seen.push(line(value));
      }
    };
    for (let index = 0; index < 3_000; index += 1) await client.create(Note, { metadata: at(`n${index}`) });
    await read(1_600);
    for (let index = 3_000; index < 3_200; index += 1)
      await client.create(Note, { metadata: at(`n${index}`) });
    await read(1_600);
    expect(seen).toEqual(Array.from({ length: 3_200 }, (_, index) => `ADDED n${index} @${index + 2}`));
  });

  it('finds one bookmark, however many there were', async () => {
    const { client, clock } = setUp({ watchBuffer: 3 });
    const watch = client.watch(Note, { resourceVersion: '1', allowWatchBookmarks: true });
    for (let minute = 0; minute < 10; minute += 1) await clock.advance(60_000);
    for (let times = 0; times < 10; times += 1) await client.barrier();
    await client.create(Note, { metadata: at('a') });
    for (let times = 0; times < 10; times += 1) await client.barrier();
    const seen = [await watch.next(), await watch.next(), await watch.next()].map(
      ({ value }) => value && line(value),
    );
    expect(seen).toEqual(['BOOKMARK @1', 'ADDED a @2', 'BOOKMARK @2']);
  });
});

describe('bookmarks', () => {
  it('come every minute to the watches that ask for them, with the revision of the store', async () => {
    const { client, clock } = setUp();
    const asking = client.watch(Note, { resourceVersion: '1', allowWatchBookmarks: true });
    const silent = client.watch(Note, { resourceVersion: '1' });
    await client.create(Region, { metadata: { name: 'eu' } });
    await clock.advance(60_000);
    expect((await asking.next()).value).toEqual({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: '2' } },
    });
    await client.create(Note, { metadata: at('a') });
    await clock.advance(60_000);
    const two = [await asking.next(), await asking.next()].map(({ value }) => value && line(value));
    expect(two).toEqual(['ADDED a @3', 'BOOKMARK @3']);
    expect((await silent.next()).value?.type).toBe('ADDED');
  });

  it('leave no timer behind', async () => {
    const { client, clock } = setUp();
    expect(clock.timers).toBe(0);
    const first = client.watch(Note, { allowWatchBookmarks: true });
    const second = client.watch(Note, { allowWatchBookmarks: true, fieldSelector: 'metadata.name=a' });
    expect(clock.timers).toBe(1);
    first.stop();
    expect(clock.timers).toBe(1);
    second.stop();
    expect(clock.timers).toBe(0);
  });

  it('come by barrier to every open watch of the client, and to no watch of another', async () => {
    const { store, client } = setUp();
    const other = store.client();
    const watches = [
      client.watch(Note, { resourceVersion: '1' }),
      client.watch(Website, { labelSelector: 'a=b', resourceVersion: '1' }),
    ];
    const foreign = other.watch(Note, { resourceVersion: '1' });
    await client.create(Region, { metadata: { name: 'eu' } });
    expect(await client.barrier()).toBe('2');
    for (const watch of watches) {
      expect((await watch.next()).value).toEqual({
        type: 'BOOKMARK',
        object: { metadata: { resourceVersion: '2' } },
      });
    }
    await client.create(Note, { metadata: at('a') });
    expect((await foreign.next()).value?.type).toBe('ADDED');
  });
});

describe('the initial events', () => {
  const streaming = {
    sendInitialEvents: true,
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: true,
  } as const;

  it('end with one annotated bookmark, then the changes follow', async () => {
    const { client } = setUp();
    await client.create(Note, { metadata: at('a') });
    await client.create(Note, { metadata: at('b') });
    for (const resourceVersion of [undefined, '', '0', '2', '3']) {
      const watch = client.watch(Note, { ...streaming, resourceVersion });
      const seen = [await watch.next(), await watch.next(), await watch.next()].map(({ value }) => value);
      expect(seen.map((event) => event && line(event))).toEqual(['ADDED a @2', 'ADDED b @3', 'BOOKMARK @3']);
      expect(seen[2]).toEqual({
        type: 'BOOKMARK',
        object: { metadata: { resourceVersion: '3', annotations: { 'k8s.io/initial-events-end': 'true' } } },
      });
      watch.stop();
    }
    const watch = client.watch(Note, streaming);
    await client.barrier();
    await client.barrier();
    await client.create(Note, { metadata: at('c') });
    const seen: string[] = [];
    while (seen.length < 5) seen.push(line((await watch.next()).value as never));
    expect(seen).toEqual(['ADDED a @2', 'ADDED b @3', 'BOOKMARK @3', 'BOOKMARK @3', 'ADDED c @4']);
  });

  it('are left out where they are declined, also from the newest revision', async () => {
    const { client } = setUp();
    await client.create(Note, { metadata: at('a') });
    const watch = client.watch(Note, { sendInitialEvents: false, resourceVersionMatch: 'NotOlderThan' });
    await client.create(Note, { metadata: at('b') });
    expect(await lines(client, watch)).toEqual(['ADDED b @3']);
  });

  it('need resourceVersionMatch, and a revision that is there', async () => {
    const { client } = setUp();
    const refused = [
      [{ sendInitialEvents: true }, 'Invalid'],
      [{ sendInitialEvents: true, resourceVersionMatch: 'Exact' as 'NotOlderThan' }, 'Invalid'],
      [{ sendInitialEvents: false }, 'Invalid'],
      [{ resourceVersionMatch: 'NotOlderThan' }, 'Invalid'],
      [{ ...streaming, resourceVersion: '9' }, 'Timeout'],
    ] as const;
    for (const [options, reason] of refused) await failure(client.watch(Note, options).next(), reason);
  });
});

describe('a watch with a timeout', () => {
  it('ends by itself, after what it has told, with a bookmark where those are allowed', async () => {
    const { client, clock } = setUp();
    const plain = client.watch(Note, { resourceVersion: '1', timeout: 5_000 });
    const marked = client.watch(Note, { resourceVersion: '1', timeout: 5_000, allowWatchBookmarks: true });
    await client.create(Note, { metadata: at('a') });
    await clock.advance(5_000);
    await client.create(Note, { metadata: at('b') });
    const all = async (watch: AsyncIterable<never>): Promise<string[]> => {
      const seen: string[] = [];
      for await (const event of watch) seen.push(line(event));
      return seen;
    };
    expect(await all(plain as never)).toEqual(['ADDED a @2']);
    expect(await all(marked as never)).toEqual(['ADDED a @2', 'BOOKMARK @2']);
    expect(clock.timers).toBe(0);
  });

  it('lets a reader that waits know, and leaves no timer behind when it is stopped', async () => {
    const { client, clock } = setUp();
    const watch = client.watch(Note, { resourceVersion: '1', timeout: 10 });
    const next = watch.next();
    await clock.advance(10);
    expect(await next).toEqual({ value: undefined, done: true });
    client.watch(Note, { timeout: 10 }).stop();
    expect(clock.timers).toBe(0);
  });

  it('needs a number of milliseconds', async () => {
    const { client } = setUp();
    for (const timeout of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as unknown as number]) {
      const error = await failure(client.watch(Note, { timeout }).next(), 'BadRequest');
      expect(fieldsOf(error)).toEqual(['timeout']);
    }
  });
});

describe('several reads at once', () => {
  it('share the events of a watch among them, in order', async () => {
    const { client } = setUp();
    const watch = client.watch(Note, { resourceVersion: '1' });
    const reads = [watch.next(), watch.next(), watch.next()];
    await client.create(Note, { metadata: at('a') });
    await client.create(Note, { metadata: at('b') });
    await client.create(Note, { metadata: at('c') });
    await client.create(Note, { metadata: at('d') });
    const seen = (await Promise.all(reads)).map(({ value }) => value && line(value));
    expect(seen).toEqual(['ADDED a @2', 'ADDED b @3', 'ADDED c @4']);
    expect((await watch.next()).value?.object.metadata).toMatchObject({ name: 'd' });
  });

  it('all end with the watch', async () => {
    const { client } = setUp();
    const watch = client.watch(Note);
    const reads = [watch.next(), watch.next()];
    watch.stop();
    const done = { value: undefined, done: true };
    expect(await Promise.all(reads)).toEqual([done, done]);
  });

  it('are told a failure once', async () => {
    const { client, store } = setUp();
    const watch = client.watch(Note);
    const reads = [watch.next(), watch.next()];
    await store.close();
    await failure(reads[0] as Promise<unknown>, 'ServiceUnavailable');
    expect(await reads[1]).toEqual({ value: undefined, done: true });
  });
});

describe('the end of a watch', () => {
  it('comes with its signal, and drops what was not read', async () => {
    const { client } = setUp();
    const abort = new AbortController();
    const watch = client.watch(Note, { signal: abort.signal });
    await client.create(Note, { metadata: at('a') });
    abort.abort();
    expect(await watch.next()).toEqual({ value: undefined, done: true });
    await client.create(Note, { metadata: at('b') });
    expect(await watch.next()).toEqual({ value: undefined, done: true });
  });

  it('is there at once where the signal has aborted before', async () => {
    const { client } = setUp();
    const watch = client.watch(Note, { signal: AbortSignal.abort() });
    expect(await watch.next()).toEqual({ value: undefined, done: true });
  });

  it('comes when a loop over it is left', async () => {
    const { client } = setUp();
    const watch = client.watch(Note, { resourceVersion: '1' });
    await history(client);
    for await (const event of watch) {
      expect(line(event)).toBe('ADDED a @2');
      break;
    }
    expect(await watch.next()).toEqual({ value: undefined, done: true });
  });

  it('comes by return, stop and dispose, as often as one likes', async () => {
    const { client } = setUp();
    const ends = [
      async (watch: ReturnType<typeof client.watch>) => watch.stop(),
      (watch: ReturnType<typeof client.watch>) => watch.return(),
      (watch: ReturnType<typeof client.watch>) => watch[Symbol.asyncDispose](),
    ];
    for (const end of ends) {
      const watch = client.watch(Note);
      await end(watch);
      await end(watch);
      expect(await watch.next()).toEqual({ value: undefined, done: true });
      expect(await watch.return()).toEqual({ value: undefined, done: true });
    }
  });

  it('lets go of its signal', async () => {
    const { client } = setUp();
    let listeners = 0;
    class CountedSignal extends EventTarget {
      readonly aborted = false;
      override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
        listeners += 1;
        super.addEventListener(...args);
      }
      override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
        listeners -= 1;
        super.removeEventListener(...args);
      }
    }
    const signal = new CountedSignal() as unknown as AbortSignal;
    const watch = client.watch(Note, { signal });
    expect(listeners).toBe(1);
    watch.stop();
    watch.stop();
    expect(listeners).toBe(0);
  });

  it('comes with the store, after what was buffered', async () => {
    const { client, store } = setUp();
    const watch = client.watch(Note, { resourceVersion: '1' });
    const expected = await history(client);
    await store.close();
    const { lines: seen, error } = await drain(watch);
    expect(seen).toEqual(expected);
    expect(error).toMatchObject({ reason: 'ServiceUnavailable', message: 'the store is closed' });
  });
});

describe('the hand-over to a reader', () => {
  it('passes the executor: nothing is read before it lets it', async () => {
    const held: (() => void)[] = [];
    const executor: Executor = {
      execute: (lane: Lane, task) => void (lane.kind === 'watch' ? held.push(task) : queueMicrotask(task)),
      answer: async (_lane, work) => work(),
    };
    const { client } = setUp({ executor });
    const watch = client.watch(Note, { resourceVersion: '1' });
    let read = 0;
    const reading = watch.next().then(() => (read += 1));
    await client.create(Note, { metadata: at('a') });
    await client.create(Note, { metadata: at('b') });
    expect([read, held.length]).toEqual([0, 1]);
    held.shift()?.();
    await reading;
    expect(read).toBe(1);
    expect((await watch.next()).value?.object.metadata).toMatchObject({ name: 'b' });
  });

  it('holds back a bookmark that took the place of one that was handed over', async () => {
    const held: (() => void)[] = [];
    const executor: Executor = {
      execute: (_lane, task) => void held.push(task),
      answer: async (_lane, work) => work(),
    };
    const { client } = setUp({ executor });
    const watch = client.watch(Note, { resourceVersion: '1' });
    await client.barrier();
    held.shift()?.();
    await client.create(Region, { metadata: { name: 'eu' } });
    await client.barrier();
    const reading = watch.next();
    expect(held).toHaveLength(1);
    expect(await Promise.race([reading, Promise.resolve('waits')])).toBe('waits');
    held.shift()?.();
    expect((await reading).value?.object.metadata.resourceVersion).toBe('2');
  });

  it('never happens in the stack of the writer', async () => {
    const { client } = setUp();
    const watch = client.watch(Note, { resourceVersion: '1' });
    const order: string[] = [];
    const reading = watch.next().then(() => order.push('read'));
    const writing = client.create(Note, { metadata: at('a') });
    order.push('written');
    await Promise.all([reading, writing]);
    expect(order).toEqual(['written', 'read']);
  });
});
