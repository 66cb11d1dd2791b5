import type { ApiObject } from '../../core/index.js';
import type { Cluster, HostSlot } from '../cluster/index.js';
import type { Narrowed } from '../engine/decider.js';
import { unresolvable, type Verdict } from '../framework/index.js';

const OUTSIDE: Verdict = /* @__PURE__ */ Object.freeze({
  plugin: '',
  .../* @__PURE__ */ unresolvable("node(s) were outside of the group's domain"),
});

/** One host, and no others. */
export function onlyHost<W extends ApiObject, H extends ApiObject>(
  name: string,
  cluster: Cluster<W, H>,
): Narrowed {
  const index = cluster.host(name)?.index;
  const indexes = Int32Array.from(index === undefined ? [] : [index]);
  return { hosts: new Set([name]), others: OUTSIDE, indexes };
}

/** All hosts in question but one. */
export function allBut<W extends ApiObject, H extends ApiObject>(
  host: string,
  among: Narrowed | undefined,
  cluster: Cluster<W, H>,
): Narrowed {
  const hosts = new Set(among?.hosts ?? Array.from(cluster.hosts(), ({ name }) => name));
  hosts.delete(host);
  return { hosts, others: OUTSIDE };
}

/** The hosts that have one value of a label. */
export class Domain implements Narrowed {
  readonly name: string;
  readonly indexes: Int32Array;
  readonly others: Verdict = OUTSIDE;
  readonly #nameOf: (index: number) => string;
  // found out when they are first asked for
  #hosts: ReadonlySet<string> | undefined;

  /** @param indexes - Of the hosts, in order: none may come or go for as long as the domain is made use of. */
  constructor(name: string, indexes: readonly number[], nameOf: (index: number) => string) {
    this.name = name;
    this.indexes = Int32Array.from(indexes);
    this.#nameOf = nameOf;
  }

  get hosts(): ReadonlySet<string> {
    this.#hosts ??= new Set(Array.from(this.indexes, this.#nameOf));
    return this.#hosts;
  }
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
  const topology = cluster.topology(key);
  const { domainOf } = topology;
  const wanted = only === undefined ? undefined : topology.domain(only);
  // by the number of the domain
  const indexes: (number[] | undefined)[] = [];
  for (let index = 0; index < cluster.bound; index += 1) {
    const domain = domainOf[index] as number;
    if (domain !== -1 && (wanted ?? domain) === domain) (indexes[domain] ??= []).push(index);
  }
  const hostAt = (index: number): HostSlot<W, H> => cluster.at(index) as HostSlot<W, H>;
  const domains: Domain[] = [];
  for (const each of indexes) {
    // a number may be free, or not the one that is wanted
    if (each === undefined) continue;
    const name = hostAt(each[0] as number).labels[key] as string;
    domains.push(new Domain(name, each, (index) => hostAt(index).name));
  }
  return domains.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Which share of a domain is used up, from 0 to 1: the mean over those of some resources of which it has any. */
export function fillOf<W extends ApiObject, H extends ApiObject>(
  cluster: Cluster<W, H>,
  { indexes }: Domain,
  resources: ReadonlySet<string>,
): number {
  let shares = 0;
  let counted = 0;
  for (const resource of resources) {
    const column = cluster.resource(resource);
    let capacity = 0;
    let used = 0;
    for (let at = 0; at < indexes.length; at += 1) {
      capacity += column.capacity[indexes[at] as number] as number;
      used += column.used[indexes[at] as number] as number;
    }
    if (capacity === 0) continue;
    shares += used / capacity;
    counted += 1;
  }
  return counted === 0 ? 0 : shares / counted;
}
