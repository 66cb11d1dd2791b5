import type { Node, Pod } from '../../resources/kinds/index.js';
import {
  definePlugin,
  type Plugin,
  type Rejection,
  SKIP,
  unschedulable,
  type WorkloadInfo,
} from '../framework/index.js';
import { areInConflict, type HostPort, hostPortsOf } from '../pods/host-ports.js';
import { factsOf } from '../pods/pod-facts.js';
import { PortsInUse } from './ports/ports-in-use.js';

const REJECTION: Rejection = /* @__PURE__ */ unschedulable(
  "node(s) didn't have free ports for the requested pod ports",
);

interface State {
  readonly inUse: PortsInUse;
  readonly ports: readonly HostPort[];
}

/** Keeps Pods off nodes whose ports they want and others have. */
export function nodePorts(): Plugin<Pod, Node> {
  return definePlugin<Pod, Node, State>({
    name: 'NodePorts',
    reads: { part: (pod) => portsIn(pod).map(describe).join() },
    preFilter(pod, cluster) {
      const ports = portsIn(pod);
      return ports.length === 0 ? SKIP : { state: { ports, inUse: cluster.index(PortsInUse) } };
    },
    filter(_pod, host, { ports, inUse }) {
      for (const port of ports) if (inUse.has(host.index, port)) return REJECTION;
      return undefined;
    },
    remedy(_pod, host, { ports, inUse }) {
      const taken = ports.filter((port) => inUse.has(host.index, port));
      if (taken.length === 0) return undefined;
      return { text: `free the host port ${taken.map(describe).join(', ')}`, of: 'host' };
    },
    wakes(event, pod) {
      if (event.type === 'host') return event.before === undefined;
      const left =
        event.type === 'removed' ? event.workload : event.type === 'placed' ? event.before : undefined;
      if (left === undefined) return false;
      const ports = portsIn(pod);
      return portsIn(left).some((freed) => ports.some((port) => areInConflict(freed, port)));
    },
  });
}

function portsIn(pod: WorkloadInfo<Pod>): readonly HostPort[] {
  return factsOf(pod).spec.of(hostPortsOf);
}

function describe({ ip, port }: HostPort): string {
  return `${ip}:${port}`;
}
