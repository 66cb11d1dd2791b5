import type { WatchEvent } from '../client/index.js';
import type { Kind } from './kind.js';
import { atRevision, type StoredObject } from './stored-object.js';

/** One object's part in a commit, as the log keeps it. */
export class Change {
  readonly revision: number;
  /** When, in milliseconds. */
  readonly time: number;
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  /** The state before; undefined where the change created the object. */
  readonly previous: StoredObject | undefined;
  /** The state after; for a deletion the last state, at the deletion's revision. */
  readonly object: StoredObject;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  // made when first asked for, then shared by all watches
  #event: WatchEvent<StoredObject> | undefined;
  #left: WatchEvent<StoredObject> | undefined;

  constructor(
    type: 'ADDED' | 'MODIFIED' | 'DELETED',
    revision: number,
    time: number,
    kind: Kind,
    previous: StoredObject | undefined,
    object: StoredObject,
  ) {
    this.type = type;
    this.revision = revision;
    this.time = time;
    this.kind = kind;
    this.namespace = object.metadata.namespace ?? '';
    this.name = object.metadata.name;
    this.previous = previous;
    this.object = object;
  }

  /** What an unselective watch tells of it. */
  get event(): WatchEvent<StoredObject> {
    this.#event ??= Object.freeze({ type: this.type, object: this.object });
    return this.#event;
  }

  /** What a watch tells whose selection the object left: its state before, at the change's revision. */
  get leftEvent(): WatchEvent<StoredObject> {
    if (this.type === 'DELETED' || this.previous === undefined) return this.event;
    this.#left ??= Object.freeze({
      type: 'DELETED',
      object: atRevision(this.previous, this.object.metadata.resourceVersion),
    });
    return this.#left;
  }
}
