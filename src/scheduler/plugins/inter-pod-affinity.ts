import { jsonEqual, preview } from '../../core/index.js';
import { Namespace, type Node, type Pod } from '../../resources/kinds/index.js';
import {
  definePlugin,
  type ClusterEvent,
  type ClusterView,
  type Plugin,
  type Rejection,
  SKIP,
  unresolvable,
  unschedulable,
  type WorkloadInfo,
} from '../framework/index.js';
import { factsOf } from '../pods/pod-facts.js';
import { type AffinityTerms, affinityTermsOf } from './counts/affinity-terms.js';
import type { DomainCount } from './counts/domain-count.js';
import { DomainScores } from './counts/domain-scores.js';
import { heldTerms } from './counts/held-terms.js';
import { USUAL_TOPOLOGY_KEYS } from './counts/usual-topology-keys.js';
import { podCounts } from './counts/pod-counts.js';

const NO_AFFINITY: Rejection = /* @__PURE__ */ unresolvable("node(s) didn't match pod affinity rules");
const ANTI_AFFINITY: Rejection = /* @__PURE__ */ unschedulable(
  "node(s) didn't match pod anti-affinity rules",
);
const UNWANTED: Rejection = /* @__PURE__ */ unschedulable(
  "node(s) didn't satisfy existing pods anti-affinity rules",
);

/** The settings of {@link interPodAffinity}. */
export interface InterPodAffinityArgs {
  /** How much a required affinity of a Pod that is placed counts in the score of others, 0 to 100; 1 unless given. */
  readonly hardPodAffinityWeight?: number | undefined;
  /** Whether a Pod without preferences of its own gets no score for those of Pods that are placed. */
  readonly ignorePreferredTermsOfExistingPods?: boolean | undefined;
}

/** Pods in the domains of a topology. */
interface Domains {
  /** The domain of each host. */
  readonly domainOf: Int32Array;
  /** How many Pods there are in each domain. */
  readonly counts: Int32Array;
}

/** What {@link interPodAffinity} filters by. */
interface AffinityFilter {
  /** All of them must have a Pod of those that the affinity asks for. */
  readonly affinity: readonly Domains[];
  /** Whether a host is as good without such a Pod: there is none anywhere, and the Pod is one itself. */
  readonly isFirst: boolean;
  /** None of them may have a Pod that the anti-affinity excludes. */
  readonly antiAffinity: readonly Domains[];
  /** None of them may have a Pod whose anti-affinity excludes this one. */
  readonly against: readonly Domains[];
}

/**
 * Keeps Pods in the domains where the Pods are that their affinity asks for, and out of those that their own anti-affinity, or that of
 * a Pod there, excludes; likes nodes better by the preferences of both sides.
 *
 * A namespaceSelector selects a namespace by the labels of its Namespace object, where kube-scheduler 1.36 takes `NotIn` and
 * `DoesNotExist` in the Pod's own terms for all namespaces; a namespace without such an object has no labels.
 *
 * @throws RangeError where `hardPodAffinityWeight` is no whole number from 0 to 100.
 */
export function interPodAffinity(args: InterPodAffinityArgs = {}): Plugin<Pod, Node> {
  const { hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false } = args;
  if (!Number.isInteger(hardPodAffinityWeight) || hardPodAffinityWeight < 0 || hardPodAffinityWeight > 100) {
    throw new RangeError(
      `hardPodAffinityWeight: expected a whole number from 0 to 100, got ${preview(hardPodAffinityWeight)}`,
    );
  }
  return definePlugin<Pod, Node, AffinityFilter, DomainScores>({
    name: 'InterPodAffinity',
    weight: 2,
    reads: { kinds: [Namespace], topologyKeys: USUAL_TOPOLOGY_KEYS, indexes: [heldTerms] },
    preFilter(pod, cluster) {
      const terms = termsOf(pod);
      if (terms.problem !== undefined) return unresolvable(`parsing pod: ${terms.problem}`);
      const state = filterOf(pod, terms, cluster);
      const isFree = state.affinity.length + state.antiAffinity.length + state.against.length === 0;
      return isFree ? SKIP : { state };
    },
    filter(_pod, host, state) {
      if (!hasAffinity(state, host.index)) return NO_AFFINITY;
      if (isInAny(state.antiAffinity, host.index)) return ANTI_AFFINITY;
      if (isInAny(state.against, host.index)) return UNWANTED;
      return undefined;
    },
    filterAll(_pod, indexes, state, rejections) {
      for (let at = 0; at < indexes.length; at += 1) {
        rejections[at] = hasAffinity(state, indexes[at] as number) ? undefined : NO_AFFINITY;
      }
      for (const domains of state.antiAffinity) rejectWithin(domains, ANTI_AFFINITY, indexes, rejections);
      for (const domains of state.against) rejectWithin(domains, UNWANTED, indexes, rejections);
    },
    preScore(pod, cluster) {
      const { preferred } = termsOf(pod);
      if (ignorePreferredTermsOfExistingPods && preferred.length === 0) return SKIP;
      const scores = new DomainScores();
      const counts = cluster.index(podCounts);
      for (const { matcher, topologyKey, weight } of preferred) {
        scores.add(counts.byDomain(matcher, topologyKey), weight);
      }
      for (const { sort, weight, where } of cluster.index(heldTerms).scored(factsOf(pod).identity)) {
        scores.add(where, sort === 'required' ? hardPodAffinityWeight : weight);
      }
      return scores.empty ? SKIP : { state: scores };
    },
    score: (_pod, host, scores) => scores.of(host.index),
    normalize(scores) {
      let lowest = Number.POSITIVE_INFINITY;
      let highest = Number.NEGATIVE_INFINITY;
      for (const score of scores) {
        if (score < lowest) lowest = score;
        if (score > highest) highest = score;
      }
      const range = highest - lowest;
      for (let at = 0; at < scores.length; at += 1) {
        const above = (scores[at] as number) - lowest;
        scores[at] = range > 0 ? Math.trunc(100 * (above / range)) : 0;
      }
    },
    wakes: (event, pod) => canCure(event, pod),
  });
}

