import { ApiError, LabelSelector } from '../../../core/index.js';
import type { Pod, PodDisruptionBudget } from '../../../resources/kinds/index.js';
import type { ObjectTable, WorkloadInfo } from '../../framework/index.js';
import type { LabelIdentity } from '../../pods/label-identity.js';
import { factsOf } from '../../pods/pod-facts.js';

/** A budget, and how much of it is left while Pods are counted. */
interface Budget {
  readonly allowed: number;
  readonly selector: LabelSelector;
  /** The Pods by name that the API server has counted already. */
  readonly disrupted: Readonly<Record<string, string>>;
  left: number;
  // the count that `left` belongs to: in another nothing is taken off yet
  count: number;
}

const NONE: readonly Budget[] = /* @__PURE__ */ Object.freeze([]);

/**
 * How many Pods PodDisruptionBudgets allow to go.
 *
 * A budget without a selector, with an empty one, or with one in error protects no Pod, and a Pod without labels has no budget.
 *
 * Source: `filterPodsWithPDBViolation` of kube-scheduler.
 */
export class Budgets {
  readonly #table: ObjectTable<PodDisruptionBudget>;
  // of the table at #version: the budgets by namespace, and those of Pods by their namespace and labels
  #version = -1;
  #inNamespace = new Map<string, readonly Budget[]>();
  #ofIdentity = new WeakMap<LabelIdentity, readonly Budget[]>();
  // the number of the count that is going on
  #count = 0;

  constructor(table: ObjectTable<PodDisruptionBudget>) {
    this.#table = table;
  }

  /** Goes up when budgets change. */
  get version(): number {
    return this.#table.version;
  }

  /** Starts a count: nobody has gone yet. */
  restart(): void {
    this.#count += 1;
    if (this.#version === this.#table.version) return;
    this.#version = this.#table.version;
    this.#inNamespace = new Map();
    this.#ofIdentity = new WeakMap();
  }

  /** Counts one more Pod as gone: whether one of its budgets does not allow that. */
  exceeds(pod: WorkloadInfo<Pod>): boolean {
    if (this.#table.size === 0) return false;
    let isExceeded = false;
    for (const budget of this.#budgetsOf(factsOf(pod).identity)) {
      if (Object.hasOwn(budget.disrupted, pod.object.metadata.name)) continue;
      if (budget.count !== this.#count) {
        budget.count = this.#count;
        budget.left = budget.allowed;
      }
      budget.left -= 1;
      if (budget.left < 0) isExceeded = true;
    }
    return isExceeded;
  }

  #budgetsOf(identity: LabelIdentity): readonly Budget[] {
    let budgets = this.#ofIdentity.get(identity);
    if (budgets === undefined) {
      const { namespace, labels } = identity;
      const all = Object.keys(labels).length === 0 ? NONE : this.#budgetsIn(namespace);
      budgets = all.filter(({ selector }) => selector.matches(labels));
      this.#ofIdentity.set(identity, budgets);
    }
    return budgets;
  }

  #budgetsIn(namespace: string): readonly Budget[] {
    let budgets = this.#inNamespace.get(namespace);
    if (budgets === undefined) {
      budgets = Array.from(this.#table.inNamespace(namespace), budgetOf).filter(
        ({ selector }) => !selector.empty,
      );
      this.#inNamespace.set(namespace, budgets);
    }
    return budgets;
  }
}

function budgetOf({ spec, status }: PodDisruptionBudget): Budget {
  return {
    allowed: status?.disruptionsAllowed ?? 0,
    selector: selectorOf(spec),
    disrupted: status?.disruptedPods ?? {},
    left: 0,
    count: -1,
  };
}

function selectorOf(spec: PodDisruptionBudget['spec']): LabelSelector {
  try {
    return LabelSelector.from(spec?.selector);
  } catch (error) {
    if (error instanceof ApiError) return LabelSelector.nothing;
    throw error;
  }
}
