import { ApiError, type Clock, noopLogger, type Random } from '../../core/index.js';
import type {
  Storage,
  StorageChange,
  StorageEntry,
  StorageOutcome,
  StorageSession,
  StorageTransaction,
  StorageWrite,
} from '../../store/index.js';
import { untilAvailable } from './availability.js';
import { check } from './conformance-case.js';
import { Condition } from './drive.js';
import type { Journal } from './journal.js';
import type { CommitRecord, NewestRecord, TellingRecord } from '../history/storage-history.js';
import { nameOf } from '../storage-space.js';

/** What the followers of one storage share. */
export interface FollowerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: Journal;
  /** How long something that must come is waited for, in milliseconds. */
  readonly patience: number;
  /** The next moment; each differs. */
  readonly moment: () => number;
}

/**
 * A session with its listener: it keeps what it is told, as a store would, and writes down everything.
 *
 * What is told must be in order, and never twice: that is checked at once.
 */
export class StorageFollower {
  readonly name: string;
  readonly commits: CommitRecord[] = [];
  readonly tellings: TellingRecord[] = [];
  readonly newest: NewestRecord[] = [];
  // what was wrong with what the listener was told
  readonly faults: string[] = [];
  /** Why the storage failed, as the listener was told. */
  failure: ApiError | undefined;
  /** Called after every `lost`; nothing unless set. */
  onLost: (() => void) | undefined;
  readonly #parts: FollowerParts;
  readonly #condition: Condition;
  // each object as it is after everything that was told
  readonly #state = new Map<string, StorageEntry>();
  // the revision of the last transaction on each collection that was told
  readonly #collections = new Map<string, number>();
  // the revisions before those in #state and #collections, where one was told of
  readonly #olderState = new Map<string, number>();
  readonly #olderCollections = new Map<string, number>();
  #session: StorageSession | undefined;
  // settles when no load is under way
  #loading: Promise<unknown> = Promise.resolve();
  // what is told while a load is under way; undefined while none is
  #held: StorageChange[] | undefined = [];
  // true from `lost` to the next load
  #isLost = false;
  #isClosed = false;
  #revision = 0;

  constructor(name: string, parts: FollowerParts) {
    this.name = name;
    this.#parts = parts;
    this.#condition = new Condition(parts.clock, parts.patience);
  }

  /** The revision up to which everything was told. */
  get revision(): number {
    return this.#revision;
  }

  get session(): StorageSession {
    check(this.#session !== undefined, () => `${this.name} is not open`);
    return this.#session;
  }

  /** Opens the storage and loads what it has. */
  async open(storage: Storage): Promise<void> {
    check(storage.open !== undefined, () => `the storage ${storage.name} has no open`);
    const { clock, random } = this.#parts;
    const listener = {
      changed: (change: StorageChange): void => this.#changed(change),
      lost: (): void => this.#lost(),
      failed: (error: ApiError): void => this.#failed(error),
    };
    this.#session = await storage.open({ clock, random, logger: noopLogger, listener });
    await this.load();
  }

  /** From now on it loads anew whenever changes were missed. */
  recoversWhenLost(): void {
    this.onLost = () => {
      this.recover().catch((error: unknown) => {
        this.faults.push(`${this.name} could not load again: ${String(error)}`);
      });
    };
  }

  /** Loads anew, behind every other load. @throws What the session throws. */
  load(): Promise<TellingRecord> {
    const load = this.#loading.then(() => this.#load());
    this.#loading = load.catch(() => undefined);
    return load;
  }

  async #load(): Promise<TellingRecord> {
    const { journal, moment } = this.#parts;
    this.#held = [];
    this.#isLost = false;
    const entries: StorageEntry[] = [];
    const invoked = moment();
    const revision = await this.session.load((entry) => void entries.push({ ...entry }));
    const record: TellingRecord = {
      session: this.name,
      invoked,
      returned: moment(),
      revision,
      entries,
      changes: [],
    };
    journal.write(`${this.name} load -> ${entries.length} objects at ${revision}`);
    check(
      Number.isSafeInteger(revision) && revision >= 1,
      () => `load: expected a revision, got ${revision}`,
    );
    this.tellings.push(record);
    this.#state.clear();
    this.#collections.clear();
    this.#olderState.clear();
    this.#olderCollections.clear();
    for (const entry of entries) this.#state.set(nameOf(entry), entry);
    this.#revision = revision;
    const held = this.#held;
    this.#held = undefined;
    for (const change of held) if (change.revision > revision) this.#take(change);
    this.#condition.wake();
    return record;
  }

