import type { Client } from '../../client/index.js';
import type { Clock, Logger } from '../../core/index.js';

/** What a source that is a function has to work with. */
export interface SourceContext {
  /** Aborts when no more items are wanted; the source is waited for. */
  readonly signal: AbortSignal;
  readonly client: Client;
  readonly clock: Clock;
  /** Says which source it is about. */
  readonly log: Logger;
}

/** What has listeners: an `EventEmitter` of Node.js or of `eventemitter3`, or anything with such `on` and `off`. */
export interface EmitterLike {
  on(event: string, listener: (item: unknown) => void): unknown;
  off(event: string, listener: (item: unknown) => void): unknown;
}

/** The events of one name of an emitter; the first argument of each is the item. */
export interface EmitterSource {
  readonly emitter: EmitterLike;
  readonly event: string;
}

/**
 * Something other than the store that makes a controller work: a message queue, a webhook, the state of a machine.
 *
 * - **A function** is called for each run, and again when what it made fails, after a while. When what it made ends, it is done.
 * - **An async iterable** is iterated once for each run, and not again when it fails: it cannot be made anew. Most can be consumed only
 *   once, by one run of one manager; where there may be several, give a function.
 * - **An emitter** is listened to. What it emits while nobody listens is lost.
 *
 * Items that come while nothing runs are lost, too, so let items say what to look at and keep the state elsewhere.
 */
export type Source<T> = AsyncIterable<T> | ((context: SourceContext) => AsyncIterable<T>) | EmitterSource;
