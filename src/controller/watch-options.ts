import type { SelectOptions } from '../client/index.js';
import type { Indexers } from '../informer/index.js';
import type { AnyResource } from '../resources/index.js';
import type { EventOrigin, StoreChoice } from './controller.js';
import type { Predicate } from './predicates/index.js';
import type { RequestTarget } from './request.js';

/** Which objects of a kind are cached. */
export interface CachedKindOptions<O> extends SelectOptions {
  /** Functions that say under which values `cache.byIndex` finds an object. */
  readonly indexers?: Indexers<O, string> | undefined;
  /** In which stores; those of the kind that the controller is for unless given, and for that kind `home`. */
  readonly stores?: StoreChoice | undefined;
}

/** Which objects of a kind are cached, and which events about them count. */
export interface WatchedKindOptions<O> extends CachedKindOptions<O> {
  /** An event that one of them does not pass asks for nothing. All events count unless given. */
  readonly predicates?: readonly Predicate<O>[] | undefined;
}

/** What an event about an object asks for; exactly one of them. */
export type WatchTargets<O> =
  | {
      /** The objects of these keys. Called for the object before and after the event. */
      readonly map: (object: O, from: EventOrigin) => Iterable<RequestTarget>;
      readonly key?: never;
      readonly ownerOf?: never;
    }
  | {
      /** The object of this key; undefined for none. Called for the object before and after the event. */
      readonly key: (object: O, from: EventOrigin) => RequestTarget | undefined;
      readonly map?: never;
      readonly ownerOf?: never;
    }
  | {
      /** The objects whose names are those of its owners of this kind, controllers or not. */
      readonly ownerOf: AnyResource;
      readonly map?: never;
      readonly key?: never;
    };
