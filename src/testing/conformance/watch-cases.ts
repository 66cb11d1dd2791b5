import type { Client } from '../../client/index.js';
import { ApiError } from '../../core/index.js';
import { firstAfter } from '../history/logged-change.js';
import { check, checkSame } from './conformance-case.js';
import { expectFailure } from './expect-failure.js';
import { logOf } from './store-log.js';
import type { StoreWorld } from './store-world.js';
import { at, Thing, thing } from './thing.js';
import { logged } from './thing-state.js';
import { caughtUp, checkWatches, linesOf, revisionOf } from './write-cases.js';

/** Writes so many times, all over a few objects. */
async function write(client: Client, times: number): Promise<void> {
  for (let index = 0; index < times; index += 1) {
    const name = `n${index % 3}`;
    const colour = index % 2 === 0 ? 'red' : 'blue';
    if (index % 7 === 6) await client.delete(Thing, at(name));
    else await client.apply(Thing, thing(name, index, { colour }), { force: true });
  }
}

/** Point 4: a watch from any revision that is kept, and of none that is not. */
export async function watchesFromEveryRevision(world: StoreWorld): Promise<void> {
  const { client, store } = world.open();
  const start = await revisionOf(client);
  const all = world.watch(client, start);
  await write(client, 30);
  await caughtUp(client, all);
  const log = logOf(all);
  const end = log.at(-1)?.revision ?? 0;
  const watchers = [];
  for (let from = start; from <= end; from += 1) watchers.push(world.watch(client, from));
  await caughtUp(client, ...watchers);
  checkWatches(all, ...watchers);
  for (const [index, watcher] of watchers.entries()) {
    checkSame(
      linesOf(watcher),
      linesOf(all).slice(firstAfter(log, start + index)),
      `what a watch from ${start + index} told`,
    );
  }
  const middle = log[15]?.revision ?? 0;
  await store.compact(String(middle));
  for (const from of [start, middle - 1].filter((revision) => revision < middle && revision > 0)) {
    const old = world.watch(client, from);
    await old.end();
    check(
      old.error instanceof ApiError && old.error.code === 410,
      () => `a watch from ${from}, which was forgotten, did not end with 410`,
    );
    checkSame(linesOf(old), [], `what a watch from ${from}, which was forgotten, told`);
  }
  const kept = world.watch(client, middle);
  await caughtUp(client, kept);
  checkWatches(all, kept);
  checkSame(linesOf(kept), linesOf(all).slice(16), 'what a watch from the oldest revision told');
}

/** Point 4: a watch of the future. */
export async function watchesTheFuture(world: StoreWorld): Promise<void> {
  const { client } = world.open();
  const now = await revisionOf(client);
  const all = world.watch(client, now);
  const watchers = [1, 5, 20].map((ahead) => world.watch(client, now + ahead));
  await write(client, 40);
  await caughtUp(client, all, ...watchers);
  checkWatches(all, ...watchers);
}

/** Point 5: the past is forgotten while watches are open. */
export async function compactsUnderWatches(world: StoreWorld): Promise<void> {
  const { client, store } = world.open();
  const all = world.watch(client, await revisionOf(client));
  const watchers = [all];
  for (let round = 0; round < 10; round += 1) {
    const writes = write(client, 8);
    watchers.push(world.watch(client, await revisionOf(client)));
    await store.compact();
    await writes;
    if (round % 3 === 0) await store.compact();
  }
  await caughtUp(client, ...watchers);
  checkWatches(all, ...watchers);
}

