import { isBadRequest, LabelSelector, Quantity } from '../../../core/index.js';
import {
  CSIDriver,
  CSIStorageCapacity,
  type LabelSelector as LabelSelectorSpec,
  type Node,
  type PersistentVolumeClaim,
  type Pod,
  type StorageClass,
} from '../../../resources/kinds/index.js';
import type { ClusterView } from '../../framework/index.js';
import type { NodeIdentity } from '../../pods/node-requirement.js';
import { requestedBy } from './claim.js';
import { type Pin, Pinned } from './pinned.js';

/** The provisioner of a class whose volumes somebody else makes. */
const NOBODY = 'kubernetes.io/no-provisioner';

/**
 * Whether a volume can be made for a claim: `'not here'` where the class does not allow it (for this node, or at all), `'no space'`
 * where its driver tells how much it has left and none of that is enough.
 *
 * Source: `checkVolumeProvisions` of kube-scheduler's VolumeBinding.
 */
export class Provisioning {
  readonly #isPossible: boolean;
  // each term as values by label, all of which a node must have; undefined where every node will do
  readonly #terms: readonly ReadonlyMap<string, ReadonlySet<string>>[] | undefined;
  // which nodes can reach a store that has room enough; undefined where nobody counts
  readonly #stores: Pinned<LabelSelector> | undefined;

  constructor(claim: PersistentVolumeClaim, storageClass: StorageClass, cluster: ClusterView<Pod, Node>) {
    const { provisioner, allowedTopologies = [] } = storageClass;
    this.#isPossible = provisioner !== '' && provisioner !== NOBODY;
    this.#terms = allowedTopologies.length === 0 ? undefined : topologyTerms(storageClass);
    const size = requestedBy(claim);
    const driver = cluster.objects(CSIDriver).get({ name: provisioner });
    if (size !== undefined && driver?.spec.storageCapacity === true) {
      this.#stores = storesFor(size, storageClass, cluster);
    }
  }

  on(node: NodeIdentity): 'possible' | 'not here' | 'no space' {
    if (!this.#isPossible) return 'not here';
    if (this.#terms !== undefined && !this.#terms.some((term) => hasAll(node, term))) return 'not here';
    return this.#stores === undefined || isInReach(this.#stores, node) ? 'possible' : 'no space';
  }
}

/** The terms of a class that can match a node. */
function topologyTerms({ allowedTopologies = [] }: StorageClass): ReadonlyMap<string, ReadonlySet<string>>[] {
  const terms: Map<string, ReadonlySet<string>>[] = [];
  for (const { matchLabelExpressions = [] } of allowedTopologies) {
    const term = new Map<string, ReadonlySet<string>>();
    for (const { key, values } of matchLabelExpressions) {
      const before = term.get(key);
      term.set(key, new Set(before === undefined ? values : values.filter((value) => before.has(value))));
    }
    if (term.size > 0) terms.push(term);
  }
  return terms;
}

function hasAll({ labels }: NodeIdentity, term: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  for (const [key, values] of term) {
    if (!Object.hasOwn(labels, key) || !values.has(labels[key] as string)) return false;
  }
  return true;
}

/** By which nodes the stores of a class are reached that have room for a volume of a size. */
function storesFor(
  size: Quantity,
  { metadata }: StorageClass,
  cluster: ClusterView<Pod, Node>,
): Pinned<LabelSelector> {
  const stores = new Pinned<LabelSelector>();
  for (const { storageClassName, maximumVolumeSize, capacity, nodeTopology } of cluster.objects(
    CSIStorageCapacity,
  )) {
    const limit = maximumVolumeSize ?? capacity;
    if (storageClassName !== metadata.name || limit === undefined || nodeTopology === undefined) continue;
    if (Quantity.parse(limit).value() < size.value()) continue;
    const selector = selectorOf(nodeTopology);
    if (selector !== undefined) stores.add(selector, pinOf(nodeTopology));
  }
  return stores;
}

/** Which nodes a store says can reach it; undefined where that makes no sense, and none can. */
function selectorOf(topology: LabelSelectorSpec): LabelSelector | undefined {
  try {
    return LabelSelector.from(topology);
  } catch (error) {
    if (isBadRequest(error)) return undefined;
    throw error;
  }
}

/** A label that every node which a selector matches has. */
function pinOf({ matchLabels = {}, matchExpressions = [] }: LabelSelectorSpec): Pin | undefined {
  for (const [key, value] of Object.entries(matchLabels)) return { key, values: [value] };
  for (const { key, operator, values = [] } of matchExpressions)
    if (operator === 'In') return { key, values };
  return undefined;
}

function isInReach(stores: Pinned<LabelSelector>, { labels }: NodeIdentity): boolean {
  for (const list of stores.listsFor(labels))
    if (list.some((selector) => selector.matches(labels))) return true;
  return false;
}
