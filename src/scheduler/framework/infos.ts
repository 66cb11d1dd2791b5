import type { ApiObject } from '../../core/index.js';

/** Whole numbers of what can be used up, by name: CPU in thousandths, memory in bytes, what comes in pieces in pieces. */
export type Amounts = ReadonlyMap<string, number>;

/**
 * A workload as plugins see it: placed on a host, or to be placed.
 *
 * One object stands for one state of the workload; a change makes a new one.
 */
export interface WorkloadInfo<W extends ApiObject = ApiObject> {
  readonly object: W;
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The higher goes first, and may push the lower off a host. */
  readonly priority: number;
  /** What it uses up of its host. */
  readonly requests: Amounts;
  /** What the model made of the object for the plugins of its kind. */
  readonly facts: unknown;
}

/** A host as plugins see it: it changes as the host does, and as workloads come and go. */
export interface HostInfo<W extends ApiObject = ApiObject, H extends ApiObject = ApiObject> {
  /** The place of the host in arrays that run over all hosts; taken over by another host once this one is gone. */
  readonly index: number;
  readonly name: string;
  readonly object: H;
  readonly labels: Readonly<Record<string, string>>;
  /** Those that are placed here, in no particular order. */
  readonly workloads: readonly WorkloadInfo<W>[];
  /** How much it has of something; 0 where it says nothing. */
  capacity(resource: string): number;
  /** How much its workloads use up of something. */
  used(resource: string): number;
}
