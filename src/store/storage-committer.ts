import { type Attempt, nextOf, type Touched } from './attempt.js';
import { type Committer, Stale } from './committer.js';
import { checkGuards } from './guards.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import type { Steps } from './steps.js';
import type { StorageCompare } from './storage/storage.js';
import type { StorageLink } from './storage-link.js';
import { atRevision, seal, type StoredObject } from './stored-object.js';
import { Flight, type WriteInFlight } from './writes-in-flight.js';

/**
 * Commits to a storage.
 *
 * A write is decided on the state, sent with what it rests on, and over when the state has it.
 */
export class StorageCommitter implements Committer {
  readonly #link: StorageLink;
  readonly #kinds: Kinds;

  constructor(options: { readonly link: StorageLink; readonly kinds: Kinds }) {
    this.#link = options.link;
    this.#kinds = options.kinds;
  }

  opened(): Promise<void> | undefined {
    return this.#link.opened();
  }

  commit(attempt: Attempt): Promise<void> | undefined {
    this.#link.checkWritable();
    if (!attempt.isCurrent()) throw new Stale();
    checkGuards(attempt.guards, this.#kinds);
    const changed = attempt.changed();
    if (changed.length === 0) return undefined;
    const compares = this.#compares(attempt);
    const busy = this.#link.inFlight.endsAmong(compares);
    // what a write rests on is about to change
    if (busy.length > 0) return Promise.all(busy).then(() => Promise.reject(new Stale({ hasWaited: true })));
    return this.#send(changed, compares);
  }

  refresh(kind: Kind | undefined): Steps<void> {
    return this.#link.refresh(kind);
  }

  async #send(changed: readonly Touched[], compares: readonly StorageCompare[]): Promise<void> {
    const { codec, inFlight } = this.#link;
    const transaction = new Flight();
    const writes = changed.map((touched): WriteInFlight => {
      const { collection, key } = codec.keyOf(touched);
      const value = touched.slot === undefined ? undefined : codec.encode(touched.slot.object);
      return { collection, key, value, transaction, touched };
    });
    // it may be told before there is an answer
    inFlight.add(writes);
    try {
      const { committed, revision } = await this.#link.session.commit({ compares, writes });
      if (!committed) {
        await this.#link.reached(revision);
        throw new Stale();
      }
      const landing = this.#link.landed(revision);
      if (landing !== undefined) await landing;
      // what the state has not been told of, it has loaded
      for (const touched of changed) touched.result ??= lastOf(touched, String(revision));
    } finally {
      inFlight.remove(writes);
      transaction.land();
    }
  }

  #compares(attempt: Attempt): readonly StorageCompare[] {
    const { codec } = this.#link;
    const compares = attempt.touched.map((touched): StorageCompare => {
      const { collection, key } = codec.keyOf(touched);
      return { collection, key, revision: revisionOf(touched.was) };
    });
    for (const [{ collection }, revision] of attempt.listed) compares.push({ collection, revision });
    for (const guard of attempt.guards) {
      const kind = this.#kinds.find(guard) as Kind;
      const { name, namespace = '' } = guard;
      const object = kind.table.get(namespace, name)?.object;
      compares.push({ ...codec.keyOf({ kind, namespace, name }), revision: revisionOf(object) });
    }
    return compares;
  }
}

function revisionOf(object: StoredObject | undefined): number {
  return object === undefined ? 0 : Number(object.metadata.resourceVersion);
}

/** What a transaction made of an object. */
function lastOf(touched: Touched, resourceVersion: string): StoredObject {
  const next = nextOf(touched);
  return next === undefined
    ? atRevision(touched.was as StoredObject, resourceVersion)
    : seal(next, resourceVersion);
}
