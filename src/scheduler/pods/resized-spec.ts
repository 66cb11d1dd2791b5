import { Quantity } from '../../core/index.js';
import type { Container, ContainerStatus, Pod, PodSpec } from '../../resources/kinds/index.js';
import { type QuantityTexts, readQuantity } from './amount.js';

/**
 * The spec of a Pod with what its containers may really use at the moment: while they are resized, the highest of what they are
 * to get, were granted and still have. The spec itself where nothing is being resized.
 *
 * A resize that the node can never do does not count.
 *
 * @throws TypeError naming the field where a quantity is none.
 * Source: in-place resize of Pods, `PodRequests` with `UseStatusResources` in k8s.io/component-helpers.
 */
export function resizedSpec(pod: Pod): PodSpec {
  const { spec, status } = pod;
  if (status?.containerStatuses === undefined && status?.initContainerStatuses === undefined) return spec;
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  if (!statuses.some(({ resources }) => resources !== undefined)) return spec;
  const isInfeasible = status?.conditions?.some(
    ({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible',
  );
  let isChanged = false;
  const resize = (container: Container): Container => {
    const found = statuses.find(({ name }) => name === container.name);
    const requests =
      found === undefined ? undefined : resizedRequests(container, found, isInfeasible === true);
    if (requests === undefined) return container;
    isChanged = true;
    return { ...container, resources: { ...container.resources, requests } };
  };
  const containers = spec.containers.map(resize);
  const initContainers = spec.initContainers?.map((container) =>
    container.restartPolicy === 'Always' ? resize(container) : container,
  );
  if (!isChanged) return spec;
  return initContainers === undefined ? { ...spec, containers } : { ...spec, containers, initContainers };
}

/** What a container may really use; undefined where that is what its spec says. */
function resizedRequests(
  container: Container,
  status: ContainerStatus,
  isInfeasible: boolean,
): QuantityTexts | undefined {
  if (status.resources === undefined) return undefined;
  const wanted = container.resources?.requests ?? {};
  const requests = new Map<string, string>(isInfeasible ? [] : Object.entries(wanted));
  for (const [field, texts] of [
    ['resources.requests', status.resources.requests],
    ['allocatedResources', status.allocatedResources],
  ] as const) {
    for (const [name, text] of Object.entries(texts ?? {})) {
      const quantity = readQuantity(text, `status.containerStatuses[${status.name}].${field}.${name}`);
      const before = requests.get(name);
      const highest = before === undefined ? undefined : Quantity.tryParse(before);
      if (highest === undefined || highest.cmp(quantity) < 0) requests.set(name, text);
    }
  }
  const names = Object.keys(wanted);
  const isSame = requests.size === names.length && names.every((name) => requests.get(name) === wanted[name]);
  return isSame ? undefined : Object.fromEntries(requests);
}
