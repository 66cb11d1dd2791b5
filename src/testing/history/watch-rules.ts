import {
  addAt,
  firstAfter,
  isSame,
  type LoggedChange,
  type LoggedObject,
  nameOf,
  objectOf,
  placeOf,
} from './logged-change.js';

/** What a watch told. */
export type WatchedEvent =
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
      readonly object: LoggedObject;
      /** Whether further events of the same commit follow. */
      readonly more: boolean;
    }
  | { readonly type: 'BOOKMARK'; readonly revision: number };

/** A watch, and everything that it told. */
export interface WatchHistory {
  /** What messages call it. */
  readonly name: string;
  /** It tells of what happened after this revision. */
  readonly from: number;
  /** Which objects it is about. */
  readonly matches: (object: LoggedObject) => boolean;
  readonly events: readonly WatchedEvent[];
  /** Where it began with what was there: that, which must be the state at {@link from}. */
  readonly initial?: readonly LoggedObject[] | undefined;
}

/**
 * The rules of a watch.
 *
 * - `filter`: it tells of nothing that it is not about.
 * - `ordered`: revisions never go back.
 * - `unique`: it tells of nothing twice.
 * - `atomic`: what was committed together comes together, and every event but the last of it says that more follows.
 * - `bookmarkable`: nothing up to a bookmark comes after it, and bookmarks never go back.
 * - `resumable`: the first event is the first that there is after where it began; it begins with what was there then.
 * - `type`: ADDED for what it was not about before, DELETED for what it no longer is about, MODIFIED for all else.
 * - `reliable`: it leaves out nothing up to the last that it told.
 * - `state`: an object is as it was at that revision, and a deleted one as it was before, with the revision of the deletion.
 *
 * Source: tests/robustness/validate/watch.go of etcd.
 */
export type WatchRule =
  | 'filter'
  | 'ordered'
  | 'unique'
  | 'atomic'
  | 'bookmarkable'
  | 'resumable'
  | 'type'
  | 'reliable'
  | 'state';

/** A rule that a watch broke. */
export interface WatchViolation {
  readonly rule: WatchRule;
  readonly watch: string;
  readonly message: string;
}

type ChangeEvent = Exclude<WatchedEvent, { type: 'BOOKMARK' }>;

/**
 * The rules that watches broke; nothing where all were right.
 *
 * @param log - Everything that happened, in the order of revisions.
 */
export function watchViolations(
  log: readonly LoggedChange[],
  watches: readonly WatchHistory[],
): readonly WatchViolation[] {
  const violations: WatchViolation[] = [];
  const changes = new Map<number, LoggedChange[]>();
  for (const change of log) addAt(changes, change.revision, change);
  for (const watch of watches) {
    const found = (rule: WatchRule, message: string): void => {
      violations.push({ rule, watch: watch.name, message: `${watch.name}: ${rule}: ${message}` });
    };
    checkOrder(watch, found);
    for (const event of watch.events) if (event.type !== 'BOOKMARK') checkEvent(watch, event, changes, found);
    checkInitial(log, watch, found);
    checkComplete(log, watch, found);
  }
  return violations;
}

type Found = (rule: WatchRule, message: string) => void;

/** What can be seen without the log. */
function checkOrder({ events, from }: WatchHistory, found: Found): void {
  // what was told of the last revision
  let seen: LoggedObject[] = [];
  let last = from;
  let bookmark = 0;
  let open: ChangeEvent | undefined;
  for (const event of events) {
    if (event.type === 'BOOKMARK') {
      if (open !== undefined)
        found('atomic', `a bookmark came between ${line(open)} and what follows of its commit`);
      if (event.revision < bookmark)
        found('bookmarkable', `bookmark ${event.revision} came after bookmark ${bookmark}`);
      if (event.revision < last)
        found('bookmarkable', `bookmark ${event.revision} came after revision ${last}`);
      bookmark = Math.max(bookmark, event.revision);
      continue;
    }
    const { revision } = event.object;
    if (revision < last) found('ordered', `${line(event)} came after revision ${last}`);
    if (revision <= bookmark) found('bookmarkable', `${line(event)} came after bookmark ${bookmark}`);
    if (revision > last) seen = [];
    if (seen.some((object) => object.revision === revision && isSame(object, event.object))) {
      found('unique', `${line(event)} came twice`);
    }
    seen.push(event.object);
    if (open !== undefined && revision !== open.object.revision) {
      found('atomic', `${line(open)} said that more of its commit follows, and ${line(event)} came`);
    }
    if (open === undefined && revision === last && last !== from) {
      found('atomic', `${line(event)} came after its commit had been told`);
    }
    open = event.more ? event : undefined;
    last = Math.max(last, revision);
  }
}

