import type { Node, Pod } from '../../../resources/kinds/index.js';
import type { DryRun, HostInfo, Verdict } from '../../framework/index.js';
import { type Candidate, candidateOf } from './candidate.js';
import { countAtLeast, type Occupant, occupantsOf } from './occupants.js';
import type { PreemptionIndex } from './preemption-index.js';
import { Reprieve } from './reprieve.js';
import { NOBODY_TO_GO } from './why-not.js';

/**
 * Who has to go from a node, or why nobody's going helps: found out by taking all off that are of a lower priority, and
 * putting them back one by one. Exact whatever the filters look at, and slow.
 *
 * @throws Error where all could be put back, for then the filters have contradicted themselves.
 *
 * Source: `SelectVictimsOnNode` of kube-scheduler.
 */
export function tryHost(
  priority: number,
  host: HostInfo<Pod, Node>,
  { budgets, starts }: PreemptionIndex,
  dryRun: DryRun<Pod, Node>,
): Candidate | Verdict {
  const occupants = occupantsOf(host.workloads, starts);
  const from = countAtLeast(priority, occupants);
  if (from === occupants.length) return NOBODY_TO_GO;
  return dryRun.trial((trial) => {
    for (let at = from; at < occupants.length; at += 1) trial.remove((occupants[at] as Occupant).pod);
    const verdict = dryRun.verdict(host);
    if (verdict !== undefined) return verdict;
    const reprieve = new Reprieve(budgets);
    reprieve.run(occupants, from, ({ pod }) => {
      trial.place(pod, host.name);
      if (dryRun.verdict(host) === undefined) return true;
      trial.remove(pod);
      return false;
    });
    const candidate = candidateOf(host, reprieve);
    if (candidate.victims.length === 0) {
      throw new Error(
        `Node ${JSON.stringify(host.name)}: expected its filters to say no again, and they say yes`,
      );
    }
    return candidate;
  });
}
