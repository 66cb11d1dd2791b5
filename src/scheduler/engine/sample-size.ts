import { preview } from '../../core/index.js';

/** How many of all hosts are enough, in percent, where so many will do; `adaptive` makes it fewer the more there are. */
export type HostPercentage = number | 'adaptive';

/** So many hosts are always looked for. */
const LEAST_HOSTS = 100;
const ADAPTIVE_PERCENTAGE = 50;
const LEAST_ADAPTIVE_PERCENTAGE = 5;
/** With so many hosts more, `adaptive` is one percent less. */
const HOSTS_PER_PERCENT = 125;

/** @throws TypeError or RangeError for what is no percentage. */
export function checkHostPercentage(percentage: unknown): asserts percentage is HostPercentage | undefined {
  if (percentage === undefined || percentage === 'adaptive') return;
  const message = `percentageOfNodesToScore: expected a whole number from 1 to 100 or "adaptive", got ${preview(percentage)}`;
  if (typeof percentage !== 'number') throw new TypeError(message);
  if (!Number.isInteger(percentage) || percentage < 1 || percentage > 100) throw new RangeError(message);
}

/**
 * How many hosts that will do are enough for a decision: all of them unless a percentage is given.
 *
 * Source: `numFeasibleNodesToFind` of kube-scheduler.
 */
export function sampleSize(hosts: number, percentage: HostPercentage | undefined): number {
  if (percentage === undefined || hosts < LEAST_HOSTS) return hosts;
  const share =
    percentage === 'adaptive'
      ? Math.max(LEAST_ADAPTIVE_PERCENTAGE, ADAPTIVE_PERCENTAGE - Math.trunc(hosts / HOSTS_PER_PERCENT))
      : percentage;
  return Math.max(LEAST_HOSTS, Math.trunc((hosts * share) / 100));
}
