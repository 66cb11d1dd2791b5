import type { ApiObject } from '../../core/index.js';
import type { Indexers, Informer } from '../../informer/index.js';
import type { AnyResource } from '../../resources/index.js';

/** One of the informers of a controller in a store. */
export interface WatchedInformer {
  readonly resource: AnyResource;
  readonly informer: Informer<ApiObject, string>;
  /** The index functions of the informer: without those of an index, `byIndex` fails while an own write lies over the cache. */
  readonly indexers?: Indexers<ApiObject, string> | undefined;
  /** Whether it has every object of the kind: of several informers, reads go to such a one, and else to the first. */
  readonly isWhole?: boolean | undefined;
  /** Whether an object is in the informer's selection; undefined where that cannot be told, as of a field selector. */
  covers(object: ApiObject): boolean | undefined;
}
