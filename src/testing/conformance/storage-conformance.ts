import type { ConformanceCase } from './conformance-case.js';
import {
  closes,
  compacts,
  decidesAfterRestart,
  keepsEverything,
  keepsNames,
  keepsValues,
  knowsNewest,
  loadsOneMoment,
  raisesCounter,
  replaces,
} from './content-cases.js';
import {
  closesOne,
  decidesAmongAll,
  isExclusive,
  opensLater,
  replacesForAll,
  tellsEverybody,
} from './sharing-cases.js';
import {
  beginsEmpty,
  comparesAll,
  comparesCollections,
  comparesObjects,
  decidesRaces,
  givesHigherRevisions,
  happensAtOneRevision,
  happensNotAtAll,
  losesNoUpdate,
  tellsOnce,
} from './transaction-cases.js';
import { loadFastCheck } from './load-fast-check.js';
import { followStorageSteps, storageSteps } from './storage-plan.js';
import { inStorageWorld, type StorageUnderTest, type StorageWorld } from './storage-world.js';

/** What {@link storageConformance} is told of the storage. */
export interface StorageConformanceOptions {
  /** Makes an empty storage, as often as it is asked: for every case, and every random history. */
  readonly create: () => Promise<StorageUnderTest>;
  /** Whether several may have it open at once; false unless given. */
  readonly shared?: boolean;
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
  const { create, shared = false, seed = 1, patience } = options;
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
    inWorld('goes on above the revision of what is restored', raisesCounter, { isReplaced: true }),
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
