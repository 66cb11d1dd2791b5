import { ApiError, sleep } from '../../core/index.js';
import { check, checkSame } from './conformance-case.js';
import { expectFailure } from './expect-failure.js';
import { logOf } from './store-log.js';
import type { OpenStore, StoreWorld } from './store-world.js';
import { at, Spark, SPARK_LIFE, Thing, thing } from './thing.js';
import { caughtUp, checkWatches, linesOf, revisionOf } from './write-cases.js';

/** Point 12: what was stored is there when the store is opened anew, and the counter goes on. */
export async function survivesRestart(world: StoreWorld): Promise<void> {
  const first = world.open();
  for (let index = 0; index < 20; index += 1) await first.client.create(Thing, thing(`n${index}`, index));
  const { resourceVersion } = await first.client.delete(Thing, at('n3'));
  const before = await first.client.list(Thing);
  await world.restart();

  const { client } = world.open();
  const after = await client.list(Thing);
  checkSame(after.items, before.items, 'the objects after a restart');
  check(
    Number(after.resourceVersion) >= Number(resourceVersion),
    () => `the revision went back from ${resourceVersion} to ${after.resourceVersion}`,
  );
  const created = await client.create(Thing, thing('new', 1));
  check(
    Number(created.metadata.resourceVersion) > Number(resourceVersion),
    () => `revision ${created.metadata.resourceVersion} was used again`,
  );
  // an update of what was read before the restart still goes
  const old = before.items[0];
  if (old !== undefined) await client.update(Thing, { ...old, value: 'changed' });
  // and what was watched before goes on, or is told that it has to list again
  const watcher = world.watch(client, Number(before.resourceVersion));
  const revision = await revisionOf(client);
  await client.barrier();
  await world.condition.until(
    () => watcher.isOver || watcher.reached >= revision,
    () => 'a watch that goes on after a restart told nothing',
  );
  if (watcher.isOver) {
    const { error } = watcher;
    check(
      error instanceof ApiError && error.code === 410,
      () => 'a watch from before a restart ended without 410',
    );
  } else checkSame(linesOf(watcher).length, 2, 'how much a watch told that goes on after a restart');
}

/** Points 5 and 12: what was forgotten stays forgotten. */
export async function staysCompacted(world: StoreWorld): Promise<void> {
  const first = world.open();
  for (let index = 0; index < 5; index += 1) await first.client.create(Thing, thing(`n${index}`, index));
  const old = await revisionOf(first.client);
  await first.client.create(Thing, thing('last', 1));
  await first.store.compact();
  await world.restart();
  const { client } = world.open();
  await client.list(Thing);
  const watcher = world.watch(client, old);
  await watcher.end();
  const { error } = watcher;
  check(
    error instanceof ApiError && error.code === 410,
    () => `a watch from ${old}, which was forgotten, did not end with 410`,
  );
}

/** Point 13: an object with a time to live goes when it is over, once. */
export async function expiresOnce(world: StoreWorld): Promise<void> {
  const { client, store } = world.open();
  const { resourceVersion } = await client.create(Spark, thing('a', 1)).then(({ metadata }) => metadata);
  const watch = client.watch(Spark, { resourceVersion });
  await sleep(world.clock, SPARK_LIFE - 1_000);
  await client.get(Spark, at('a'));
  // whoever changes it renews it
  const renewed = await client.patch(Spark, at('a'), { type: 'merge', patch: { value: 2 } });
  await sleep(world.clock, SPARK_LIFE - 1_000);
  await client.get(Spark, at('a'));
  await sleep(world.clock, 2_000);
  await store.idle();
  await expectFailure(client.get(Spark, at('a')), 'a get of what has expired', 'NotFound');
  await expectFailure(
    client.update(Spark, { ...renewed, value: 3 }),
    'a renewal of what has expired',
    'NotFound',
    'Conflict',
  );
  await sleep(world.clock, 2 * SPARK_LIFE);
  const end = await client.barrier();
  const types: string[] = [];
  for await (const event of watch) {
    if (event.type === 'BOOKMARK') {
      if (event.object.metadata.resourceVersion === end) break;
    } else types.push(event.type);
  }
  checkSame(types, ['MODIFIED', 'DELETED'], 'what was told of an object that expired');
}

