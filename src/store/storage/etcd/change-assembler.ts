import type { StorageChange, StorageWrite } from '../storage.js';
import type { Lineage } from './lineage.js';
import type { WatchEvent } from './watch-messages.js';

/** A head, and etcd's revision at which it was put. */
export interface HeadAt {
  readonly key: string;
  readonly modRevision: number;
}

/**
 * Puts the events of a watch together to changes: one for each revision, in order, each once.
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
  #part = new Map<string, StorageWrite | undefined>();

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
      if (!this.#part.has(name)) this.#part.set(name, this.#writeOf(event));
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
    const writes: StorageWrite[] = [];
    for (const write of part.values()) {
      if (write !== undefined) writes.push(write);
    }
    this.#deliver({ revision: this.#lineage.fromEtcd(revision), writes });
  }

  /** Heads are no writes, but tell that there was a transaction, even if all that it did was to delete what was not there. */
  #writeOf({ type, item }: WatchEvent): StorageWrite | undefined {
    const object = this.#lineage.keys.objectAt(item.key);
    if (object === undefined) return undefined;
    return { ...object, value: type === 'put' ? item.value : undefined };
  }
}
