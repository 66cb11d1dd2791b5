import { isBadRequest, LabelSelector, type LabelSelectorSpec } from '../../../core/index.js';
import {
  type Node,
  type Pod,
  ReplicaSet,
  ReplicationController,
  Service,
  StatefulSet,
} from '../../../resources/kinds/index.js';
import type { AnyResource } from '../../../resources/index.js';
import type { ClusterIndex, ClusterView, IndexDefinition, WorkloadInfo } from '../../framework/index.js';
import type { LabelIdentity } from '../../pods/label-identity.js';
import { factsOf } from '../../pods/pod-facts.js';

type Labels = Readonly<Record<string, string>>;

/** What the controller of a Pod says its Pods are. */
interface Controlled {
  readonly labels?: Labels | undefined;
  readonly selector?: LabelSelectorSpec | undefined;
}

/** A selector, and what it was made from. */
interface Answer {
  readonly labels: Labels | undefined;
  readonly selector: LabelSelectorSpec | undefined;
  readonly answer: LabelSelector;
}

/**
 * The selectors of Pods that belong together, as their Services and controllers say.
 *
 * Source: `DefaultSelector` of kube-scheduler's plugin helpers.
 */
class DefaultSpreadSelectors implements ClusterIndex<Pod, Node> {
  readonly #cluster: ClusterView<Pod, Node>;
  // the last answer for Pods with such labels, good while Services and what it was made from are the same
  #answers = new WeakMap<LabelIdentity, Answer>();

  constructor(cluster: ClusterView<Pod, Node>) {
    this.#cluster = cluster;
  }

  /** The selector of the Pods that a Pod belongs to; that of everything where nobody says so. */
  of(pod: WorkloadInfo<Pod>): LabelSelector {
    const { identity } = factsOf(pod);
    const { labels, selector } = this.#controlled(pod.object);
    let known = this.#answers.get(identity);
    if (known === undefined || known.labels !== labels || known.selector !== selector) {
      const answer = this.#make(identity, { labels, selector });
      known = { labels, selector, answer };
      this.#answers.set(identity, known);
    }
    return known.answer;
  }

  objectChanged(resource: AnyResource): void {
    if (resource.kind === Service.kind) this.#answers = new WeakMap();
  }

  #make(identity: LabelIdentity, { labels, selector }: Controlled): LabelSelector {
    const all = new Map<string, string>();
    for (const service of this.#cluster.objects(Service).inNamespace(identity.namespace)) {
      const wanted = Object.entries(service.spec?.selector ?? {});
      if (
        wanted.every(([key, value]) => Object.hasOwn(identity.labels, key) && identity.labels[key] === value)
      ) {
        for (const [key, value] of wanted) all.set(key, value);
      }
    }
    for (const [key, value] of Object.entries(labels ?? {})) all.set(key, value);
    const base = LabelSelector.from({
      matchExpressions: Array.from(all, ([key, value]) => ({ key, operator: 'In', values: [value] })),
    });
    return selector === undefined ? base : base.and(readable(selector));
  }

  #controlled({ metadata }: Pod): Controlled {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
    if (owner === undefined) return {};
    const key = { namespace: metadata.namespace, name: owner.name };
    switch (`${owner.apiVersion}/${owner.kind}`) {
      case 'v1/ReplicationController':
        return { labels: this.#cluster.objects(ReplicationController).get(key)?.spec?.selector };
      case 'apps/v1/ReplicaSet':
        return { selector: this.#cluster.objects(ReplicaSet).get(key)?.spec?.selector };
      case 'apps/v1/StatefulSet':
        return { selector: this.#cluster.objects(StatefulSet).get(key)?.spec?.selector };
      default:
        return {};
    }
  }
}

/** A selector of a controller; one that makes no sense says nothing. */
function readable(selector: LabelSelectorSpec): LabelSelector {
  try {
    return LabelSelector.from(selector);
  } catch (error) {
    if (!isBadRequest(error)) throw error;
    return LabelSelector.everything;
  }
}

/** The selectors of a cluster. */
export const defaultSpreadSelectors: IndexDefinition<Pod, Node, DefaultSpreadSelectors> = {
  make: (cluster) => new DefaultSpreadSelectors(cluster),
};
