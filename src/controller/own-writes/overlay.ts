import { type ApiObject, formatKey, type ObjectKey } from '../../core/index.js';
import { compareRevisions, type Lister, type ListerOptions, PatchedLister } from '../../informer/index.js';
import type { OwnWrite } from './own-write.js';
import type { WatchedInformer } from './watched-informer.js';

/** What lies over the cache under one key. */
interface Overlaid {
  readonly key: string;
  readonly write: OwnWrite;
  /** The object that is shown; undefined where one is hidden. */
  readonly object: ApiObject | undefined;
  /** That of the object that is shown or hidden, and its revision as the write had it. */
  readonly uid: string;
  readonly known: string;
  /** From when on the cache knows better; undefined where only the going of the object tells. */
  readonly revision: string | undefined;
}

/**
 * The cache of an informer with what a controller wrote laid over it.
 *
 * For each object it shows what was written until the informer shows that, or something newer. Where nothing is laid over, it is the
 * informer's lister.
 */
export class Overlay implements Lister<ApiObject, string> {
  readonly #watched: WatchedInformer;
  readonly #lister: Lister<ApiObject, string>;
  // by the text of the key
  readonly #entries = new Map<string, Overlaid>();
  // the cache, patched by the entries
  readonly #patched: PatchedLister<ApiObject, string>;

  constructor(watched: WatchedInformer) {
    this.#watched = watched;
    this.#lister = watched.informer.lister;
    this.#patched = new PatchedLister(this.#lister, {
      indexers: () => watched.indexers ?? {},
      counts: (key) => {
        const entry = this.#entries.get(key);
        return entry !== undefined && this.#isNeeded(entry);
      },
    });
  }

  /** Shows an object as a write left it. */
  show(write: OwnWrite, object: ApiObject, revision: string): void {
    const { apiVersion, kind, metadata } = object;
    // an informer of metadata alone has no more
    const visible = this.#watched.resource.metadataOf === undefined ? object : { apiVersion, kind, metadata };
    this.#lay({ ...identity(object), write, object: visible, revision });
  }

  /** Hides an object that a write deleted, or put out of the selection. */
  hide(write: OwnWrite, object: ApiObject, revision: string | undefined): void {
    this.#lay({ ...identity(object), write, object: undefined, revision });
  }

  /** Takes away what a write laid here; answers whether that was still needed. */
  lift(write: OwnWrite): boolean {
    const { key } = write;
    const entry = key === undefined ? undefined : this.#entries.get(formatKey(key));
    if (entry?.write !== write) return false;
    const wasNeeded = this.#isNeeded(entry);
    this.#remove(entry);
    return wasNeeded;
  }

  /** The write that hides an object, and waits for no revision but for the object to go. */
  hiding(key: string, uid: string): OwnWrite | undefined {
    const entry = this.#entries.get(key);
    return entry?.uid === uid && entry.revision === undefined ? entry.write : undefined;
  }

  clear(): void {
    for (const entry of this.#entries.values()) this.#remove(entry);
  }

  /** What is laid over the cache now: objects that are shown, and undefined for those that are hidden. */
  *patches(): Generator<readonly [key: string, object: ApiObject | undefined]> {
    for (const entry of this.#entries.values()) if (this.#isNeeded(entry)) yield [entry.key, entry.object];
  }

  get(key: ObjectKey): ApiObject | undefined {
    return this.#patched.get(key);
  }

  getByKey(key: string): ApiObject | undefined {
    return this.#patched.getByKey(key);
  }

  list(options?: ListerOptions): readonly ApiObject[] {
    return this.#patched.list(options);
  }

  byIndex(name: string, value: string): readonly ApiObject[] {
    return this.#patched.byIndex(name, value);
  }

  #lay(entry: Overlaid): void {
    const old = this.#entries.get(entry.key);
    if (old !== undefined) {
      if (isNewer(old, entry)) return;
      this.#remove(old);
    }
    this.#entries.set(entry.key, entry);
    this.#patched.patch(entry.key, entry.object);
  }

  #remove({ key }: Overlaid): void {
    this.#entries.delete(key);
    this.#patched.unpatch(key);
  }

  /** Whether the cache does not show as much yet. */
  #isNeeded({ key, object, uid, known, revision }: Overlaid): boolean {
    const { informer } = this.#watched;
    if (revision !== undefined && isAtLeast(informer.resourceVersion, revision)) return false;
    const cached = this.#lister.getByKey(key)?.metadata;
    if (cached === undefined) return object !== undefined;
    if (revision !== undefined) return !isAtLeast(cached.resourceVersion, revision);
    // gone after it was known: so is whatever had its name before
    return cached.uid === uid || !isAtLeast(cached.resourceVersion, known);
  }
}

function identity({ metadata }: ApiObject): Pick<Overlaid, 'key' | 'uid' | 'known'> {
  return { key: formatKey(metadata), uid: metadata.uid, known: metadata.resourceVersion };
}

/** Whether what lies there is of a later write: answers may come in another order than what they answer. */
function isNewer(old: Overlaid, entry: Overlaid): boolean {
  if (old.revision !== undefined && entry.revision !== undefined)
    return compareRevisions(old.revision, entry.revision) > 0;
  // without a revision: the deletion of an object comes after all else of it
  return old.uid === entry.uid ? old.object === undefined : compareRevisions(old.known, entry.known) > 0;
}

function isAtLeast(reached: string | undefined, revision: string): boolean {
  return reached !== undefined && compareRevisions(reached, revision) >= 0;
}
