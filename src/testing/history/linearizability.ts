import { firstAfter, type LoggedChange, type LoggedObject, nameOf, placeOf } from './logged-change.js';

/** What an operation makes of an object: its content, or undefined for a deletion. */
export interface Effect {
  /** As `nameOf` gives it. */
  readonly place: string;
  readonly content: string | undefined;
}

/**
 * A request with its answer, and the moments of both from one counter for the whole history.
 *
 * - `write`: it happened. The revision is undefined where the answer does not say.
 * - `uncertain`: it may have happened, or happen yet; it never returned.
 * - `refused`: it did not happen, for what was there: nothing (`NotFound`), something (`AlreadyExists`), or something of another revision
 *   than `expected` (`Conflict`).
 * - `get`: one object as it was, or that there was none.
 * - `list`: all that match as they were at a revision; one that is `old` may be of any time before.
 */
export type Operation = {
  /** What messages call it. */
  readonly name: string;
  readonly invoked: number;
  readonly returned: number;
} & (
  | { readonly kind: 'write'; readonly revision: number | undefined; readonly effects: readonly Effect[] }
  | { readonly kind: 'uncertain'; readonly effects: readonly Effect[] }
  | {
      readonly kind: 'refused';
      readonly reason: 'NotFound' | 'AlreadyExists' | 'Conflict';
      readonly place: string;
      readonly expected?: number | undefined;
    }
  | { readonly kind: 'get'; readonly place: string; readonly object: LoggedObject | undefined }
  | {
      readonly kind: 'list';
      readonly revision: number;
      readonly objects: readonly LoggedObject[];
      readonly matches: (object: LoggedObject) => boolean;
      readonly isOld: boolean;
    }
);

type ListOperation = Extract<Operation, { kind: 'list' }>;

/** One state of an object, from its revision on. */
interface Version {
  readonly revision: number;
  readonly object: LoggedObject | undefined;
}

/**
 * Why a history is not that of one thing to which everything happened at once, in the order of revisions, each operation at some
 * moment between its request and its answer; nothing where it is.
 *
 * Every answer carries a revision, so there is nothing to search: writes are compared with the log, reads with the state of their
 * revision, and what returned before something else was asked for must have a lower revision.
 *
 * @param log - Everything that happened, in the order of revisions.
 */
export function linearizabilityViolations(
  log: readonly LoggedChange[],
  operations: readonly Operation[],
): readonly string[] {
  return new Check(log, operations).violations;
}

class Check {
  readonly violations: string[] = [];
  readonly #log: readonly LoggedChange[];
  // each revision of the log with what it did, in order
  readonly #commits: { readonly revision: number; readonly effects: string }[] = [];
  // the moment at which each commit was asked for; 0 where nobody of the history did
  readonly #asked = new Map<number, number>();
  // the revision of each write that was found in the log
  readonly #revisions = new Map<Operation, number>();
  readonly #versions = new Map<string, Version[]>();
  // for each commit the last moment at which it or one before it was asked for
  readonly #askedUpTo: number[] = [];
  // the answers in the order of their moments, each with the newest revision that it or one before it showed
  readonly #shown: { readonly returned: number; readonly revision: number }[] = [];

  constructor(log: readonly LoggedChange[], operations: readonly Operation[]) {
    this.#log = log;
    this.#readLog();
    this.#matchWrites(operations);
    this.#prepare(operations);
    for (const operation of operations) this.#check(operation);
    this.#checkLists(operations.filter((operation) => operation.kind === 'list'));
  }

