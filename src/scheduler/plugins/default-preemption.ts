import { type Node, type Pod, PodDisruptionBudget } from '../../resources/kinds/index.js';
import {
  type Placement,
  type Plugin,
  type PreemptionSurvey,
  type Rejection,
  unresolvable,
  type Verdict,
} from '../framework/index.js';
import type { Candidate } from './preemption/candidate.js';
import { isMakingRoom, objectionTo } from './preemption/eligibility.js';
import { RoomSearch } from './preemption/room-search.js';
import { type Search, searchFor } from './preemption/search.js';
import { bestOf, countVerdicts, tryAll } from './preemption/try-all.js';
import { whyNot } from './preemption/why-not.js';

/** What DynamicResources says when it is asked to make room, which comes first in the default profile. */
const BEFORE = 'no new claims to deallocate';

const NO_POTENTIAL: ReadonlyMap<Verdict, number> = /* @__PURE__ */ new Map<Verdict, number>();

/**
 * Makes room for a Pod that fits nowhere by pushing Pods of a lower priority off a node.
 *
 * - All nodes are looked at where it might help, that is: which were rejected with `Unschedulable`.
 * - As few go as possible, the least important ones; those whose going would exceed a PodDisruptionBudget only where there is no other way.
 * - Of equal nodes the one with the smallest index is taken.
 * - A Pod for which somebody is going already pushes nobody else off.
 *
 * Source: `DefaultPreemption` of kube-scheduler 1.36, which draws a part of the nodes where there are more than a hundred.
 */
export function defaultPreemption(): Plugin<Pod, Node> {
  return {
    name: 'DefaultPreemption',
    reads: { kinds: [PodDisruptionBudget] },
    postFilter(pod, cluster, verdictOf, dryRun) {
      const objection = objectionTo(pod, cluster, verdictOf);
      if (objection === undefined) {
        return dryRun.mayHelp
          ? choose(searchFor(pod, cluster, verdictOf, dryRun))
          : noHelp(cluster, NO_POTENTIAL);
      }
      return { code: objection.code, reasons: objection.reasons.map((reason) => `preemption: ${reason}`) };
    },
    isMakingRoom,
    survey(pod, cluster, verdictOf, dryRun) {
      const objection = objectionTo(pod, cluster, verdictOf);
      if (objection === undefined) return surveyOf(searchFor(pod, cluster, verdictOf, dryRun));
      const reason = objection.reasons.join(', ');
      const message = `${BEFORE}, preemption: ${reason}`;
      return { eligible: false, reason, potentialNodes: [], candidates: [], rejected: {}, best: [], message };
    },
  };
}

function choose(search: Search): Placement<Pod> | Rejection {
  if (search.room !== undefined) {
    const found = new RoomSearch(search, search.room);
    const best = found.best();
    return best === undefined ? noHelp(search.cluster, found.rejected()) : placementOf(best);
  }
  const { candidates, rejected } = tryAll(search);
  const [best] = bestOf(candidates);
  return best === undefined ? noHelp(search.cluster, countVerdicts(rejected.values())) : placementOf(best);
}

function noHelp({ size }: { readonly size: number }, rejected: ReadonlyMap<Verdict, number>): Rejection {
  return unresolvable(`preemption: ${whyNot(size, rejected)}`);
}

function placementOf({ host, victims }: Candidate): Placement<Pod> {
  return { host: host.name, victims: victims.map(({ pod }) => pod) };
}

function surveyOf(search: Search): PreemptionSurvey {
  const { potential, candidates, rejected } = tryAll(search);
  const survey = {
    eligible: true,
    potentialNodes: potential.map(({ name }) => name),
    candidates: candidates
      .map(({ host, victims, violations }) => ({
        node: host.name,
        victims: victims.map(({ pod }) => pod.key),
        pdbViolations: violations,
      }))
      .sort((a, b) => (a.node < b.node ? -1 : 1)),
    rejected: Object.fromEntries(rejected),
    best: bestOf(candidates)
      .map(({ host }) => host.name)
      .sort(),
  };
  if (candidates.length > 0) return survey;
  const message = whyNot(search.cluster.size, countVerdicts(rejected.values()));
  return { ...survey, message: `${BEFORE}, preemption: ${message}` };
}
