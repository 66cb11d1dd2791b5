/** How many numbers a rank has. */
export const RANK_SIZE = 5;

/**
 * What candidates are judged by: five numbers, from the first to the last to be looked at, lower being better. How many
 * PodDisruptionBudgets are exceeded, the highest priority among the victims, the sum of their priorities, how many they are, and when the
 * most important of them was started, where later is better.
 *
 * Source: `pickOneNodeForPreemption` of kube-scheduler.
 */
export type Rank = Float64Array;

/** Below 0 where the rank that begins at `a` is better than the one at `b`, above 0 where it is worse, 0 where they are equal. */
export function compareRanks(ranks: Rank, a: number, others: Rank, b: number): number {
  for (let at = 0; at < RANK_SIZE; at += 1) {
    const one = ranks[a + at] as number;
    const other = others[b + at] as number;
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}
