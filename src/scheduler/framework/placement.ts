import type { ApiObject } from '../../core/index.js';
import type { WorkloadInfo } from './infos.js';
import type { Rejection } from './rejection.js';

/** The first no to a host, and whose it was. */
export interface Verdict extends Rejection {
  /** The plugin; `''` where a host was left out as `preFilter` asked for others alone. */
  readonly plugin: string;
}

/** Where a workload could go once others have made room. */
export interface Placement<W extends ApiObject> {
  readonly host: string;
  /** Those that have to go, the most important first. */
  readonly victims: readonly WorkloadInfo<W>[];
}
