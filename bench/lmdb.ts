import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { noopLogger, systemClock, systemRandom } from '../src/core/index.js';
import { lmdbStorage } from '../src/store/storage/lmdb/index.js';
import type { StorageSession } from '../src/store/storage/storage.js';
import type { Row } from './harness.js';

const COMMITS = 20_000;
const IN_FLIGHT = 1_000;
const ALONE = 200;
const OBJECTS = 100_000;
const SIZE = 300;

/** The storage on disk, against LMDB alone with the same bytes. */
export function lmdbRows(): readonly Row[] {
  const text = 'x'.repeat(SIZE);
  const names = Array.from({ length: COMMITS }, (_, index) => `default/web-${index}`);
  let folder = '';
  let db: RootDatabase<Buffer, string>;
  let session: StorageSession;
  let loaded = 0;

  const openRaw = (settings: object) => (): void => {
    folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
    db = open<Buffer, string>({
      path: folder,
      noSubdir: false,
      encoding: 'binary',
      useVersions: true,
      ...settings,
    });
  };
  const closeRaw = async (): Promise<void> => {
    await db.close();
    rmSync(folder, { recursive: true });
  };
  const openSession = async (): Promise<void> => {
    const opened = await lmdbStorage({ path: folder }).open?.({
      clock: systemClock,
      random: systemRandom,
      logger: noopLogger,
      listener: { changed: () => {}, lost: () => {}, failed: () => {} },
    });
    if (opened === undefined) throw new Error('the storage has nothing to open');
    session = opened;
  };
  const openFresh = async (): Promise<void> => {
    folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
    await openSession();
  };
  const closeSession = async (): Promise<void> => {
    await session.close();
    rmSync(folder, { recursive: true });
  };
  const putAll = async (): Promise<void> => {
    for (let start = 0; start < COMMITS; start += IN_FLIGHT) {
      const batch = names.slice(start, start + IN_FLIGHT);
      await Promise.all(
        batch.map((name, index) => db.put(`pods/${name}`, Buffer.from(`12345${text}`), start + index + 2)),
      );
    }
  };
  const create = (key: string): Promise<unknown> =>
    session.commit({
      compares: [{ collection: 'pods', key, revision: 0 }],
      writes: [{ collection: 'pods', key, value: text }],
    });

  return [
    {
      name: 'floor: put into LMDB, its defaults, 1,000 in flight',
      operations: COMMITS,
      before: openRaw({}),
      run: putAll,
      after: closeRaw,
    },
    {
      name: 'floor: put into LMDB, as keelson opens it, 1,000 in flight',
      operations: COMMITS,
      before: openRaw({ overlappingSync: false }),
      run: putAll,
      after: closeRaw,
    },
    {
      name: 'lmdb: commit, 1,000 in flight',
      operations: COMMITS,
      floor: 'floor: put into LMDB, as keelson opens it, 1,000 in flight',
      before: openFresh,
      run: async () => {
        for (let start = 0; start < COMMITS; start += IN_FLIGHT) {
          await Promise.all(names.slice(start, start + IN_FLIGHT).map(create));
        }
      },
      after: closeSession,
    },
    {
      name: 'lmdb: commit, by 1,000 callers who each wait for their own',
      operations: COMMITS,
      floor: 'floor: put into LMDB, as keelson opens it, 1,000 in flight',
      before: openFresh,
      run: async () => {
        let next = 0;
        await Promise.all(
          Array.from({ length: IN_FLIGHT }, async () => {
            for (let name = names[next++]; name !== undefined; name = names[next++]) await create(name);
          }),
        );
      },
      after: closeSession,
    },
    {
      name: 'floor: put into LMDB, one after another',
      operations: ALONE,
      before: openRaw({ overlappingSync: false }),
      run: async () => {
        for (const name of names.slice(0, ALONE))
          await db.put(`pods/${name}`, Buffer.from(`12345${text}`), 2);
      },
      after: closeRaw,
    },
    {
      name: 'lmdb: commit, one after another',
      operations: ALONE,
      floor: 'floor: put into LMDB, one after another',
      before: openFresh,
      run: async () => {
        for (const name of names.slice(0, ALONE)) await create(name);
      },
      after: closeSession,
    },
    {
      name: `lmdb: open and load ${OBJECTS.toLocaleString('en')} objects`,
      operations: 1,
      beforeAll: async () => {
        await openFresh();
        await session.replace(
          Array.from({ length: OBJECTS }, (_, index) => ({
            collection: 'pods',
            key: `default/web-${index}`,
            value: text,
          })),
          0,
        );
        await session.close();
      },
      run: async () => {
        await openSession();
        loaded = 0;
        await session.load(() => {
          loaded += 1;
        });
        if (loaded !== OBJECTS) throw new Error(`loaded ${loaded}`);
      },
      after: () => session.close(),
      afterAll: () => rmSync(folder, { recursive: true }),
    },
  ];
}
