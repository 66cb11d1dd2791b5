import { LabelSelector } from '../../../src/core/index.js';
import { labelOf, podsOn, type Cluster } from './cluster.js';
import { defaultSelector } from './default-selector.js';
import { matchesRequiredAffinity } from './node-selector.js';
import { hasForbiddingTaint } from './taints.js';
import type { Labels, Node, Pod, SpreadConstraint } from './types.js';

export const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

export type WhenUnsatisfiable = 'DoNotSchedule' | 'ScheduleAnyway';

/** A spread constraint with its defaults filled in. */
export interface Spread {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: LabelSelector;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

/** What holds for a pod that says nothing, if something selects it: a mild wish. */
const DEFAULTS: readonly SpreadConstraint[] = [
  { topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: ZONE, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

/** The pod's own constraints of a kind, or else the default ones. */
export function spreadsOf(pod: Pod, kind: WhenUnsatisfiable, cluster: Cluster): readonly Spread[] {
  const ofKind = ({ whenUnsatisfiable }: SpreadConstraint): boolean => whenUnsatisfiable === kind;
  if (hasOwnConstraints(pod)) {
    const own = pod.spec.topologySpreadConstraints ?? [];
    return own.filter(ofKind).map((constraint) => spread(constraint, selectorOf(constraint, pod)));
  }
  const selector = defaultSelector(pod, cluster);
  return selector.empty ? [] : DEFAULTS.filter(ofKind).map((constraint) => spread(constraint, selector));
}

export function hasOwnConstraints(pod: Pod): boolean {
  return (pod.spec.topologySpreadConstraints ?? []).length > 0;
}

/** Whether a node has a label for each constraint. */
export function hasAllKeys(node: Node, spreads: readonly Spread[]): boolean {
  return spreads.every(({ topologyKey }) => labelOf(node.metadata.labels, topologyKey) !== undefined);
}

/** Whether the pods of a node count for a constraint of this pod. */
export function isIncluded(pod: Pod, node: Node, { honorsAffinity, honorsTaints }: Spread): boolean {
  if (honorsAffinity && !matchesRequiredAffinity(pod, node)) return false;
  return !(honorsTaints && hasForbiddingTaint(pod, node));
}

/** How many pods of a node a constraint counts: of the same namespace, not terminating. The selector `{}` counts none. */
export function countOn(node: Node, pod: Pod, { selector }: Spread, cluster: Cluster): number {
  if (selector.empty) return 0;
  return podsOn(node, cluster).filter(
    ({ metadata }) =>
      metadata.deletionTimestamp === undefined &&
      metadata.namespace === pod.metadata.namespace &&
      selector.matches(metadata.labels),
  ).length;
}

function spread(constraint: SpreadConstraint, selector: LabelSelector): Spread {
  return {
    topologyKey: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    minDomains: constraint.minDomains ?? 1,
    selector,
    honorsAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
    honorsTaints: constraint.nodeTaintsPolicy === 'Honor',
  };
}

/** The pod's own values of `matchLabelKeys` are asked for too; keys that it does not have do not count. */
function selectorOf({ labelSelector, matchLabelKeys = [] }: SpreadConstraint, pod: Pod): LabelSelector {
  const matchLabels: Record<string, string> = {};
  for (const key of matchLabelKeys) {
    const value = labelOf(pod.metadata.labels, key);
    if (value !== undefined) matchLabels[key] = value;
  }
  return LabelSelector.from(labelSelector).and(exactly(matchLabels));
}

function exactly(matchLabels: Labels): LabelSelector {
  return LabelSelector.from({ matchLabels });
}
