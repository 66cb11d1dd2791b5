import { ApiError } from '../../core/index.js';
import { check, checkSame } from './conformance-case.js';
import { at, checkUnavailable, expectOutcome, put, unchanged } from './storage-request.js';
import type { StorageWorld } from './storage-world.js';

/** The length of a long value: all that fits into a request of etcd's, but for the rest of the request. */
const LONG_VALUE = 1_000_000;

export async function keepsValues(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  const values: Record<string, string> = {
    empty: '',
    ascii: '{"a":[1,2,{"b":null}]}',
    control: '\u0000\u0001\t\r\n\u007f',
    latin: 'äöüß',
    wide: '\u20ac\u6f22\ufeff\uffff',
    astral: '\u{1f600}\u{10ffff}',
    long: 'x'.repeat(LONG_VALUE),
    longWide: '\u6f22'.repeat(LONG_VALUE / 4),
  };
  let last = 0;
  for (const [key, value] of Object.entries(values)) last = await follower.write(put(`pods/${key}`, value));
  await follower.reached(last);
  const checkValues = (how: string): void => {
    for (const [key, value] of Object.entries(values)) {
      check(follower.valueOf('pods', key) === value, () => `the value ${key} was ${how} as another`);
    }
  };
  checkValues('told');
  await follower.load();
  checkValues('loaded');
}

export async function keepsNames(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  const names = [
    'a',
    'a/',
    'a/b',
    'a/b/c',
    'a-b',
    'a.b',
    'aa',
    'A',
    '0',
    '~',
    '!"#$%&()*+,:;<=>?@[]^_`{|}',
    '__proto__',
  ];
  const places = names.flatMap((key) => [
    { collection: 'pods', key },
    { collection: 'pods.x', key },
  ]);
  places.push({ collection: 'p'.repeat(63), key: 'k'.repeat(1_024 - 63) });
  places.push({ collection: '__proto__', key: 'constructor' });
  for (const place of places) await follower.write({ ...place, value: `${place.collection} ${place.key}` });
  await follower.reached(follower.commits.at(-1)?.outcome?.revision ?? 0);
  await follower.load();
  checkSame(follower.tellings.at(-1)?.entries.length, places.length, 'how many objects there are');
  for (const { collection, key } of places) {
    checkSame(follower.valueOf(collection, key), `${collection} ${key}`, `the value of ${collection} ${key}`);
  }
  // to delete one leaves those that its name is a part of
  const deleted = await follower.write({ collection: 'pods', key: 'a', value: undefined });
  await follower.reached(deleted);
  await follower.load();
  checkSame(follower.tellings.at(-1)?.entries.length, places.length - 1, 'how many objects are left');
}

export async function loadsOneMoment(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  const writes: Promise<number>[] = [];
  for (let round = 0; round < 10; round += 1) {
    // two objects that always have the same value: who sees them differ sees two moments
    for (let index = 0; index < 10; index += 1) {
      const value = `${round} ${index}`;
      writes.push(follower.write(put('pods/a', value), put('nodes/b', value)));
    }
    await follower.load();
    checkSame(
      follower.valueOf('pods', 'a'),
      follower.valueOf('nodes', 'b'),
      'one of two objects that change together',
    );
  }
  const revisions = await Promise.all(writes);
  await follower.reached(Math.max(...revisions));
  const told = follower.objects();
  await follower.load();
  checkSame(follower.objects(), told, 'what was loaded at the end, beside what was told');
}

export async function keepsEverything(world: StorageWorld): Promise<void> {
  const before = await world.open();
  const revisions = await Promise.all(
    Array.from({ length: 50 }, (_, index) => before.write(put(`pods/${index}`, `value ${index}`))),
  );
  const last = await before.write(put('pods/0'));
  await before.reached(last);
  await before.close();
  await world.restart();

  const after = await world.open();
  check(
    after.revision >= last,
    () => `expected the counter at ${last} or more after a restart, got ${after.revision}`,
  );
  checkSame(after.objects(), before.objects(), 'the objects after a restart');
  for (let index = 1; index < 50; index += 1) {
    checkSame(after.revisionOf('pods', String(index)), revisions[index], `the revision of pods/${index}`);
  }
  const next = await after.write(put('pods/new', 'new'));
  check(next > last, () => `expected a revision above ${last} after a restart, got ${next}`);
}

export async function decidesAfterRestart(world: StorageWorld): Promise<void> {
  const before = await world.open();
  const older = await before.write(put('pods/a', '0'));
  const written = await before.write(put('pods/a', '1'));
  const last = await before.write(put('nodes/n', '1'), put('nodes/m', '1'));
  await before.write(put('nodes/m'));
  await before.reached(last);
  await before.close();
  await world.restart();
  const after = await world.open();
  const loaded = after.revision;
  await expectOutcome(after, false, [at('pods/a', older)], put('pods/a', 'no'));
  await expectOutcome(after, false, [at('nodes/m', last)], put('nodes/m', 'no'));
  await expectOutcome(
    after,
    true,
    [unchanged('nodes', loaded), unchanged('pods', loaded)],
    put('nodes/n', '2'),
  );
  await expectOutcome(after, false, [unchanged('nodes', loaded)], put('pods/a', 'no'));
  await expectOutcome(after, true, [at('pods/a', written), at('nodes/m', 0)], put('pods/a', '2'));
}

