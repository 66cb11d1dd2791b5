import type { Client } from '../../client/index.js';
import { ApiError } from '../../core/index.js';
import { watchViolations } from '../history/watch-rules.js';
import { check, checkSame } from './conformance-case.js';
import { expectFailure } from './expect-failure.js';
import { logOf } from './store-log.js';
import type { StoreWorld } from './store-world.js';
import { at, Place, Thing, thing } from './thing.js';
import type { Watcher } from './watcher.js';

/** The revision of a list of everything. */
export async function revisionOf(client: Client): Promise<number> {
  return Number((await client.list(Thing)).resourceVersion);
}

/** Waits until a watcher has told everything that happened so far. */
export async function caughtUp(client: Client, ...watchers: readonly Watcher[]): Promise<void> {
  const revision = await revisionOf(client);
  await client.barrier();
  for (const watcher of watchers) await watcher.until(revision);
}

/** The events of a watcher, as `ADDED a@3`. */
export function linesOf({ events }: Watcher): readonly string[] {
  return events
    .filter((event) => event.type !== 'BOOKMARK')
    .map(({ type, object }) => `${type} ${object.name}@${object.revision}`);
}

/** Fails where watchers broke a rule; the first is of everything, and says what happened. */
export function checkWatches(...watchers: readonly [Watcher, ...Watcher[]]): void {
  const histories = watchers.flatMap((watcher) => watcher.history() ?? []);
  const violations = watchViolations(logOf(watchers[0]), histories);
  check(violations.length === 0, () => violations.map(({ message }) => message).join('\n'));
}

/** Point 1: revisions. */
export async function givesRevisions(world: StoreWorld): Promise<void> {
  const { store, client } = world.open();
  const start = await revisionOf(client);
  const watcher = world.watch(client, start);
  const writes = Array.from({ length: 60 }, (_, index) => {
    if (index % 3 !== 0) return client.create(Thing, thing(`n${index}`, index));
    return store.transaction(async (tx) => {
      await tx.create(Thing, thing(`t${index}a`, index));
      await tx.create(Thing, thing(`t${index}b`, index));
    });
  });
  const listed: number[] = [];
  for (let index = 0; index < 10; index += 1) listed.push(await revisionOf(client));
  await Promise.all(writes);
  await caughtUp(client, watcher);
  checkWatches(watcher);
  const revisions = new Map<number, string[]>();
  for (const { after } of logOf(watcher)) {
    if (after === undefined) continue;
    const names = revisions.get(after.revision);
    if (names === undefined) revisions.set(after.revision, [after.name]);
    else names.push(after.name);
  }
  checkSame(revisions.size, 60, 'how many revisions 60 commits took');
  for (const [revision, names] of revisions) {
    const isPair = names.length === 2 && names[0]?.startsWith('t') === true;
    check(
      isPair || (names.length === 1 && names[0]?.startsWith('n') === true),
      () => `revision ${revision} has ${names.join(', ')}`,
    );
  }
  checkSame(
    listed,
    listed.toSorted((a, b) => a - b),
    'the revisions of lists, one after another',
  );
  for (const [name, was] of (await client.list(Thing)).items.map(
    ({ metadata }) => [metadata.name, metadata.resourceVersion] as const,
  )) {
    check(
      revisions.get(Number(was))?.includes(name) === true,
      () => `${name} has revision ${was}, at which it was not told`,
    );
  }
}

/** Point 2: whoever has the answer sees the write. */
export async function readsItsWrites(world: StoreWorld): Promise<void> {
  const { store, client } = world.open();
  const other = world.connect(store);
  for (let index = 0; index < 10; index += 1) {
    const written = await client.create(Thing, thing(`n${index}`, index));
    const { resourceVersion } = written.metadata;
    const [read, list] = await Promise.all([other.get(Thing, at(`n${index}`)), other.list(Thing)]);
    checkSame(read, written, 'what was read after a write');
    check(
      Number(list.resourceVersion) >= Number(resourceVersion),
      () => `a list was at ${list.resourceVersion} after a write at ${resourceVersion}`,
    );
    checkSame(list.items.length, index + 1, 'how many objects a list had');
  }
  const { resourceVersion } = await client.delete(Thing, at('n3'));
  await expectFailure(other.get(Thing, at('n3')), 'a get after a deletion', 'NotFound');
  check((await revisionOf(other)) >= Number(resourceVersion), () => 'a list was from before a deletion');
}