  #readLog(): void {
    for (let index = 0; index < this.#log.length; ) {
      const { revision } = this.#log[index] as LoggedChange;
      const effects: Effect[] = [];
      for (; this.#log[index]?.revision === revision; index += 1) {
        const change = this.#log[index] as LoggedChange;
        const place = placeOf(change);
        effects.push({ place, content: change.after?.content });
        const versions = this.#versions.get(place) ?? [];
        versions.push({ revision, object: change.after });
        this.#versions.set(place, versions);
      }
      this.#commits.push({ revision, effects: textOf(effects) });
    }
  }

  /** Finds every write in the log, and who wrote everything in it. */
  #matchWrites(operations: readonly Operation[]): void {
    const byRevision = new Map(this.#commits.map((commit) => [commit.revision, commit]));
    const writer = (revision: number, operation: Operation): void => {
      if (this.#asked.has(revision))
        this.violations.push(`${operation.name}: revision ${revision} has two writers`);
      this.#asked.set(revision, operation.invoked);
      this.#revisions.set(operation, revision);
    };
    for (const operation of operations) {
      if (operation.kind !== 'write' || operation.revision === undefined) continue;
      const { revision, effects, name } = operation;
      const commit = byRevision.get(revision);
      if (commit === undefined)
        this.violations.push(`${name}: lost: nothing happened at revision ${revision}`);
      else if (commit.effects !== textOf(effects)) {
        this.violations.push(
          `${name}: at revision ${revision} happened ${commit.effects}, not ${textOf(effects)}`,
        );
      } else writer(revision, operation);
    }
    // those whose revision nobody told them are found by what they did
    const unclaimed = new Map<string, number[]>();
    for (const { revision, effects } of this.#commits) {
      if (this.#asked.has(revision)) continue;
      const revisions = unclaimed.get(effects);
      if (revisions === undefined) unclaimed.set(effects, [revision]);
      else revisions.push(revision);
    }
    for (const kind of ['write', 'uncertain'] as const) {
      for (const operation of operations) {
        if (operation.kind !== kind || (operation.kind === 'write' && operation.revision !== undefined))
          continue;
        const revision = unclaimed.get(textOf(operation.effects))?.shift();
        if (revision !== undefined) writer(revision, operation);
        else if (kind === 'write') this.violations.push(`${operation.name}: lost: it never happened`);
      }
    }
    for (const { revision, effects } of this.#commits) {
      if (!this.#asked.has(revision)) this.violations.push(`nobody wrote ${effects} at revision ${revision}`);
    }
  }

  #prepare(operations: readonly Operation[]): void {
    let latest = 0;
    for (const { revision } of this.#commits) {
      latest = Math.max(latest, this.#asked.get(revision) ?? 0);
      this.#askedUpTo.push(latest);
    }
    const answers = operations
      .map((operation) => ({ returned: operation.returned, revision: this.#shownBy(operation) }))
      .filter(({ revision, returned }) => revision > 0 && returned !== Number.POSITIVE_INFINITY)
      .sort((a, b) => a.returned - b.returned);
    let newest = 0;
    for (const { returned, revision } of answers) {
      newest = Math.max(newest, revision);
      this.#shown.push({ returned, revision: newest });
    }
  }

  /** The revision that whoever has the answer knows to have been reached. */
  #shownBy(operation: Operation): number {
    switch (operation.kind) {
      case 'write':
        return this.#revisions.get(operation) ?? 0;
      case 'get':
        return operation.object?.revision ?? 0;
      case 'list':
        return operation.revision;
      case 'uncertain':
      case 'refused':
        return 0;
    }
  }

  /** The newest revision that somebody knew of before an operation was asked for. */
  #floor({ invoked }: Operation): number {
    let low = 0;
    let high = this.#shown.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#shown[middle]?.returned ?? 0) >= invoked) high = middle;
      else low = middle + 1;
    }
    return this.#shown[low - 1]?.revision ?? 0;
  }

  #check(operation: Operation): void {
    const floor = this.#floor(operation);
    const { name } = operation;
    switch (operation.kind) {
      case 'write':
      case 'uncertain': {
        const revision = this.#revisions.get(operation);
        if (revision !== undefined && revision <= floor) {
          this.violations.push(`${name}: happened at ${revision}, and was asked for when ${floor} was known`);
        }
        break;
      }
      case 'get': {
        const { object, place } = operation;
        if (object !== undefined && !this.#isVersion(place, object)) {
          this.violations.push(`${name}: ${place} never was ${object.content} of ${object.revision}`);
          break;
        }
        const seen = (version: Version | undefined): boolean =>
          object === undefined ? version?.object === undefined : version?.revision === object.revision;
        if (!this.#isSeen(operation, place, floor, seen)) {
          const what = object === undefined ? 'was not there' : `was that of ${object.revision}`;
          this.violations.push(`${name}: ${place} ${what} at no moment from ${floor} on until the answer`);
        }
        break;
      }
      case 'refused': {
        const { reason, place, expected } = operation;
        const seen = (version: Version | undefined): boolean => {
          if (reason === 'NotFound') return version?.object === undefined;
          if (reason === 'AlreadyExists') return version?.object !== undefined;
          return version?.object === undefined || version.revision !== expected;
        };
        if (!this.#isSeen(operation, place, floor, seen)) {
          this.violations.push(
            `${name}: ${reason} was true of ${place} at no moment from ${floor} on until the answer`,
          );
        }
        break;
      }
      case 'list': {
        const { revision, isOld, returned } = operation;
        if (!isOld && revision < floor) {
          this.violations.push(`${name}: listed revision ${revision} when ${floor} was known`);
        }
        const asked = this.#askedUpTo[firstAfter(this.#commits, revision) - 1] ?? 0;
        if (asked > returned)
          this.violations.push(`${name}: listed revision ${revision} before all of it was asked for`);
        break;
      }
    }
  }

  /** Plays the log once, and compares each list with the state of its revision. */
  #checkLists(lists: readonly ListOperation[]): void {
    const state = new Map<string, LoggedObject>();
    let index = 0;
    for (const list of lists.toSorted((a, b) => a.revision - b.revision)) {
      for (; (this.#log[index]?.revision ?? Number.POSITIVE_INFINITY) <= list.revision; index += 1) {
        const change = this.#log[index] as LoggedChange;
        if (change.after === undefined) state.delete(placeOf(change));
        else state.set(placeOf(change), change.after);
      }
      this.#checkList(list, state);
    }
  }

  #checkList(
    { name, revision, objects, matches }: ListOperation,
    state: ReadonlyMap<string, LoggedObject>,
  ): void {
    const right = new Map([...state].filter(([, object]) => matches(object)));
    for (const object of objects) {
      const place = nameOf(object);
      const was = right.get(place);
      if (was?.content !== object.content || was.revision !== object.revision) {
        this.violations.push(
          `${name}: listed ${place} of ${object.revision}, which was not there at ${revision}`,
        );
      }
      right.delete(place);
    }
    for (const place of right.keys()) {
      this.violations.push(`${name}: did not list ${place}, which was there at ${revision}`);
    }
  }

  #isVersion(place: string, { revision, content }: LoggedObject): boolean {
    const versions = this.#versions.get(place) ?? [];
    const version = versions[firstAfter(versions, revision - 1)];
    return version?.revision === revision && version.object?.content === content;
  }

  /** Whether `seen` holds for an object at some moment at which an operation can have happened. */
  #isSeen(
    { returned }: Operation,
    place: string,
    floor: number,
    seen: (version: Version | undefined) => boolean,
  ): boolean {
    const versions = this.#versions.get(place) ?? [];
    const next = firstAfter(versions, floor);
    if (seen(versions[next - 1])) return true;
    for (let index = next; index < versions.length; index += 1) {
      const version = versions[index] as Version;
      if ((this.#asked.get(version.revision) ?? 0) > returned) return false;
      if (seen(version)) return true;
    }
    return false;
  }
}

/** Effects as one text, in whichever order they were. */
function textOf(effects: readonly Effect[]): string {
  return effects
    .map(({ place, content }) => `${place} = ${content ?? 'nothing'}`)
    .sort()
    .join(', ');
}
