import type { ApiObject } from '../../core/index.js';
import type { Amounts, HostInfo, WorkloadInfo } from './infos.js';
import type { Verdict } from './placement.js';

/** A cluster to try changes on, all of which are taken back when the trial ends. */
export interface DryRun<W extends ApiObject, H extends ApiObject> {
  /** The only hosts in question, by index, in order; undefined where all are. */
  readonly among: Int32Array | undefined;
  /** Whether any host was rejected with `Unschedulable`: where none was, it helps nowhere that others go. */
  readonly mayHelp: boolean;
  /** Runs `work` and takes back what it changed. */
  trial<T>(work: (trial: Trial<W>) => T): T;
  /** Why a host will not do for the workload that is being decided about, as the cluster is now; undefined where it will. */
  verdict(host: HostInfo<W, H>): Verdict | undefined;
  /**
   * The room that alone decides whether it helps that others go: then it is enough to count what becomes free, and no filter has to be asked again.
   *
   * Undefined unless one plugin that has a say tells what it needs (`reads.room`), and all others look at one host at a time and not at
   * what is placed there.
   */
  readonly room: RoomNeeded | undefined;
  /** Those that are to be placed on a host once there is room, of at least the priority of the workload. */
  nominated(host: HostInfo<W, H>): readonly WorkloadInfo<W>[];
}

/** What has to be left on a host for a workload. */
export interface RoomNeeded {
  /** The plugin that says no where it is not. */
  readonly plugin: string;
  readonly amounts: Amounts;
}

/** Everything that a plugin weighs when it makes room: every host, and every candidate. */
export interface PreemptionSurvey {
  readonly eligible: boolean;
  /** Why it is not eligible. */
  readonly reason?: string;
  /** The hosts where it might help to remove workloads. */
  readonly potentialNodes: readonly string[];
  /** Where it helps, and who has to go: by the name of the host; victims by key, the most important first. */
  readonly candidates: readonly {
    readonly node: string;
    readonly victims: readonly string[];
    readonly pdbViolations: number;
  }[];
  /** The potential hosts where it does not help. */
  readonly rejected: Readonly<Record<string, Verdict>>;
  /** The candidates of which none is better than the others. */
  readonly best: readonly string[];
  /** Why nothing was found. */
  readonly message?: string;
}

/** Changes for the time of a trial. */
export interface Trial<W extends ApiObject> {
  remove(workload: WorkloadInfo<W>): void;
  place(workload: WorkloadInfo<W>, host: string): void;
}