/** Point 2: what fails changes nothing. */
export async function failsWithoutTrace(world: StoreWorld): Promise<void> {
  const { store, client } = world.open();
  const first = await client.create(Thing, thing('a', 1));
  const second = await client.update(Thing, { ...first, value: 2 });
  const before = await client.list(Thing);
  const watcher = world.watch(client, Number(before.resourceVersion));
  await expectFailure(client.update(Thing, { ...first, value: 3 }), 'an update of an old object', 'Conflict');
  await expectFailure(client.create(Thing, thing('a', 3)), 'a create of what is there', 'AlreadyExists');
  await expectFailure(
    client.patch(Thing, at('b'), { type: 'merge', patch: { value: 3 } }),
    'a patch of nothing',
    'NotFound',
  );
  await expectFailure(client.delete(Thing, at('b')), 'a deletion of nothing', 'NotFound');
  const { resourceVersion } = first.metadata;
  await expectFailure(
    client.delete(Thing, at('a'), { preconditions: { resourceVersion } }),
    'a deletion of an old object',
    'Conflict',
  );
  await expectFailure(
    store.transaction(async (tx) => {
      await tx.create(Thing, thing('b', 3));
      await tx.update(Thing, { ...first, value: 3 });
    }),
    'a transaction with an old object',
    'Conflict',
  );
  checkSame(await client.list(Thing), before, 'a list after writes that failed');
  checkSame(await client.get(Thing, at('a')), second, 'the object after writes that failed');
  await caughtUp(client, watcher);
  checkSame(linesOf(watcher), [], 'what was told of writes that failed');
}

/** Point 3: what changes nothing is no change; a deletion has a revision of its own. */
export async function tellsOfChangesAlone(world: StoreWorld): Promise<void> {
  const { client } = world.open();
  const created = await client.create(Thing, thing('a', 1));
  const watcher = world.watch(client, Number(created.metadata.resourceVersion));
  checkSame(await client.update(Thing, { ...created }), created, 'an update that changes nothing');
  const patch = { metadata: { labels: { colour: 'red' } }, value: 1 };
  checkSame(
    await client.patch(Thing, at('a'), { type: 'merge', patch }),
    created,
    'a patch that changes nothing',
  );
  const changed = await client.update(Thing, { ...created, value: 2 });
  const deleted = await client.delete(Thing, at('a'));
  await caughtUp(client, watcher);
  const { resourceVersion } = deleted;
  checkSame(
    linesOf(watcher),
    [`MODIFIED a@${changed.metadata.resourceVersion}`, `DELETED a@${resourceVersion}`],
    'what was told',
  );
  check(
    Number(resourceVersion) > Number(changed.metadata.resourceVersion),
    () => 'a deletion has the revision of the last write',
  );
  const [event] = watcher.events.filter(({ type }) => type === 'DELETED');
  check(
    event?.type === 'DELETED' && event.object.content.includes('2'),
    () => 'a deletion was not told with the last state',
  );
}

/** Point 11: a write whose answer is lost says that it may have happened. */
export async function ownsUpToUncertainty(world: StoreWorld): Promise<void> {
  const { client } = world.open();
  await client.create(Thing, thing('before', 1));
  world.under.loseAnswer?.();
  let outcome: unknown;
  let error: unknown;
  try {
    outcome = await client.create(Thing, thing('a', 1));
  } catch (thrown) {
    error = thrown;
  }
  if (outcome === undefined) {
    check(
      error instanceof ApiError && error.ambiguous,
      () => `expected an ambiguous error, got ${error instanceof Error ? error.message : 'none'}`,
    );
  }
  // it did happen: to do it again finds it
  await expectFailure(client.create(Thing, thing('a', 2)), 'a create again', 'AlreadyExists');
  checkSame((await client.get(Thing, at('a'))).value, 1, 'the value of what was created');
}

/** Point 14: what is too large or malformed is refused before anything happens. */
export async function refusesBeforeWriting(world: StoreWorld): Promise<void> {
  const { client } = world.open();
  await client.create(Thing, thing('a', 1));
  const before = await client.list(Thing);
  let deep: unknown = 1;
  for (let depth = 0; depth < 20_000; depth += 1) deep = [deep];
  const bad = ['Invalid', 'BadRequest', 'RequestEntityTooLarge'] as const;
  await expectFailure(client.create(Thing, thing('deep', deep)), 'a value that is too deep', ...bad);
  await expectFailure(client.create(Thing, thing('x'.repeat(254), 1)), 'a name that is too long', ...bad);
  await expectFailure(client.create(Thing, thing('a/b', 1)), 'a name with a slash', ...bad);
  const operations = Array.from({ length: 10_001 }, () => ({
    op: 'test' as const,
    path: '/value',
    value: 1,
  }));
  await expectFailure(
    client.patch(Thing, at('a'), { type: 'json', patch: operations }),
    'a patch of too many operations',
    ...bad,
  );
  await expectFailure(
    client.patch(Thing, at('a'), {
      type: 'merge',
      patch: { metadata: { labels: { colour: 'x'.repeat(64) } } },
    }),
    'a label that is too long',
    ...bad,
  );
  checkSame(await client.list(Thing), before, 'a list after writes that were refused');
}

/** One counter gives all kinds their revisions. */
export async function countsAllKinds(world: StoreWorld): Promise<void> {
  const { client } = world.open();
  const a = await client.create(Thing, thing('a', 1));
  const b = await client.create(Place, { metadata: { name: 'b' } });
  const c = await client.create(Thing, thing('c', 1));
  const revisions = [a, b, c].map(({ metadata }) => Number(metadata.resourceVersion));
  checkSame(
    revisions,
    [...new Set(revisions)].toSorted((x, y) => x - y),
    'the revisions of three writes',
  );
  check((await revisionOf(client)) >= (revisions[2] ?? 0), () => 'a list was from before the last write');
}
