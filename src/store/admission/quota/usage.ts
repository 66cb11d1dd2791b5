import { Quantity } from '../../../core/index.js';
import type { AnyResource } from '../../../resources/index.js';
import type { PersistentVolumeClaim, Pod, Service } from '../../../resources/kinds/index.js';
import type { StoredObject } from '../../stored-object.js';
import { type Amounts, amountsOf } from './amounts.js';
import { podAmountsWithOverhead } from './pod-amounts.js';

const ONE = /* @__PURE__ */ Quantity.parse('1');

/** The compute resources that quotas count under three names: `cpu`, `requests.cpu`, and `limits.cpu`. */
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];

const HUGE_PAGES = 'hugepages-';
const OF_CLASS = '.storageclass.storage.k8s.io/';

/** The kinds of the core group that are counted under their plural, too. */
const COUNTED: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

/** Under which name the objects of a kind are counted, as in `count/deployments.apps`. */
function countName({ group, plural }: Pick<AnyResource, 'group' | 'plural'>): string {
  return group === '' ? `count/${plural}` : `count/${plural}.${group}`;
}

/**
 * What an object takes of everything that quotas count.
 *
 * - Each object counts for `count/<plural>.<group>`; some of the core group under their plural too.
 * - A Pod that has not ended counts for `pods`, and for what it requests and is limited to, its overhead included.
 * - A Service counts for its node ports and its load balancer; a claim for the storage that it requests, in all and of its class.
 *
 * Source: the evaluators in pkg/quota/v1/evaluator/core of k8s.io/kubernetes, and `generic` in k8s.io/apiserver. Unlike there, a Pod
 * counts for what its `spec` says alone, and for as long as it is there.
 */
export function usageOf(resource: AnyResource, object: StoredObject): Amounts {
  const usage = new Map([[countName(resource), ONE]]);
  if (resource.group !== '') return usage;
  if (COUNTED.has(resource.plural)) usage.set(resource.plural, ONE);
  if (resource.kind === 'Pod') addPod(usage, object as unknown as Pod);
  else if (resource.kind === 'Service') addService(usage, object as unknown as Service);
  else if (resource.kind === 'PersistentVolumeClaim')
    addClaim(usage, object as unknown as PersistentVolumeClaim);
  return usage;
}

/** Whether objects of a kind may count for a name. */
export function countsFor(resource: AnyResource, name: string): boolean {
  if (name === countName(resource)) return true;
  if (resource.group !== '') return false;
  if (COUNTED.has(resource.plural) && name === resource.plural) return true;
  if (resource.kind === 'Pod') return countsPods(name);
  if (resource.kind === 'Service') return name === 'services.loadbalancers' || name === 'services.nodeports';
  return resource.kind === 'PersistentVolumeClaim' && countsClaims(name);
}

/** Whether a quota of this name can be kept, whatever the store serves. */
export function isCountable(name: string): boolean {
  return (
    name.startsWith('count/') ||
    COUNTED.has(name) ||
    name === 'services.loadbalancers' ||
    name === 'services.nodeports' ||
    countsPods(name) ||
    countsClaims(name)
  );
}

function countsPods(name: string): boolean {
  if (name === 'pods' || COMPUTE.includes(name) || name.startsWith(HUGE_PAGES)) return true;
  if (name.startsWith('limits.')) return COMPUTE.includes(name.slice('limits.'.length));
  if (!name.startsWith('requests.')) return false;
  const requested = name.slice('requests.'.length);
  return COMPUTE.includes(requested) || requested.startsWith(HUGE_PAGES) || isExtended(requested);
}

function countsClaims(name: string): boolean {
  return (
    name === 'requests.storage' ||
    name.endsWith(`${OF_CLASS}requests.storage`) ||
    name.endsWith(`${OF_CLASS}persistentvolumeclaims`)
  );
}

/** Whether a resource is one that a device brings, as `nvidia.com/gpu`. */
function isExtended(name: string): boolean {
  const slash = name.indexOf('/');
  return slash > 0 && !name.slice(0, slash).endsWith('kubernetes.io');
}

function addPod(usage: Map<string, Quantity>, { spec, status }: Pod): void {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return;
  usage.set('pods', ONE);
  addCompute(usage, podAmountsWithOverhead(spec, 'requests'), podAmountsWithOverhead(spec, 'limits'));
}

/** What requests and limits count for. */
export function addCompute(usage: Map<string, Quantity>, requests: Amounts, limits: Amounts): void {
  for (const [name, amount] of requests) {
    const isCompute = COMPUTE.includes(name);
    if (isCompute || name.startsWith(HUGE_PAGES)) usage.set(name, amount);
    if (isCompute || name.startsWith(HUGE_PAGES) || isExtended(name)) usage.set(`requests.${name}`, amount);
  }
  for (const [name, amount] of limits) if (COMPUTE.includes(name)) usage.set(`limits.${name}`, amount);
}

function addService(usage: Map<string, Quantity>, { spec }: Service): void {
  const ports = spec?.ports ?? [];
  const isBalanced = spec?.type === 'LoadBalancer';
  if (isBalanced) usage.set('services.loadbalancers', ONE);
  if (spec?.type !== 'NodePort' && !isBalanced) return;
  const isGivenNone = isBalanced && spec.allocateLoadBalancerNodePorts === false;
  const counted = isGivenNone
    ? ports.filter(({ nodePort }) => nodePort !== undefined && nodePort !== 0)
    : ports;
  usage.set('services.nodeports', Quantity.parse(counted.length));
}

function addClaim(usage: Map<string, Quantity>, { metadata, spec, status }: PersistentVolumeClaim): void {
  const storageClass =
    metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? '';
  if (storageClass !== '') usage.set(`${storageClass}${OF_CLASS}persistentvolumeclaims`, ONE);
  const requested = amountsOf(spec?.resources?.requests).get('storage');
  if (requested === undefined) return;
  // a claim that grows counts for what it was promised, until it is known to be less
  const promised = amountsOf(status?.allocatedResources).get('storage');
  const storage = promised !== undefined && promised.cmp(requested) > 0 ? promised : requested;
  usage.set('requests.storage', storage);
  if (storageClass !== '') usage.set(`${storageClass}${OF_CLASS}requests.storage`, storage);
}
