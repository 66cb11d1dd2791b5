import type { Node, Pod } from '../../../resources/kinds/index.js';
import type { ClusterView, HostInfo, Verdict } from '../../framework/index.js';

/**
 * Why a Pod may not push others off; undefined where it may.
 *
 * It may not where it does not want to, and where somebody is going for it already: unless the node that was to be freed will not do any more,
 * whoever goes.
 *
 * Source: `PodEligibleToPreemptOthers` of kube-scheduler.
 */
export function objectionTo(
  pod: Pod,
  priority: number,
  cluster: ClusterView<Pod, Node>,
  verdictOf: (host: HostInfo<Pod, Node>) => Verdict | undefined,
): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = pod.status?.nominatedNodeName;
  const host = nominated === undefined ? undefined : cluster.host(nominated);
  if (host === undefined || verdictOf(host)?.code === 'UnschedulableAndUnresolvable') return undefined;
  return host.workloads.some((other) => other.priority < priority && wasPushedOff(other.object))
    ? 'not eligible due to a terminating pod on the nominated node.'
    : undefined;
}

/** Whether a Pod is going as it had to make room. */
function wasPushedOff({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  const condition = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler';
}
