import type { Pod } from '../../../resources/kinds/index.js';
import type { WorkloadInfo } from '../../framework/index.js';
import type { StartTimes } from './start-times.js';

/** A Pod on a node, as it was when it was looked at. */
export interface Occupant {
  readonly pod: WorkloadInfo<Pod>;
  /** When it was started, in milliseconds since 1970; Infinity where it is not started yet. */
  readonly start: number;
}

/**
 * Pods with what decides who has to go last: the most important first, which is the one of the highest priority, and among equals the one that
 * was started first. What is left equal goes by name.
 *
 * @throws TypeError naming the Pod and the field where the time of its start is none.
 *
 * Source: `MoreImportantPod` of kube-scheduler.
 */
export function occupantsOf(pods: readonly WorkloadInfo<Pod>[], starts: StartTimes): readonly Occupant[] {
  return pods.map((pod) => ({ pod, start: starts.of(pod.object) })).sort(byImportance);
}

/** How many of them are at least of a priority: those behind have to go for it, if anybody has. */
export function countAtLeast(priority: number, occupants: readonly Occupant[]): number {
  let count = occupants.length;
  while (count > 0 && (occupants[count - 1] as Occupant).pod.priority < priority) count -= 1;
  return count;
}

function byImportance(a: Occupant, b: Occupant): number {
  if (a.pod.priority !== b.pod.priority) return b.pod.priority - a.pod.priority;
  if (a.start !== b.start) return a.start < b.start ? -1 : 1;
  return a.pod.key < b.pod.key ? -1 : 1;
}
