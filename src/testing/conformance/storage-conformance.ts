import { ApiError } from '../../core/index.js';
import type { StorageCompare, StorageWrite } from '../../store/index.js';
import { check, checkSame, type ConformanceCase } from './conformance-case.js';
import { loadFastCheck } from './load-fast-check.js';
import type { StorageFollower } from './storage-follower.js';
import { followStorageSteps, storageSteps } from './storage-plan.js';
import { inStorageWorld, type StorageUnderTest, type StorageWorld } from './storage-world.js';

/** What {@link storageConformance} is told of the storage. */
export interface StorageConformanceOptions {
  /** Makes an empty storage, as often as it is asked: for every case, and every random history. */
  readonly create: () => Promise<StorageUnderTest>;
  /** Whether several may have it open at once; false unless given. */
  readonly shared?: boolean;
  /** Whether `replace` can raise the counter; true unless given. */
  readonly raisesRevision?: boolean;
  /** How many random histories; 20 unless given. */
  readonly runs?: number;
  /** The most steps of a random history; 60 unless given. */
  readonly steps?: number;
  /** Whether a random history that fails is made smaller, which takes many more; true unless given. */
  readonly shrinks?: boolean;
  /** What random histories begin with; 1 unless given. */
  readonly seed?: number;
  /** How many milliseconds something that must come is waited for; 10,000 unless given. */
  readonly patience?: number;
}

/** The length of a long value: all that fits into a request of etcd's, but for the rest of the request. */
const LONG_VALUE = 1_000_000;

/**
 * What every storage must do, as cases for any test runner: the contract of `Storage`, alone.
 *
 * Beside a case for every rule, random histories of several sessions at once are played and everything that was answered and told is
 * checked against what happened. Needs the package `fast-check` for those.
 *
 * @example
 * ```ts
 * describe('my storage', () => {
 *   for (const { name, run } of storageConformance({ create: async () => ({ storage: myStorage() }) })) it(name, run);
 * });
 * ```
 */
export function storageConformance(options: StorageConformanceOptions): readonly ConformanceCase[] {
  const { create, shared = false, raisesRevision = true, seed = 1, patience } = options;
  const inWorld = (
    name: string,
    work: (world: StorageWorld) => Promise<void>,
    more: { readonly isReplaced?: boolean } = {},
  ): ConformanceCase => ({ name, run: () => inStorageWorld(create, { seed, patience, ...more }, work) });
  return [
    inWorld('begins empty, at a revision of at least 1', beginsEmpty),
    inWorld('tells of a transaction once, and has it from then on', tellsOnce),
    inWorld('gives every transaction a higher revision, and tells of all in order', givesHigherRevisions),
    inWorld('makes all writes of a transaction happen at one revision', happensAtOneRevision),
    inWorld('makes none of the writes happen where a compare does not hold', happensNotAtAll),
    inWorld('compares the revision of an object', comparesObjects),
    inWorld('compares the revision of a collection, deletions included', comparesCollections),
    inWorld('requires all compares to hold', comparesAll),
    inWorld('lets one of many that race for an object win', decidesRaces),
    inWorld('loses no update of many that count', losesNoUpdate),
    inWorld('keeps values of every length and every character', keepsValues),
    inWorld('tells names apart that are parts of each other', keepsNames),
    inWorld('loads the state of one moment, and tells of everything after it', loadsOneMoment),
    inWorld('keeps everything, and the counter, when it is opened anew', keepsEverything),
    inWorld('decides after a restart on what was there before', decidesAfterRestart),
    inWorld('keeps all objects when the past is forgotten', compacts),
    inWorld('knows the newest revision of all and of a collection', knowsNewest),
    inWorld('puts other content in the place of everything', replaces, { isReplaced: true }),
    ...(raisesRevision
      ? [inWorld('goes on above the revision of what is restored', raisesCounter, { isReplaced: true })]
      : []),
    inWorld('settles what is under way when it is closed, and refuses what comes later', closes),
    ...(shared
      ? [
          inWorld('tells every session of the transactions of all, in one order', tellsEverybody),
          inWorld('decides among the transactions of all sessions', decidesAmongAll),
          inWorld('gives a session that comes later everything', opensLater),
          inWorld('goes on for the others when one is closed', closesOne),
          inWorld('tells the others that everything was replaced', replacesForAll, { isReplaced: true }),
        ]
      : [inWorld('is open for one at a time', isExclusive)]),
    {
      name: 'keeps its contract in random histories',
      run: () => playHistories(options, shared ? 3 : 1),
    },
  ];
}

