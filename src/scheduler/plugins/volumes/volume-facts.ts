import { Quantity } from '../../../core/index.js';
import type { CSINode, NodeSelectorTerm, PersistentVolume } from '../../../resources/kinds/index.js';
import type { NodeIdentity } from '../../pods/node-requirement.js';
import { NodeTerms } from '../../pods/node-selector.js';
import { type InTreePlugin, inTreePluginOf, isNamedBy } from './in-tree-plugin.js';
import { migratedTerms } from './migrated-terms.js';
import type { Pin } from './pinned.js';

const NOTHING: Quantity = /* @__PURE__ */ Quantity.parse('0');

/** What is read of one state of a PersistentVolume. */
export class VolumeFacts {
  readonly volume: PersistentVolume;
  readonly capacity: Quantity;
  // near to the capacity, and never in another order: to compare most volumes by
  readonly #size: number;
  readonly #plugin: InTreePlugin | undefined;
  // which nodes can reach it, and which of those that have handed it over to a CSI driver; undefined until somebody asks
  #terms: NodeTerms | undefined;
  #migratedTerms: NodeTerms | undefined;

  constructor(volume: PersistentVolume) {
    const { spec } = volume;
    this.volume = volume;
    const capacity = spec?.capacity;
    this.capacity =
      capacity !== undefined && Object.hasOwn(capacity, 'storage')
        ? Quantity.parse(capacity['storage'] as string)
        : NOTHING;
    this.#size = this.capacity.toNumber();
    this.#plugin = spec === undefined ? undefined : inTreePluginOf(spec);
  }

  /**
   * Whether a node can reach the volume.
   *
   * The volume of a plugin that the node has handed over to its CSI driver goes by the labels of that driver. Unlike kube-scheduler,
   * this takes `matchFields` for what it says.
   *
   * Source: `CheckNodeAffinity` of k8s.io/component-helpers.
   */
  isReachable(node: NodeIdentity, csiNode: CSINode | undefined): boolean {
    const plugin = this.#plugin;
    if (plugin?.zoneKey !== undefined && isNamedBy(csiNode, plugin)) {
      this.#migratedTerms ??= compile(migratedTerms(this.volume, plugin.zoneKey));
      return this.#migratedTerms === EVERYWHERE || this.#migratedTerms.matches(node);
    }
    this.#terms ??= compile(this.volume.spec?.nodeAffinity?.required?.nodeSelectorTerms);
    return this.#terms === EVERYWHERE || this.#terms.matches(node);
  }

  /** A label that every node which can reach the volume has; undefined where there is none such, or it depends on the node. */
  get pin(): Pin | undefined {
    if (this.#plugin !== undefined) return undefined;
    const [term, ...others] = this.volume.spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
    if (term === undefined || others.length > 0) return undefined;
    for (const { key, operator, values = [] } of term.matchExpressions ?? []) {
      if (operator === 'In') return { key, values };
    }
    return undefined;
  }

  /** Negative where this one is smaller than another, or of the same size with a lower name. */
  compare(other: VolumeFacts): number {
    if (this.#size !== other.#size) return this.#size - other.#size;
    return (
      this.capacity.cmp(other.capacity) || (this.volume.metadata.name < other.volume.metadata.name ? -1 : 1)
    );
  }
}

/** The terms of a volume that every node can reach. */
const EVERYWHERE: NodeTerms = /* @__PURE__ */ new NodeTerms([], '');

function compile(terms: readonly NodeSelectorTerm[] | undefined): NodeTerms {
  return terms === undefined
    ? EVERYWHERE
    : new NodeTerms(terms, 'spec.nodeAffinity.required.nodeSelectorTerms');
}
