import type { Guard } from '../client/index.js';
import type { EventLog } from './event-log.js';
import type { Kind } from './kind.js';
import type { Slot } from './object-table.js';
import type { Write } from './state.js';
import type { StoredObject } from './stored-object.js';

/** Where the verbs that write find objects, and where they put them: the store itself, an attempt at a write, or a transaction. */
export interface WriteTarget {
  readonly revision: number;
  readonly log: EventLog;
  find(kind: Kind, namespace: string, name: string): Slot | undefined;
  /** The objects of a namespace (of all where it is undefined), ordered by namespace, then name. */
  ordered(kind: Kind, namespace: string | undefined): readonly Slot[];
  /** Whether there is no object of the kind in a namespace. */
  isEmpty(kind: Kind, namespace: string): boolean;
  /** @throws ApiError Conflict where a guard does not hold when the writes happen. */
  holds(guards: readonly Guard[]): void;
  /** Makes a write happen; answers with the object as it is then, or was last. */
  commit(write: Write): StoredObject | Promise<StoredObject>;
  /** The same place, for writes that happen with the next {@link commit} here, where that can be. */
  readonly aside: WriteTarget;
}
