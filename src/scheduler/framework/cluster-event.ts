import type { ApiObject } from '../../core/index.js';
import type { AnyResource } from '../../resources/index.js';
import type { HostInfo, WorkloadInfo } from './infos.js';

/** A change of the cluster that may let a rejected workload fit. */
export type ClusterEvent<W extends ApiObject = ApiObject, H extends ApiObject = ApiObject> =
  /** A host came, or changed (`before` is how it was). */
  | { readonly type: 'host'; readonly host: HostInfo<W, H>; readonly before?: H | undefined }
  /** A host went. */
  | { readonly type: 'host gone'; readonly name: string }
  /** A workload was placed on a host, or changed there (`before` is how it was). */
  | {
      readonly type: 'placed';
      readonly workload: WorkloadInfo<W>;
      readonly host: string;
      readonly before?: WorkloadInfo<W> | undefined;
    }
  /** A workload left its host. */
  | { readonly type: 'removed'; readonly workload: WorkloadInfo<W>; readonly host: string }
  /** An object of another kind was set, or removed where there is no `after`. */
  | {
      readonly type: 'object';
      readonly resource: AnyResource;
      readonly before?: ApiObject | undefined;
      readonly after?: ApiObject | undefined;
    };