/** Point 6: a list and a watch from its revision are everything, whenever they begin. */
export async function listsAndWatches(world: StoreWorld): Promise<void> {
  const { client, store } = world.open();
  const all = world.watch(client, await revisionOf(client));
  const histories = [];
  const writes = write(client, 60);
  for (let round = 0; round < 15; round += 1) {
    const each = round % 2 === 0 ? client : world.connect(store);
    const page = await each.list(Thing, round % 3 === 0 ? { limit: 2 } : {});
    const items = [...page.items];
    for (let next = page.continue; next !== undefined; ) {
      const more = await each.list(Thing, { limit: 2, continue: next });
      items.push(...more.items);
      next = more.continue;
    }
    const watcher = world.watch(client, Number(page.resourceVersion));
    histories.push({ watcher, initial: items.map(logged) });
    histories.push({ watcher: world.watch(client), initial: undefined });
  }
  await writes;
  await caughtUp(client, all, ...histories.map(({ watcher }) => watcher));
  checkWatches(all, ...histories.map(({ watcher }) => watcher));
  const state = (await client.list(Thing)).items.map(logged);
  for (const { watcher, initial } of histories) {
    const objects = new Map(
      (initial ?? watcher.history()?.initial ?? []).map((object) => [object.name, object]),
    );
    for (const event of watcher.events) {
      if (event.type === 'DELETED') objects.delete(event.object.name);
      else if (event.type !== 'BOOKMARK') objects.set(event.object.name, event.object);
    }
    const reached = [...objects.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    checkSame(reached, state, `what a list and ${watcher.name} amount to`);
  }
}

/** Point 6: requests that come before the store is open. */
export async function answersWhileOpening(world: StoreWorld): Promise<void> {
  const first = world.open();
  await first.client.create(Thing, thing('a', 1));
  const { client } = world.under.storage === undefined ? first : await reopened(world);
  const fresh = world.watch(client);
  const [list, created, read] = await Promise.all([
    client.list(Thing),
    client.create(Thing, thing('b', 2)),
    client.get(Thing, at('a')),
  ]);
  checkSame(read.value, 1, 'what was there');
  check(
    list.items.some(({ metadata }) => metadata.name === 'a'),
    () => 'a list while the store opened did not have what was there',
  );
  const since = world.watch(client, Number(list.resourceVersion));
  await caughtUp(client, fresh, since);
  const seen = new Set([
    ...list.items.map(({ metadata }) => metadata.name),
    ...since.events.flatMap((event) => (event.type === 'BOOKMARK' ? [] : [event.object.name])),
  ]);
  checkSame([...seen].toSorted(), ['a', created.metadata.name], 'what a list and a watch amount to');
  const told = [
    ...(fresh.history()?.initial ?? []),
    ...fresh.events.flatMap((event) => ('object' in event ? [event.object] : [])),
  ];
  checkSame(told.map(({ name }) => name).toSorted(), ['a', 'b'], 'what a watch from the beginning told');
}

async function reopened(world: StoreWorld): Promise<{ readonly client: Client }> {
  await world.restart();
  return world.open();
}

/** Point 7: pages. */
export async function pagesAtOneRevision(world: StoreWorld): Promise<void> {
  const { client, store } = world.open();
  for (let index = 0; index < 10; index += 1) {
    await client.create(Thing, thing(`n${index}`, index, { namespace: index < 5 ? 'one' : 'two' }));
  }
  const whole = await client.list(Thing);
  const first = await client.list(Thing, { limit: 3 });
  checkSame(first.resourceVersion, whole.resourceVersion, 'the revision of the first page');
  checkSame(first.remainingItemCount ?? 7, 7, 'how many follow');
  // what happens between the pages is not on them
  await client.delete(Thing, at('n4', 'one'));
  await client.create(Thing, thing('n45', 0, { namespace: 'one' }));
  await client.patch(Thing, at('n7', 'two'), { type: 'merge', patch: { value: 'changed' } });
  const items = [...first.items];
  for (let next = first.continue; next !== undefined; ) {
    const page = await client.list(Thing, { limit: 3, continue: next });
    checkSame(page.resourceVersion, first.resourceVersion, 'the revision of a later page');
    items.push(...page.items);
    next = page.continue;
  }
  checkSame(items, whole.items, 'what the pages have');
  await store.compact();
  await write(client, 3);
  await store.compact();
  const error = await expectFailure(
    client.list(Thing, { limit: 3, continue: first.continue ?? '' }),
    'a page of a revision that is forgotten',
    'Expired',
  );
  checkSame(error.code, 410, 'the code of a page of a revision that is forgotten');
}

/** Point 8: objects that enter a selection, and leave it. */
export async function followsSelections(world: StoreWorld): Promise<void> {
  const { client } = world.open();
  const start = await revisionOf(client);
  const all = world.watch(client, start);
  const red = world.watch(client, start, { colour: 'red' });
  const one = world.watch(client, start, { namespace: 'default', name: 'a' });
  const near = world.watch(client, start, { namespace: 'default' });
  const both = world.watch(client, start, { namespace: 'default', colour: 'red' });
  const paint = async (colour: string): Promise<string> => {
    const patch = { metadata: { labels: { colour } } };
    return (await client.patch(Thing, at('a'), { type: 'merge', patch })).metadata.resourceVersion;
  };
  const created = await client.create(Thing, thing('a', 1, { colour: 'blue' }));
  const entered = await paint('red');
  const left = await paint('blue');
  const again = await paint('red');
  await client.create(Thing, thing('b', 1, { colour: 'green' }));
  await client.create(Thing, thing('a', 1, { colour: 'green', namespace: 'far' }));
  const { resourceVersion } = await client.delete(Thing, at('a'));
  await caughtUp(client, all, red, one, near, both);
  checkSame(
    linesOf(red),
    [`ADDED a@${entered}`, `DELETED a@${left}`, `ADDED a@${again}`, `DELETED a@${resourceVersion}`],
    'what a watch of a label told',
  );
  checkSame(
    linesOf(one)[0],
    `ADDED a@${created.metadata.resourceVersion}`,
    'what a watch of a name told first',
  );
  checkSame(linesOf(one).length, 5, 'how much a watch of a name told');
  checkSame(linesOf(near).length, 6, 'how much a watch of a namespace told');
  checkSame(linesOf(both), linesOf(red), 'what a watch of a label in a namespace told');
  checkWatches(all, red, one, near, both);
}

/** Point 9: bookmarks. */
export async function setsBookmarks(world: StoreWorld): Promise<void> {
  const { client } = world.open();
  const start = await revisionOf(client);
  const all = world.watch(client, start);
  const none = world.watch(client, start, { colour: 'none' });
  for (let round = 0; round < 5; round += 1) {
    const writes = write(client, 6);
    const [barrier] = await Promise.all([client.barrier(), writes]);
    const after = await client.barrier();
    check(Number(after) >= Number(barrier), () => `a barrier at ${after} came after one at ${barrier}`);
    for (const watcher of [all, none]) await watcher.until(Number(after));
  }
  checkWatches(all, none);
  checkSame(linesOf(none), [], 'what a watch of nothing told');
  check(
    none.events.length >= 5,
    () => `expected a bookmark for each of 5 barriers, got ${none.events.length}`,
  );
}

/** Point 9: a watch to which nothing happens hears how far it is. */
export async function setsBookmarksInSilence(world: StoreWorld): Promise<void> {
  const { client } = world.open();
  await client.create(Thing, thing('a', 1));
  const none = world.watch(client, await revisionOf(client), { colour: 'none' });
  const last = await client.create(Thing, thing('b', 1));
  // nobody asks for a bookmark: it comes with the time
  await world.condition.until(
    () => none.reached >= Number(last.metadata.resourceVersion),
    () => `a watch to which nothing happens is at ${none.reached} after a minute`,
  );
}

/** Point 10: a reader that is too slow is cut off, and nobody else. */
export async function cutsOffSlowReaders(world: StoreWorld): Promise<void> {
  const { client } = world.open({ watchBuffer: 20 });
  const start = await revisionOf(client);
  const slow = client.watch(Thing, { resourceVersion: String(start) });
  const all = world.watch(client, start);
  for (let index = 0; index < 100; index += 1) {
    await client.create(Thing, thing(`n${index}`, index));
    if (index % 10 === 0) await caughtUp(client, all);
  }
  await caughtUp(client, all);
  let last = start;
  let told = 0;
  const read = async (): Promise<void> => {
    for await (const event of slow) {
      last = Number(event.object.metadata.resourceVersion);
      if (event.type !== 'BOOKMARK') told += 1;
    }
  };
  const error = await expectFailure(read(), 'a watch that nobody reads', 'Expired', 'Gone');
  checkSame(error.code, 410, 'the code of a watch that nobody reads');
  check(told <= 21, () => `expected at most 21 events to wait for a reader, got ${told}`);
  // it goes on from where it was, and misses nothing
  const rest = await client.list(Thing, {
    resourceVersion: String(last),
    resourceVersionMatch: 'NotOlderThan',
  });
  checkSame(rest.items.length, 100, 'how many objects there are');
  checkSame(linesOf(all).length, 100, 'how much a fast reader was told');
  checkWatches(all);
  const resumed = client.watch(Thing, { resourceVersion: String(last) });
  const names: string[] = [];
  for await (const event of resumed) {
    if (event.type === 'BOOKMARK') continue;
    names.push(event.object.metadata.name);
    // a reader that keeps up with a full buffer is cut off again: it resumes
    if (names.length === Math.min(20, 100 - told)) break;
  }
  checkSame(names[0], `n${told}`, 'the first event after the resumption');
}