/** Point 15: what is under way when the store closes comes to an end, and so do watches. */
export async function endsWithTheStore(world: StoreWorld): Promise<void> {
  const { client, store } = world.open();
  await client.create(Thing, thing('a', 1));
  const watcher = world.watch(client, await revisionOf(client));
  const writes = Array.from({ length: 20 }, (_, index) => client.create(Thing, thing(`n${index}`, index)));
  const closing = store.close();
  const ends = await Promise.allSettled(writes);
  await closing;
  await store.close();
  for (const end of ends) {
    if (end.status === 'fulfilled') continue;
    const { reason } = end as { readonly reason: unknown };
    const isClosed = reason instanceof ApiError && reason.reason === 'ServiceUnavailable';
    check(
      isClosed,
      () => `a write under way ended with ${reason instanceof Error ? reason.message : 'no error'}`,
    );
  }
  await watcher.end();
  const { error } = watcher;
  check(
    error instanceof ApiError && error.reason === 'ServiceUnavailable',
    () => 'a watch did not end with ServiceUnavailable when the store closed',
  );
  await expectFailure(client.get(Thing, at('a')), 'a get after closing', 'ServiceUnavailable');
  await expectFailure(client.create(Thing, thing('z', 1)), 'a create after closing', 'ServiceUnavailable');
  await expectFailure(client.list(Thing), 'a list after closing', 'ServiceUnavailable');
  if (world.under.storage === undefined) return;
  // what was answered is there
  await world.restart();
  const { client: next } = world.open();
  const names = new Set((await next.list(Thing)).items.map(({ metadata }) => metadata.name));
  for (const [index, end] of ends.entries()) {
    if (end.status === 'fulfilled')
      check(names.has(`n${index}`), () => `n${index}, which was answered, was lost`);
  }
  check(!names.has('z'), () => 'a create after closing happened');
}

/** Opens so many stores on the one storage. */
async function openMany(world: StoreWorld, count: number): Promise<readonly OpenStore[]> {
  const stores = Array.from({ length: count }, () => world.open());
  await Promise.all(stores.map(({ store }) => store.open()));
  return stores;
}

/** A write in one store is seen in the others as soon as it is answered. */
export async function readsOthersWrites(world: StoreWorld): Promise<void> {
  const [a, b] = (await openMany(world, 2)) as [OpenStore, OpenStore];
  for (let index = 0; index < 10; index += 1) {
    const [writer, reader] = index % 2 === 0 ? [a, b] : [b, a];
    const written = await writer.client.create(Thing, thing(`n${index}`, index));
    checkSame(
      await reader.client.get(Thing, at(`n${index}`)),
      written,
      'what another store read after a write',
    );
    const list = await reader.client.list(Thing);
    checkSame(list.items.length, index + 1, 'how many objects a list of another store had');
  }
  // many at once, and not in step
  const chain = async (index: number): Promise<void> => {
    const [writer, reader] = index % 2 === 0 ? [a, b] : [b, a];
    let object = await writer.client.get(Thing, at(`n${index}`));
    for (let round = 0; round < 3; round += 1) {
      for (let times = 0; times <= index % 4; times += 1) {
        object = await writer.client.update(Thing, { ...object, value: `${round} ${times}` });
      }
      checkSame(
        await reader.client.get(Thing, at(`n${index}`)),
        object,
        'what another store read after a write',
      );
    }
  };
  await Promise.all(Array.from({ length: 10 }, (_, index) => chain(index)));
  await a.client.delete(Thing, at('n0'));
  await expectFailure(b.client.get(Thing, at('n0')), 'a get in another store after a deletion', 'NotFound');
}

