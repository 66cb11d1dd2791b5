import type { WorkloadInfo } from '../framework/index.js';
import type { PodFacts } from './spec-facts.js';

/** The facts of a Pod, which {@link podModel} made. */
export function factsOf(pod: WorkloadInfo): PodFacts {
  return pod.facts as PodFacts;
}
