import { jsonEqual } from '../../core/index.js';
import {
  type Node,
  type Pod,
  ReplicaSet,
  ReplicationController,
  Service,
  StatefulSet,
} from '../../resources/kinds/index.js';
import {
  definePlugin,
  type ClusterEvent,
  type ClusterView,
  type HostInfo,
  type Plugin,
  type Rejection,
  SKIP,
  unresolvable,
  unschedulable,
  type WorkloadInfo,
} from '../framework/index.js';
import { factsOf } from '../pods/pod-facts.js';
import { podCounts } from './counts/pod-counts.js';
import { ownSpreadsOf, type SpreadAction } from './counts/spread-constraints.js';
import { type PodTopologySpreadArgs, SpreadDefaults } from './counts/spread-defaults.js';
import { type SpreadFilter, spreadFilter } from './counts/spread-filter.js';
import { SpreadScore } from './counts/spread-score.js';
import { USUAL_TOPOLOGY_KEYS } from './counts/usual-topology-keys.js';

const SKEWED = "node(s) didn't match pod topology spread constraints";
const TOO_MANY: Rejection = /* @__PURE__ */ unschedulable(SKEWED);
const NO_LABEL: Rejection = /* @__PURE__ */ unresolvable(`${SKEWED} (missing required label)`);

type Host = HostInfo<Pod, Node>;

/**
 * Spreads Pods evenly over domains such as zones: keeps them out of a domain that has too many of their sort, or likes it less.
 *
 * Pods that are being deleted do not count, during preemption neither: kube-scheduler 1.36 takes those that have to go off a count in which
 * they are not.
 *
 * @throws TypeError or RangeError where a setting makes no sense.
 */
export function podTopologySpread(args: PodTopologySpreadArgs = {}): Plugin<Pod, Node> {
  const defaults = new SpreadDefaults(args);
  return definePlugin<Pod, Node, readonly SpreadFilter[], SpreadScore>({
    name: 'PodTopologySpread',
    weight: 2,
    reads: {
      kinds: [Service, ReplicationController, ReplicaSet, StatefulSet],
      topologyKeys: USUAL_TOPOLOGY_KEYS,
    },
    preFilter(pod, cluster) {
      const spreads = spreadsOf(pod, cluster, defaults, 'DoNotSchedule');
      if (spreads === undefined) return SKIP;
      const counts = cluster.index(podCounts);
      return { state: spreads.list.map((spread) => spreadFilter(spread, counts)) };
    },
    filter(_pod, host, state) {
      for (const spread of state) {
        const rejection = rejectionBy(spread, host.index);
        if (rejection !== undefined) return rejection;
      }
      return undefined;
    },
    filterAll(_pod, indexes, [first, ...others], rejections) {
      for (let at = 0; at < indexes.length; at += 1) {
        rejections[at] = first && rejectionBy(first, indexes[at] as number);
      }
      for (const spread of others) {
        for (let at = 0; at < indexes.length; at += 1) {
          rejections[at] ??= rejectionBy(spread, indexes[at] as number);
        }
      }
    },
    remedy(_pod, host, state) {
      const texts: string[] = [];
      for (const { spread, domainOf, counts, most, fewest } of state) {
        const domain = domainOf[host.index] as number;
        // which value of the label would do is for people to say
        if (domain === -1) return undefined;
        const count = counts[domain] as number;
        if (count > most)
          texts.push(`raise maxSkew of ${spread.topologyKey} to ${count + spread.self - fewest}`);
      }
      return texts.length === 0 ? undefined : { text: texts.join(', '), of: 'workload' };
    },
    preScore(pod, cluster, hosts) {
      const spreads = spreadsOf(pod, cluster, defaults, 'ScheduleAnyway');
      if (spreads === undefined) return SKIP;
      return { state: new SpreadScore(spreads, cluster, cluster.index(podCounts), hosts()) };
    },
    score: (_pod, host, state) => state.of(host),
    normalize(scores, _pod, hosts, state) {
      // by index: an iterator over thousands of hosts is what this would cost most
      let lowest = Number.POSITIVE_INFINITY;
      let highest = 0;
      for (let at = 0; at < scores.length; at += 1) {
        if (!state.counts(hosts[at] as Host)) continue;
        const score = scores[at] as number;
        if (score < lowest) lowest = score;
        if (score > highest) highest = score;
      }
      for (let at = 0; at < scores.length; at += 1) {
        const score = scores[at] as number;
        if (!state.counts(hosts[at] as Host)) scores[at] = 0;
        else if (highest === 0) scores[at] = 100;
        else scores[at] = Math.trunc((100 * (highest + lowest - score)) / highest);
      }
    },
    wakes: (event, pod) => canCure(event, pod, defaults),
  });
}

/** The no of a spread to a host, by its index. */
function rejectionBy({ domainOf, counts, most }: SpreadFilter, index: number): Rejection | undefined {
  const domain = domainOf[index] as number;
  if (domain === -1) return NO_LABEL;
  return (counts[domain] as number) > most ? TOO_MANY : undefined;
}

/** The spreads of an action that a Pod is subject to; undefined where there are none. */
function spreadsOf(
  pod: WorkloadInfo<Pod>,
  cluster: ClusterView<Pod, Node>,
  defaults: SpreadDefaults,
  action: SpreadAction,
): ReturnType<SpreadDefaults['of']> {
  const { spec, identity } = factsOf(pod);
  const own = spec.of(ownSpreadsOf);
  if (!own.any) return defaults.of(pod, cluster, action);
  const spreads = own.of(identity, action);
  return spreads.list.length === 0 ? undefined : spreads;
}

/** Whether a change can let a Pod that was rejected fit. */
function canCure(event: ClusterEvent<Pod, Node>, pod: WorkloadInfo<Pod>, defaults: SpreadDefaults): boolean {
  switch (event.type) {
    case 'host':
      return (
        event.before === undefined ||
        !jsonEqual(event.before.metadata.labels, event.host.object.metadata.labels) ||
        !jsonEqual(event.before.spec?.taints, event.host.object.spec?.taints)
      );
    case 'host gone':
      return true;
    case 'placed':
      return (
        isCounted(event.workload, pod, defaults) ||
        (event.before !== undefined && isCounted(event.before, pod, defaults))
      );
    case 'removed':
      return isCounted(event.workload, pod, defaults);
    case 'object':
      return usesDefaults(pod, defaults);
  }
}

/** Whether a Pod counts for the required spreads of another; taken to be so where these are defaults, whose selectors change. */
function isCounted(other: WorkloadInfo<Pod>, pod: WorkloadInfo<Pod>, defaults: SpreadDefaults): boolean {
  if (other.namespace !== pod.namespace) return false;
  if (usesDefaults(pod, defaults)) return true;
  const { spec, identity } = factsOf(pod);
  const counted = factsOf(other).identity;
  return spec
    .of(ownSpreadsOf)
    .of(identity, 'DoNotSchedule')
    .list.some(({ matcher }) => matcher.couldMatch(counted));
}

function usesDefaults(pod: WorkloadInfo<Pod>, defaults: SpreadDefaults): boolean {
  return defaults.has('DoNotSchedule') && !factsOf(pod).spec.of(ownSpreadsOf).any;
}
