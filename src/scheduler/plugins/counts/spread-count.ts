import type { Topology } from '../../framework/index.js';
import { Counts } from './counts.js';
import type { Eligibility } from './eligibility.js';
import { Levels } from './levels.js';
import type { PodCount } from './kept-counts.js';
import type { PodMatcher } from './pod-matcher.js';

/** How many Pods of a matcher there are on the eligible hosts of each domain, and in which domain there are fewest. */
export class SpreadCount implements PodCount {
  readonly text: string;
  readonly matcher: PodMatcher;
  readonly topology: Topology;
  readonly eligibility: Eligibility;
  // the Pods and the eligible hosts by domain
  readonly #counts = new Counts();
  readonly #hosts = new Counts();
  // the counts of the domains with an eligible host
  readonly #levels = new Levels();

  /** Of no Pods yet, on the hosts that there are. */
  constructor(text: string, matcher: PodMatcher, topology: Topology, eligibility: Eligibility) {
    this.text = text;
    this.matcher = matcher;
    this.topology = topology;
    this.eligibility = eligibility;
    this.#levels.change(0, this.#enterAll());
  }

  /** The counts by domain, of every domain that there is now. */
  get values(): Int32Array {
    this.#counts.reserve(this.topology.bound);
    return this.#counts.values;
  }

  /** How many domains have an eligible host. */
  get domains(): number {
    return this.#levels.size;
  }

  /** The lowest count of a domain with an eligible host; 0 where there is none. */
  get lowest(): number {
    return this.#levels.lowest;
  }

  /** A Pod came to a host (1), or went (-1). */
  add(host: number, by: 1 | -1): void {
    const domain = this.#domainOf(host);
    if (domain === -1) return;
    const before = this.#counts.add(domain, by);
    this.#levels.move(before, before + by);
  }

  /** A host came, on which no Pod is counted yet. */
  hostEntered(host: number): void {
    const domain = this.#domainOf(host);
    if (domain !== -1 && this.#hosts.add(domain, 1) === 0) this.#levels.change(0, 1);
  }

  /** A host goes, on which no Pod is counted any more. */
  hostLeaving(host: number): void {
    const domain = this.#domainOf(host);
    if (domain !== -1 && this.#hosts.add(domain, -1) === 1) this.#levels.change(0, -1);
  }

  /** Counts the hosts that there are, and answers in how many domains they are. */
  #enterAll(): number {
    const { hosts } = this.eligibility;
    const { domainOf, bound } = this.topology;
    this.#hosts.reserve(bound);
    const { values } = this.#hosts;
    let domains = 0;
    for (let host = 0; host < hosts.length; host += 1) {
      const domain = hosts[host] === 1 ? (domainOf[host] as number) : -1;
      if (domain === -1) continue;
      if (values[domain] === 0) domains += 1;
      values[domain] = (values[domain] as number) + 1;
    }
    return domains;
  }

  /** The domain of a host, where the host is eligible; -1 where it is not, or has none. */
  #domainOf(host: number): number {
    return this.eligibility.hosts[host] === 1 ? (this.topology.domainOf[host] as number) : -1;
  }
}
