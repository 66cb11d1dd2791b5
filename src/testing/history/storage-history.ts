import type {
  StorageChange,
  StorageCompare,
  StorageEntry,
  StorageOutcome,
  StorageTransaction,
  StorageWrite,
} from '../../store/index.js';
import { nameOf } from '../storage-space.js';

/** A commit, with the moments at which it was asked for and answered, from one counter for the whole history. */
export interface CommitRecord {
  readonly session: string;
  readonly transaction: StorageTransaction;
  readonly invoked: number;
  /** Infinity while there is no answer. */
  returned: number;
  /** Absent where there was no answer but an error. */
  outcome?: StorageOutcome;
  /** True where it may have happened all the same. */
  ambiguous?: boolean;
}

/** The answer to `newest`. */
export interface NewestRecord {
  readonly session: string;
  readonly collection: string | undefined;
  readonly invoked: number;
  readonly returned: number;
  readonly revision: number;
}

/** What a session loaded, and what it was told from then on until it loaded again, or to the end. */
export interface TellingRecord {
  readonly session: string;
  readonly invoked: number;
  readonly returned: number;
  readonly revision: number;
  readonly entries: readonly StorageEntry[];
  readonly changes: StorageChange[];
}

/** Everything that sessions asked of a storage, and that it told them. */
export interface StorageHistory {
  /** What there was before the first commit. */
  readonly initial: { readonly revision: number; readonly entries: readonly StorageEntry[] };
  readonly commits: readonly CommitRecord[];
  readonly tellings: readonly TellingRecord[];
  readonly newest: readonly NewestRecord[];
}

/** A transaction that happened. */
interface Happened {
  readonly revision: number;
  readonly writes: readonly StorageWrite[];
  readonly commit: CommitRecord;
}

/**
 * What of a history no storage that keeps its contract could have done; nothing where it is right.
 *
 * All that happened is put in the order of revisions and played again: every compare must have held, or not, at its moment;
 * everything that was loaded and told must be what happened; and what was answered before something else was asked must come before it.
 * A commit without a certain outcome happened if anybody was told of it.
 */
export function storageViolations(history: StorageHistory): readonly string[] {
  const violations: string[] = [];
  const log = orderOf(history, violations);
  const replay = new Replay(history.initial, log);
  for (const entry of log) checkDecision(entry, replay, violations);
  for (const commit of history.commits) checkRefusal(commit, replay, violations);
  for (const telling of history.tellings) checkTelling(telling, replay, violations);
  for (const record of history.newest) checkNewest(record, replay, violations);
  return violations;
}

/** Everything that happened, in order. */
function orderOf(history: StorageHistory, violations: string[]): readonly Happened[] {
  const byRevision = new Map<number, Happened>();
  for (const commit of history.commits) {
    if (commit.outcome?.committed !== true) continue;
    const { revision } = commit.outcome;
    const other = byRevision.get(revision);
    if (other !== undefined) {
      violations.push(
        `two transactions happened at revision ${revision}: ${text(other.commit)} and ${text(commit)}`,
      );
    }
    if (revision <= history.initial.revision) {
      violations.push(
        `revision ${revision} of ${text(commit)} is not above ${history.initial.revision}, where the storage began`,
      );
    }
    byRevision.set(revision, { revision, writes: commit.transaction.writes, commit });
  }
  const uncertain = history.commits.filter(
    ({ outcome, ambiguous }) => outcome === undefined && ambiguous !== false,
  );
  const told = new Map<number, StorageChange>();
  for (const { changes } of history.tellings) for (const change of changes) told.set(change.revision, change);
  for (const change of [...told.values()].sort((a, b) => a.revision - b.revision)) {
    if (byRevision.has(change.revision)) continue;
    const index = uncertain.findIndex(({ transaction }) => sameWrites(transaction.writes, change.writes));
    const [commit] = index === -1 ? [] : uncertain.splice(index, 1);
    if (commit === undefined) {
      violations.push(`told of ${changeText(change)}, which nobody committed`);
    } else {
      byRevision.set(change.revision, { revision: change.revision, writes: change.writes, commit });
    }
  }
  return [...byRevision.values()].sort((a, b) => a.revision - b.revision);
}

