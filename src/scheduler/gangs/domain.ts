import type { ApiObject } from '../../core/index.js';
import type { Cluster } from '../cluster/index.js';
import type { Narrowed } from '../engine/decider.js';
import { unresolvable, type Verdict } from '../framework/index.js';

const OUTSIDE: Verdict = /* @__PURE__ */ Object.freeze({
  plugin: '',
  .../* @__PURE__ */ unresolvable("node(s) were outside of the group's domain"),
});

/** Some hosts, and no others. */
export function onlyHosts(hosts: ReadonlySet<string>): Narrowed {
  return { hosts, others: OUTSIDE };
}

/** All hosts in question but one. */
export function allBut<W extends ApiObject, H extends ApiObject>(
  host: string,
  among: Narrowed | undefined,
  cluster: Cluster<W, H>,
): Narrowed {
  const hosts = new Set(among?.hosts ?? Array.from(cluster.hosts(), ({ name }) => name));
  hosts.delete(host);
  return onlyHosts(hosts);
}

/** The hosts that have one value of a label. */
interface Domain {
  readonly name: string;
  readonly among: Narrowed;
}

/**
 * The domains of a label, by name.
 *
 * @param only - The only value in question; all of them unless given.
 */
export function domainsOf<W extends ApiObject, H extends ApiObject>(
  cluster: Cluster<W, H>,
  key: string,
  only: string | undefined,
): readonly Domain[] {
  const hostsOf = new Map<string, Set<string>>();
  for (const { name, labels } of cluster.hosts()) {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (value === undefined || (only !== undefined && value !== only)) continue;
    let hosts = hostsOf.get(value);
    if (hosts === undefined) hostsOf.set(value, (hosts = new Set()));
    hosts.add(name);
  }
  return Array.from(hostsOf, ([name, hosts]) => ({ name, among: onlyHosts(hosts) })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

/** Which share of a domain is used up, from 0 to 1: the mean over those of some resources of which it has any. */
export function fillOf<W extends ApiObject, H extends ApiObject>(
  cluster: Cluster<W, H>,
  { hosts }: Narrowed,
  resources: ReadonlySet<string>,
): number {
  let shares = 0;
  let counted = 0;
  for (const resource of resources) {
    const column = cluster.resource(resource);
    let capacity = 0;
    let used = 0;
    for (const name of hosts) {
      const index = cluster.host(name)?.index ?? -1;
      capacity += column.capacity[index] ?? 0;
      used += column.used[index] ?? 0;
    }
    if (capacity === 0) continue;
    shares += used / capacity;
    counted += 1;
  }
  return counted === 0 ? 0 : shares / counted;
}
