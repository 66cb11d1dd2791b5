import type { StorageChange, StorageWrite } from '../storage.js';
import type { Lineage } from './lineage.js';
import { decodeObject } from './object-value.js';
import { LAST_PLACE } from './place.js';
import type { WatchEvent } from './watch-messages.js';

/** A head, and etcd's revision at which it was put. */
export interface HeadAt {
  readonly key: string;
  readonly modRevision: number;
}

/**
 * Puts the events of a watch together to changes: one for each transaction of the storage, in order, each once.
 *
 * Those of one revision of etcd are delivered in one go.
 *
 * etcd may cut the events of a revision in fragments, and servers before 3.4.25 may tell some a second time.
 */
export class ChangeAssembler {
  readonly #lineage: Lineage;
  readonly #deliver: (change: StorageChange) => void;
  // of etcd: all changes up to it are delivered
  #revision: number;
  // of etcd: the newest change that was delivered, which is not after #revision, and all names that it has
  #told = 0;
  #names: ReadonlySet<string> = new Set();
  // the events of the revision that is being read, which is after #revision; 0 and none while none is
  #partRevision = 0;
  #part = new Map<string, WatchEvent>();

  /** @param revision - Of etcd: changes after it are delivered. */
  constructor(lineage: Lineage, revision: number, deliver: (change: StorageChange) => void) {
    this.#lineage = lineage;
    this.#revision = revision;
    this.#deliver = deliver;
  }

  /** Of etcd: all changes up to it are delivered. */
  get revision(): number {
    return this.#revision;
  }

  /** A head that the newest change put, and etcd's revision of that; undefined before the first. */
  get last(): HeadAt | undefined {
    const heads = this.#lineage.keys.heads.key;
    const key = [...this.#names].find((name) => name.startsWith(heads));
    return key === undefined ? undefined : { key, modRevision: this.#told };
  }

  /**
   * Takes the events of a response.
   *
   * @param isFragment - Whether the last revision may go on in the next response.
   * @returns False where a revision goes on that was delivered: then something is missing from it.
   */
  take(events: readonly WatchEvent[], isFragment: boolean): boolean {
    for (const event of events) {
      const { key: name, modRevision } = event.item;
      if (modRevision <= this.#revision) {
        if (modRevision === this.#told && !this.#names.has(name)) return false;
        continue;
      }
      if (modRevision < this.#partRevision) continue;
      if (modRevision > this.#partRevision) {
        this.#flush();
        this.#partRevision = modRevision;
      }
      if (!this.#part.has(name)) this.#part.set(name, event);
    }
    if (!isFragment) this.#flush();
    return true;
  }

  /** Forgets a revision that was not read to its end: it comes again, whole. */
  reset(): void {
    this.#partRevision = 0;
    this.#part = new Map();
  }

  /** Takes note that nothing happened up to a revision. */
  advance(revision: number): void {
    this.#revision = revision;
  }

  #flush(): void {
    if (this.#partRevision === 0) return;
    const revision = this.#partRevision;
    const part = this.#part;
    this.reset();
    this.#revision = revision;
    this.#told = revision;
    this.#names = new Set(part.keys());
    for (const [place, writes] of this.#writesOf(part).entries()) {
      if (writes !== undefined) this.#deliver({ revision: this.#lineage.fromEtcd(revision, place), writes });
    }
  }

  /** What was written at each place, in the order in which etcd tells of it. */
  #writesOf(part: ReadonlyMap<string, WatchEvent>): readonly (readonly StorageWrite[] | undefined)[] {
    const { keys } = this.#lineage;
    const places: StorageWrite[][] = [];
    // by name: the places of what was deleted, which the heads tell
    const deleted = new Map<string, number>();
    for (const { item } of part.values()) {
      const head = keys.headAt(item.key);
      if (head === undefined) continue;
      // there was a transaction, even if all that it did was to delete what was not there
      places[head.place] ??= [];
      if (item.value === '') continue;
      for (const key of item.value.split('\n')) deleted.set(keys.object(head.collection, key), head.place);
    }
    for (const { type, item } of part.values()) {
      const object = keys.objectAt(item.key);
      if (object === undefined) continue;
      if (type === 'put') {
        const { place, text } = decodeObject(item.value);
        (places[place] ??= []).push({ ...object, value: text });
      } else {
        (places[deleted.get(item.key) ?? LAST_PLACE] ??= []).push({ ...object, value: undefined });
      }
    }
    return places;
  }
}