/** The states that a storage went through. */
class Replay {
  readonly #initial: StorageHistory['initial'];
  readonly #log: readonly Happened[];
  // for each object what it became at which revision, in order; value undefined where it was deleted
  readonly #versions = new Map<string, { readonly revision: number; readonly value: string | undefined }[]>();
  // for each collection the revisions of its transactions, in order
  readonly #collections = new Map<string, number[]>();

  constructor(initial: StorageHistory['initial'], log: readonly Happened[]) {
    this.#initial = initial;
    this.#log = log;
    for (const entry of initial.entries) this.#add(entry, entry.revision);
    for (const { revision, writes } of log) for (const write of writes) this.#add(write, revision);
  }

  /** What happened after a revision and up to another. */
  between(from: number, to: number): readonly Happened[] {
    return this.#log.filter(({ revision }) => revision > from && revision <= to);
  }

  /** The newest revision that was answered before something was asked. */
  before({ invoked }: { readonly invoked: number }): number {
    const answered = this.#log.filter(
      ({ commit }) => commit.returned < invoked && commit.outcome !== undefined,
    );
    return Math.max(this.#initial.revision, answered.at(-1)?.revision ?? 0);
  }

  /** The newest revision of what was asked for before something was answered. */
  until({ returned }: { readonly returned: number }): number {
    const asked = this.#log.filter(({ commit }) => commit.invoked < returned);
    return Math.max(this.#initial.revision, asked.at(-1)?.revision ?? 0);
  }

  /** Every object there was at a revision. */
  entries(at: number): Map<string, { readonly revision: number; readonly value: string }> {
    const entries = new Map<string, { readonly revision: number; readonly value: string }>();
    for (const name of this.#versions.keys()) {
      const { revision, value } = this.#versionOf(name, at) ?? {};
      if (revision !== undefined && value !== undefined) entries.set(name, { revision, value });
    }
    return entries;
  }

  holds(compare: StorageCompare, at: number): boolean {
    if (compare.key === undefined) return this.newest(compare.collection, at) <= compare.revision;
    const version = this.#versionOf(nameOf(compare), at);
    return (version?.value === undefined ? 0 : version.revision) === compare.revision;
  }

  /** The revision of the last transaction on a collection, or on any, up to a revision. */
  newest(collection: string | undefined, at: number): number {
    const revisions =
      collection === undefined
        ? this.#log.map(({ revision }) => revision)
        : (this.#collections.get(collection) ?? []);
    return revisions.findLast((revision) => revision <= at) ?? 0;
  }

  #versionOf(
    name: string,
    at: number,
  ): { readonly revision: number; readonly value: string | undefined } | undefined {
    return this.#versions.get(name)?.findLast(({ revision }) => revision <= at);
  }

  #add({ collection, key, value }: StorageWrite, revision: number): void {
    const name = nameOf({ collection, key });
    const versions = this.#versions.get(name) ?? [];
    versions.push({ revision, value });
    this.#versions.set(name, versions);
    const revisions = this.#collections.get(collection) ?? [];
    if (revisions.at(-1) !== revision) revisions.push(revision);
    this.#collections.set(collection, revisions);
  }
}

function checkDecision({ commit, revision }: Happened, replay: Replay, violations: string[]): void {
  for (const compare of commit.transaction.compares) {
    if (!replay.holds(compare, revision - 1)) {
      violations.push(
        `${text(commit)} happened at ${revision} although ${compareText(compare)} did not hold`,
      );
    }
  }
  const answered = replay.before(commit);
  if (revision <= answered) {
    violations.push(
      `${text(commit)} happened at ${revision}, and was asked for after the answer ${answered}`,
    );
  }
}