export async function compacts(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  // one that is slow may be told so of what it has not been told yet
  follower.recoversWhenLost();
  const revisions: number[] = [];
  for (let index = 0; index < 20; index += 1)
    revisions.push(await follower.write(put(`pods/${index % 3}`, String(index))));
  await follower.reached(revisions.at(-1) ?? 0);
  await follower.session.compact(revisions[10] ?? 0);
  await follower.session.compact(revisions[10] ?? 0);
  await follower.session.compact(revisions[5] ?? 0);
  await follower.session.compact(follower.revision);
  await follower.reached(await follower.write(put('pods/3', 'after')));
  const told = follower.objects();
  await follower.load();
  checkSame(follower.objects(), told, 'the objects after the past was forgotten');
  checkSame(
    follower.revisionOf('pods', '2'),
    revisions[17],
    'the revision of an object after the past was forgotten',
  );
}

export async function knowsNewest(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  if (follower.session.newest === undefined) return;
  await follower.askNewest();
  await follower.askNewest('pods');
  const pods = await follower.write(put('pods/a', '1'));
  const nodes = await follower.write(put('nodes/a', '1'));
  check((await follower.askNewest()) >= nodes, () => `expected newest() to be at least ${nodes}`);
  check((await follower.askNewest('pods')) >= pods, () => `expected newest('pods') to be at least ${pods}`);
  const deleted = await follower.write(put('pods/a'));
  check(
    (await follower.askNewest('pods')) >= deleted,
    () => `expected newest('pods') to be at least ${deleted}`,
  );
  // asked by many at once, each of which knows of a transaction of its own
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      for (let round = 0; round < 3; round += 1) {
        let written = 0;
        // not all in step: a question of one is under way when another has its answer
        for (let times = 0; times <= index % 4; times += 1) {
          written = await follower.write(put(`pods/${index}`, `${round} ${times}`));
        }
        const newest = await follower.askNewest('pods');
        check(newest >= written, () => `expected newest('pods') to be at least ${written}, got ${newest}`);
      }
    }),
  );
}

export async function replaces(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  const old = await follower.write(put('pods/a', 'old'), put('pods/b', 'old'), put('nodes/n', 'old'));
  await follower.reached(old);
  const content = [put('pods/b', 'new'), put('pods/c', 'new'), put('leases/l', 'new')];
  await follower.session.replace(content, 1);
  await follower.load();
  check(
    follower.revision > old,
    () => `expected a revision above ${old} after a replacement, got ${follower.revision}`,
  );
  const expected = { 'leases/l': 'new', 'pods/b': 'new', 'pods/c': 'new' };
  checkSame(follower.objects(), expected, 'the objects after a replacement');
  await expectOutcome(follower, false, [at('pods/a', old)], put('pods/a', 'no'));
  await expectOutcome(follower, false, [at('pods/b', old)], put('pods/b', 'no'));
  await expectOutcome(follower, false, [unchanged('pods', old)], put('pods/b', 'no'));
  await expectOutcome(follower, false, [unchanged('nodes', old)], put('nodes/n', 'no'));
  const loaded = follower.tellings.at(-1)?.revision ?? 0;
  const known = follower.revisionOf('pods', 'b');
  check(
    known > old && known <= loaded,
    () => `expected the revision of a restored object above ${old}, got ${known}`,
  );
  const again = await expectOutcome(
    follower,
    true,
    [at('pods/b', known), at('pods/a', 0)],
    put('pods/a', 'again'),
  );
  check(again > loaded, () => `expected a revision above ${loaded}, got ${again}`);
  await follower.close();
  await world.restart();
  const after = await world.open();
  checkSame(
    after.objects(),
    { 'leases/l': 'new', 'pods/a': 'again', 'pods/b': 'new', 'pods/c': 'new' },
    'the objects after a replacement and a restart',
  );
  await after.session.replace([], 1);
  await after.load();
  checkSame(after.objects(), {}, 'the objects after a replacement by nothing');
}

export async function raisesCounter(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  const old = await follower.write(put('pods/a', 'old'));
  const raised = old + 1_000_000;
  await follower.session.replace([put('pods/a', 'new')], raised);
  await follower.load();
  check(
    follower.revision >= raised,
    () => `expected a revision of at least ${raised}, got ${follower.revision}`,
  );
  const next = await follower.write(put('pods/b', 'new'));
  check(next > raised, () => `expected a revision above ${raised}, got ${next}`);
  await follower.reached(next);
  await follower.close();
  await world.restart();
  const after = await world.open();
  check(after.revision >= next, () => `expected a revision of at least ${next}, got ${after.revision}`);
}

export async function closes(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  const { session } = follower;
  const underWay = Array.from({ length: 20 }, (_, index) => follower.write(put(`pods/${index}`, 'x')));
  const closing = Promise.all([follower.close(), session.close()]);
  const ends = await Promise.allSettled(underWay);
  await closing;
  await session.close();
  for (const end of ends) {
    if (end.status === 'rejected') checkUnavailable(end.reason, 'a transaction that was under way');
  }
  for (const [what, call] of [
    ['commit', () => follower.commit({ compares: [], writes: [put('pods/late', 'x')] })],
    ['load', () => session.load(() => undefined)],
    ['compact', () => session.compact(1)],
    ['replace', () => session.replace([], 1)],
  ] as const) {
    let error: unknown;
    try {
      await call();
    } catch (thrown) {
      error = thrown;
    }
    checkUnavailable(error, `${what} after closing`);
    check(
      !(error instanceof ApiError && error.ambiguous),
      () => `${what} after closing: expected it not to be ambiguous`,
    );
  }
  await world.restart();
  const after = await world.open();
  for (const [index, end] of ends.entries()) {
    if (end.status === 'fulfilled')
      checkSame(after.valueOf('pods', String(index)), 'x', `the object pods/${index}`);
  }
  checkSame(after.valueOf('pods', 'late'), undefined, 'the object of a transaction after closing');
}
