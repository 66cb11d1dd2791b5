import type { ApiObject } from '../../core/index.js';
import type { HostInfo, Topology } from '../framework/index.js';

/** The domains of one label over all hosts. */
export class LabelTopology implements Topology {
  readonly key: string;
  domainOf: Int32Array;
  // the number of each value that some host has
  readonly #domains = new Map<string, number>();
  // by number: the value, and how many hosts have it; undefined and 0 for a number that is free
  readonly #values: (string | undefined)[] = [];
  readonly #hosts: number[] = [];
  // the numbers below the bound that no value has
  readonly #free: number[] = [];

  constructor(key: string, room: number) {
    this.key = key;
    this.domainOf = new Int32Array(room).fill(-1);
  }

  get bound(): number {
    return this.#values.length;
  }

  hostsIn(domain: number): number {
    return this.#hosts[domain] ?? 0;
  }

  domain(value: string): number {
    return this.#domains.get(value) ?? -1;
  }

  /** Makes room for so many hosts. */
  grow(room: number): void {
    if (room <= this.domainOf.length) return;
    const domainOf = new Int32Array(room).fill(-1);
    domainOf.set(this.domainOf);
    this.domainOf = domainOf;
  }

  add(host: HostInfo<ApiObject, ApiObject>): void {
    const value = Object.hasOwn(host.labels, this.key) ? host.labels[this.key] : undefined;
    if (value === undefined) return;
    let domain = this.#domains.get(value);
    if (domain === undefined) {
      domain = this.#free.pop() ?? this.#values.length;
      this.#domains.set(value, domain);
      this.#values[domain] = value;
      this.#hosts[domain] = 0;
    }
    this.#hosts[domain] = (this.#hosts[domain] as number) + 1;
    this.domainOf[host.index] = domain;
  }

  remove(host: HostInfo<ApiObject, ApiObject>): void {
    const domain = this.domainOf[host.index] as number;
    if (domain === -1) return;
    this.domainOf[host.index] = -1;
    const left = (this.#hosts[domain] as number) - 1;
    this.#hosts[domain] = left;
    if (left > 0) return;
    this.#domains.delete(this.#values[domain] as string);
    this.#values[domain] = undefined;
    this.#free.push(domain);
  }
}
