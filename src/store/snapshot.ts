import type { EventLog } from './event-log.js';
import type { Kind } from './kind.js';
import { compareNamespaces } from './object-table.js';
import type { StoredObject } from './stored-object.js';

/** A place in the order of a list. */
export interface Position {
  readonly namespace: string;
  readonly name: string;
}

/** An object with its name. */
interface Place {
  readonly name: string;
  readonly object: StoredObject;
}

/**
 * The objects of a kind (in one namespace, or in all) at one revision, ordered by namespace, then name.
 *
 * Nothing is copied: it is the present, less what the log says happened since. So it is good until the next commit, and costs as much
 * as happened since the revision.
 */
export class Snapshot {
  readonly #kind: Kind;
  readonly #namespace: string | undefined;
  // what differs from the present, by namespace and name: the object as it was, or undefined where there was none; empty if nothing
  readonly #differences = new Map<string, Map<string, StoredObject | undefined>>();

  constructor(kind: Kind, namespace: string | undefined, revision: number, log: EventLog) {
    this.#kind = kind;
    this.#namespace = namespace;
    if (kind.lastRevision <= revision) return;
    for (const change of log.after(revision)) {
      if (change.kind !== kind || (namespace !== undefined && change.namespace !== namespace)) continue;
      let names = this.#differences.get(change.namespace);
      if (names === undefined) {
        names = new Map();
        this.#differences.set(change.namespace, names);
      }
      // the first change after the revision knows the state at the revision
      if (!names.has(change.name)) names.set(change.name, change.previous);
    }
  }

  /** The object of this name; undefined where there was none. */
  get(namespace: string, name: string): StoredObject | undefined {
    const differences = this.#differences.get(namespace);
    if (differences?.has(name)) return differences.get(name);
    return this.#kind.table.get(namespace, name)?.object;
  }

  /** Visits the objects behind a position (all where there is none), in order, until `visit` answers false. */
  visit(position: Position | undefined, visit: (object: StoredObject) => boolean): void {
    for (const namespace of this.#namespacesFrom(position)) {
      const places = this.#places(namespace);
      for (let index = firstBehind(places, namespace, position); index < places.length; index += 1) {
        if (!visit((places[index] as Place).object)) return;
      }
    }
  }

  /** How many objects are behind a position. */
  countBehind(position: Position): number {
    let count = 0;
    for (const namespace of this.#namespacesFrom(position)) {
      const places = this.#places(namespace);
      count += places.length - firstBehind(places, namespace, position);
    }
    return count;
  }

  #namespacesFrom(position: Position | undefined): readonly string[] {
    const all = this.#namespaces();
    if (position === undefined) return all;
    return all.filter((namespace) => compareNamespaces(namespace, position.namespace) >= 0);
  }

  #namespaces(): readonly string[] {
    if (this.#namespace !== undefined) return [this.#namespace];
    const present = this.#kind.table.namespaces();
    const gone = Array.from(this.#differences.keys()).filter(
      (namespace) => this.#kind.table.sizeOf(namespace) === 0,
    );
    return gone.length === 0 ? present : [...present, ...gone].sort(compareNamespaces);
  }

  /** The objects of a namespace, ordered by name. */
  #places(namespace: string): readonly Place[] {
    const present = this.#kind.table.ordered(namespace);
    const differences = this.#differences.get(namespace);
    if (differences === undefined) return present;
    const places: Place[] = present.filter((slot) => !differences.has(slot.name));
    for (const [name, object] of differences) if (object !== undefined) places.push({ name, object });
    return places.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** The index of the first place behind a position. */
function firstBehind(places: readonly Place[], namespace: string, position: Position | undefined): number {
  if (position?.namespace !== namespace) return 0;
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] as Place).name > position.name) high = middle;
    else low = middle + 1;
  }
  return low;
}
