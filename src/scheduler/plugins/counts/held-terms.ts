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
import { type AffinityTerm, type AffinityTerms, affinityTermsOf } from './affinity-terms.js';
import { HeldTerm, type HeldTermSort } from './held-term.js';
import { Matching } from './matching.js';
import { NamespaceLabels } from './namespace-labels.js';

/** How many terms that nobody holds any more are kept, for somebody may soon hold them again. */
const KEPT_IDLE = 1_000;

/** What the Pods that are placed say of other Pods: each term once, with where its holders are. */
class HeldTerms implements ClusterIndex<Pod, Node> {
  readonly #cluster: ClusterView<Pod, Node>;
  readonly #namespaces: NamespaceLabels;
  // by text; the same in the two lists below
  readonly #terms = new Map<string, HeldTerm>();
  readonly #antiAffinity: Matching<HeldTerm>;
  readonly #scored: Matching<HeldTerm>;
  // the terms of Pods, which many of them share; thrown away with the terms that nobody holds
  #held = new WeakMap<AffinityTerms, readonly HeldTerm[]>();
  // how many of #terms have no holders
  #idle = 0;

  constructor(cluster: ClusterView<Pod, Node>) {
    this.#cluster = cluster;
    this.#namespaces = new NamespaceLabels(cluster);
    this.#antiAffinity = new Matching(this.#namespaces);
    this.#scored = new Matching(this.#namespaces);
    for (const host of cluster.hosts()) this.hostEntered(host);
  }

  /** The required terms against a Pod; some may have no holders. */
  against(identity: LabelIdentity): readonly HeldTerm[] {
    this.#refresh();
    return this.#antiAffinity.of(identity);
  }

  /** The terms for a score that match a Pod: preferred ones, and the required ones of affinity. Some may have no holders. */
  scored(identity: LabelIdentity): readonly HeldTerm[] {
    this.#refresh();
    return this.#scored.of(identity);
  }

  placed(pod: WorkloadInfo<Pod>, host: HostInfo<Pod, Node>): void {
    for (const term of this.#heldBy(pod)) {
      if (term.holders === 0) this.#idle -= 1;
      term.add(host.index, 1);
    }
  }

  removed(pod: WorkloadInfo<Pod>, host: HostInfo<Pod, Node>): void {
    for (const term of this.#heldBy(pod)) {
      term.add(host.index, -1);
      if (term.holders === 0) this.#idle += 1;
    }
    if (this.#idle > KEPT_IDLE && this.#idle * 2 > this.#terms.size) this.#dropIdle();
  }

  hostEntered(host: HostInfo<Pod, Node>): void {
    for (const pod of host.workloads) this.placed(pod, host);
  }

  hostLeaving(host: HostInfo<Pod, Node>): void {
    for (const pod of host.workloads) this.removed(pod, host);
  }

  #heldBy(pod: WorkloadInfo<Pod>): readonly HeldTerm[] {
    const terms = factsOf(pod).spec.of(affinityTermsOf).in(pod.namespace);
    let held = this.#held.get(terms);
    if (held === undefined) {
      held = [
        ...terms.antiAffinity.map((term) => this.#intern('against', term, 1)),
        ...terms.affinity.map((term) => this.#intern('required', term, 1)),
        ...terms.preferred.map((term) => this.#intern('preferred', term, term.weight)),
      ];
      this.#held.set(terms, held);
    }
    return held;
  }

  #intern(sort: HeldTermSort, term: AffinityTerm, weight: number): HeldTerm {
    const { matcher, topologyKey } = term;
    const text = `${sort}|${weight}|${matcher.text}|${topologyKey}`;
    let held = this.#terms.get(text);
    if (held === undefined) {
      held = new HeldTerm(sort, weight, matcher, this.#cluster.topology(topologyKey));
      this.#terms.set(text, held);
      this.#idle += 1;
      (sort === 'against' ? this.#antiAffinity : this.#scored).add(held);
    }
    return held;
  }

  #dropIdle(): void {
    for (const [text, term] of this.#terms) if (term.holders === 0) this.#terms.delete(text);
    this.#antiAffinity.keep((term) => term.holders > 0);
    this.#scored.keep((term) => term.holders > 0);
    this.#held = new WeakMap();
    this.#idle = 0;
  }

  /** Has terms matched anew where namespaces have other labels. */
  #refresh(): void {
    if (!this.#namespaces.changed()) return;
    this.#antiAffinity.forget();
    this.#scored.forget();
  }
}

/** The terms of the Pods that are placed in a cluster. */
export const heldTerms: IndexDefinition<Pod, Node, HeldTerms> = { make: (cluster) => new HeldTerms(cluster) };
