import type { Node, Pod } from '../../../resources/kinds/index.js';
import type {
  ClusterView,
  DryRun,
  HostInfo,
  Plugin,
  RoomNeeded,
  Verdict,
  WorkloadInfo,
} from '../../framework/index.js';

/** A Pod that fits nowhere, and all that there is to find out whose going would help. */
export interface Search {
  readonly pod: WorkloadInfo<Pod>;
  readonly cluster: ClusterView<Pod, Node>;
  readonly verdictOf: (host: HostInfo<Pod, Node>) => Verdict | undefined;
  readonly dryRun: DryRun<Pod, Node>;
  /** The room that alone decides; undefined where hosts have to be tried. As it is before anything is tried. */
  readonly room: RoomNeeded | undefined;
}

/** What `postFilter` and `survey` are given, as a search. */
export function searchFor(
  ...[pod, cluster, verdictOf, dryRun]: Parameters<NonNullable<Plugin<Pod, Node>['postFilter']>>
): Search {
  return { pod, cluster, verdictOf, dryRun, room: dryRun.room };
}

/** Calls `look` with each host where it might help to remove Pods, and why it was rejected: in the order of their indexes. */
export function eachPotential(
  { cluster, verdictOf, dryRun }: Search,
  look: (host: HostInfo<Pod, Node>, verdict: Verdict) => void,
): void {
  const { among } = dryRun;
  const bound = among?.length ?? cluster.bound;
  for (let at = 0; at < bound; at += 1) {
    const host = cluster.at(among === undefined ? at : (among[at] as number));
    if (host === undefined) continue;
    const verdict = verdictOf(host);
    if (verdict?.code === 'Unschedulable') look(host, verdict);
  }
}
