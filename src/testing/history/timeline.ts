import { firstAfter, type LoggedChange, type LoggedObject, nameOf, placeOf } from './logged-change.js';
import type { Effect } from './operation.js';

/** What was committed at one revision. */
export interface Commit {
  readonly revision: number;
  /** What each object became that it changed: its content, or undefined for nothing. */
  readonly contents: ReadonlyMap<string, string | undefined>;
}

/** One state of an object, from its revision on. */
export interface Version {
  readonly revision: number;
  readonly object: LoggedObject | undefined;
}

/** Everything that happened, with what was there at each revision. */
export class Timeline {
  /** In the order of revisions. */
  readonly commits: readonly Commit[];
  // what each object was, in the order of revisions
  readonly #versions = new Map<string, Version[]>();

  /** @param log - In the order of revisions. */
  constructor(log: readonly LoggedChange[]) {
    const commits: { readonly revision: number; readonly contents: Map<string, string | undefined> }[] = [];
    for (const change of log) {
      const { revision, after } = change;
      const place = placeOf(change);
      if (commits.at(-1)?.revision !== revision) commits.push({ revision, contents: new Map() });
      commits.at(-1)?.contents.set(place, after?.content);
      const versions = this.#versions.get(place);
      if (versions === undefined) this.#versions.set(place, [{ revision, object: after }]);
      else versions.push({ revision, object: after });
    }
    this.commits = commits;
  }

  /** What a place had at a revision. */
  at(place: string, revision: number): Version | undefined {
    const versions = this.#versions.get(place) ?? [];
    return versions[firstAfter(versions, revision) - 1];
  }

  /** What a place had at a revision, and became after that, before another revision. */
  within(place: string, from: number, bound: number): readonly (Version | undefined)[] {
    const versions = this.#versions.get(place) ?? [];
    const next = firstAfter(versions, from);
    return [versions[next - 1], ...versions.slice(next, firstAfter(versions, bound - 1))];
  }

  /** All that was there at a revision. */
  stateAt(revision: number): ReadonlyMap<string, LoggedObject> {
    const state = new Map<string, LoggedObject>();
    for (const place of this.#versions.keys()) {
      const object = this.at(place, revision)?.object;
      if (object !== undefined) state.set(place, object);
    }
    return state;
  }

  /** Whether a commit is what these effects come to on what was there before it. */
  explains({ revision, contents }: Commit, effects: readonly Effect[]): boolean {
    const places = new Set(effects.map(({ place }) => place));
    return (
      [...contents.keys()].every((place) => places.has(place)) &&
      effects.every(({ place, content }) => {
        const before = this.at(place, revision - 1)?.object?.content;
        if (contents.has(place)) return contents.get(place) === outcomeOf(content, before);
        return leaves(content, before);
      })
    );
  }

  /** What effects come to on what was there before a revision, in words. */
  expected(effects: readonly Effect[], revision: number): string {
    const texts = effects.map(({ place, content }) => {
      const outcome = outcomeOf(content, this.at(place, revision - 1)?.object?.content);
      return outcome === false ? `a refusal for ${place}` : effectText(place, outcome);
    });
    return texts.join(', ');
  }
}

/** Whether a rule leaves something as it was. */
export function leaves(content: Effect['content'], before: string | undefined): boolean {
  return typeof content === 'function' && content(before) === before;
}

function effectText(place: string, content: string | undefined): string {
  return `${place} = ${content ?? 'nothing'}`;
}

/** What was committed, in words. */
export function commitText({ contents }: Commit): string {
  return [...contents].map(([place, content]) => effectText(place, content)).join(', ');
}

/** Whether objects are those of a state that match. */
export function isSelection(
  objects: readonly LoggedObject[],
  state: ReadonlyMap<string, LoggedObject>,
  matches: (object: LoggedObject) => boolean,
): boolean {
  const places = new Set(objects.map(nameOf));
  return (
    places.size === objects.length &&
    [...state].every(([place, object]) => places.has(place) === matches(object)) &&
    objects.every((object) => {
      const was = state.get(nameOf(object));
      return was?.revision === object.revision && was.content === object.content;
    })
  );
}

function outcomeOf(content: Effect['content'], before: string | undefined): string | undefined | false {
  return typeof content === 'function' ? content(before) : content;
}
