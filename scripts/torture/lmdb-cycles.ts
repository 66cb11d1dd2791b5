import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { noopLogger, SeededRandom, systemClock, systemRandom } from '../../src/core/index.js';
import { lmdbStorage } from '../../src/store/storage/lmdb/index.js';
import type { StorageEntry } from '../../src/store/storage/storage.js';
import { findFaults, type Intent, parseLog } from './lmdb-history.js';

/** What becomes of the folder when a writer is killed. */
type Disaster =
  /** Nothing: the machine lives on. */
  | { readonly kind: 'kill' }
  /** What was written and not synchronised is gone, but for a part of it that the system had written on its own. */
  | { readonly kind: 'power'; readonly shim: string; readonly written: number };

export interface CycleOptions {
  readonly cycles: number;
  readonly seed: number;
  readonly disaster: Disaster;
  readonly sync?: boolean;
  /** Called after each cycle. */
  readonly report?: (cycle: number, result: CycleResult) => void;
}

export interface CycleResult {
  /** How many cycles lost or mixed up something, or left a folder that cannot be opened. */
  readonly broken: number;
  readonly faults: readonly string[];
  /** Commits that were acknowledged, in all cycles. */
  readonly acknowledged: number;
  /** Commits that were begun and not acknowledged; those of them that happened all the same. */
  readonly open: number;
  readonly happened: number;
  /** Milliseconds that opening and loading took, the longest. */
  readonly slowest: number;
}

const SCRIPT = fileURLToPath(new URL('../torture-lmdb.ts', import.meta.url));

/** Starts a child of `torture-lmdb.ts`; `blocks` limits the size of its files, in units of 512 bytes. */
export function startChild(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  blocks?: number,
): ChildProcess {
  const command = [process.execPath, '--import', 'tsx', SCRIPT, ...args];
  const limited =
    blocks === undefined ? command : ['sh', '-c', `ulimit -f ${blocks} && exec "$@"`, 'sh', ...command];
  const [program = '', ...rest] = limited;
  return spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
}

/**
 * Lets a writer run, kills it, looks at the folder, and lets the next one go on there.
 *
 * Writers are killed after so many acknowledged commits as the seed says, at whatever they do then. A folder that has lost something
 * ends it: begin anew with another seed.
 */
export async function runCycles(options: CycleOptions): Promise<CycleResult> {
  const { cycles, seed, disaster, sync = true } = options;
  const random = new SeededRandom(seed);
  const root = mkdtempSync(join(tmpdir(), 'keelson-torture-'));
  const log = join(root, 'log');
  const folder = { path: join(root, 'store'), intents: [] as Intent[], acknowledged: 0 };
  let result: CycleResult = { broken: 0, faults: [], acknowledged: 0, open: 0, happened: 0, slowest: 0 };
  try {
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      rmSync(log, { force: true });
      const shadow = join(root, 'shadow');
      const env =
        disaster.kind === 'kill'
          ? {}
          : shimEnvironment(disaster, folder.path, shadow, random.integer(2 ** 31));
      const args = ['write', folder.path, log, String(random.integer(2 ** 31)), String(sync)];
      await killAfter(startChild(args, env), 20 + random.integer(400));
      if (disaster.kind === 'power') copyFileSync(shadow, join(folder.path, 'data.mdb'));

      const history = parseLog(readFileSync(log, 'utf8'));
      const intents = [...folder.intents, ...history.intents];
      const acknowledged = Math.max(folder.acknowledged, history.acknowledged);
      const looked = await look(folder.path, sync);
      const faults =
        'error' in looked
          ? [looked.error]
          : findFaults(intents, acknowledged, looked.revision, looked.entries);
      const revision = 'error' in looked ? 0 : looked.revision;
      const before = folder.intents.at(-1)?.revision ?? 1;
      const began = history.intents.length;
      const done = Math.max(0, history.acknowledged - before);
      result = {
        broken: result.broken + (faults.length > 0 ? 1 : 0),
        faults: [...result.faults, ...faults.slice(0, 3).map((fault) => `cycle ${cycle}: ${fault}`)],
        acknowledged: result.acknowledged + done,
        open: result.open + began - done,
        happened: result.happened + Math.max(0, revision - Math.max(before, history.acknowledged)),
        slowest: Math.max(result.slowest, 'error' in looked ? 0 : looked.milliseconds),
      };
      options.report?.(cycle, result);
      if (faults.length > 0) {
        // what is left cannot be gone on from
        rmSync(folder.path, { recursive: true, force: true });
        folder.intents = [];
        folder.acknowledged = 0;
      } else {
        folder.intents = intents.filter((intent) => intent.revision <= revision);
        folder.acknowledged = revision;
      }
    }
    return result;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Waits until a writer has acknowledged so many commits, and kills it. */
async function killAfter(child: ChildProcess, commits: number): Promise<void> {
  let seen = 0;
  let output = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    const text = chunk.toString();
    seen += text.split('.').length - 1;
    if (/[a-z]/.test(text.replace('open\n', ''))) output += text;
    if (seen >= commits) child.kill('SIGKILL');
  });
  await ended;
  if (child.signalCode !== 'SIGKILL') throw new Error(`the writer ended by itself: ${output}`);
}

/** What a folder has when it is opened. */
export async function look(
  path: string,
  sync: boolean,
): Promise<
  | { readonly revision: number; readonly entries: readonly StorageEntry[]; readonly milliseconds: number }
  | { readonly error: string }
> {
  const start = performance.now();
  try {
    const session = await lmdbStorage({ path, sync }).open?.({
      clock: systemClock,
      random: systemRandom,
      logger: noopLogger,
      listener: { changed: () => {}, lost: () => {}, failed: () => {} },
    });
    if (session === undefined) throw new Error('the storage has nothing to open');
    try {
      const entries: StorageEntry[] = [];
      const revision = await session.load((entry) => entries.push(entry));
      return { revision, entries, milliseconds: performance.now() - start };
    } finally {
      await session.close();
    }
  } catch (error) {
    return { error: `cannot be read: ${(error as Error).message}` };
  }
}

function shimEnvironment(
  { shim, written }: { readonly shim: string; readonly written: number },
  path: string,
  shadow: string,
  seed: number,
): Readonly<Record<string, string>> {
  rmSync(shadow, { force: true });
  mkdirSync(path, { recursive: true });
  const file = join(path, 'data.mdb');
  if (existsSync(file)) copyFileSync(file, shadow);
  return {
    LD_PRELOAD: shim,
    DISK_FILE: file,
    DISK_SHADOW: shadow,
    DISK_SEED: String(seed),
    DISK_WRITTEN: String(written),
  };
}
