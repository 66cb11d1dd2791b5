import type { NodeSelectorTerm } from '../../resources/kinds/index.js';
import {
  fieldCondition,
  labelCondition,
  namesIn,
  type NodeCondition,
  type NodeIdentity,
} from './node-requirement.js';

/** A term of a node selector: all its conditions must hold. */
export interface NodeTerm {
  readonly conditions: readonly NodeCondition[];
  /** Why the term makes no sense, and matches no node; undefined as a rule. */
  readonly problem: string | undefined;
  matches(node: NodeIdentity): boolean;
}

/** Whether a term has no conditions: such a one matches no node. */
export function isEmptyTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): boolean {
  return matchExpressions.length === 0 && matchFields.length === 0;
}

/** A term made ready for matching. @param field - Where it stands, for its problem. */
export function nodeTerm(term: NodeSelectorTerm, field: string): NodeTerm {
  const { matchExpressions = [], matchFields = [] } = term;
  const conditions: NodeCondition[] = [];
  let problem: string | undefined;
  try {
    for (const [index, requirement] of matchExpressions.entries()) {
      conditions.push(labelCondition(requirement, `${field}.matchExpressions[${index}]`));
    }
    for (const [index, requirement] of matchFields.entries()) {
      conditions.push(fieldCondition(requirement, `${field}.matchFields[${index}]`));
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    problem = error.message;
  }
  return {
    conditions,
    problem,
    matches: (node) => problem === undefined && conditions.every((condition) => condition.matches(node)),
  };
}

/**
 * The terms of a node selector, one of which has to match. Empty ones, and those that make no sense, match no node.
 *
 * Source: `LazyErrorNodeSelector` of k8s.io/component-helpers.
 */
export class NodeTerms {
  readonly list: readonly NodeTerm[];
  /** The only nodes in question, by name, where each term names some; undefined otherwise. */
  readonly names: ReadonlySet<string> | undefined;

  /** @param field - Where the terms stand, as in `spec.nodeSelectorTerms`. */
  constructor(terms: readonly NodeSelectorTerm[], field: string) {
    const list: NodeTerm[] = [];
    for (const [index, term] of terms.entries()) {
      if (!isEmptyTerm(term)) list.push(nodeTerm(term, `${field}[${index}]`));
    }
    this.list = list;
    this.names = namesOf(terms);
  }

  matches(node: NodeIdentity): boolean {
    return this.list.some((term) => term.matches(node));
  }
}

/** The names that terms leave: any of those of each term, and of these all that each of its conditions leaves. */
function namesOf(terms: readonly NodeSelectorTerm[]): ReadonlySet<string> | undefined {
  if (terms.length === 0) return undefined;
  const all = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const named = matchFields.map(namesIn).filter((names) => names !== undefined);
    const [first, ...others] = named;
    if (first === undefined) return undefined;
    for (const name of first) if (others.every((names) => names.has(name))) all.add(name);
  }
  return all;
}