/** A store that opens while others write misses nothing, and neither do those who watch it. */
export async function opensAmongWrites(world: StoreWorld): Promise<void> {
  const first = world.open();
  await first.store.open();
  const all = world.watch(first.client, await revisionOf(first.client));
  for (let round = 0; round < 10; round += 1) {
    // one after the other, so that some are before the opening, some in the middle of it and some behind it
    const write = async (chain: number): Promise<void> => {
      for (let index = 0; index < 8; index += 1) {
        await first.client.create(Thing, thing(`n${round}-${chain}-${index}`, index));
      }
    };
    const writes = [1, 2, 3].map(write);
    const late = world.open();
    const watcher = world.watch(late.client);
    await Promise.all(writes);
    await caughtUp(late.client, watcher);
    await caughtUp(first.client, all);
    checkWatches(all, watcher);
    const [right, list] = [await first.client.list(Thing), await late.client.list(Thing)];
    checkSame(list.items, right.items, 'the objects of a store that opened while another wrote');
    await late.store.close();
  }
}

/** Stores that write to the same objects lose no update. */
export async function decidesBetweenStores(world: StoreWorld): Promise<void> {
  const stores = await openMany(world, 3);
  const [first] = stores as [OpenStore];
  const watchers = [];
  for (const { client } of stores) watchers.push(world.watch(client, await revisionOf(client)));
  await first.client.create(Thing, thing('counter', 0));
  const count = async ({ client }: OpenStore): Promise<void> => {
    for (let counted = 0; counted < 8; ) {
      const object = await client.get(Thing, at('counter'));
      try {
        await client.update(Thing, { ...object, value: Number(object.value) + 1 });
        counted += 1;
      } catch (error) {
        if (!(error instanceof ApiError) || error.reason !== 'Conflict') throw error;
      }
    }
  };
  await Promise.all(stores.map(count));
  for (const { client } of stores) {
    checkSame((await client.get(Thing, at('counter'))).value, 24, 'the counter');
  }
  for (const [index, { client }] of stores.entries())
    await caughtUp(client, ...watchers.slice(index, index + 1));
  const [reference, ...others] = watchers as [(typeof watchers)[number], ...typeof watchers];
  checkWatches(reference, ...others);
  checkSame(logOf(reference).length, 25, 'how much happened');
  for (const other of others) checkSame(linesOf(other), linesOf(reference), 'what stores told of the same');
}

/** What is created in several stores at once under one name is created once. */
export async function createsOnce(world: StoreWorld): Promise<void> {
  const stores = await openMany(world, 3);
  for (let round = 0; round < 5; round += 1) {
    const ends = await Promise.allSettled(
      stores.map(({ client }, index) => client.create(Thing, thing(`n${round}`, index))),
    );
    const won = ends.flatMap((end, index) => (end.status === 'fulfilled' ? [index] : []));
    checkSame(won.length, 1, 'how many of three stores created one object');
    for (const end of ends) {
      if (end.status === 'fulfilled') continue;
      const { reason } = end as { readonly reason: unknown };
      const isThere = reason instanceof ApiError && reason.reason === 'AlreadyExists';
      check(isThere, () => `a create ended with ${reason instanceof Error ? reason.message : 'no error'}`);
    }
    for (const { client } of stores)
      checkSame((await client.get(Thing, at(`n${round}`))).value, won[0], 'what was created');
  }
}

/** What its owner leaves behind is collected once, whoever does it. */
export async function collectsOnce(world: StoreWorld): Promise<void> {
  const [a, b] = (await openMany(world, 2)) as [OpenStore, OpenStore];
  const owner = await a.client.create(Thing, thing('owner', 1));
  const { uid, name } = owner.metadata;
  const ownerReferences = [{ apiVersion: owner.apiVersion, kind: owner.kind, name, uid }];
  for (let index = 0; index < 5; index += 1) {
    const { metadata, value } = thing(`owned${index}`, index);
    await b.client.create(Thing, { metadata: { ...metadata, ownerReferences }, value });
  }
  const watcher = world.watch(b.client, await revisionOf(b.client));
  await b.client.delete(Thing, at('owner'));
  await world.condition.until(
    () => watcher.events.filter(({ type }) => type === 'DELETED').length >= 6,
    () => 'what a deleted owner left behind was not collected',
  );
  await Promise.all([a.store.idle(), b.store.idle()]);
  await caughtUp(b.client, watcher);
  checkSame(linesOf(watcher).length, 6, 'how much was told of an owner and five that it owned');
  for (const { client } of [a, b]) checkSame((await client.list(Thing)).items, [], 'what is left');
}
