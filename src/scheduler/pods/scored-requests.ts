import type { PodSpec } from '../../resources/kinds/index.js';
import type { Amounts } from '../framework/index.js';
import { amountOf } from './amount.js';
import { add, containerTotals, forNone, quantitiesOf } from './container-totals.js';

/**
 * What NodeResourcesFit counts of a Pod that is to be placed, for its score: 100m CPU and 200Mi memory for each container that requests
 * none, and not what the Pod requests as a whole.
 *
 * @throws TypeError naming the field where a quantity is none.
 *
 * Source: `calculatePodResourceRequest` of kube-scheduler 1.36, whose score does not know requests of the Pod as a whole.
 */
export function scoredRequestsOf(spec: PodSpec): Amounts {
  const total = containerTotals(spec, forNone(true, true));
  add(total, quantitiesOf(spec.overhead, 'spec.overhead'));
  return new Map(Array.from(total, ([name, quantity]) => [name, amountOf(name, quantity)] as const));
}
