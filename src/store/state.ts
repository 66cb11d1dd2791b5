import type { Clock } from '../core/index.js';
import { Change } from './change.js';
import { EventLog, type Retention } from './event-log.js';
import type { Kind } from './kind.js';
import type { Slot } from './object-table.js';
import { OwnerIndex } from './owner-index.js';
import { atRevision, seal, type StoredObject, type UnsealedObject } from './stored-object.js';

/** One object's part in a commit that is about to happen. */
export type Write =
  | { readonly kind: Kind; readonly slot: undefined; readonly next: UnsealedObject }
  | { readonly kind: Kind; readonly slot: Slot; readonly next: UnsealedObject }
  | { readonly kind: Kind; readonly slot: Slot; readonly next: undefined };

/** What became of one place of the store when its content was loaded; the object is undefined where there is none any more. */
export interface Replacement {
  readonly kind: Kind;
  readonly slot: Slot;
  readonly previous: StoredObject | undefined;
  readonly object: StoredObject | undefined;
}

/**
 * Everything the store holds in memory: the objects, the one revision counter, the log and the owner index.
 *
 * Invariant: between two commits all of these agree; the revision is that of the newest change, or higher. {@link commit} and
 * {@link reload} are the only places where any of it changes; they call no user code and cannot fail half way.
 */
export class State {
  readonly owners: OwnerIndex = new OwnerIndex();
  readonly log: EventLog;
  readonly #clock: Clock;
  readonly #publish: (change: Change) => void;
  #revision: number;

  /** @param publish - Told of each change, in order, inside the commit. */
  constructor(options: {
    readonly history: Retention;
    readonly clock: Clock;
    readonly publish: (change: Change) => void;
  }) {
    // as in etcd, an empty store is at revision 1 and the first write is 2: '0' and '' keep their special meaning
    this.#revision = 1;
    this.log = new EventLog(options.history, this.#revision);
    this.#clock = options.clock;
    this.#publish = options.publish;
  }

  /** The revision of the last commit. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Makes the writes happen at once, at one new revision: the next, or a later one that a storage gave them.
   *
   * @returns The objects as they now are (or last were), in the order of the writes.
   */
  commit(writes: readonly Write[], revision: number = this.#revision + 1): readonly StoredObject[] {
    const [first] = writes;
    if (first !== undefined && writes.length === 1) return [this.commitOne(first, revision)];
    const time = this.#clock.now();
    this.#revision = revision;
    const resourceVersion = String(revision);
    const changes = writes.map((write) => this.#apply(write, revision, resourceVersion, time));
    for (const change of changes) this.#tell(change);
    return changes.map(({ object }) => object);
  }

  /** {@link commit} of one write, which is the usual one: without lists. */
  commitOne(write: Write, revision: number = this.#revision + 1): StoredObject {
    this.#revision = revision;
    const change = this.#apply(write, revision, String(revision), this.#clock.now());
    this.#tell(change);
    return change.object;
  }

  #tell(change: Change): void {
    this.log.append(change);
    this.#publish(change);
  }

  /**
   * Takes over what a storage holds at a revision, in the place of all there was, without a past.
   *
   * @param contents - The objects of each kind, sealed; kinds that are not in it have none.
   * @returns How the objects differ from those that were here.
   */
  reload(
    contents: ReadonlyMap<Kind, readonly StoredObject[]>,
    kinds: readonly Kind[],
    revision: number,
  ): readonly Replacement[] {
    const replacements = kinds.flatMap((kind) => this.#reloadKind(kind, contents.get(kind) ?? [], revision));
    this.log.restart(revision);
    this.#revision = revision;
    return replacements;
  }

  #reloadKind(kind: Kind, objects: readonly StoredObject[], revision: number): readonly Replacement[] {
    const replacements: Replacement[] = [];
    const gone = new Set(kind.table.slots());
    for (const object of objects) {
      const { name, namespace = '' } = object.metadata;
      const slot = kind.table.get(namespace, name);
      if (slot === undefined) {
        const created: Slot = { namespace, name, object };
        kind.table.add(created);
        this.owners.update(kind, created, undefined, object);
        replacements.push({ kind, slot: created, previous: undefined, object });
        continue;
      }
      gone.delete(slot);
      const previous = slot.object;
      if (previous.metadata.resourceVersion === object.metadata.resourceVersion) continue;
      slot.object = object;
      this.owners.update(kind, slot, previous, object);
      replacements.push({ kind, slot, previous, object });
    }
    for (const slot of gone) {
      kind.table.remove(slot);
      this.owners.update(kind, slot, slot.object, undefined);
      replacements.push({ kind, slot, previous: slot.object, object: undefined });
    }
    kind.lastRevision = revision;
    return replacements;
  }

  #apply(write: Write, revision: number, resourceVersion: string, time: number): Change {
    const { kind } = write;
    kind.lastRevision = revision;
    if (write.next === undefined) {
      const { slot } = write;
      const previous = slot.object;
      const last = atRevision(previous, resourceVersion);
      kind.table.remove(slot);
      this.owners.update(kind, slot, previous, undefined);
      return new Change('DELETED', revision, time, kind, previous, last);
    }
    const { slot } = write;
    const object = seal(write.next, resourceVersion);
    if (slot === undefined) {
      const { name, namespace = '' } = object.metadata;
      const created: Slot = { namespace, name, object };
      kind.table.add(created);
      this.owners.update(kind, created, undefined, object);
      return new Change('ADDED', revision, time, kind, undefined, object);
    }
    const previous = slot.object;
    slot.object = object;
    this.owners.update(kind, slot, previous, object);
    return new Change('MODIFIED', revision, time, kind, previous, object);
  }
}
