import { openSync, writeSync } from 'node:fs';
import { noopLogger, SeededRandom, systemClock, systemRandom } from '../../src/core/index.js';
import { lmdbStorage } from '../../src/store/storage/lmdb/index.js';
import type { StorageCompare, StorageSession } from '../../src/store/storage/storage.js';
import { intentsAfter, writesOf } from './lmdb-history.js';

/** What a writer does until it is killed. */
export interface WriterOptions {
  readonly path: string;
  /** A file that gets a line before and after each commit. */
  readonly log: string;
  readonly seed: number;
  readonly sync: boolean;
}

/** Opens a folder and says so, or why not, in a line on the standard output. */
export async function openFolder(path: string, sync: boolean): Promise<StorageSession | undefined> {
  const storage = lmdbStorage({ path, sync });
  try {
    const session = await storage.open?.({
      clock: systemClock,
      random: systemRandom,
      logger: noopLogger,
      listener: {
        changed: () => {},
        lost: () => {},
        failed: (error) => process.stdout.write(`failed ${error.message}\n`),
      },
    });
    process.stdout.write('open\n');
    return session;
  } catch (error) {
    process.stdout.write(`refused ${(error as Error).message}\n`);
    return undefined;
  }
}

/**
 * Commits until it is killed, or until commits fail; a dot on the standard output for each that succeeded.
 *
 * Between 1 and 64 commits are under way at a time. Each compares what it writes with what it must find, and now and then one compares
 * with what it must not find.
 */
export async function write({ path, log, seed, sync }: WriterOptions): Promise<void> {
  const session = await openFolder(path, sync);
  if (session === undefined) return;
  const descriptor = openSync(log, 'a');
  const random = new SeededRandom(seed);
  const newest = new Map<string, number>();
  const loaded = await session.load(({ collection, key, revision }) =>
    newest.set(`${collection}/${key}`, revision),
  );
  const state = { failed: false };

  const commit = async (
    compares: readonly StorageCompare[],
    revision: number | undefined,
    done: () => Promise<unknown>,
  ) => {
    try {
      await done();
    } catch (error) {
      state.failed = true;
      const { ambiguous, message } = error as { readonly ambiguous?: boolean; readonly message: string };
      process.stdout.write(`rejected ${revision ?? compares.length} ${String(ambiguous)} ${message}\n`);
    }
  };

  const intents = intentsAfter(loaded, seed);
  while (!state.failed) {
    const inFlight: Promise<void>[] = [];
    for (let count = 1 + random.integer(64); count > 0; count -= 1) {
      const { value: intent } = intents.next();
      const writes = writesOf(intent);
      const compares = writes.map(({ collection, key }) => ({
        collection,
        key,
        revision: newest.get(`${collection}/${key}`) ?? 0,
      }));
      for (const { collection, key, value } of writes) {
        newest.set(`${collection}/${key}`, value === undefined ? 0 : intent.revision);
      }
      writeSync(descriptor, `? ${intent.revision} ${intent.keys.join(' ')}\n`);
      const done = session.commit({ compares, writes });
      inFlight.push(
        commit(compares, intent.revision, async () => {
          const outcome = await done;
          if (!outcome.committed || outcome.revision !== intent.revision) {
            throw new Error(`expected revision ${intent.revision}, got ${JSON.stringify(outcome)}`);
          }
          writeSync(descriptor, `! ${intent.revision}\n`);
          process.stdout.write('.');
        }),
      );
      const [first] = compares;
      if (random.integer(8) === 0 && first !== undefined) {
        const wrong = [{ ...first, revision: intent.revision + 1 }];
        inFlight.push(
          commit(wrong, undefined, async () => {
            if ((await session.commit({ compares: wrong, writes })).committed)
              throw new Error('a wrong compare held');
          }),
        );
      }
    }
    await Promise.all(inFlight);
  }
  // what was refused once is refused again
  await session.commit({ compares: [], writes: [{ collection: 'pods', key: 'x', value: 'x' }] }).then(
    () => process.stdout.write('accepted\n'),
    (error: { readonly ambiguous: boolean }) =>
      process.stdout.write(`refused ambiguous=${String(error.ambiguous)}\n`),
  );
  await session.close();
  process.stdout.write('closed\n');
}
