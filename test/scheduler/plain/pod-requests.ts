import { Quantity } from '../../../src/core/index.js';
import type { Container, ContainerStatus, Pod, ResourceList } from './types.js';

/** Amounts by resource. */
export type Requests = ReadonlyMap<string, Quantity>;

export interface RequestOptions {
  /** What a container counts for that does not say. */
  readonly missing?: ResourceList;
  /** Whether the pod's own `spec.resources` are left out. */
  readonly ofContainersOnly?: boolean;
}

/**
 * What a pod asks for.
 *
 * - Containers and sidecars (init containers that keep running) run at the same time: they add up. Every other init container
 *   runs alone, beside the sidecars before it. The pod needs the highest of these, resource by resource.
 * - What the pod asks for as a whole replaces the sum, for cpu, memory and huge pages.
 * - The overhead of its runtime is added.
 */
export function podRequests(pod: Pod, options: RequestOptions = {}): Requests {
  const requests = new Map(containerRequests(pod, options.missing ?? {}));
  if (options.ofContainersOnly !== true) {
    for (const [name, amount] of Object.entries(pod.spec.resources?.requests ?? {})) {
      if (isPodLevelResource(name)) requests.set(name, Quantity.parse(amount));
    }
  }
  return sum(requests, read(pod.spec.overhead));
}

/** Whether the pod asks for something as a whole. */
export function hasPodLevelRequests(pod: Pod): boolean {
  return Object.keys(pod.spec.resources?.requests ?? {}).some(isPodLevelResource);
}

function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

function containerRequests(pod: Pod, missing: ResourceList): Requests {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const infeasible = isResizeInfeasible(pod);
  const requestsOf = (container: Container, resizable: boolean): Requests => {
    const status = resizable ? statuses.find(({ name }) => name === container.name) : undefined;
    return withMissing(effectiveRequests(container, status, infeasible), missing);
  };

  let running: Requests = new Map();
  let sidecars: Requests = new Map();
  let starting: Requests = new Map();
  for (const container of pod.spec.containers) running = sum(running, requestsOf(container, true));
  for (const container of pod.spec.initContainers ?? []) {
    const isSidecar = container.restartPolicy === 'Always';
    const own = requestsOf(container, isSidecar);
    starting = highest(starting, sum(sidecars, own));
    if (!isSidecar) continue;
    running = sum(running, own);
    sidecars = sum(sidecars, own);
  }
  return highest(running, starting);
}

/** While a container is resized, what it may still use, was granted or will get: whichever is highest. */
function effectiveRequests(
  container: Container,
  status: ContainerStatus | undefined,
  infeasible: boolean,
): Requests {
  const wanted = read(container.resources?.requests);
  if (status?.resources === undefined) return wanted;
  const granted = highest(read(status.resources.requests), read(status.allocatedResources));
  return infeasible ? granted : highest(wanted, granted);
}

function isResizeInfeasible(pod: Pod): boolean {
  const pending = (pod.status?.conditions ?? []).find(({ type }) => type === 'PodResizePending');
  return pending?.reason === 'Infeasible';
}

function read(list: ResourceList | undefined): Requests {
  return new Map(Object.entries(list ?? {}).map(([name, amount]) => [name, Quantity.parse(amount)]));
}

function withMissing(requests: Requests, missing: ResourceList): Requests {
  return new Map([...read(missing), ...requests]);
}

function sum(a: Requests, b: Requests): Requests {
  const result = new Map(a);
  for (const [name, amount] of b) result.set(name, result.get(name)?.add(amount) ?? amount);
  return result;
}

function highest(a: Requests, b: Requests): Requests {
  const result = new Map(a);
  for (const [name, amount] of b) {
    const other = result.get(name);
    if (other === undefined || amount.cmp(other) > 0) result.set(name, amount);
  }
  return result;
}
