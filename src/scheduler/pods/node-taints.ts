import { LruMap } from '../../core/index.js';
import type { Node, Taint } from '../../resources/kinds/index.js';

/** How many different lists of taints are known at a time; those of nodes that are about stay alive beside it. */
const KNOWN = 1_000;

/** The taints of a node. One object for all nodes that have the same, as a rule: two may also be equal. */
export interface TaintList {
  /** Those that keep Pods off: `NoSchedule` and `NoExecute`. */
  readonly hard: readonly Taint[];
  /** Those that only make a node less good: `PreferNoSchedule`. */
  readonly soft: readonly Taint[];
}

/** The taints of nodes, read once for each state of a node. */
export class NodeTaints {
  readonly #none: TaintList = Object.freeze({ hard: Object.freeze([]), soft: Object.freeze([]) });
  readonly #byNode = new WeakMap<Node, TaintList>();
  readonly #byText = new LruMap<TaintList>(KNOWN);

  of(node: Node): TaintList {
    const taints = node.spec?.taints ?? [];
    if (taints.length === 0) return this.#none;
    let list = this.#byNode.get(node);
    if (list === undefined) {
      list = this.#find(taints);
      this.#byNode.set(node, list);
    }
    return list;
  }

  #find(taints: readonly Taint[]): TaintList {
    const text = JSON.stringify(taints.map(({ key, value = '', effect }) => [key, value, effect]));
    let list = this.#byText.get(text);
    if (list === undefined) {
      list = Object.freeze({
        hard: Object.freeze(taints.filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')),
        soft: Object.freeze(taints.filter(({ effect }) => effect === 'PreferNoSchedule')),
      });
      this.#byText.set(text, list);
    }
    return list;
  }
}