function termsOf(pod: WorkloadInfo<Pod>): AffinityTerms {
  return factsOf(pod).spec.of(affinityTermsOf).in(pod.namespace);
}

function filterOf(
  pod: WorkloadInfo<Pod>,
  { together, affinityKeys, antiAffinity }: AffinityTerms,
  cluster: ClusterView<Pod, Node>,
): AffinityFilter {
  const { identity } = factsOf(pod);
  const counts = cluster.index(podCounts);
  const wanted = together === undefined ? [] : affinityKeys.map((key) => counts.byDomain(together, key));
  const unwanted = antiAffinity.map(({ matcher, topologyKey }) => counts.byDomain(matcher, topologyKey));
  const against: Domains[] = [];
  for (const { where } of cluster.index(heldTerms).against(identity)) {
    if (where.total > 0) against.push(domainsOf(where));
  }
  return {
    affinity: wanted.map(domainsOf),
    isFirst:
      together !== undefined && wanted.every(({ total }) => total === 0) && counts.isOf(identity, together),
    antiAffinity: unwanted.map(domainsOf),
    against,
  };
}

function domainsOf({ topology, values }: DomainCount): Domains {
  return { domainOf: topology.domainOf, counts: values };
}

function hasAffinity({ affinity, isFirst }: AffinityFilter, host: number): boolean {
  let isThere = true;
  for (const { domainOf, counts } of affinity) {
    const domain = domainOf[host] as number;
    if (domain === -1) return false;
    if (counts[domain] === 0) isThere = false;
  }
  return isThere || isFirst;
}

function isInAny(list: readonly Domains[], host: number): boolean {
  for (const { domainOf, counts } of list) {
    const domain = domainOf[host] as number;
    if (domain !== -1 && (counts[domain] as number) > 0) return true;
  }
  return false;
}

/** Says no to the hosts of domains with such Pods, as far as nothing was said before. */
function rejectWithin(
  { domainOf, counts }: Domains,
  rejection: Rejection,
  indexes: Int32Array,
  rejections: (Rejection | undefined)[],
): void {
  for (let at = 0; at < indexes.length; at += 1) {
    const domain = domainOf[indexes[at] as number] as number;
    if (domain !== -1 && (counts[domain] as number) > 0) rejections[at] ??= rejection;
  }
}

/** Whether a change can let a Pod that was rejected fit. */
function canCure(event: ClusterEvent<Pod, Node>, pod: WorkloadInfo<Pod>): boolean {
  switch (event.type) {
    case 'host':
      return (
        event.before === undefined ||
        !jsonEqual(event.before.metadata.labels, event.host.object.metadata.labels)
      );
    case 'host gone':
    case 'object':
      return true;
    case 'placed':
      return isWanted(event.workload, pod) || (event.before !== undefined && isInTheWay(event.before, pod));
    case 'removed':
      return isWanted(event.workload, pod) || isInTheWay(event.workload, pod);
  }
}

/** Whether the affinity of a Pod asks for another: that goes may help as well, as the Pod may be the first one then. */
function isWanted(other: WorkloadInfo<Pod>, pod: WorkloadInfo<Pod>): boolean {
  return termsOf(pod).together?.couldMatch(factsOf(other).identity) === true;
}

/** Whether one of two Pods excludes the other. */
function isInTheWay(other: WorkloadInfo<Pod>, pod: WorkloadInfo<Pod>): boolean {
  return excludes(pod, other) || excludes(other, pod);
}

function excludes(pod: WorkloadInfo<Pod>, other: WorkloadInfo<Pod>): boolean {
  const { identity } = factsOf(other);
  return termsOf(pod).antiAffinity.some(({ matcher }) => matcher.couldMatch(identity));
}
