import type { Node, Pod } from '../../../resources/kinds/index.js';
import {
  type ClusterView,
  type HostInfo,
  pending,
  type Rejection,
  unschedulable,
  type Verdict,
  type WorkloadInfo,
} from '../../framework/index.js';

const NEVER = /* @__PURE__ */ unschedulable('not eligible due to preemptionPolicy=Never.');
const GOING = /* @__PURE__ */ pending('not eligible due to a terminating pod on the nominated node.');

/**
 * Why a Pod may not push others off; undefined where it may.
 *
 * It may not where it does not want to, and where somebody is going for it already: unless the node that was to be freed will not do any more,
 * whoever goes. Which node that is the cluster knows before the Pod itself says so.
 *
 * Source: `PodEligibleToPreemptOthers` of kube-scheduler.
 */
export function objectionTo(
  pod: WorkloadInfo<Pod>,
  cluster: ClusterView<Pod, Node>,
  verdictOf: (host: HostInfo<Pod, Node>) => Verdict | undefined,
): Rejection | undefined {
  const { spec, status } = pod.object;
  if (spec.preemptionPolicy === 'Never') return NEVER;
  const nominated = cluster.nominatedHostOf(pod.key) ?? status?.nominatedNodeName;
  const host = nominated === undefined ? undefined : cluster.host(nominated);
  if (host === undefined || verdictOf(host)?.code === 'UnschedulableAndUnresolvable') return undefined;
  return isMakingRoom(pod, host) ? GOING : undefined;
}

/** Whether somebody of a lower priority than a Pod is going from a node as he had to make room, for it or for another. */
export function isMakingRoom({ priority }: WorkloadInfo<Pod>, host: HostInfo<Pod, Node>): boolean {
  return host.workloads.some((other) => other.priority < priority && wasPushedOff(other.object));
}

function wasPushedOff({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  const condition = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler';
}