async function playHistories(options: StorageConformanceOptions, sessions: number): Promise<void> {
  const { create, seed = 1, runs = 20, steps = 60, shrinks = true, patience } = options;
  const fastCheck = await loadFastCheck();
  const probe = await create();
  const disturbs = probe.disturb !== undefined;
  await probe.dispose?.();
  await fastCheck.assert(
    fastCheck.asyncProperty(storageSteps(fastCheck, { steps, disturbs, restarts: true }), (plan) =>
      inStorageWorld(create, { seed, patience }, (world) => followStorageSteps(world, plan, sessions)),
    ),
    { seed, numRuns: runs, endOnFailure: !shrinks, includeErrorInReport: true },
  );
}

/** A write of an object, which is deleted where no value is given. */
function put(place: string, value?: string): StorageWrite {
  return { ...placeOf(place), value };
}

/** `pods/a` is the object `a` of `pods`. */
function placeOf(place: string): { readonly collection: string; readonly key: string } {
  const slash = place.indexOf('/');
  return { collection: place.slice(0, slash), key: place.slice(slash + 1) };
}

/** That an object was written at a revision. */
function at(place: string, revision: number): StorageCompare {
  return { ...placeOf(place), revision };
}

/** What a collection was not changed after. */
function unchanged(collection: string, revision: number): StorageCompare {
  return { collection, revision };
}

async function expectOutcome(
  follower: StorageFollower,
  expected: boolean,
  compares: readonly StorageCompare[],
  ...writes: readonly StorageWrite[]
): Promise<number> {
  const outcome = await follower.commit({ compares, writes });
  check(
    outcome.committed === expected,
    () =>
      `expected a transaction to be ${expected ? 'committed' : 'refused'} with ${JSON.stringify(compares)}`,
  );
  await follower.reached(outcome.revision);
  return outcome.revision;
}

async function beginsEmpty(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  checkSame(follower.objects(), {}, 'the objects of an empty storage');
}

