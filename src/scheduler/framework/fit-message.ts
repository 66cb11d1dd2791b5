import type { Verdict } from './placement.js';

/** What is said where there are no hosts at all. */
export const NO_HOSTS = 'no nodes available to schedule pods';

/**
 * Why no host will do, in one line: how many hosts there are, and how many of them each reason was given for.
 *
 * Source: `FitError` of kube-scheduler, word for word.
 */
export function fitMessage(hosts: number, verdicts: Iterable<readonly [Verdict, number]>): string {
  const counts = new Map<string, number>();
  for (const [verdict, times] of verdicts) {
    for (const reason of verdict.reasons) counts.set(reason, (counts.get(reason) ?? 0) + times);
  }
  const texts = Array.from(counts, ([reason, times]) => `${times} ${reason}`).sort(byCodeUnits);
  return `0/${hosts} nodes are available:${texts.length === 0 ? '' : ` ${texts.join(', ')}.`}`;
}

/** The same where one plugin has said no to all hosts at once. */
export function fitMessageForAll(hosts: number, verdict: Verdict): string {
  return `0/${hosts} nodes are available: ${verdict.reasons.join(', ')}.`;
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