function checkRefusal(commit: CommitRecord, replay: Replay, violations: string[]): void {
  const { outcome, transaction } = commit;
  if (outcome?.committed !== false) return;
  const [from, to] = [replay.before(commit), replay.until(commit)];
  if (outcome.revision > to) {
    violations.push(
      `${text(commit)} was refused with ${outcome.revision}, and nothing above ${to} had happened`,
    );
  }
  // what it is told up to this revision must show why
  const states = [from, ...replay.between(from, outcome.revision).map(({ revision }) => revision)];
  if (!states.some((at) => transaction.compares.some((compare) => !replay.holds(compare, at)))) {
    violations.push(
      `${text(commit)} was refused with ${outcome.revision} although all of its compares held from ${from} up to it`,
    );
  }
}

function checkTelling(telling: TellingRecord, replay: Replay, violations: string[]): void {
  const { session, revision, entries, changes } = telling;
  const answered = replay.before(telling);
  if (revision < answered) {
    violations.push(`${session} loaded revision ${revision}, and asked for it after the answer ${answered}`);
  }
  const expected = replay.entries(revision);
  const seen = new Set<string>();
  for (const entry of entries) {
    const name = nameOf(entry);
    if (seen.has(name)) violations.push(`${session} loaded ${name} twice at ${revision}`);
    seen.add(name);
    const right = expected.get(name);
    if (right?.value !== entry.value || right.revision !== entry.revision) {
      const was =
        right === undefined ? 'there was none' : `it was ${valueText(right.value)} of ${right.revision}`;
      violations.push(
        `${session} loaded ${name} at ${revision} as ${valueText(entry.value)} of ${entry.revision}; ${was}`,
      );
    }
  }
  for (const name of expected.keys()) {
    if (!seen.has(name)) violations.push(`${session} loaded no ${name} at ${revision}, where it was`);
  }
  const told = changes.map(changeText);
  const right = replay.between(revision, changes.at(-1)?.revision ?? revision).map(changeText);
  for (let index = 0; index < Math.max(told.length, right.length); index += 1) {
    if (told[index] === right[index]) continue;
    violations.push(
      `${session}, which had loaded ${revision}, was told ${told[index] ?? 'nothing more'}, and should have been told ${right[index] ?? 'nothing more'}`,
    );
    return;
  }
}

function checkNewest(record: NewestRecord, replay: Replay, violations: string[]): void {
  const { session, collection = 'all', revision } = record;
  const least = replay.newest(record.collection, replay.before(record));
  const most = replay.until(record);
  if (revision < least) {
    violations.push(
      `${session} was told ${revision} as the newest of ${collection}, which was at least ${least}`,
    );
  }
  if (revision > most) {
    violations.push(
      `${session} was told ${revision} as the newest of ${collection}, which was at most ${most}`,
    );
  }
}

function sameWrites(a: readonly StorageWrite[], b: readonly StorageWrite[]): boolean {
  return writesText(a) === writesText(b);
}

function writesText(writes: readonly StorageWrite[]): string {
  return writes.map((write) => `${nameOf(write)} = ${valueText(write.value)}`).join(', ');
}

function changeText({
  revision,
  writes,
}: {
  readonly revision: number;
  readonly writes: readonly StorageWrite[];
}): string {
  return `${revision}: ${writesText(writes)}`;
}

function compareText({ collection, key, revision }: StorageCompare): string {
  return key === undefined ? `${collection} <= ${revision}` : `${collection}/${key} == ${revision}`;
}

function valueText(value: string | undefined): string {
  if (value === undefined) return 'nothing';
  return value.length > 60
    ? `${JSON.stringify(value.slice(0, 50))} (${value.length} characters)`
    : JSON.stringify(value);
}

/** A commit in one line. */
function text({ session, transaction }: CommitRecord): string {
  const compares = transaction.compares.map(compareText).join(', ');
  return `${session} commit [${writesText(transaction.writes)}]${compares === '' ? '' : ` if ${compares}`}`;
}
