import type { Cluster } from './cluster.js';
import type { Node, Pod } from './types.js';

/** `Unschedulable` may be cured by removing pods, `UnschedulableAndUnresolvable` may not. */
type Code = 'Unschedulable' | 'UnschedulableAndUnresolvable';

/** Why a plugin rejects a node. */
export interface Rejection {
  readonly code: Code;
  readonly reasons: readonly string[];
}

/**
 * What a plugin says before any node is looked at.
 *
 * `skip`: it has nothing to say about this pod; its filter is not run. `nodes`: only these are in question, by name.
 * `rejection`: none will do. Undefined: its filter decides.
 */
export type PreFilterAnswer =
  | { readonly kind: 'skip' }
  | { readonly kind: 'nodes'; readonly names: readonly string[] }
  | { readonly kind: 'rejection'; readonly rejection: Rejection }
  | undefined;

/** A plugin that rules nodes out. Both functions are pure. */
export interface FilterPlugin {
  readonly name: string;
  readonly preFilter?: (pod: Pod, cluster: Cluster) => PreFilterAnswer;
  /** Undefined where the node will do. */
  readonly filter: (pod: Pod, node: Node, cluster: Cluster) => Rejection | undefined;
}

/** A plugin that prefers some nodes to others. */
export interface ScorePlugin {
  readonly name: string;
  readonly weight: number;
  /** The normalised scores of these nodes, 0 to 100 each; undefined where it has nothing to say about the pod. */
  readonly score: (pod: Pod, nodes: readonly Node[], cluster: Cluster) => readonly number[] | undefined;
}

/** Thrown where the whole cycle fails: not that no node will do, but that the question cannot be answered. */
export class CycleError extends Error {}

export const MAX_SCORE = 100;
export const SKIP: PreFilterAnswer = { kind: 'skip' };

export function unschedulable(reason: string): Rejection {
  return { code: 'Unschedulable', reasons: [reason] };
}

export function unresolvable(reason: string): Rejection {
  return { code: 'UnschedulableAndUnresolvable', reasons: [reason] };
}

/** A rejection of all nodes at once, which removing pods does not cure. */
export function rejectAll(reason: string): PreFilterAnswer {
  return { kind: 'rejection', rejection: unresolvable(reason) };
}

/** Scores in proportion to the highest, which gets 100; rounded down. */
export function normalized(scores: readonly number[]): readonly number[] {
  const highest = Math.max(0, ...scores);
  return scores.map((score) => (highest === 0 ? 0 : Math.trunc((MAX_SCORE * score) / highest)));
}
