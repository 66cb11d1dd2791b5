import type { Node, Pod } from '../../../resources/kinds/index.js';
import type { ClusterView, HostInfo, Topology } from '../../framework/index.js';
import type { PodCounts } from './pod-counts.js';
import type { Spread, Spreads } from './spread-constraints.js';

const HOSTNAME = 'kubernetes.io/hostname';

type Hosts = readonly HostInfo<Pod, Node>[];

/** What one spread scores by. */
interface SpreadPart {
  /** The domain of each host. */
  readonly domainOf: Int32Array;
  /** The Pods by domain, or by host where each host is its own domain. */
  readonly counts: Int32Array;
  readonly byHost: boolean;
  /** How much each Pod counts: the more the more domains there are. */
  readonly weight: number;
  readonly base: number;
}

/** The raw scores of hosts by some spreads: the more Pods there are already, the higher. */
export class SpreadScore {
  // 1 for each host with the labels of all spreads; undefined where these do not matter
  readonly #labelled: Uint8Array | undefined;
  readonly #parts: readonly SpreadPart[];

  constructor(spreads: Spreads, cluster: ClusterView<Pod, Node>, counts: PodCounts, hosts: Hosts) {
    const labelled = spreads.labelled === undefined ? undefined : counts.eligibility(spreads.labelled);
    this.#labelled = labelled?.hosts;
    const scored =
      labelled === undefined || labelled.size === cluster.size
        ? hosts
        : hosts.filter((host) => this.counts(host));
    this.#parts = spreads.list.map((spread) => partOf(spread, cluster, counts, scored));
  }

  /** Whether a host is scored at all. */
  counts(host: HostInfo<Pod, Node>): boolean {
    return this.#labelled === undefined || this.#labelled[host.index] === 1;
  }

  /** The score of a host; 0 for one that is not scored. */
  of(host: HostInfo<Pod, Node>): number {
    if (!this.counts(host)) return 0;
    const { index } = host;
    let score = 0;
    for (const { domainOf, counts, byHost, weight, base } of this.#parts) {
      const domain = domainOf[index] as number;
      if (domain !== -1) score += (counts[byHost ? index : domain] as number) * weight + base;
    }
    return Math.round(score);
  }
}

function partOf(
  { topologyKey, matcher, eligible, maxSkew }: Spread,
  cluster: ClusterView<Pod, Node>,
  counts: PodCounts,
  hosts: Hosts,
): SpreadPart {
  const topology = cluster.topology(topologyKey);
  const byHost = topologyKey === HOSTNAME;
  return {
    domainOf: topology.domainOf,
    counts: byHost
      ? counts.byHost(matcher).values(cluster.bound)
      : counts.spread(matcher, topologyKey, eligible).values,
    byHost,
    weight: Math.log((byHost ? hosts.length : domainsOf(hosts, topology)) + 2),
    base: maxSkew - 1,
  };
}

/** How many domains some hosts are in; having no such label, or an empty one, counts as one. */
function domainsOf(hosts: Hosts, topology: Topology): number {
  const { domainOf, bound } = topology;
  const empty = topology.domain('');
  // the last is that of hosts in no domain
  const seen = new Uint8Array(bound + 1);
  let domains = 0;
  for (const { index } of hosts) {
    const domain = domainOf[index] as number;
    const at = domain === -1 || domain === empty ? bound : domain;
    if (seen[at] === 1) continue;
    seen[at] = 1;
    domains += 1;
    if (domains > bound) break;
  }
  return domains;
}
