import { firstAfter, type LoggedChange, type LoggedObject, nameOf, placeOf } from './logged-change.js';
import { unmatched } from './matching.js';
import type { Effect, Operation, OperationOf } from './operation.js';
import { type Commit, commitText, isSelection, leaves, Timeline, type Version } from './timeline.js';

/** An operation that may be behind a commit, nobody knows which. */
interface Candidate {
  readonly operation: Operation;
  readonly effects: readonly Effect[];
  /** It happened between these revisions, without them. */
  readonly after: number;
  readonly before: number;
  /** Whether there must be a commit of it. */
  readonly isNeeded: boolean;
}

/**
 * Why a history is not that of one thing to which everything happened at once, in the order of revisions, each operation at some
 * moment between its request and its answer; nothing where it is.
 *
 * Nearly every answer carries a revision, so there is little to search: writes are compared with the log, reads with the state of their
 * revision, and what returned before something else was asked for must have a lower revision. Writes whose revision nobody knows must
 * be able to share among them the commits that nobody else can have made.
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
  readonly #timeline: Timeline;
  readonly #operations: readonly Operation[];
  // the moment at which each commit was asked for, at the earliest; absent where that is not known
  readonly #asked = new Map<number, number>();
  // for each commit the last moment at which it or one before it was asked for
  #askedUpTo: readonly number[] = [];
  // for each write whose answer does not say its revision, that, or the least that it can be; absent where nothing is known
  readonly #found = new Map<Operation, number>();
  // the answers in the order of their moments, each with the newest revision that it or one before it showed
  #shown: readonly { readonly returned: number; readonly revision: number }[] = [];

  constructor(log: readonly LoggedChange[], operations: readonly Operation[]) {
    this.#log = log;
    this.#timeline = new Timeline(log);
    this.#operations = operations;
    this.#claim();
    this.#sum();
    this.#share();
    this.#sum();
    for (const operation of operations) this.#check(operation);
    this.#checkLists(operations.filter((operation) => operation.kind === 'list'));
  }

  /** Finds the commits of the writes that know their revision, and must have made it. */
  #claim(): void {
    const byRevision = new Map(this.#timeline.commits.map((commit) => [commit.revision, commit]));
    for (const operation of this.#operations) {
      if (operation.kind !== 'write' || operation.revision === undefined) continue;
      const { revision, effects, name, invoked } = operation;
      if (this.#leavesNoTrace(effects, revision)) continue;
      const commit = byRevision.get(revision);
      if (commit === undefined)
        this.violations.push(`${name}: lost: nothing happened at revision ${revision}`);
      else if (!this.#timeline.explains(commit, effects)) {
        const expected = this.#timeline.expected(effects, revision);
        this.violations.push(
          `${name}: at revision ${revision} happened ${commitText(commit)}, not ${expected}`,
        );
      } else if (this.#asked.has(revision)) {
        this.violations.push(`${name}: revision ${revision} has two writers`);
      } else this.#asked.set(revision, invoked);
    }
  }

  /** Finds somebody for each of the other commits, and a commit for each of the other writes. */
  #share(): void {
    const commits = this.#timeline.commits.filter(({ revision }) => !this.#asked.has(revision));
    const candidates = this.#operations.flatMap((operation) => this.#candidates(operation));
    const makers = new Map<Commit, Candidate[]>();
    const made = new Map<Candidate, Commit[]>(candidates.map((candidate) => [candidate, []]));
    for (const commit of commits) {
      const suiting = candidates.filter(
        ({ effects, after, before }) =>
          commit.revision > after && commit.revision < before && this.#timeline.explains(commit, effects),
      );
      makers.set(commit, suiting);
      for (const candidate of suiting) made.get(candidate)?.push(commit);
      // whoever it was, it was not asked for before that
      const earliest = Math.min(...suiting.map(({ operation }) => operation.invoked));
      if (suiting.length > 0) this.#asked.set(commit.revision, earliest);
    }
    for (const commit of unmatched(commits, (each) => makers.get(each) ?? [])) {
      this.violations.push(`nobody wrote ${commitText(commit)} at revision ${commit.revision}`);
    }
    const needed = candidates.filter(({ isNeeded }) => isNeeded);
    for (const { operation } of unmatched(needed, (each) => made.get(each) ?? [])) {
      this.violations.push(`${operation.name}: lost: it never happened`);
    }
    for (const candidate of needed) {
      const [commit, another] = made.get(candidate) ?? [];
      if (commit !== undefined && another === undefined)
        this.#found.set(candidate.operation, commit.revision);
    }
    for (const operation of this.#operations) {
      if (operation.kind === 'each')
        this.#found.set(operation, Math.max(0, ...this.#ends(operation).values()));
    }
  }

  #candidates(operation: Operation): readonly Candidate[] {
    const after = this.#floor(operation);
    const before = this.#bound(operation);
    switch (operation.kind) {
      case 'write': {
        const { effects, revision } = operation;
        if (revision === undefined) {
          const isNeeded = !this.#moments(operation).some((moment) =>
            effects.every(({ place, content }) => leaves(content, this.#contentAt(place, moment))),
          );
          return [{ operation, effects, after, before, isNeeded }];
        }
        // it has made this revision, or found what it would have made
        return this.#leavesNoTrace(effects, revision)
          ? [{ operation, effects, after: revision - 1, before: revision + 1, isNeeded: false }]
          : [];
      }
      case 'uncertain':
        return [{ operation, effects: operation.effects, after, before, isNeeded: false }];
      case 'each': {
        const { content, objects } = operation;
        const selected = this.#selected(operation) ?? Number.POSITIVE_INFINITY;
        return objects.map((object) => {
          const effects = [{ place: nameOf(object), content }];
          return { operation, effects, after: selected, before, isNeeded: false };
        });
      }
      default:
        return [];
    }
  }

  /** Sums up, in order, what is known of the moments of commits and of answers. */
  #sum(): void {
    let latest = 0;
    this.#askedUpTo = this.#timeline.commits.map(({ revision }) => {
      latest = Math.max(latest, this.#asked.get(revision) ?? 0);
      return latest;
    });
    let newest = 0;
    this.#shown = this.#operations
      .map((operation) => ({ returned: operation.returned, revision: this.#shownBy(operation) }))
      .filter(({ revision, returned }) => revision > 0 && returned !== Number.POSITIVE_INFINITY)
      .sort((a, b) => a.returned - b.returned)
      .map(({ returned, revision }) => {
        newest = Math.max(newest, revision);
        return { returned, revision: newest };
      });
  }

  /** The revision that whoever has the answer knows to have been reached. */
  #shownBy(operation: Operation): number {
    switch (operation.kind) {
      case 'write':
        return operation.revision ?? this.#found.get(operation) ?? 0;
      case 'each':
        return Math.max(operation.revision, this.#found.get(operation) ?? 0);
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

  /** The first revision that was asked for when an operation had returned. */
  #bound({ returned }: Operation): number {
    const index = this.#askedUpTo.findIndex((asked) => asked > returned);
    return this.#timeline.commits[index]?.revision ?? Number.POSITIVE_INFINITY;
  }

  /** The revisions of all states that an operation can have met. */
  #moments(operation: Operation): readonly number[] {
    const floor = this.#floor(operation);
    const bound = this.#bound(operation);
    const { commits } = this.#timeline;
    const later = commits.slice(firstAfter(commits, floor), firstAfter(commits, bound - 1));
    return [floor, ...later.map(({ revision }) => revision)];
  }

  /** The first moment at which the objects were there that an operation changed; undefined where there was none. */
  #selected(operation: OperationOf<'each'>): number | undefined {
    const { objects, matches } = operation;
    return this.#moments(operation).find((moment) =>
      isSelection(objects, this.#timeline.stateAt(moment), matches),
    );
  }

  #check(operation: Operation): void {
    const floor = this.#floor(operation);
    const { name } = operation;
    switch (operation.kind) {
      case 'write': {
        const { revision, effects } = operation;
        if (revision === undefined) break;
        const [effect] = effects;
        if (effect !== undefined && this.#leavesNoTrace(effects, revision)) {
          this.#checkSeen(
            operation,
            effect.place,
            `was that of ${revision}`,
            (v) => v?.revision === revision,
          );
        } else if (revision <= floor) {
          this.violations.push(`${name}: happened at ${revision}, and was asked for when ${floor} was known`);
        }
        break;
      }
      case 'each':
        this.#checkEach(operation);
        break;
      case 'get': {
        const { object, place } = operation;
        if (object === undefined) {
          this.#checkSeen(operation, place, 'was not there', (version) => version?.object === undefined);
        } else if (this.#timeline.at(place, object.revision)?.object?.content !== object.content) {
          this.violations.push(`${name}: ${place} never was ${object.content} of ${object.revision}`);
        } else {
          const { revision } = object;
          this.#checkSeen(operation, place, `was that of ${revision}`, (v) => v?.revision === revision);
        }
        break;
      }
      case 'refused': {
        const { reason, place, because } = operation;
        this.#checkSeen(operation, place, `was a reason for ${reason}`, (version) =>
          because(version?.object),
        );
        break;
      }
      case 'list': {
        const { revision, isOld, returned } = operation;
        if (!isOld && revision < floor) {
          this.violations.push(`${name}: listed revision ${revision} when ${floor} was known`);
        }
        const asked = this.#askedUpTo[firstAfter(this.#timeline.commits, revision) - 1] ?? 0;
        if (asked > returned)
          this.violations.push(`${name}: listed revision ${revision} before all of it was asked for`);
        break;
      }
      case 'uncertain':
        break;
    }
  }

  #checkEach(operation: OperationOf<'each'>): void {
    const { name, objects } = operation;
    const places = objects.map(nameOf);
    if (this.#selected(operation) === undefined) {
      this.violations.push(`${name}: what matched was at no moment ${places.join(', ') || 'nothing'}`);
      return;
    }
    const ends = this.#ends(operation);
    for (const place of places) {
      if (!ends.has(place)) this.violations.push(`${name}: ${place} was left as it was`);
    }
  }

  /** The first revisions after the selection at which there was nothing (more) to do to objects that an operation changed. */
  #ends(operation: OperationOf<'each'>): ReadonlyMap<string, number> {
    const ends = new Map<string, number>();
    const selected = this.#selected(operation);
    if (selected === undefined) return ends;
    for (const place of operation.objects.map(nameOf)) {
      const versions = this.#timeline.within(place, selected, this.#bound(operation));
      const index = versions.findIndex((version) => leaves(operation.content, version?.object?.content));
      if (index !== -1) ends.set(place, index === 0 ? selected : (versions[index]?.revision ?? 0));
    }
    return ends;
  }

  /** Plays the log once, and compares each list with the state of its revision. */
  #checkLists(lists: readonly OperationOf<'list'>[]): void {
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
    { name, revision, objects, matches }: OperationOf<'list'>,
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

  /** Checks that something was so of a place at some moment at which an operation can have happened. */
  #checkSeen(
    operation: Operation,
    place: string,
    what: string,
    isSo: (version: Version | undefined) => boolean,
  ): void {
    const floor = this.#floor(operation);
    if (this.#timeline.within(place, floor, this.#bound(operation)).some(isSo)) return;
    this.violations.push(
      `${operation.name}: ${place} ${what} at no moment from ${floor} on until the answer`,
    );
  }

  /** Whether a write finds what it would make, in the object of a revision. */
  #leavesNoTrace([effect, ...others]: readonly Effect[], revision: number): boolean {
    if (effect === undefined || others.length > 0) return false;
    const version = this.#timeline.at(effect.place, revision);
    return version?.revision === revision && leaves(effect.content, version.object?.content);
  }

  #contentAt(place: string, revision: number): string | undefined {
    return this.#timeline.at(place, revision)?.object?.content;
  }
}
