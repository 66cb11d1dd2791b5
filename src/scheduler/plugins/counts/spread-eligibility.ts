import type { Node, Pod, PodSpec } from '../../../resources/kinds/index.js';
import type { HostInfo } from '../../framework/index.js';
import { type RequiredNodes, requiredNodesOf } from '../../pods/node-affinity.js';
import { NodeTaints } from '../../pods/node-taints.js';
import { type Tolerations, tolerationsOf } from '../../pods/tolerations.js';
import type { EligibilityRule } from './eligibility.js';

/** What a spread asks of the nodes that count, beside their labels. */
interface NodePolicies {
  /** Those that the Pod's own node selector and affinity allow. */
  readonly honorAffinity: boolean;
  /** Those whose taints the Pod tolerates. */
  readonly honorTaints: boolean;
}

/** The nodes that have some labels, and can take a Pod if it says so. */
export class SpreadEligibility implements EligibilityRule {
  readonly text: string;
  readonly #keys: readonly string[];
  readonly #nodes: RequiredNodes | null;
  readonly #tolerations: Tolerations | undefined;
  readonly #taints = new NodeTaints();

  /** @param keys - Sorted, each once. */
  constructor(keys: readonly string[], spec: PodSpec, { honorAffinity, honorTaints }: NodePolicies) {
    this.#keys = keys;
    this.#nodes = honorAffinity ? requiredNodesOf(spec) : null;
    this.#tolerations = honorTaints ? tolerationsOf(spec) : undefined;
    const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    this.text = JSON.stringify([
      keys,
      this.#nodes === null ? null : [spec.nodeSelector ?? null, required ?? null],
      honorTaints ? (spec.tolerations ?? []) : null,
    ]);
  }

  allows(host: HostInfo<Pod, Node>): boolean {
    for (const key of this.#keys) if (!Object.hasOwn(host.labels, key)) return false;
    if (this.#nodes?.matches(host) === false) return false;
    return this.#tolerations?.untolerated(this.#taints.of(host.object)) === undefined;
  }
}
