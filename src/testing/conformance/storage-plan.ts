import type * as fc from 'fast-check';
import { sleep } from '../../core/index.js';
import type { StorageCompare, StorageWrite } from '../../store/index.js';
import { isUnavailable } from './availability.js';
import { check } from './conformance-case.js';
import type { StorageFollower } from './storage-follower.js';
import type { StorageWorld } from './storage-world.js';

/** The names that random histories use: few, so that transactions meet, and some that are parts of others. */
const PLACES = [
  { collection: 'pods', key: 'a' },
  { collection: 'pods', key: 'a/b' },
  { collection: 'pods', key: 'a-b' },
  { collection: 'pods.x', key: 'a' },
  { collection: 'pods.x', key: 'b' },
] as const;

type Place = (typeof PLACES)[number];

/** What a transaction asks for before it happens. */
interface PlannedCompare {
  readonly place: number;
  /** What the session knows of the object or the collection; what cannot be; or that there is none. */
  readonly ask: 'known' | 'stale' | 'absent' | 'collection' | 'stale-collection';
}

interface PlannedWrite {
  readonly place: number;
  readonly isDelete: boolean;
}

/** One step of a random history. */
export type StorageStep =
  | StorageRequest
  | { readonly do: 'disturb'; readonly choice: number }
  | { readonly do: 'heal' }
  | { readonly do: 'restart' };

type StorageRequest =
  | {
      readonly do: 'commit';
      readonly session: number;
      readonly compares: readonly PlannedCompare[];
      readonly writes: readonly PlannedWrite[];
      /** Whether the next step waits for its end. */
      readonly waits: boolean;
    }
  | { readonly do: 'load' | 'newest' | 'compact'; readonly session: number; readonly waits: boolean };

/** Random steps. @param fastCheck - The package, which only those need that use this. */
export function storageSteps(
  fastCheck: typeof fc,
  options: { readonly steps: number; readonly disturbs: boolean; readonly restarts: boolean },
): fc.Arbitrary<readonly StorageStep[]> {
  const place = fastCheck.nat(PLACES.length - 1);
  const session = fastCheck.nat(2);
  const ask = fastCheck.constantFrom<PlannedCompare['ask']>(
    'known',
    'known',
    'absent',
    'stale',
    'collection',
    'stale-collection',
  );
  const commit = fastCheck.record({
    do: fastCheck.constant('commit' as const),
    session,
    compares: fastCheck.array(fastCheck.record({ place, ask }), { maxLength: 2 }),
    writes: fastCheck.uniqueArray(
      fastCheck.record({ place, isDelete: fastCheck.nat(3).map((n) => n === 0) }),
      {
        minLength: 1,
        maxLength: 3,
        selector: (write) => write.place,
      },
    ),
    waits: fastCheck.boolean(),
  });
  const other = fastCheck.record({
    do: fastCheck.constantFrom('load' as const, 'newest' as const, 'newest' as const, 'compact' as const),
    session,
    waits: fastCheck.boolean(),
  });
  const steps: { weight: number; arbitrary: fc.Arbitrary<StorageStep> }[] = [
    { weight: 12, arbitrary: commit },
    { weight: 3, arbitrary: other },
  ];
  if (options.disturbs) {
    const choice = fastCheck.nat(99).map((n) => n / 100);
    steps.push(
      { weight: 3, arbitrary: fastCheck.record({ do: fastCheck.constant('disturb' as const), choice }) },
      { weight: 2, arbitrary: fastCheck.constant<StorageStep>({ do: 'heal' }) },
    );
  }
  if (options.restarts)
    steps.push({ weight: 1, arbitrary: fastCheck.constant<StorageStep>({ do: 'restart' }) });
  return fastCheck.array(fastCheck.oneof(...steps), { minLength: 1, maxLength: options.steps, size: 'max' });
}

