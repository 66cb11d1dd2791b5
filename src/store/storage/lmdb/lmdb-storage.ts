import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type * as lmdbPackage from 'lmdb';
import { ApiError } from '../../../core/index.js';
import type { Storage, StorageContext, StorageSession } from '../storage.js';
import { checkDataFile, extendDataFile } from './data-file.js';
import { FolderOwner } from './folder-owner.js';
import { describeFailure, unavailable } from './lmdb-failure.js';
import { LmdbSession } from './lmdb-session.js';
import { encodeMeta, readMeta } from './meta-record.js';
import { META_KEY, RecordEncoder } from './record.js';

/** How {@link lmdbStorage} keeps objects. */
export interface LmdbStorageOptions {
  /** A folder, which is made where there is none. It belongs to one store at a time, and must not be on a network file system. */
  readonly path: string;
  /**
   * Whether a commit waits until the disk has it.
   *
   * Without that, what was committed survives a crash of the process, and not one of the machine: power that fails can take commits
   * with it, and may leave a folder that cannot be opened any more. For tests, and for data that can be made anew.
   *
   * @default true
   */
  readonly sync?: boolean;
}

/**
 * Keeps objects in a folder on disk, with LMDB: the package `lmdb`, which has to be installed beside this one.
 *
 * A commit is durable when it resolves: the disk has been told to keep it, and has said that it did. Commits that come while others
 * are on their way to the disk go there together, so that a thousand at a time cost little more than one.
 *
 * One store at a time has the folder, of one process. A process that is killed leaves nothing behind that another would stumble over:
 * transactions are in the file wholly or not at all, and it is not repaired when it is opened.
 *
 * When the disk is full or fails, commits fail, and the storage takes no more of them until it is opened anew.
 *
 * LMDB runs with `overlappingSync: false`: the pages of a transaction are written and synchronised (`fdatasync`), then the page that
 * makes it the newest, through a descriptor that synchronises each write (`O_DSYNC`), and only then does the promise of its writes
 * resolve. With lmdb's default, `overlappingSync: true`, the promise means the same, but that page is written twice, and after a crash
 * of the process alone LMDB goes on from the first of them, whose pages the disk may never get. Source: system calls of lmdb 3.5.6 under
 * `strace`, and its `mdb.c`.
 */
export function lmdbStorage(options: LmdbStorageOptions): Storage {
  const { path, sync = true } = options;
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(`Expected path to be the name of a folder, got ${JSON.stringify(path)}`);
  }
  if (typeof sync !== 'boolean')
    throw new TypeError(`Expected sync to be true or false, got ${String(sync)}`);
  return Object.freeze({
    name: 'lmdb',
    open: (context: StorageContext) => openSession(resolve(path), sync, context),
  });
}

/** As lmdb declares them, and two that it leaves out. */
interface Settings extends lmdbPackage.RootDatabaseOptionsWithPath {
  /** After how many writes the thread that makes them begins; it must wait for the last of a transaction all the same. */
  readonly batchStartThreshold: number;
  /** Of new files; the system's umask takes away from it. */
  readonly permissionsMode: number;
}

async function openSession(path: string, sync: boolean, context: StorageContext): Promise<StorageSession> {
  const lmdb = await loadPackage(path);
  try {
    // nothing is awaited from here until the folder is claimed, so that of two that open it in one process the second sees the first
    const made = mkdirSync(path, { recursive: true, mode: 0o700 });
    const folder = realpathSync(path);
    const owner = new FolderOwner(folder);
    checkDataFile(folder);
    const settings: Settings = {
      path: folder,
      noSubdir: false,
      encoding: 'binary',
      useVersions: true,
      overlappingSync: false,
      noSync: !sync,
      eventTurnBatching: false,
      batchStartThreshold: Number.MAX_SAFE_INTEGER,
      permissionsMode: 0o600,
    };
    const db = lmdb.open<Buffer, string>(settings);
    try {
      claim(db, owner, folder, context);
      try {
        if (sync) syncFolders(path, made === undefined ? path : dirname(made));
        return new LmdbSession({ path: folder, db, owner }, context);
      } catch (error) {
        owner.release();
        throw error;
      }
    } catch (error) {
      await db.close();
      throw error;
    }
  } catch (error) {
    throw error instanceof ApiError
      ? error
      : unavailable(path, `it cannot be opened: ${describeFailure(error)}`, error);
  }
}

/** Makes this process the owner of the folder, and the folder a storage if it is empty. */
function claim(
  db: lmdbPackage.RootDatabase<Buffer, string>,
  owner: FolderOwner,
  path: string,
  context: StorageContext,
): void {
  owner.check(db.readerList());
  // puts this process into the table of readers, where it stays
  db.useReadTransaction().done();
  db.transactionSync(() => {
    owner.claim(db.readerList());
    try {
      extendDataFile(path);
      if (readMeta(db, path) !== undefined) return;
      for (const key of db.getKeys({ limit: 1 })) {
        throw unavailable(
          path,
          `the folder has data of something else, under the key ${JSON.stringify(key)}`,
        );
      }
      const meta = { revision: 1, incarnation: context.random.uuid() };
      db.putSync(META_KEY, encodeMeta(meta, new RecordEncoder()), meta.revision);
    } catch (error) {
      owner.release();
      throw error;
    }
  });
}

/** Makes sure that the disk knows of new folders, and of the files in the last of them. */
function syncFolders(path: string, top: string): void {
  // Windows has no such thing
  if (process.platform === 'win32') return;
  for (let folder = path; ; folder = dirname(folder)) {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (folder === top || folder === dirname(folder)) return;
  }
}

async function loadPackage(path: string): Promise<typeof lmdbPackage> {
  try {
    return await import('lmdb');
  } catch (error) {
    throw unavailable(
      path,
      `the package lmdb cannot be loaded; install it (npm install lmdb): ${describeFailure(error)}`,
      error,
    );
  }
}
