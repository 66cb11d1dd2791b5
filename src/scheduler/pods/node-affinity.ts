import type { NodeAffinity, NodeSelectorTerm, PodSpec } from '../../resources/kinds/index.js';
import { labelIs, type NodeCondition, type NodeIdentity } from './node-requirement.js';
import { isEmptyTerm, nodeTerm, type NodeTerm, NodeTerms } from './node-selector.js';

const FIELD = 'spec.affinity.nodeAffinity';

/** The nodes that a Pod can be on: all labels of `spec.nodeSelector`, and one of the terms of its required affinity. */
export class RequiredNodes {
  readonly labels: readonly NodeCondition[];
  /** Undefined where there is no required affinity. */
  readonly terms: NodeTerms | undefined;

  constructor(labels: readonly NodeCondition[], terms: NodeTerms | undefined) {
    this.labels = labels;
    this.terms = terms;
  }

  matches(node: NodeIdentity): boolean {
    for (const condition of this.labels) if (!condition.matches(node)) return false;
    return this.terms === undefined || this.terms.matches(node);
  }
}

/** A term that makes nodes better. */
export interface PreferredTerm {
  readonly weight: number;
  readonly term: NodeTerm;
}

/** The nodes that a Pod can be on; null where it takes any. Source: `GetRequiredNodeAffinity` of k8s.io/component-helpers. */
export function requiredNodesOf(spec: PodSpec): RequiredNodes | null {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (spec.nodeSelector === undefined && required === undefined) return null;
  const labels = Object.entries(spec.nodeSelector ?? {}).map(([key, value]) => labelIs(key, value));
  return new RequiredNodes(labels, required && requiredTerms(required.nodeSelectorTerms, FIELD));
}

/** The terms of a required affinity. @param field - Where the affinity stands. */
export function requiredTerms(terms: readonly NodeSelectorTerm[], field: string): NodeTerms {
  return new NodeTerms(terms, `${field}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`);
}

/** The terms that a Pod prefers; null where it says nothing of that. Those that make no sense have a problem. */
export function preferredNodesOf(spec: PodSpec): readonly PreferredTerm[] | null {
  return preferredTerms(spec.affinity?.nodeAffinity, FIELD);
}

/** The preferred terms of an affinity, less those that are empty or weigh nothing; null where it has none. */
export function preferredTerms(
  affinity: NodeAffinity | undefined,
  field: string,
): readonly PreferredTerm[] | null {
  const terms = affinity?.preferredDuringSchedulingIgnoredDuringExecution;
  if (terms === undefined) return null;
  const at = `${field}.preferredDuringSchedulingIgnoredDuringExecution`;
  return terms.flatMap(({ weight, preference }, index) =>
    weight === 0 || isEmptyTerm(preference)
      ? []
      : [{ weight, term: nodeTerm(preference, `${at}[${index}].preference`) }],
  );
}
