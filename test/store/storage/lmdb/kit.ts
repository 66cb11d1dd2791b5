import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type ApiError, SeededRandom, VirtualClock } from '../../../../src/core/index.js';
import { type LmdbStorageOptions, lmdbStorage } from '../../../../src/store/storage/lmdb/index.js';
import type {
  StorageChange,
  StorageContext,
  StorageEntry,
  StorageOutcome,
  StorageSession,
  StorageWrite,
} from '../../../../src/store/storage/storage.js';

/** A session, and everything that its listener was told. */
export interface Opened {
  readonly session: StorageSession;
  readonly changes: readonly StorageChange[];
  readonly failures: readonly ApiError[];
  readonly logged: readonly Readonly<Record<string, unknown>>[];
}

const folders: string[] = [];
const sessions: StorageSession[] = [];

afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder of its own for a test, which goes with it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-lmdb-'));
  folders.push(folder);
  return folder;
}

/** A folder in which a storage may be made. */
export function freshPath(): string {
  return join(temporaryFolder(), 'store');
}

/** A context for a storage, and what it is told. */
export function recorder(told: (change: StorageChange) => unknown = () => {}): Omit<Opened, 'session'> & {
  readonly context: StorageContext;
} {
  const changes: StorageChange[] = [];
  const failures: ApiError[] = [];
  const logged: Readonly<Record<string, unknown>>[] = [];
  const log = (fields: Readonly<Record<string, unknown>>): void => {
    logged.push(fields);
  };
  const context = {
    clock: new VirtualClock(),
    random: new SeededRandom(1),
    logger: { debug: log, info: log, warn: log, error: log },
    listener: {
      changed: (change: StorageChange) => {
        changes.push(change);
        told(change);
      },
      lost: () => {
        throw new Error('nobody else writes, so nothing can be lost');
      },
      failed: (error: ApiError) => {
        failures.push(error);
      },
    },
  };
  return { context, changes, failures, logged };
}

/** Opens a folder; what is still open when the test ends is closed. */
export async function openFolder(
  path: string,
  options: Omit<LmdbStorageOptions, 'path'> = {},
  told?: (change: StorageChange) => unknown,
): Promise<Opened> {
  const { context, ...recorded } = recorder(told);
  const session = await openSession(path, options, context);
  return { session, ...recorded };
}

/** Opens a folder for a context. */
async function openSession(
  path: string,
  options: Omit<LmdbStorageOptions, 'path'>,
  context: StorageContext,
): Promise<StorageSession> {
  const session = await lmdbStorage({ path, ...options }).open?.(context);
  if (session === undefined) throw new Error('the storage has nothing to open');
  sessions.push(session);
  return session;
}

/** A write of an object named `collection/key`; deletes it where the value is undefined. */
export function write(name: string, value: string | undefined): StorageWrite {
  const [collection = '', ...key] = name.split('/');
  return { collection, key: key.join('/'), value };
}

/** Commits writes without asking for anything. */
export function put(session: StorageSession, ...writes: readonly StorageWrite[]): Promise<StorageOutcome> {
  return session.commit({ compares: [], writes });
}

/** Everything that a session has, by `collection/key`, and its revision. */
export async function contents(
  session: StorageSession,
): Promise<{ readonly revision: number; readonly entries: ReadonlyMap<string, StorageEntry> }> {
  const entries = new Map<string, StorageEntry>();
  const revision = await session.load((entry) => entries.set(`${entry.collection}/${entry.key}`, entry));
  return { revision, entries };
}

/** Everything that a session has, as `collection/key@revision=value`, in order. */
export async function listing(session: StorageSession): Promise<readonly string[]> {
  const { entries } = await contents(session);
  return [...entries].map(([name, { revision, value }]) => `${name}@${revision}=${value}`).toSorted();
}
