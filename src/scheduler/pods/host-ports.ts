import type { Container, PodSpec } from '../../resources/kinds/index.js';

/** A port of the node that a Pod takes. */
export interface HostPort {
  /** `8080/TCP`. */
  readonly port: string;
  readonly ip: string;
}

/** Stands for every address of the node. */
export const ANY_IP = '0.0.0.0';

/** The ports of the node that a Pod takes, for all its containers that run as long as it does. Source: `GetHostPorts` of kube-scheduler. */
export function hostPortsOf(spec: PodSpec): readonly HostPort[] {
  const sidecars = spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  return [...sidecars, ...spec.containers].flatMap(portsOf);
}

/** Whether both ports cannot be taken on one node. */
export function areInConflict(a: HostPort, b: HostPort): boolean {
  return a.port === b.port && (a.ip === b.ip || a.ip === ANY_IP || b.ip === ANY_IP);
}

function portsOf({ ports = [] }: Container): HostPort[] {
  const taken: HostPort[] = [];
  for (const { hostPort = 0, protocol = '', hostIP = '' } of ports) {
    if (hostPort <= 0) continue;
    taken.push({
      port: `${hostPort}/${protocol === '' ? 'TCP' : protocol}`,
      ip: hostIP === '' ? ANY_IP : hostIP,
    });
  }
  return taken;
}
