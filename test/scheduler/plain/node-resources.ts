import { Quantity } from '../../../src/core/index.js';
import { podsOn, type Cluster } from './cluster.js';
import { hasPodLevelRequests, podRequests, type Requests } from './pod-requests.js';
import type { Node, Pod } from './types.js';

/** Whole amounts by resource: cpu in thousandths, all others in units, each rounded up. */
export type Amounts = ReadonlyMap<string, bigint>;

/** What a container counts for in scores that does not say what it needs. */
export const ASSUMED_REQUESTS = { cpu: '100m', memory: '200Mi' };

export function amountsOf(requests: Requests): Amounts {
  return new Map([...requests].map(([name, quantity]) => [name, wholeAmount(name, quantity)]));
}

export function amount(amounts: Amounts, name: string): bigint {
  return amounts.get(name) ?? 0n;
}

export function allocatable(node: Node): Amounts {
  return amountsOf(
    new Map(
      Object.entries(node.status.allocatable ?? {}).map(([name, text]) => [name, Quantity.parse(text)]),
    ),
  );
}

/** What the pods on a node ask for. */
export function requestedOn(node: Node, cluster: Cluster): Amounts {
  return total(podsOn(node, cluster).map((pod) => amountsOf(podRequests(pod))));
}

/** What the pods on a node ask for, with something assumed for containers that do not say. */
export function assumedOn(node: Node, cluster: Cluster): Amounts {
  return total(podsOn(node, cluster).map((pod) => amountsOf(assumedRequests(pod))));
}

/** Where the pod says what it needs as a whole, nothing is assumed of the resources that are known. */
function assumedRequests(pod: Pod): Requests {
  const known = hasPodLevelRequests(pod) ? podRequests(pod) : new Map<string, Quantity>();
  const missing = Object.entries(ASSUMED_REQUESTS).filter(([name]) => !known.has(name));
  return podRequests(pod, { missing: Object.fromEntries(missing) });
}

function wholeAmount(name: string, quantity: Quantity): bigint {
  return name === 'cpu' ? quantity.milliValue() : quantity.value();
}

function total(all: readonly Amounts[]): Amounts {
  const result = new Map<string, bigint>();
  for (const amounts of all) {
    for (const [name, value] of amounts) result.set(name, amount(result, name) + value);
  }
  return result;
}
