import type { ConformanceCase } from './conformance-case.js';
import {
  collectsOnce,
  createsOnce,
  decidesBetweenStores,
  endsWithTheStore,
  expiresOnce,
  opensAmongWrites,
  readsOthersWrites,
  staysCompacted,
  survivesRestart,
} from './life-cases.js';
import { loadFastCheck } from './load-fast-check.js';
import { followStoreSteps } from './store-plan.js';
import { storeSteps } from './store-steps.js';
import { inStoreWorld, type StoreUnderTest, type StoreWorld } from './store-world.js';
import {
  answersWhileOpening,
  compactsUnderWatches,
  cutsOffSlowReaders,
  followsSelections,
  listsAndWatches,
  pagesAtOneRevision,
  setsBookmarks,
  setsBookmarksInSilence,
  watchesFromEveryRevision,
  watchesTheFuture,
} from './watch-cases.js';
import {
  countsAllKinds,
  failsWithoutTrace,
  givesRevisions,
  ownsUpToUncertainty,
  readsItsWrites,
  refusesBeforeWriting,
  tellsOfChangesAlone,
} from './write-cases.js';

/** What {@link storeConformance} is told of what the stores are on. */
export interface StoreConformanceOptions {
  /** Makes something empty to put stores on, as often as it is asked: for every case, and every random history. */
  readonly create: () => Promise<StoreUnderTest>;
  /** Whether several stores may be on one storage at once; false unless given. */
  readonly shared?: boolean;
  /** Whether what was stored outlives its store; false unless given. */
  readonly durable?: boolean;
  /** Whether a case may wait for minutes of the clock, which needs one that stands still; false unless given. */
  readonly waits?: boolean;
  /** Whether {@link StoreUnderTest.loseAnswer} is there; false unless given. */
  readonly losesAnswers?: boolean;
  /** How many random histories; 20 unless given. */
  readonly runs?: number;
  /** The most steps of a random history; 80 unless given. */
  readonly steps?: number;
  /** Whether random histories are disturbed; false unless given. */
  readonly disturbs?: boolean;
  /** Whether a random history that fails is made smaller, which takes many more; true unless given. */
  readonly shrinks?: boolean;
  /** What random histories begin with; 1 unless given. */
  readonly seed?: number;
  /** How many milliseconds of the clock something that must come is waited for; 10,000 unless given, which is too little for `waits`. */
  readonly patience?: number;
}

/**
 * What every store must do, whatever it keeps its objects on, as cases for any test runner.
 *
 * Beside a case for every rule, random histories of several clients at once are played, on several stores where those share a storage:
 * what every watch told is checked against the rules of watches, and what every request was answered against one order of everything
 * that happened. Needs the package `fast-check` for those.
 *
 * @example
 * ```ts
 * describe('stores on my storage', () => {
 *   const create = async () => ({ storage: myStorage() });
 *   for (const { name, run } of storeConformance({ create, durable: true })) it(name, run);
 * });
 * ```
 */
export function storeConformance(options: StoreConformanceOptions): readonly ConformanceCase[] {
  const { create, shared = false, durable = false, waits = false, losesAnswers = false } = options;
  const { seed = 1, patience } = options;
  const inWorld = (name: string, work: (world: StoreWorld) => Promise<void>): ConformanceCase => ({
    name,
    run: () => inStoreWorld(create, { seed, patience }, work),
  });
  return [
    inWorld('1. gives every commit a higher revision, and tells of all in that order', givesRevisions),
    inWorld('1. counts all kinds with one counter', countsAllKinds),
    inWorld('2. shows a write to every reader once it is answered', readsItsWrites),
    inWorld('2. leaves no trace of a write that fails', failsWithoutTrace),
    inWorld('3. tells of changes alone, and of a deletion at a revision of its own', tellsOfChangesAlone),
    inWorld('4. tells exactly what happened after any revision that is kept', watchesFromEveryRevision),
    inWorld('4. tells of the future when it has come', watchesTheFuture),
    inWorld(
      '5. forgets the past under open watches without losing or repeating anything',
      compactsUnderWatches,
    ),
    inWorld('6. makes a list and a watch from its revision everything', listsAndWatches),
    inWorld('6. answers requests that come before it is open', answersWhileOpening),
    inWorld('7. gives all pages of a list at one revision', pagesAtOneRevision),
    inWorld('8. adds what enters a selection, and deletes what leaves it', followsSelections),
    inWorld('9. sets bookmarks behind everything that they cover', setsBookmarks),
    ...(waits ? [inWorld('9. sets bookmarks where nothing happens', setsBookmarksInSilence)] : []),
    inWorld('10. cuts off a reader that is too slow, and no other', cutsOffSlowReaders),
    ...(losesAnswers
      ? [inWorld('11. says where it does not know whether a write happened', ownsUpToUncertainty)]
      : []),
    ...(durable
      ? [
          inWorld('12. has everything when it is opened anew, and goes on counting', survivesRestart),
          inWorld('12. does not tell what it had forgotten when it is opened anew', staysCompacted),
        ]
      : []),
    ...(waits ? [inWorld('13. deletes what has a time to live when that is over, once', expiresOnce)] : []),
    inWorld('14. refuses what is too large before anything happens', refusesBeforeWriting),
    inWorld('15. ends what is under way, and all watches, when it is closed', endsWithTheStore),
    ...(shared
      ? [
          inWorld('shows a write to the readers of every store once it is answered', readsOthersWrites),
          inWorld('misses nothing in a store that opens while others write', opensAmongWrites),
          inWorld('decides between stores, and loses no update', decidesBetweenStores),
          inWorld('creates once what several stores create', createsOnce),
          inWorld('collects once what an owner leaves behind', collectsOnce),
        ]
      : []),
    { name: 'keeps all rules in random histories', run: () => playHistories(options, shared ? 3 : 1) },
  ];
}

async function playHistories(options: StoreConformanceOptions, stores: number): Promise<void> {
  const { create, seed = 1, runs = 20, steps = 80, disturbs = false, shrinks = true, patience } = options;
  const fastCheck = await loadFastCheck();
  await fastCheck.assert(
    fastCheck.asyncProperty(storeSteps(fastCheck, { steps, disturbs }), (plan) =>
      inStoreWorld(create, { seed, patience }, (world) => followStoreSteps(world, plan, stores)),
    ),
    { seed, numRuns: runs, endOnFailure: !shrinks, includeErrorInReport: true },
  );
}
