import type { Remedy, Verdict } from '../framework/index.js';

/** What every plugin says of one host. */
export interface HostExplanation {
  readonly host: string;
  /** Every no of a filter, not only the first. */
  readonly rejections: readonly Verdict[];
  /** What every score says, where no filter says no. */
  readonly scores?: readonly PluginScore[];
  /** The sum of weight times score. */
  readonly total?: number;
}

/** What one plugin thinks of a host. */
export interface PluginScore {
  readonly plugin: string;
  /** As the plugin gave it. */
  readonly raw: number;
  /** 0 to 100, by comparison with the other hosts that will do. */
  readonly normalized: number;
  readonly weight: number;
  readonly weighted: number;
}

/** What would have to change for one host to do. */
export interface Counterfactual {
  readonly host: string;
  readonly changes: readonly (Remedy & { readonly plugin: string })[];
}

/** Why a workload goes where it goes, host by host. */
export interface Explanation {
  /** `namespace/name` of the workload. */
  readonly workload: string;
  /** The host that was chosen; undefined where none will do. */
  readonly node: string | undefined;
  /** True where the cluster has changed since the decision: this is about the cluster as it is now. */
  readonly isStale: boolean;
  readonly hosts: readonly HostExplanation[];
  /** The best host that was not chosen; undefined where no other will do. */
  readonly runnerUp?: string;
  /** By how much the host that was chosen is better than the runner-up: 0 where it was drawn. */
  readonly margin?: number;
  /** Why no host will do. */
  readonly message?: string;
  /** Where no host will do: the smallest sets of changes that would make one do, the fewest changes first. */
  readonly wouldFit?: readonly Counterfactual[];
}
