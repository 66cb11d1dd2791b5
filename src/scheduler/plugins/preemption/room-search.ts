import type { Node, Pod } from '../../../resources/kinds/index.js';
import type { HostInfo, RoomNeeded, Verdict } from '../../framework/index.js';
import { tryHost } from './try-host.js';
import type { Candidate } from './candidate.js';
import { countAtLeast, type Occupant } from './occupants.js';
import { type PreemptionIndex, preemptionIndex } from './preemption-index.js';
import { FITS, type RoomClass, STAYS, UNSURE } from './room-class.js';
import { eachPotential, type Search } from './search.js';
import { NOBODY_TO_GO } from './why-not.js';

/**
 * A search where nothing but room decides about a host: it is counted what becomes free, and nothing is tried but the host that is chosen
 * in the end.
 *
 * Gives what trying every host would give.
 */
export class RoomSearch {
  readonly #search: Search;
  readonly #index: PreemptionIndex;
  readonly #cls: RoomClass;
  // what was tried, by the index of the host: how it went
  readonly #tried = new Map<number, Candidate | Verdict>();

  constructor(search: Search, room: RoomNeeded) {
    const { pod, cluster } = search;
    this.#search = search;
    this.#index = cluster.index(preemptionIndex);
    this.#cls = this.#index.classOf(pod, room);
    this.#cls.catchUp(cluster.bound);
  }

  /** The best candidate, of equals the one with the smallest index; undefined where there is none. */
  best(): Candidate | undefined {
    const hosts: HostInfo<Pod, Node>[] = [];
    eachPotential(this.#search, (host, verdict) => {
      if (this.#fits(host, verdict)) hosts.push(host);
    });
    while (hosts.length > 0) {
      const best = hosts.reduce((a, b) => (this.#cls.isBetter(b.index, a.index) ? b : a));
      const candidate = this.#confirmed(best);
      if (candidate !== undefined) return candidate;
      hosts.splice(hosts.indexOf(best), 1);
    }
    return undefined;
  }

  /** Why it does not help on each host where it might have, each with a number of hosts: where there is no candidate. */
  rejected(): ReadonlyMap<Verdict, number> {
    const counts = new Map<Verdict, number>();
    eachPotential(this.#search, (host, verdict) => {
      const why = this.#whyNot(host, verdict);
      counts.set(why, (counts.get(why) ?? 0) + 1);
    });
    return counts;
  }

  /** Whether a host is a candidate, as far as counting tells. */
  #fits(host: HostInfo<Pod, Node>, verdict: Verdict): boolean {
    const { pod, dryRun } = this.#search;
    const occupants = this.#index.occupantsOf(host);
    const last = occupants.at(-1);
    if (last === undefined || last.pod.priority >= pod.priority) return false;
    const outcome = this.#cls.look(host, verdict, occupants, dryRun.nominated(host));
    return outcome === UNSURE ? this.#fitsByTrial(host) : outcome === FITS;
  }

  #fitsByTrial(host: HostInfo<Pod, Node>): boolean {
    const found = this.#try(host);
    if (!('victims' in found)) return false;
    this.#cls.enter(found);
    return true;
  }

  #try(host: HostInfo<Pod, Node>): Candidate | Verdict {
    const { pod, dryRun } = this.#search;
    let found = this.#tried.get(host.index);
    if (found === undefined) {
      found = tryHost(pod.priority, host, this.#index, dryRun);
      this.#tried.set(host.index, found);
    }
    return found;
  }

  /** The candidate of a host that fits, if those filters agree that were not asked as others had said no before. */
  #confirmed(host: HostInfo<Pod, Node>): Candidate | undefined {
    const tried = this.#tried.get(host.index);
    if (tried !== undefined) return 'victims' in tried ? tried : undefined;
    const kept = this.#search.dryRun.nominated(host);
    const candidate = this.#cls.candidate(host, this.#index.occupantsOf(host), kept);
    const no = this.#verdictWithout(candidate.victims, host);
    if (no === undefined) return candidate;
    this.#tried.set(host.index, no);
    return undefined;
  }

  #whyNot(host: HostInfo<Pod, Node>, verdict: Verdict): Verdict {
    const { pod, dryRun } = this.#search;
    const occupants = this.#index.occupantsOf(host);
    if (countAtLeast(pod.priority, occupants) === occupants.length) return NOBODY_TO_GO;
    if (this.#tried.has(host.index)) return this.#verdictOfTrial(host);
    const outcome = this.#cls.look(host, verdict, occupants, dryRun.nominated(host));
    if (outcome === STAYS) return verdict;
    if (outcome === UNSURE) return this.#verdictOfTrial(host);
    return this.#cls.shortVerdict(verdict, outcome, () => this.#verdictOfTrial(host));
  }

  #verdictOfTrial(host: HostInfo<Pod, Node>): Verdict {
    const found = this.#try(host);
    if ('victims' in found) {
      throw new Error(
        `Node ${JSON.stringify(host.name)}: expected its filters to say no again, and they say yes`,
      );
    }
    return found;
  }

  #verdictWithout(gone: readonly Occupant[], host: HostInfo<Pod, Node>): Verdict | undefined {
    const { dryRun } = this.#search;
    return dryRun.trial((trial) => {
      for (const { pod } of gone) trial.remove(pod);
      return dryRun.verdict(host);
    });
  }
}
