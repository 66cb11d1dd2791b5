import type { Node, Pod } from '../../../resources/kinds/index.js';
import type { HostInfo, Verdict } from '../../framework/index.js';
import { tryHost } from './try-host.js';
import type { Candidate } from './candidate.js';
import { preemptionIndex } from './preemption-index.js';
import { compareRanks } from './rank.js';
import { eachPotential, type Search } from './search.js';

/** What was found out about each host where it might help to remove Pods. */
interface Findings {
  readonly potential: readonly HostInfo<Pod, Node>[];
  readonly candidates: readonly Candidate[];
  /** The others, by name. */
  readonly rejected: ReadonlyMap<string, Verdict>;
}

/** Tries every host. */
export function tryAll(search: Search): Findings {
  const { pod, cluster, dryRun } = search;
  const index = cluster.index(preemptionIndex);
  const potential: HostInfo<Pod, Node>[] = [];
  eachPotential(search, (host) => potential.push(host));
  const candidates: Candidate[] = [];
  const rejected = new Map<string, Verdict>();
  for (const host of potential) {
    const found = tryHost(pod.priority, host, index, dryRun);
    if ('victims' in found) candidates.push(found);
    else rejected.set(host.name, found);
  }
  return { potential, candidates, rejected };
}

/** Those of which none is better than the others. */
export function bestOf(candidates: readonly Candidate[]): readonly Candidate[] {
  let best: Candidate[] = [];
  for (const candidate of candidates) {
    const [first] = best;
    const order = first === undefined ? -1 : compareRanks(candidate.rank, 0, first.rank, 0);
    if (order < 0) best = [candidate];
    else if (order === 0) best.push(candidate);
  }
  return best;
}

/** How many hosts each verdict is for. */
export function countVerdicts(verdicts: Iterable<Verdict>): ReadonlyMap<Verdict, number> {
  const counts = new Map<Verdict, number>();
  for (const verdict of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return counts;
}