  /** Loads anew, again and again until the storage is within reach. */
  async recover(): Promise<void> {
    const { clock, patience, journal } = this.#parts;
    await untilAvailable(clock, patience, async () => {
      try {
        if (!this.#isClosed) await this.load();
      } catch (error) {
        journal.write(`${this.name} load -> ${String(error)}`);
        throw error;
      }
    });
  }

  /** The revision of an object after everything that was told; 0 where there is none. */
  revisionOf(collection: string, key: string): number {
    return this.#state.get(nameOf({ collection, key }))?.revision ?? 0;
  }

  /** A revision that the object had before its present one; 0 where this follower knows of none. */
  olderRevisionOf(collection: string, key: string): number {
    return this.#olderState.get(nameOf({ collection, key })) ?? 0;
  }

  valueOf(collection: string, key: string): string | undefined {
    return this.#state.get(nameOf({ collection, key }))?.value;
  }

  /** The newest revision of a collection that this follower knows of, which is that of the load where it was not told of any. */
  revisionOfCollection(collection: string): number {
    return this.#collections.get(collection) ?? this.tellings.at(-1)?.revision ?? 0;
  }

  /** The revision that {@link revisionOfCollection} was before it is what it is; the same where it was never told of one. */
  olderRevisionOfCollection(collection: string): number {
    return this.#olderCollections.get(collection) ?? this.revisionOfCollection(collection);
  }

  /** Every object after everything that was told, by name. */
  objects(): Record<string, string> {
    const names = [...this.#state.keys()].sort();
    return Object.fromEntries(names.map((name) => [name, this.#state.get(name)?.value ?? '']));
  }

  /** Commits and writes down what became of it. @throws What the session throws. */
  async commit(transaction: StorageTransaction): Promise<StorageOutcome> {
    const { journal, moment } = this.#parts;
    const record: CommitRecord = {
      session: this.name,
      transaction,
      invoked: moment(),
      returned: Number.POSITIVE_INFINITY,
    };
    this.commits.push(record);
    const line = `${this.name} commit ${JSON.stringify(transaction)}`;
    try {
      const outcome = await this.session.commit(transaction);
      record.returned = moment();
      record.outcome = outcome;
      journal.write(`${line} -> ${outcome.committed ? 'committed' : 'refused'} ${outcome.revision}`);
      return outcome;
    } catch (error) {
      record.returned = moment();
      record.ambiguous = !(error instanceof ApiError) || error.ambiguous;
      journal.write(`${line} -> ${record.ambiguous ? 'ambiguous ' : ''}${String(error)}`);
      throw error;
    }
  }

  /** Writes objects, with a certain outcome. */
  async write(...writes: readonly StorageWrite[]): Promise<number> {
    const outcome = await this.commit({ compares: [], writes });
    check(
      outcome.committed,
      () => 'expected a transaction without compares to happen, got that it was refused',
    );
    return outcome.revision;
  }

  async askNewest(collection?: string): Promise<number> {
    const { journal, moment } = this.#parts;
    const { session } = this;
    check(session.newest !== undefined, () => 'the session has no newest');
    const invoked = moment();
    const revision = await (collection === undefined ? session.newest() : session.newest(collection));
    this.newest.push({ session: this.name, collection, invoked, returned: moment(), revision });
    journal.write(`${this.name} newest ${collection ?? ''} -> ${revision}`);
    return revision;
  }

  /** Waits until everything up to a revision was told. */
  reached(revision: number): Promise<void> {
    return this.#condition.until(
      () => this.#revision >= revision || this.failure !== undefined,
      () =>
        `${this.name} was told of changes up to ${this.#revision}, and should have been up to ${revision}`,
    );
  }

  /** Waits until the listener was told that the storage failed. */
  async hasFailed(): Promise<ApiError> {
    await this.#condition.until(
      () => this.failure !== undefined,
      () => `${this.name} was not told that the storage failed`,
    );
    return this.failure as ApiError;
  }

  /** Waits until the listener was told that changes were missed. */
  async hasLost(): Promise<void> {
    await this.#condition.until(
      () => this.#isLost,
      () => `${this.name} was not told that changes were missed`,
    );
  }

  async close(): Promise<void> {
    if (this.#session === undefined) return;
    await this.#session.close();
    this.#isClosed = true;
  }

  #changed(change: StorageChange): void {
    const { journal } = this.#parts;
    journal.write(`${this.name} is told ${JSON.stringify(change)}`);
    if (this.#isClosed) this.faults.push(`${this.name} was told ${change.revision} after it was closed`);
    if (this.#isLost) this.faults.push(`${this.name} was told ${change.revision} after changes were missed`);
    if (this.failure !== undefined)
      this.faults.push(`${this.name} was told ${change.revision} after the storage failed`);
    if (change.writes.length === 0)
      this.faults.push(`${this.name} was told ${change.revision} without a write`);
    const copy = { revision: change.revision, writes: change.writes.map((write) => ({ ...write })) };
    if (this.#held === undefined) this.#take(copy);
    else this.#held.push(copy);
    this.#condition.wake();
  }

  #take(change: StorageChange): void {
    const { revision, writes } = change;
    if (revision <= this.#revision) {
      this.faults.push(`${this.name} was told ${revision} after ${this.#revision}`);
      return;
    }
    this.#revision = revision;
    for (const collection of new Set(writes.map((write) => write.collection))) {
      this.#olderCollections.set(collection, this.revisionOfCollection(collection));
      this.#collections.set(collection, revision);
    }
    this.tellings.at(-1)?.changes.push(change);
    for (const { collection, key, value } of writes) {
      const name = nameOf({ collection, key });
      const before = this.#state.get(name);
      if (before !== undefined) this.#olderState.set(name, before.revision);
      if (value === undefined) this.#state.delete(name);
      else this.#state.set(name, { collection, key, value, revision });
    }
  }

  #lost(): void {
    this.#parts.journal.write(`${this.name} is told that changes were missed`);
    if (this.#isClosed)
      this.faults.push(`${this.name} was told that changes were missed after it was closed`);
    this.#isLost = true;
    this.#condition.wake();
    this.onLost?.();
  }

  #failed(error: ApiError): void {
    this.#parts.journal.write(`${this.name} is told that the storage failed: ${error.message}`);
    if (this.failure !== undefined) this.faults.push(`${this.name} was told twice that the storage failed`);
    this.failure = error;
    this.#condition.wake();
  }
}
