import type { ApiObject } from '../../core/index.js';
import type { PlacedWorkload } from '../cluster/index.js';

/** What is added to each priority, so that the sum over victims grows with each of them: the lowest becomes 0. */
const LOWEST = 2 ** 31;

/** How a group could be placed. */
export interface GroupOutcome<W extends ApiObject, H extends ApiObject> {
  /** The domain, where one was asked for. */
  readonly domain: string | undefined;
  /** Where members go, in the order in which they were placed. */
  readonly hosts: ReadonlyMap<PlacedWorkload<W, H>, string>;
  /** The other members, and why. */
  readonly left: ReadonlyMap<string, string>;
  /** Those that have to go, the most important first. */
  readonly victims: readonly PlacedWorkload<W, H>[];
  /** The sum of the totals of the hosts. */
  readonly total: number;
  /** Which share of the domain is used up then. */
  readonly fill: number;
  /** How many decisions had been made then. */
  readonly sequence: number;
}

/**
 * Whether one outcome is better than another: victims that matter less (the highest priority first, then the sum over all), more members
 * placed, a higher total, a fuller domain.
 */
export function isBetter<W extends ApiObject, H extends ApiObject>(
  one: GroupOutcome<W, H>,
  other: GroupOutcome<W, H>,
): boolean {
  const order =
    highest(other) - highest(one) ||
    sum(other) - sum(one) ||
    one.hosts.size - other.hosts.size ||
    one.total - other.total ||
    one.fill - other.fill;
  return order > 0;
}

function highest({ victims }: GroupOutcome<ApiObject, ApiObject>): number {
  return victims[0]?.priority ?? -LOWEST;
}

function sum({ victims }: GroupOutcome<ApiObject, ApiObject>): number {
  return victims.reduce((all, { priority }) => all + priority + LOWEST, 0);
}
