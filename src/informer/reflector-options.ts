import type { Client, SelectOptions } from '../client/index.js';
import type { Logger, MetricsProvider } from '../core/index.js';
import type { Resource } from '../resources/index.js';

/**
 * What a reflector is doing.
 *
 * - `stopped`: nothing; not started yet, or told to stop.
 * - `connecting`: asked for all objects and has no answer yet.
 * - `listing`: reads them, as the pages of a list or the initial events of a watch.
 * - `watching`: has a watch open.
 * - `backing off`: waits after a failure, before it tries again.
 */
export type ReflectorState = 'stopped' | 'connecting' | 'listing' | 'watching' | 'backing off';

/** What a watch told of one object. */
export interface ObjectEvent<O> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: O;
  /** Further events of the same commit follow. */
  readonly more?: true;
}

/** Where a reflector puts what it learns; called synchronously, in the order in which it happened. */
export interface ReflectorTarget<O> {
  /** These are all objects there are, at a revision. What it promises is waited for: until then nothing else is told. */
  replace(objects: readonly O[], resourceVersion: string): Promise<void> | void;
  /** One object changed. After a watch was resumed, an event may come a second time. */
  apply(event: ObjectEvent<O>): void;
  /** Everything up to a revision has been told. */
  bookmark(resourceVersion: string): void;
}

/** A watch was opened that is not the first. */
export interface Reconnection {
  /** How many there were, with this one. */
  readonly count: number;
  /** The last failure since the watch before; undefined where that ended as it should. */
  readonly error: Error | undefined;
  /** The objects were listed anew; otherwise the watch goes on from the last revision. */
  readonly relisted: boolean;
}

/** What a `Reflector` is made from. */
export interface ReflectorOptions<O> {
  readonly client: Client;
  readonly resource: Resource<O>;
  readonly target: ReflectorTarget<O>;
  /** Which objects; all unless given. */
  readonly selection?: SelectOptions | undefined;
  /**
   * Begins with a watch that sends all objects (`sendInitialEvents`), and follows the same one, instead of a list and a watch; where the
   * server does not know how, or that fails, it lists. It spares a remote server most of the memory of a list; a store in this process
   * lists for nothing. False unless given.
   */
  readonly stream?: boolean | undefined;
  readonly logger?: Logger | undefined;
  readonly metrics?: MetricsProvider | undefined;
  /** Called when the state has changed; must not throw. */
  readonly onState?: ((state: ReflectorState) => void) | undefined;
  /** Called when a watch was opened that is not the first; must not throw. */
  readonly onReconnect?: ((reconnection: Reconnection) => void) | undefined;
  /** Called when a list or a watch failed; must not throw. */
  readonly onError?: ((error: Error, during: 'list' | 'watch') => void) | undefined;
}
