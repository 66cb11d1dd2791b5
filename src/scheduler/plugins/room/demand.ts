import type { PodSpec } from '../../../resources/kinds/index.js';
import type { Amounts } from '../../framework/index.js';
import { isCounted } from '../../pods/amount.js';
import { requestsOf } from '../../pods/pod-requests.js';
import { Shortage } from './shortage.js';

/** The resource of which each Pod takes one. */
const PODS = 'pods';
/** Those that come first in reasons; all others follow by name. */
const FIRST: readonly string[] = /* @__PURE__ */ Object.freeze([PODS, 'cpu', 'memory', 'ephemeral-storage']);

/** What a Pod needs free on its node, a row a resource: none is needed in the amount of 0. */
export interface Demand {
  readonly resources: readonly string[];
  readonly amounts: readonly number[];
  /** Nothing is short: where the search for the rejection begins. */
  readonly nothingShort: Shortage;
}

/** What a Pod needs free: to be read through the facts of its spec, which keep it. */
export function demandOf(spec: PodSpec): Demand {
  const requests = requestsOf(spec);
  const others = [...requests.keys()].filter((name) => isCounted(name) && !FIRST.includes(name));
  const resources = [...FIRST.filter((name) => requests.has(name)), ...others.sort()];
  return {
    resources,
    amounts: resources.map((name) => requests.get(name) ?? 0),
    nothingShort: new Shortage(
      resources.map((name) => (name === PODS ? 'Too many pods' : `Insufficient ${name}`)),
    ),
  };
}

/** Whether there is as much of everything as is needed, but for what is ignored. */
export function isCovered(demand: Demand, by: Amounts, isIgnored: (resource: string) => boolean): boolean {
  return demand.resources.every(
    (name, row) => isIgnored(name) || (demand.amounts[row] as number) <= (by.get(name) ?? 0),
  );
}

/** Whether one has more than the other of something that is needed. */
export function hasMore(demand: Demand, one: Amounts, other: Amounts): boolean {
  return demand.resources.some((name) => (one.get(name) ?? 0) > (other.get(name) ?? 0));
}
