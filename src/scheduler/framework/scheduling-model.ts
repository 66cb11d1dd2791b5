import type { ApiObject } from '../../core/index.js';
import type { Resource } from '../../resources/index.js';
import type { Amounts, WorkloadInfo } from './infos.js';

/**
 * What is placed, and where: tells the engine how to read both kinds.
 *
 * `podModel` is that of Pods and Nodes. Functions throw a TypeError that names the field where an object makes no sense.
 */
export interface SchedulingModel<W extends ApiObject, H extends ApiObject> {
  readonly workload: Resource<W>;
  readonly host: Resource<H>;
  /** The name of the host on which a workload is placed; undefined while it is on none. */
  hostOf(workload: W): string | undefined;
  /** The name of the host where room is kept for a workload that is not placed yet. */
  nominatedHostOf?(workload: W): string | undefined;
  /** Whether a workload takes up nothing any more, as it has ended. */
  hasEnded?(workload: W): boolean;
  /** The profile that a workload asks for; the first one unless given. */
  schedulerNameOf?(workload: W): string;
  /** 0 unless given. */
  priorityOf?(workload: W): number;
  /** What a workload uses up. One Map for equal workloads saves memory and time. */
  requestsOf(workload: W): Amounts;
  /** What a host has. */
  capacityOf(host: H): Amounts;
  /** Whether a change of a workload that stays where it is makes no difference to anybody; every change does unless given. */
  sameWorkload?(before: WorkloadInfo<W>, after: WorkloadInfo<W>): boolean;
  /** Whether a change of a host makes no difference to anybody, as with a sign of life; every change does unless given. */
  sameHost?(before: H, after: H): boolean;
  /** A workload as it was before it was placed: the object itself unless given. */
  unplaced?(workload: W): W;
  /** Anything that the plugins of this kind want to know of a workload, read once for each state of it. */
  factsOf?(workload: W): unknown;
}
