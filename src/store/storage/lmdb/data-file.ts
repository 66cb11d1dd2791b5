import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { unavailable } from './lmdb-failure.js';

// where things are in the first two pages of LMDB's file, on machines of 64 bits that put the lower byte first
const FLAGS = 18;
const MAGIC = 24;
const VERSION = 28;
const PAGE_SIZE = 48;
const ROOT = 136;
const LAST_PAGE = 144;
const TRANSACTION = 152;
const HEAD = 160;

/** What the flags of a page say if it is one of the first two. */
const META_PAGE = 8;
const LMDB_MAGIC = 0xbeef_c0de;
/** That of lmdb 2 and 3, except where it is built to write the older one. */
const LMDB_VERSION = 2;

/** Bytes without which not even an empty database can be made. */
const LEAST_SPACE = 1 << 16;

/**
 * Makes sure that LMDB can open the files of a folder, as far as that can be seen from outside.
 *
 * Where it cannot, lmdb 3.5.6 frees memory twice, which ends the process sooner or later, so it must not come to that.
 *
 * @throws ApiError ServiceUnavailable where something is in the way.
 */
export function checkDataFile(path: string): void {
  accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  const { bavail, bsize } = statfsSync(path);
  if (bavail * bsize < LEAST_SPACE) {
    throw unavailable(path, `it cannot be opened: ENOSPC: the disk has ${bavail * bsize} bytes left`);
  }
  for (const name of ['lock.mdb', 'data.mdb']) {
    const file = join(path, name);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (!stat.isFile()) throw unavailable(path, `it cannot be opened: ${name} is not a file`);
    // not to be opened here: closing it again would take the locks away that this process may have on it
    accessSync(file, constants.R_OK | constants.W_OK);
  }
  const file = openFile(join(path, 'data.mdb'));
  if (file === undefined) return;
  try {
    const problem = problemOf(file);
    if (problem !== undefined) throw unavailable(path, `it cannot be opened: data.mdb ${problem}`);
  } finally {
    closeSync(file);
  }
}

/**
 * Makes the file as long as LMDB may read it; called by its owner, while nobody writes.
 *
 * LMDB does not write the last pages if a transaction has no use for them. A file that somebody has cut off looks the same, and to read
 * behind its end would end the process; zeros are noticed.
 */
export function extendDataFile(path: string): void {
  const file = openFile(join(path, 'data.mdb'));
  if (file === undefined) return;
  try {
    const head = headOf(file);
    if (head !== undefined && fstatSync(file).size < head.size) ftruncateSync(file, head.size);
  } finally {
    closeSync(file);
  }
}

function problemOf(file: number): string | undefined {
  const { size } = fstatSync(file);
  if (size === 0 || !isKnownMachine()) return undefined;
  const head = headOf(file);
  if (head === undefined) return 'is no LMDB database, or of a version that cannot be read';
  return head.root >= size ? `has been cut off: it has ${size} bytes, and needs ${head.size}` : undefined;
}

/** Where the newest transaction has its root, and how long the file may be, in bytes; undefined where it is not LMDB's. */
function headOf(file: number): { readonly root: number; readonly size: number } | undefined {
  if (!isKnownMachine()) return undefined;
  const first = Buffer.alloc(HEAD);
  if (!isMeta(file, first, 0)) return undefined;
  const pageSize = first.readUInt32LE(PAGE_SIZE);
  const second = Buffer.alloc(HEAD);
  if (pageSize < 512 || pageSize > 65_536 || !isMeta(file, second, pageSize)) return undefined;
  const newest = first.readBigUInt64LE(TRANSACTION) > second.readBigUInt64LE(TRANSACTION) ? first : second;
  const root = newest.readBigUInt64LE(ROOT);
  return {
    // an empty database has no root
    root: root === 0xffff_ffff_ffff_ffffn ? 0 : Number(root) * pageSize,
    size: (Number(newest.readBigUInt64LE(LAST_PAGE)) + 1) * pageSize,
  };
}

/** Reads one of the first two pages; false where it is none. */
function isMeta(file: number, page: Buffer, offset: number): boolean {
  return (
    readSync(file, page, 0, HEAD, offset) === HEAD &&
    (page.readUInt16LE(FLAGS) & META_PAGE) !== 0 &&
    page.readUInt32LE(MAGIC) === LMDB_MAGIC &&
    page.readUInt16LE(VERSION) === LMDB_VERSION
  );
}

/** The layout of the file follows the machine, and is known here for those that are common. */
function isKnownMachine(): boolean {
  return process.arch === 'x64' || process.arch === 'arm64';
}

/** Opens a file to read and write; undefined where there is none. */
function openFile(file: string): number | undefined {
  try {
    return openSync(file, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