/** One event beside what happened. */
function checkEvent(
  watch: WatchHistory,
  event: ChangeEvent,
  changes: ReadonlyMap<number, readonly LoggedChange[]>,
  found: Found,
): void {
  const { object, type } = event;
  if (object.revision <= watch.from) found('resumable', `${line(event)} is from before ${watch.from}`);
  const change = changes.get(object.revision)?.find((each) => isSame(objectOf(each), object));
  if (change === undefined) {
    found('state', `${line(event)} never happened`);
    return;
  }
  const expected = expectedOf(watch, change);
  if (expected === undefined) {
    found('filter', `${line(event)} is about an object that the watch is not about`);
    return;
  }
  if (expected.type !== type) found('type', `${line(event)} should be ${expected.type}`);
  if (expected.content !== object.content) {
    found('state', `${line(event)} has ${object.content}, and should have ${expected.content}`);
  }
}

/** What it began with, beside what was there. */
function checkInitial(log: readonly LoggedChange[], watch: WatchHistory, found: Found): void {
  const { initial, from, matches } = watch;
  if (initial === undefined) return;
  const state = stateAt(log, from);
  const seen = new Set<string>();
  for (const object of initial) {
    const name = nameOf(object);
    if (seen.has(name)) found('unique', `it began with ${name} twice`);
    seen.add(name);
    const right = state.get(name);
    if (right === undefined || right.revision !== object.revision || right.content !== object.content) {
      found('resumable', `it began with ${name} of ${object.revision}, which was not there at ${from}`);
    }
  }
  for (const [name, object] of state) {
    if (matches(object) && !seen.has(name))
      found('resumable', `it did not begin with ${name}, which was there at ${from}`);
  }
}

/** That nothing is left out. */
function checkComplete(log: readonly LoggedChange[], watch: WatchHistory, found: Found): void {
  const { events, from } = watch;
  const told = events.filter((event) => event.type !== 'BOOKMARK');
  const lastEvent = told.at(-1);
  let last = lastEvent === undefined ? 0 : lastEvent.object.revision - (lastEvent.more ? 1 : 0);
  for (const event of events) if (event.type === 'BOOKMARK') last = Math.max(last, event.revision);
  const seen = new Map<number, LoggedObject[]>();
  for (const { object } of told) addAt(seen, object.revision, object);
  let isFirst = true;
  for (let index = firstAfter(log, from); index < log.length; index += 1) {
    const change = log[index] as LoggedChange;
    if (change.revision > last) break;
    if (expectedOf(watch, change) === undefined) continue;
    const object = objectOf(change);
    if (seen.get(change.revision)?.some((each) => isSame(each, object)) !== true) {
      const rule = isFirst ? 'resumable' : 'reliable';
      found(rule, `it left out what happened to ${nameOf(object)} at ${change.revision}`);
    }
    isFirst = false;
  }
}

/** What a watch must tell of a change; undefined for nothing. */
function expectedOf(
  { matches }: WatchHistory,
  { before, after }: LoggedChange,
): { readonly type: ChangeEvent['type']; readonly content: string } | undefined {
  const was = before !== undefined && matches(before);
  if (after !== undefined && matches(after)) {
    return { type: was ? 'MODIFIED' : 'ADDED', content: after.content };
  }
  return was ? { type: 'DELETED', content: before.content } : undefined;
}

/** Every object that was there at a revision, by its place. */
function stateAt(log: readonly LoggedChange[], revision: number): Map<string, LoggedObject> {
  const state = new Map<string, LoggedObject>();
  for (const change of log) {
    if (change.revision > revision) break;
    if (change.after === undefined) state.delete(placeOf(change));
    else state.set(placeOf(change), change.after);
  }
  return state;
}

function line({ type, object }: ChangeEvent): string {
  return `${type} ${nameOf(object)} at ${object.revision}`;
}
