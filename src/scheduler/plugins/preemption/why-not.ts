import { fitMessage, unresolvable, type Verdict } from '../../framework/index.js';

/** What is said of a node on which nobody is of a lower priority. */
export const NOBODY_TO_GO: Verdict = /* @__PURE__ */ Object.freeze({
  plugin: '',
  .../* @__PURE__ */ unresolvable('No preemption victims found for incoming pod'),
});

const NO_HELP: Verdict = /* @__PURE__ */ Object.freeze({
  plugin: '',
  .../* @__PURE__ */ unresolvable('Preemption is not helpful for scheduling'),
});

/**
 * Why nobody's going helps, in one line.
 *
 * @param hosts - How many nodes there are.
 * @param rejected - Why it does not help on those where it might have, each with a number of nodes.
 */
export function whyNot(hosts: number, rejected: ReadonlyMap<Verdict, number>): string {
  let others = hosts;
  for (const count of rejected.values()) others -= count;
  return fitMessage(hosts, others === 0 ? rejected : [...rejected, [NO_HELP, others]]);
}