async function tellsOnce(world: StorageWorld): Promise<void> {
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

async function givesHigherRevisions(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  const names = Array.from({ length: 200 }, (_, index) => `pods/${index}`);
  const revisions = await Promise.all(names.map((name) => follower.write(put(name, name))));
  checkSame(new Set(revisions).size, names.length, 'how many revisions 200 transactions have');
  await follower.reached(Math.max(...revisions));
  checkSame(follower.tellings[0]?.changes.length, names.length, 'how many changes were told');
}

async function happensAtOneRevision(world: StorageWorld): Promise<void> {
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

async function happensNotAtAll(world: StorageWorld): Promise<void> {
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

async function comparesObjects(world: StorageWorld): Promise<void> {
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

async function comparesCollections(world: StorageWorld): Promise<void> {
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

async function comparesAll(world: StorageWorld): Promise<void> {
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

async function decidesRaces(world: StorageWorld): Promise<void> {
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

async function losesNoUpdate(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  await count(
    Array.from({ length: 8 }, () => follower),
    5,
  );
  checkSame(follower.objects(), { 'pods/counter': '40' }, 'the counter');
}

/** Every one of them counts so often, all at once. */
async function count(followers: readonly StorageFollower[], times: number): Promise<void> {
  await Promise.all(
    followers.map(async (follower) => {
      for (let counted = 0; counted < times; ) {
        const value = Number(follower.valueOf('pods', 'counter') ?? '0');
        const compares = [at('pods/counter', follower.revisionOf('pods', 'counter'))];
        const outcome = await follower.commit({ compares, writes: [put('pods/counter', String(value + 1))] });
        await follower.reached(outcome.revision);
        if (outcome.committed) counted += 1;
      }
    }),
  );
}

async function keepsValues(world: StorageWorld): Promise<void> {
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

async function keepsNames(world: StorageWorld): Promise<void> {
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

async function loadsOneMoment(world: StorageWorld): Promise<void> {
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

async function keepsEverything(world: StorageWorld): Promise<void> {
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

async function decidesAfterRestart(world: StorageWorld): Promise<void> {
  const before = await world.open();
  const written = await before.write(put('pods/a', '1'));
  const last = await before.write(put('nodes/n', '1'), put('nodes/m', '1'));
  await before.write(put('nodes/m'));
  await before.reached(last);
  await before.close();
  await world.restart();
  const after = await world.open();
  const loaded = after.revision;
  await expectOutcome(after, false, [at('pods/a', written - 1)], put('pods/a', 'no'));
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

async function compacts(world: StorageWorld): Promise<void> {
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

async function knowsNewest(world: StorageWorld): Promise<void> {
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

async function replaces(world: StorageWorld): Promise<void> {
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

async function raisesCounter(world: StorageWorld): Promise<void> {
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

async function closes(world: StorageWorld): Promise<void> {
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

function checkUnavailable(error: unknown, what: string): void {
  check(
    error instanceof ApiError && error.reason === 'ServiceUnavailable',
    () =>
      `${what}: expected ApiError ServiceUnavailable, got ${error instanceof Error ? error.message : 'no error'}`,
  );
}

async function isExclusive(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  checkUnavailable(await world.openRefused(), 'to open it twice');
  await follower.reached(await follower.write(put('pods/a', 'still open')));
  await follower.close();
  const after = await world.open();
  checkSame(after.objects(), { 'pods/a': 'still open' }, 'the objects');
}

async function tellsEverybody(world: StorageWorld): Promise<void> {
  const followers = [await world.open(), await world.open(), await world.open()];
  const revisions = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      (followers[index % 3] as StorageFollower).write(
        put(`pods/${index % 7}`, `${index}`),
        put(`nodes/${index}`, 'x'),
      ),
    ),
  );
  const last = Math.max(...revisions);
  for (const follower of followers) await follower.reached(last);
  for (const follower of followers)
    checkSame(follower.objects(), followers[0]?.objects(), `the objects of ${follower.name}`);
}

async function decidesAmongAll(world: StorageWorld): Promise<void> {
  const followers = [await world.open(), await world.open(), await world.open()];
  await count(followers, 8);
  const [first] = followers as [StorageFollower];
  await first.reached(Math.max(...followers.map(({ revision }) => revision)));
  checkSame(first.objects(), { 'pods/counter': '24' }, 'the counter');
}

async function opensLater(world: StorageWorld): Promise<void> {
  const first = await world.open();
  const writes = Array.from({ length: 50 }, (_, index) => first.write(put(`pods/${index}`, 'x')));
  const second = await world.open();
  const revisions = await Promise.all(writes);
  const last = Math.max(...revisions);
  for (const follower of [first, second]) await follower.reached(last);
  checkSame(second.objects(), first.objects(), 'the objects of the session that came later');
}

async function closesOne(world: StorageWorld): Promise<void> {
  const [first, second] = [await world.open(), await world.open()];
  await first.close();
  const revision = await second.write(put('pods/a', 'x'));
  await second.reached(revision);
  const third = await world.open();
  checkSame(third.objects(), { 'pods/a': 'x' }, 'the objects');
}

async function replacesForAll(world: StorageWorld): Promise<void> {
  const [first, second] = [await world.open(), await world.open()];
  const old = await first.write(put('pods/a', 'old'));
  await second.reached(old);
  await first.session.replace([put('pods/b', 'new')], 1);
  await second.hasLost();
  await second.load();
  checkSame(second.objects(), { 'pods/b': 'new' }, 'the objects after a replacement');
  await first.load();
  const next = await second.write(put('pods/c', 'new'));
  await first.reached(next);
  checkSame(first.objects(), { 'pods/b': 'new', 'pods/c': 'new' }, 'the objects');
}
