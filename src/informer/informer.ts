import type { EventEmitter } from 'eventemitter3';
import type { SelectOptions } from '../client/index.js';
import type { ObjectKey } from '../core/index.js';
import type { EventHandler, HandlerOptions, HandlerRegistration } from './event-handler.js';
import type { Indexers } from './indexer.js';
import type { Lister } from './lister.js';
import type { ListerSnapshot } from './snapshots.js';
import type { Reconnection, ReflectorState } from './reflector-options.js';

/** Which objects an informer caches, and how. */
export interface InformerOptions<O, I extends string = never> extends SelectOptions {
  /** Functions that say under which values `lister.byIndex` finds an object. */
  readonly indexers?: Indexers<O, I> | undefined;
  /**
   * About every this many milliseconds handlers get an update of every cached object, unchanged; never unless given, and for 0. Each
   * period is up to 10 % shorter or longer by chance. A handler may say otherwise for itself.
   */
  readonly resync?: number | undefined;
  /**
   * Makes what is cached of what the server sent: once for each state of an object, before it is cached.
   *
   * It must keep name, namespace, uid and resourceVersion. Where it fails or breaks that rule, the failure is reported, and the object is
   * cached as the server sent it.
   */
  readonly transform?: ((object: O) => O) | undefined;
}

/** What went wrong in an informer, and where. */
export interface InformerFault {
  readonly error: Error;
  /** `list` and `watch` are tried again; `handler`, `index` and `transform` are functions of the program that failed. */
  readonly during: 'list' | 'watch' | 'handler' | 'index' | 'transform';
  /** The object in question, where there is one. */
  readonly key?: ObjectKey | undefined;
}

/** The events of an informer, with what their listeners are given. */
export interface InformerEvents {
  state: [state: ReflectorState];
  fault: [fault: InformerFault];
  reconnect: [reconnection: Reconnection];
}

/** Where to listen to an informer's events; listeners are called at once and must not throw. */
export type InformerEmitter = Pick<EventEmitter<InformerEvents>, 'on' | 'once' | 'off'>;

/**
 * A cache of the objects of one kind, kept up to date by a watch, with handlers that are told of changes.
 *
 * - The cache follows the server, some time behind it, and never goes back. For each object it goes through the states of the object in
 *   their order, but may skip some. A new list is taken over as a whole: nobody sees half of it.
 * - Handlers are called after the cache has changed, and only ever see a cache as new as what they are told, or newer.
 * - A handler that is added late is first told of everything that is there. Handlers are independent: a slow one, or one that throws, does
 *   not hold up the others.
 * - An object that was deleted and created again is told of as a deletion and an addition, even where the informer missed both.
 *
 * Source: `SharedIndexInformer` of client-go.
 */
export interface Informer<O, I extends string = never> extends AsyncDisposable {
  readonly lister: Lister<O, I>;
  readonly state: ReflectorState;
  /** Why the last list or watch failed; undefined where none has since the server last answered. */
  readonly lastError: Error | undefined;
  /** How many times a watch was opened after the first one: a sign of how well the server can be reached. */
  readonly reconnects: number;
  /** The revision that the cache reflects; undefined before the first list. */
  readonly resourceVersion: string | undefined;
  readonly events: InformerEmitter;

  /**
   * Adds a handler.
   *
   * @throws TypeError where the informer was stopped; RangeError for a resync that makes no sense.
   */
  addEventHandler(handler: EventHandler<O>, options?: HandlerOptions): HandlerRegistration;
  /**
   * Adds indexes, of what is cached already too.
   *
   * @throws TypeError where a name is taken by another function.
   */
  addIndexers<J extends string>(indexers: Indexers<O, J>): Informer<O, I | J>;

  /**
   * The cache as it is now, for reads that go on while it changes.
   *
   * It costs nothing now, and something for each object that changes until it is disposed of: which must not be forgotten.
   */
  snapshot(): ListerSnapshot<O, I>;

  /** Resolves once the cache holds the first list; rejects where the informer is stopped before. See also {@link lastError}. */
  synced(): Promise<void>;
  /** Resolves once the cache reflects a revision or a newer one; rejects where the informer is stopped before. */
  reached(resourceVersion: string): Promise<void>;
  /**
   * Resolves once the cache reflects a revision or a newer one and every handler was told of all of it.
   *
   * Not to be awaited by a handler. Rejects where the informer is stopped before.
   */
  caughtUpTo(resourceVersion: string): Promise<void>;
  /** Resolves once no handler has anything waiting or a call running. Not to be awaited by a handler. */
  idle(): Promise<void>;

  /**
   * Gives the informer back, once for each time that it was asked for; the last one stops it, and frees its memory.
   *
   * Resolves when that is done. Handlers of those who have given it back go on until they are removed, or it stops. A lister shows for good
   * what it showed when its informer stopped.
   */
  release(): Promise<void>;
}