/** Goes through the steps with so many sessions, and waits until all of them have heard of everything. */
export async function followStorageSteps(
  world: StorageWorld,
  steps: readonly StorageStep[],
  sessions: number,
): Promise<void> {
  const open = async (): Promise<StorageFollower[]> => {
    const opened: StorageFollower[] = [];
    for (let index = 0; index < sessions; index += 1) {
      const follower = await world.open();
      follower.recoversWhenLost();
      opened.push(follower);
    }
    return opened;
  };
  let followers = await open();
  let underWay: Promise<void>[] = [];
  // the newest revision that any commit was answered with
  let newest = 0;
  let writes = 0;

  const commit = async (
    step: Extract<StorageStep, { do: 'commit' }>,
    follower: StorageFollower,
  ): Promise<void> => {
    const compares = step.compares.map((compare) => compareOf(compare, follower));
    const transaction = {
      compares,
      writes: step.writes.map(({ place, isDelete }): StorageWrite => {
        writes += 1;
        return { ...placeOf(place), value: isDelete ? undefined : `${follower.name} ${writes}` };
      }),
    };
    // what deletes nothing is no write, and storages may tell of it or not
    const isVoid = transaction.writes.some(
      (write) => write.value === undefined && follower.revisionOf(write.collection, write.key) === 0,
    );
    if (isVoid) return;
    for (const write of transaction.writes) {
      // nor is it known whether a deletion finds anything, unless the transaction says so
      if (write.value !== undefined) continue;
      const { collection, key } = write;
      compares.push({ collection, key, revision: follower.revisionOf(collection, key) });
    }
    const outcome = await follower.commit(transaction);
    newest = Math.max(newest, outcome.revision);
  };
  const act = async (step: StorageRequest): Promise<void> => {
    const follower = followers[step.session % followers.length] as StorageFollower;
    if (step.do === 'commit') await commit(step, follower);
    else if (step.do === 'load') await follower.recover();
    else if (step.do === 'compact') await follower.session.compact(follower.revision);
    else if (follower.session.newest !== undefined) {
      await follower.askNewest(follower.revision % 2 === 0 ? undefined : PLACES[0].collection);
    }
  };
  const settle = async (): Promise<void> => {
    await world.under.heal?.();
    world.journal.write('heal');
    await Promise.all(underWay);
    underWay = [];
    for (const follower of followers) await follower.reached(newest);
  };

  for (const step of steps) {
    if (step.do === 'disturb') {
      world.journal.write(`disturb ${step.choice}`);
      await world.under.disturb?.(step.choice);
    } else if (step.do === 'heal') {
      world.journal.write('heal');
      await world.under.heal?.();
    } else if (step.do === 'restart') {
      await settle();
      for (const follower of followers) await follower.close();
      await world.restart();
      followers = await open();
    } else {
      const end = act(step).catch(expectUnavailable);
      underWay.push(end);
      if (!step.waits) continue;
      // what is disturbed may not end before it is healed
      if (world.under.disturb === undefined) await end;
      else await sleep(world.clock, world.under.pace ?? 1);
    }
  }
  await settle();
  // what a load at the end says must be what everybody was told
  for (const follower of followers) await follower.recover();
}

/** Only what a storage that is out of reach answers is no failure. */
function expectUnavailable(error: unknown): void {
  check(isUnavailable(error), () => (error instanceof Error ? error.message : String(error)));
}

function placeOf(place: number): Place {
  return PLACES[place % PLACES.length] as Place;
}

function compareOf({ place, ask }: PlannedCompare, follower: StorageFollower): StorageCompare {
  const { collection, key } = placeOf(place);
  const known = follower.revisionOf(collection, key);
  switch (ask) {
    case 'known':
      return { collection, key, revision: known };
    case 'absent':
      return { collection, key, revision: 0 };
    case 'stale':
      return { collection, key, revision: follower.olderRevisionOf(collection, key) };
    case 'collection':
      return { collection, revision: follower.revisionOfCollection(collection) };
    case 'stale-collection':
      return { collection, revision: follower.olderRevisionOfCollection(collection) };
  }
}
