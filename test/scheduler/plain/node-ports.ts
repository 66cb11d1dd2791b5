import { podsOn } from './cluster.js';
import { SKIP, unschedulable, type FilterPlugin } from './plugin.js';
import type { ContainerPort, Pod } from './types.js';

const ANY_ADDRESS = '0.0.0.0';

/** Rejects nodes where a port of the host that the pod wants is taken. */
export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  preFilter: (pod) => (hostPorts(pod).length === 0 ? SKIP : undefined),
  filter: (pod, node, cluster) => {
    const used = podsOn(node, cluster).flatMap(hostPorts);
    const taken = hostPorts(pod).some((port) => used.some((other) => conflict(port, other)));
    return taken ? unschedulable("node(s) didn't have free ports for the requested pod ports") : undefined;
  },
};

/** Of init containers, only those that keep running count. */
function hostPorts(pod: Pod): readonly ContainerPort[] {
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...pod.spec.containers, ...sidecars]
    .flatMap(({ ports }) => ports ?? [])
    .filter(({ hostPort }) => (hostPort ?? 0) > 0);
}

function conflict(a: ContainerPort, b: ContainerPort): boolean {
  const addressA = a.hostIP || ANY_ADDRESS;
  const addressB = b.hostIP || ANY_ADDRESS;
  return (
    a.hostPort === b.hostPort &&
    (a.protocol || 'TCP') === (b.protocol || 'TCP') &&
    (addressA === addressB || addressA === ANY_ADDRESS || addressB === ANY_ADDRESS)
  );
}
