import type { Node, Pod } from '../../../resources/kinds/index.js';
import type { ClusterIndex, ClusterView, HostInfo, WorkloadInfo } from '../../framework/index.js';
import { ANY_IP, type HostPort, hostPortsOf } from '../../pods/host-ports.js';
import { factsOf } from '../../pods/pod-facts.js';

/** The ports that Pods have taken on each node. */
export class PortsInUse implements ClusterIndex<Pod, Node> {
  static make(cluster: ClusterView<Pod, Node>): PortsInUse {
    const inUse = new PortsInUse();
    for (const host of cluster.hosts()) inUse.hostEntered(host);
    return inUse;
  }

  // by port, by the index of the host, by address: how many Pods have it; no map in here is empty, no count 0
  readonly #counts = new Map<string, Map<number, Map<string, number>>>();

  /** Whether a port cannot be taken on a host. */
  has(host: number, { port, ip }: HostPort): boolean {
    const counts = this.#counts.get(port)?.get(host);
    return counts !== undefined && (ip === ANY_IP || counts.has(ip) || counts.has(ANY_IP));
  }

  placed(pod: WorkloadInfo<Pod>, { index }: HostInfo<Pod, Node>): void {
    for (const port of factsOf(pod).spec.of(hostPortsOf)) this.#add(index, port);
  }

  removed(pod: WorkloadInfo<Pod>, { index }: HostInfo<Pod, Node>): void {
    for (const port of factsOf(pod).spec.of(hostPortsOf)) this.#takeOff(index, port);
  }

  hostEntered(host: HostInfo<Pod, Node>): void {
    for (const pod of host.workloads) this.placed(pod, host);
  }

  hostLeaving(host: HostInfo<Pod, Node>): void {
    for (const pod of host.workloads) this.removed(pod, host);
  }

  #add(host: number, { port, ip }: HostPort): void {
    let hosts = this.#counts.get(port);
    if (hosts === undefined) this.#counts.set(port, (hosts = new Map()));
    let counts = hosts.get(host);
    if (counts === undefined) hosts.set(host, (counts = new Map()));
    counts.set(ip, (counts.get(ip) ?? 0) + 1);
  }

  #takeOff(host: number, { port, ip }: HostPort): void {
    const hosts = this.#counts.get(port);
    const counts = hosts?.get(host);
    const count = counts?.get(ip);
    if (hosts === undefined || counts === undefined || count === undefined) return;
    if (count > 1) {
      counts.set(ip, count - 1);
      return;
    }
    counts.delete(ip);
    if (counts.size === 0) hosts.delete(host);
    if (hosts.size === 0) this.#counts.delete(port);
  }
}
