import type { Condition } from '../../core/index.js';

/** Whether a condition was observed at an older generation; one that says none, or was never set, was not. */
export function isStale(condition: Condition | undefined, generation: number | undefined): boolean {
  const { observedGeneration } = condition ?? {};
  return observedGeneration !== undefined && generation !== undefined && observedGeneration < generation;
}
