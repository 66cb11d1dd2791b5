import type { Node, Pod } from '../../../resources/kinds/index.js';
import type { ClusterView, DryRun, HostInfo, Plugin, Verdict, WorkloadInfo } from '../../framework/index.js';

/** A Pod that fits nowhere, and all that there is to find out whose going would help. */
export interface Search {
  readonly pod: WorkloadInfo<Pod>;
  readonly cluster: ClusterView<Pod, Node>;
  readonly verdictOf: (host: HostInfo<Pod, Node>) => Verdict | undefined;
  readonly dryRun: DryRun<Pod, Node>;
  /** Whether it is enough to count room: as it is before anything is tried. */
  readonly isOfRoom: boolean;
}

/** What `postFilter` and `survey` are given, as a search. */
export function searchFor(
  ...[pod, cluster, verdictOf, dryRun]: Parameters<NonNullable<Plugin<Pod, Node>['postFilter']>>
): Search {
  return { pod, cluster, verdictOf, dryRun, isOfRoom: dryRun.roomAloneDecides };
}

/** Calls `look` with each host where it might help to remove Pods, and why it was rejected: in the order of their indexes. */
export function eachPotential(
  { cluster, verdictOf }: Search,
  look: (host: HostInfo<Pod, Node>, verdict: Verdict) => void,
): void {
  const { bound } = cluster;
  for (let index = 0; index < bound; index += 1) {
    const host = cluster.at(index);
    if (host === undefined) continue;
    const verdict = verdictOf(host);
    if (verdict?.code === 'Unschedulable') look(host, verdict);
  }
}
