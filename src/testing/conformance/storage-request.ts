import { ApiError } from '../../core/index.js';
import type { StorageCompare, StorageWrite } from '../../store/index.js';
import { check } from './conformance-case.js';
import type { StorageFollower } from './storage-follower.js';

/** A write of an object, which is deleted where no value is given. */
export function put(place: string, value?: string): StorageWrite {
  return { ...placeOf(place), value };
}

/** `pods/a` is the object `a` of `pods`. */
function placeOf(place: string): { readonly collection: string; readonly key: string } {
  const slash = place.indexOf('/');
  return { collection: place.slice(0, slash), key: place.slice(slash + 1) };
}

/** That an object was written at a revision. */
export function at(place: string, revision: number): StorageCompare {
  return { ...placeOf(place), revision };
}

/** What a collection was not changed after. */
export function unchanged(collection: string, revision: number): StorageCompare {
  return { collection, revision };
}

export async function expectOutcome(
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

/** Every one of them counts so often, all at once. */
export async function count(followers: readonly StorageFollower[], times: number): Promise<void> {
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

export function checkUnavailable(error: unknown, what: string): void {
  check(
    error instanceof ApiError && error.reason === 'ServiceUnavailable',
    () =>
      `${what}: expected ApiError ServiceUnavailable, got ${error instanceof Error ? error.message : 'no error'}`,
  );
}
