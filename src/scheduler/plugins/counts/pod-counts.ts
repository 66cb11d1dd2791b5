import { LruMap } from '../../../core/index.js';
import type { Node, Pod } from '../../../resources/kinds/index.js';
import type {
  ClusterIndex,
  ClusterView,
  HostInfo,
  IndexDefinition,
  WorkloadInfo,
} from '../../framework/index.js';
import type { LabelIdentity } from '../../pods/label-identity.js';
import { factsOf } from '../../pods/pod-facts.js';
import { DomainCount } from './domain-count.js';
import { Eligibility, type EligibilityRule } from './eligibility.js';
import { HostCount } from './host-count.js';
import { KeptCounts, type PodCount } from './kept-counts.js';
import { NamespaceLabels } from './namespace-labels.js';
import type { PodMatcher } from './pod-matcher.js';
import { SpreadCount } from './spread-count.js';

/** How many eligibilities are kept up to date: more than most clusters have, as most Pods have no selector of nodes. */
const KEPT_ELIGIBILITIES = 200;

type Info = WorkloadInfo<Pod>;
type Host = HostInfo<Pod, Node>;

/**
 * How many Pods of a matcher there are by domain or host: counted when asked for first, and brought up to date with each change from then on.
 *
 * A count is good until the next call: ask for it anew for each decision.
 */
export class PodCounts implements ClusterIndex<Pod, Node> {
  readonly #cluster: ClusterView<Pod, Node>;
  readonly #namespaces: NamespaceLabels;
  // of all Pods
  readonly #domains: KeptCounts<DomainCount>;
  // of Pods that are not being deleted
  readonly #spreads: KeptCounts<SpreadCount>;
  readonly #hosts: KeptCounts<HostCount>;
  // by text: those of all that is in #spreads, and maybe more
  readonly #eligibilities = new LruMap<Eligibility>(KEPT_ELIGIBILITIES);

  constructor(cluster: ClusterView<Pod, Node>) {
    this.#cluster = cluster;
    this.#namespaces = new NamespaceLabels(cluster);
    this.#domains = new KeptCounts(this.#namespaces);
    this.#spreads = new KeptCounts(this.#namespaces);
    this.#hosts = new KeptCounts(this.#namespaces);
  }

  /** The Pods of a matcher by domain, whether they are being deleted or not. */
  byDomain(matcher: PodMatcher, key: string): DomainCount {
    this.#refresh();
    const text = `${matcher.text}|${key}`;
    let count = this.#domains.get(text);
    if (count === undefined) {
      count = new DomainCount(text, matcher, this.#cluster.topology(key));
      this.#fill(count, isAny);
      this.#domains.add(count);
    }
    return count;
  }

  /** The Pods of a matcher by domain, on eligible hosts alone, less those that are being deleted. */
  spread(matcher: PodMatcher, key: string, rule: EligibilityRule): SpreadCount {
    this.#refresh();
    const text = `${matcher.text}|${rule.text}|${key}`;
    // also where the count is there: an eligibility must not go before its counts do
    const eligibility = this.eligibility(rule);
    let count = this.#spreads.get(text);
    if (count === undefined) {
      count = new SpreadCount(text, matcher, this.#cluster.topology(key), eligibility);
      this.#fill(count, isLiving);
      this.#spreads.add(count);
    }
    return count;
  }

  /** The Pods of a matcher by host, less those that are being deleted. */
  byHost(matcher: PodMatcher): HostCount {
    this.#refresh();
    let count = this.#hosts.get(matcher.text);
    if (count === undefined) {
      count = new HostCount(matcher.text, matcher);
      this.#fill(count, isLiving);
      this.#hosts.add(count);
    }
    return count;
  }

  /** The hosts that a rule allows. */
  eligibility(rule: EligibilityRule): Eligibility {
    let eligibility = this.#eligibilities.get(rule.text);
    if (eligibility === undefined) {
      eligibility = new Eligibility(rule, this.#cluster);
      const evicted = this.#eligibilities.set(rule.text, eligibility);
      if (evicted !== undefined) this.#spreads.drop((count) => count.eligibility === evicted);
    }
    return eligibility;
  }

  /** Whether a Pod, which need not be placed, is one of a matcher. */
  isOf(identity: LabelIdentity, matcher: PodMatcher): boolean {
    this.#refresh();
    return matcher.matches(identity, this.#namespaces);
  }

  placed(pod: Info, host: Host): void {
    this.#refresh();
    this.#count(pod, host.index, 1);
  }

  removed(pod: Info, host: Host): void {
    this.#refresh();
    this.#count(pod, host.index, -1);
  }

  hostEntered(host: Host): void {
    this.#refresh();
    for (const eligibility of this.#eligibilities.values()) eligibility.hostEntered(host);
    for (const count of this.#spreads.values()) count.hostEntered(host.index);
    for (const pod of host.workloads) this.#count(pod, host.index, 1);
  }

  hostLeaving(host: Host): void {
    this.#refresh();
    for (const pod of host.workloads) this.#count(pod, host.index, -1);
    for (const count of this.#spreads.values()) count.hostLeaving(host.index);
    for (const eligibility of this.#eligibilities.values()) eligibility.hostLeaving(host);
  }

  #count(pod: Info, host: number, by: 1 | -1): void {
    const { identity } = factsOf(pod);
    this.#domains.count(identity, host, by);
    if (!isLiving(pod)) return;
    this.#spreads.count(identity, host, by);
    this.#hosts.count(identity, host, by);
  }

  /** Counts the Pods that are there already. */
  #fill(count: PodCount, counts: (pod: Info) => boolean): void {
    const { matcher } = count;
    // by index: of thousands of hosts many have no Pods, and an iterator is what this would cost most
    for (let index = 0; index < this.#cluster.bound; index += 1) {
      const pods = this.#cluster.at(index)?.workloads;
      if (pods === undefined || pods.length === 0) continue;
      for (const pod of pods) {
        if (counts(pod) && matcher.matches(factsOf(pod).identity, this.#namespaces)) count.add(index, 1);
      }
    }
  }

  /** Lets counts go that were made when namespaces had other labels. */
  #refresh(): void {
    if (this.#namespaces.changed()) this.#domains.drop(({ matcher }) => matcher.readsNamespaces);
  }
}

function isAny(): boolean {
  return true;
}

function isLiving(pod: Info): boolean {
  return pod.object.metadata.deletionTimestamp === undefined;
}

/** The counts of Pods in a cluster. */
export const podCounts: IndexDefinition<Pod, Node, PodCounts> = { make: (cluster) => new PodCounts(cluster) };
