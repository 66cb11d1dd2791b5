import { check, checkSame } from './conformance-case.js';
import { at, count, expectOutcome, put, unchanged } from './storage-request.js';
import type { StorageWorld } from './storage-world.js';

export async function beginsEmpty(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  checkSame(follower.objects(), {}, 'the objects of an empty storage');
}

export async function tellsOnce(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  const first = await follower.write(put('pods/a', 'one'));
  await follower.reached(first);
  const second = await follower.write(put('pods/a', 'two'), put('pods/b', 'three'));
  const third = await follower.write(put('pods/a'));
  await follower.reached(third);
  check(
    first < second && second < third,
    () => `expected revisions that rise, got ${first}, ${second}, ${third}`,
  );
  checkSame(follower.objects(), { 'pods/b': 'three' }, 'the objects as they were told');
  await follower.load();
  checkSame(follower.objects(), { 'pods/b': 'three' }, 'the objects as they were loaded');
  checkSame(follower.revisionOf('pods', 'b'), second, 'the revision of a loaded object');
}

export async function givesHigherRevisions(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  const names = Array.from({ length: 200 }, (_, index) => `pods/${index}`);
  const revisions = await Promise.all(names.map((name) => follower.write(put(name, name))));
  checkSame(new Set(revisions).size, names.length, 'how many revisions 200 transactions have');
  await follower.reached(Math.max(...revisions));
  checkSame(follower.tellings[0]?.changes.length, names.length, 'how many changes were told');
}

export async function happensAtOneRevision(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  await follower.write(put('pods/old', 'old'));
  const writes = Array.from({ length: 20 }, (_, index) =>
    put(index % 2 ? `pods/${index}` : `nodes/${index}`, 'x'),
  );
  const revision = await follower.write(...writes, put('pods/old'));
  await follower.reached(revision);
  const change = follower.tellings[0]?.changes.at(-1);
  checkSame(change, { revision, writes: [...writes, put('pods/old')] }, 'what was told of a transaction');
  await follower.load();
  for (const { collection, key } of writes) {
    checkSame(follower.revisionOf(collection, key), revision, `the revision of ${collection}/${key}`);
  }
}

export async function happensNotAtAll(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  await follower.write(put('pods/a', 'one'));
  await expectOutcome(
    follower,
    false,
    [at('pods/a', 0)],
    put('pods/a', 'two'),
    put('pods/b', 'two'),
    put('nodes/c', 'two'),
  );
  await follower.load();
  checkSame(follower.objects(), { 'pods/a': 'one' }, 'the objects after a refusal');
}

export async function comparesObjects(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  const first = await expectOutcome(follower, true, [at('pods/a', 0)], put('pods/a', '1'));
  await expectOutcome(follower, false, [at('pods/a', 0)], put('pods/a', 'no'));
  await expectOutcome(follower, false, [at('pods/a', first + 1)], put('pods/a', 'no'));
  const second = await expectOutcome(follower, true, [at('pods/a', first)], put('pods/a', '2'));
  await expectOutcome(follower, false, [at('pods/a', first)], put('pods/a', 'no'));
  await expectOutcome(follower, false, [at('pods/b', second)], put('pods/b', 'no'));
  // an object that is only looked at
  await expectOutcome(follower, true, [at('pods/a', second)], put('pods/b', '3'));
  await expectOutcome(follower, true, [at('pods/a', second)], put('pods/a'));
  await expectOutcome(follower, false, [at('pods/a', second)], put('pods/a', 'no'));
  const again = await expectOutcome(follower, true, [at('pods/a', 0)], put('pods/a', '4'));
  await expectOutcome(follower, true, [at('pods/a', again)], put('pods/a', '5'));
  checkSame(follower.objects(), { 'pods/a': '5', 'pods/b': '3' }, 'the objects');
}

export async function comparesCollections(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  const loaded = follower.revision;
  await expectOutcome(follower, true, [unchanged('pods', loaded)], put('nodes/n', '1'));
  const first = await expectOutcome(follower, true, [unchanged('pods', loaded)], put('pods/a', '1'));
  await expectOutcome(follower, false, [unchanged('pods', loaded)], put('nodes/n', 'no'));
  const other = await expectOutcome(follower, true, [unchanged('pods', first)], put('nodes/n', '2'));
  // a collection whose name begins with the other's
  await expectOutcome(follower, true, [unchanged('pods', first)], put('pods.x/a', '3'));
  const deleted = await expectOutcome(follower, true, [unchanged('pods', other)], put('pods/a'));
  await expectOutcome(follower, false, [unchanged('pods', other)], put('nodes/n', 'no'));
  await expectOutcome(follower, true, [unchanged('pods', deleted)], put('nodes/n', '4'));
  checkSame(follower.objects(), { 'nodes/n': '4', 'pods.x/a': '3' }, 'the objects');
}

export async function comparesAll(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  const a = await expectOutcome(follower, true, [], put('pods/a', '1'));
  const n = await expectOutcome(follower, true, [at('pods/a', a), at('pods/b', 0)], put('nodes/n', '1'));
  await expectOutcome(follower, false, [at('pods/a', a), at('nodes/n', a)], put('pods/b', 'no'));
  await expectOutcome(follower, false, [at('nodes/n', a), at('pods/a', a)], put('pods/b', 'no'));
  await expectOutcome(follower, false, [at('pods/a', a), unchanged('nodes', a)], put('pods/b', 'no'));
  await expectOutcome(
    follower,
    true,
    [at('pods/a', a), unchanged('nodes', n), at('nodes/n', n)],
    put('pods/b', '2'),
  );
}

export async function decidesRaces(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  for (let round = 0; round < 5; round += 1) {
    const known = follower.revisionOf('pods', 'a');
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        follower.commit({ compares: [at('pods/a', known)], writes: [put('pods/a', `${round} ${index}`)] }),
      ),
    );
    checkSame(outcomes.filter(({ committed }) => committed).length, 1, 'how many of 20 won');
    await follower.reached(Math.max(...outcomes.map(({ revision }) => revision)));
  }
}

export async function losesNoUpdate(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  await count(
    Array.from({ length: 8 }, () => follower),
    5,
  );
  checkSame(follower.objects(), { 'pods/counter': '40' }, 'the counter');
}
