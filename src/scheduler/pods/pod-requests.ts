import type { PodSpec } from '../../resources/kinds/index.js';
import type { Amounts } from '../framework/index.js';
import { amountOf } from './amount.js';
import { add, containerTotals, forNone, type Quantities, quantitiesOf } from './container-totals.js';

/** Beside what a Pod requests: what is counted for scoring, where containers that request none count as well. */
export const SCORED_CPU = '~cpu';
export const SCORED_MEMORY = '~memory';

/**
 * What a Pod adds to its node: CPU in thousandths, anything else in whole units, rounded up; amounts of 0 are left out.
 *
 * - Init containers, sidecars, requests of the Pod as a whole, and overhead count as in Kubernetes; `pods` is 1.
 * - `~cpu` and `~memory` are what is counted for scoring: 100m and 200Mi for each container that requests none.
 * - Negative quantities count as 0, and amounts above MAX_SAFE_INTEGER are cut to it.
 *
 * @throws TypeError naming the field, such as `spec.containers[0].resources.requests.cpu`, where a quantity is none.
 *
 * Source: `PodRequests` in k8s.io/component-helpers, `CalculateResource` of kube-scheduler.
 */
export function requestsOf(spec: PodSpec): Amounts {
  const ofPod = podLevelOf(spec);
  const overhead = quantitiesOf(spec.overhead, 'spec.overhead');
  const total = containerTotals(spec, []);
  complete(total, ofPod, overhead);
  // where the Pod as a whole requests something, containers only count with what nobody says anything about
  const isAsked = (resource: string): boolean => ofPod.size === 0 || !total.has(resource);
  const scored = containerTotals(spec, forNone(isAsked('cpu'), isAsked('memory')));
  complete(scored, ofPod, overhead);
  const amounts = new Map<string, number>([['pods', 1]]);
  for (const [name, quantity] of total) if (!quantity.isZero) amounts.set(name, amountOf(name, quantity));
  for (const [name, pseudo] of [
    ['cpu', SCORED_CPU],
    ['memory', SCORED_MEMORY],
  ] as const) {
    const quantity = scored.get(name);
    if (quantity !== undefined && !quantity.isZero) amounts.set(pseudo, amountOf(name, quantity));
  }
  return amounts;
}

/** What a Pod requests as a whole, instead of what its containers do. */
function podLevelOf(spec: PodSpec): Quantities {
  const quantities = quantitiesOf(spec.resources?.requests, 'spec.resources.requests');
  for (const name of quantities.keys()) {
    if (name !== 'cpu' && name !== 'memory' && !name.startsWith('hugepages-')) quantities.delete(name);
  }
  return quantities;
}

/** Puts what the Pod requests as a whole in place of what its containers do, and adds what is needed to run a Pod at all. */
function complete(total: Quantities, ofPod: Quantities, overhead: Quantities): void {
  for (const [name, quantity] of ofPod) total.set(name, quantity);
  add(total, overhead);
}
