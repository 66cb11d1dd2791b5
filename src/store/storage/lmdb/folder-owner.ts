import { readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unavailable } from './lmdb-failure.js';

/** Who has a folder open; what the system does not tell is undefined. */
interface Owner {
  readonly pid: number;
  /** When the process started, in ticks since the machine did: no two processes have both this and the pid in common. */
  readonly started?: string | undefined;
  /** Which start of which machine. */
  readonly boot?: string | undefined;
  /** Among whose processes the pid counts: containers have their own. */
  readonly namespace?: string | undefined;
}

/** What is known of an owner that a file names. */
type Verdict = 'alive' | 'dead' | 'unknown';

/**
 * Sees to it that one session has a folder open, of one process.
 *
 * The file `owner.json` says who that is, and stays behind when the process is killed. It is believed as long as that process lives: a
 * process is known by its pid together with the time at which it started, so that another that got the same pid is not taken for it.
 * Where that cannot be said, since the owner is in another container or the system has no `/proc`, LMDB's table of readers decides:
 * every session is in it, and the system takes a process out of it, together with its file locks, however it ends.
 *
 * The file is looked at and written inside a write transaction of LMDB, which only one process has at a time, so that of two that
 * find a dead owner one takes its place.
 *
 * Who is deceived all the same, for example on a network file system without locks, does no harm: the session lets each transaction
 * happen only if the folder is still as it left it.
 */
export class FolderOwner {
  readonly #path: string;
  readonly #file: string;
  readonly #self: Owner = describeProcess();
  // what the file said when this began
  readonly #found: string | undefined;

  /** @throws ApiError ServiceUnavailable where the folder has an owner that is certainly alive. */
  constructor(path: string) {
    this.#path = path;
    this.#file = join(path, 'owner.json');
    this.#found = this.#read();
    const owner = parseOwner(this.#found);
    if (owner !== undefined && judge(owner, this.#self) === 'alive') throw this.#taken(owner.pid);
  }

  /**
   * Fails if LMDB knows that the owner is alive; called before this process is itself in the table of readers.
   *
   * @throws ApiError ServiceUnavailable.
   */
  check(readers: string): void {
    const owner = parseOwner(this.#found);
    if (owner === undefined || judge(owner, this.#self) !== 'unknown') return;
    if (readerPids(readers).includes(owner.pid)) throw this.#taken(owner.pid);
  }

  /**
   * Makes this process the owner; called inside a write transaction.
   *
   * @throws ApiError ServiceUnavailable where it has one that is alive.
   */
  claim(readers: string): void {
    const text = this.#read();
    const owner = parseOwner(text);
    if (owner !== undefined) {
      const verdict = judge(owner, this.#self);
      const reads = owner.pid !== this.#self.pid && readerPids(readers).includes(owner.pid);
      const alive = verdict === 'alive' || (verdict === 'unknown' && (reads || text !== this.#found));
      if (alive) throw this.#taken(owner.pid);
    }
    // in one step, so that nobody reads half of it
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#self), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  /** Gives the folder up, if it is this process's. */
  release(): void {
    if (this.#read() === JSON.stringify(this.#self)) rmSync(this.#file, { force: true });
  }

  #read(): string | undefined {
    return readText(this.#file);
  }

  #taken(pid: number): Error {
    const who = pid === process.pid ? `this process, ${pid}` : `process ${pid}`;
    return unavailable(
      this.#path,
      `the folder is in use by ${who}, and only one store at a time can have it`,
    );
  }
}

/** This process. */
function describeProcess(): Owner {
  return {
    pid: process.pid,
    started: startOf(process.pid),
    boot: readText('/proc/sys/kernel/random/boot_id')?.trim(),
    namespace: readLink('/proc/self/ns/pid'),
  };
}

function judge(owner: Owner, self: Owner): Verdict {
  if (owner.boot !== undefined && self.boot !== undefined && owner.boot !== self.boot) return 'dead';
  if (owner.namespace !== self.namespace) return 'unknown';
  if (owner.pid === self.pid) return owner.started === self.started ? 'alive' : 'dead';
  if (!exists(owner.pid)) return 'dead';
  const started = startOf(owner.pid);
  if (started === undefined || owner.started === undefined) return 'unknown';
  return started === owner.started ? 'alive' : 'dead';
}

/** When a process started; undefined where the system does not tell, or the process has ended. */
function startOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  // the second field is the name of the program, in parentheses, and may have any characters
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields ?? [];
  return state === 'Z' || state === 'X' ? 'ended' : fields?.[19];
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** The pids in what LMDB says of its readers: a line for each, which begins with it. */
function readerPids(readers: string): readonly number[] {
  return [...readers.matchAll(/^\s*(\d+) /gm)].map(([, pid]) => Number(pid));
}

/** The owner that a file names; undefined where it names none, which is so if the machine stopped while it was written. */
function parseOwner(text: string | undefined): Owner | undefined {
  if (text === undefined) return undefined;
  try {
    const owner = JSON.parse(text) as Owner | null;
    return owner !== null && Number.isSafeInteger(owner.pid) && owner.pid > 0 ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a file; undefined where there is none that can be read. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function readLink(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
