import type { Node, Pod } from '../../../resources/kinds/index.js';
import type { ClusterView, HostInfo } from '../../framework/index.js';

/** Which hosts count for a spread. */
export interface EligibilityRule {
  /** Equal texts, equal rules. */
  readonly text: string;
  allows(host: HostInfo<Pod, Node>): boolean;
}

/** The hosts that a rule allows, kept up to date as hosts come and go. */
export class Eligibility {
  readonly #rule: EligibilityRule;
  // 1 for each host that is allowed, by its index
  #hosts: Uint8Array;
  #size = 0;

  constructor(rule: EligibilityRule, cluster: ClusterView<Pod, Node>) {
    this.#rule = rule;
    this.#hosts = new Uint8Array(cluster.bound);
    for (const host of cluster.hosts()) this.hostEntered(host);
  }

  /** 1 for each host that is allowed, by its index. Replaced when hosts are added: read it anew. */
  get hosts(): Uint8Array {
    return this.#hosts;
  }

  /** How many hosts are allowed. */
  get size(): number {
    return this.#size;
  }

  hostEntered(host: HostInfo<Pod, Node>): void {
    if (host.index >= this.#hosts.length) {
      const hosts = new Uint8Array(Math.max(host.index + 1, this.#hosts.length * 2));
      hosts.set(this.#hosts);
      this.#hosts = hosts;
    }
    if (!this.#rule.allows(host)) return;
    this.#hosts[host.index] = 1;
    this.#size += 1;
  }

  hostLeaving(host: HostInfo<Pod, Node>): void {
    if (this.#hosts[host.index] === 0) return;
    this.#hosts[host.index] = 0;
    this.#size -= 1;
  }
}
