import { ApiError, type Quantity } from '../../core/index.js';
import type { AnyResource } from '../../resources/index.js';
import {
  type Container,
  LimitRange,
  type LimitRangeItem,
  type PersistentVolumeClaim,
  type Pod,
} from '../../resources/kinds/index.js';
import type { StoredObject } from '../stored-object.js';
import type { AdmissionPlugin, AdmissionRequest } from './admission-plugin.js';
import { withItemDefaults } from './defaults/limit-range-item.js';
import { requestsFromLimits } from './defaults/pod-defaults.js';
import { type Amounts, amountsOf, type ResourceList } from './quota/amounts.js';
import { containerAmounts, podAmounts } from './quota/pod-amounts.js';

const ANNOTATION = 'kubernetes.io/limit-ranger';

const NOTHING: Amounts = /* @__PURE__ */ new Map();

/**
 * Keeps the LimitRanges of the namespaces.
 *
 * - A container of a new Pod that says nothing about a resource gets the default request and the default limit; one that says only how
 *   much it may take at most requests that. What was filled in is told in the annotation `kubernetes.io/limit-ranger`.
 * - What a new Pod's containers, or all of them together, request and are limited to must be within `min` and `max`, and not further
 *   apart than `maxLimitRequestRatio`. So must what a new or changed PersistentVolumeClaim requests.
 *
 * Source: the LimitRanger plugin, plugin/pkg/admission/limitranger of k8s.io/kubernetes.
 */
export function limitRanges(): AdmissionPlugin {
  return Object.freeze<AdmissionPlugin>({
    name: 'LimitRanger',
    handles: ({ resource, subresource, operation, oldObject }) =>
      subresource === undefined &&
      oldObject?.metadata.deletionTimestamp === undefined &&
      (isPod(resource) ? operation === 'CREATE' : isClaim(resource) && operation !== 'DELETE'),
    mutate: (request) =>
      isPod(request.resource) ? withDefaults(request.object, rangesFor(request)) : undefined,
    validate: (request) => {
      for (const { items } of rangesFor(request)) {
        const errors = items.flatMap((item) => errorsOf(item, request));
        if (errors.length === 0) continue;
        const [first] = errors;
        const why = errors.length === 1 ? (first as string) : `[${[...new Set(errors)].join(', ')}]`;
        throw ApiError.forbidden(request.resource, request.key.name, why);
      }
    },
  });
}

function isPod({ group, kind }: AnyResource): boolean {
  return group === '' && kind === 'Pod';
}

function isClaim({ group, kind }: AnyResource): boolean {
  return group === '' && kind === 'PersistentVolumeClaim';
}

interface Range {
  readonly items: readonly LimitRangeItem[];
}

/** The limits of the namespace, with their own defaults. */
function rangesFor({ key, store }: AdmissionRequest): readonly Range[] {
  return store
    .list(LimitRange, { namespace: key.namespace })
    .map(({ spec }) => ({ items: spec.limits.map(withItemDefaults) }));
}

/** The Pod with what its containers leave out. */
function withDefaults(object: StoredObject, ranges: readonly Range[]): StoredObject | undefined {
  const defaults: Defaults = { limits: {}, requests: {} };
  let hasAny = false;
  // the first range that has a default for a resource wins, and within a range the last item
  for (const item of ranges.toReversed().flatMap(({ items }) => items)) {
    if (item.type !== 'Container') continue;
    hasAny = true;
    defaults.limits = { ...defaults.limits, ...item.default };
    defaults.requests = { ...defaults.requests, ...item.defaultRequest };
  }
  if (!hasAny) return undefined;
  const { metadata, spec } = object as unknown as Pod;
  const told: string[] = [];
  const containers = spec.containers.map((container) => completed(container, defaults, 'container', told));
  const initContainers = spec.initContainers?.map((container) =>
    completed(container, defaults, 'init container', told),
  );
  const annotations =
    told.length === 0
      ? metadata.annotations
      : { ...metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${told.join('; ')}` };
  return {
    ...object,
    metadata: { ...metadata, ...(annotations === undefined ? undefined : { annotations }) },
    spec: { ...spec, containers, ...(initContainers === undefined ? undefined : { initContainers }) },
  };
}

interface Defaults {
  limits: ResourceList;
  requests: ResourceList;
}

function completed(container: Container, defaults: Defaults, what: string, told: string[]): Container {
  const given = container.resources ?? {};
  const own = {
    ...given.requests,
    ...(requestsFromLimits({ ...given }, given.requests) as ResourceList | undefined),
  };
  const limits = { ...defaults.limits, ...given.limits };
  const requests = { ...defaults.requests, ...own };
  for (const [field, before, after] of [
    ['request', own, requests],
    ['limit', given.limits ?? {}, limits],
  ] as const) {
    const names = Object.keys(after).filter((name) => !Object.hasOwn(before, name));
    if (names.length > 0) told.push(`${names.sort().join(', ')} ${field} for ${what} ${container.name}`);
  }
  const resources = {
    ...given,
    ...(Object.keys(limits).length === 0 ? undefined : { limits }),
    ...(Object.keys(requests).length === 0 ? undefined : { requests }),
  };
  return Object.keys(resources).length === 0 ? container : { ...container, resources };
}

/** What breaks a limit. */
function errorsOf(item: LimitRangeItem, { resource, object }: AdmissionRequest): readonly string[] {
  if (isClaim(resource)) {
    if (item.type !== 'PersistentVolumeClaim') return [];
    const { spec } = object as unknown as PersistentVolumeClaim;
    const requests = amountsOf(spec?.resources?.requests);
    return [
      ...breaches(item, 'min', (name, limit) => belowMinimum(item.type, name, limit, requests, NOTHING)),
      ...breaches(item, 'max', (name, limit) => claimAboveMaximum(item.type, name, limit, requests)),
    ];
  }
  const { spec } = object as unknown as Pod;
  if (item.type === 'Pod') {
    return podErrors(item, podAmounts(spec, 'requests'), podAmounts(spec, 'limits'));
  }
  if (item.type !== 'Container') return [];
  return [...spec.containers, ...(spec.initContainers ?? [])].flatMap((container) =>
    podErrors(item, containerAmounts(container, 'requests'), containerAmounts(container, 'limits')),
  );
}

function podErrors(item: LimitRangeItem, requests: Amounts, limits: Amounts): readonly string[] {
  const { type } = item;
  return [
    ...breaches(item, 'min', (name, limit) => belowMinimum(type, name, limit, requests, limits)),
    ...breaches(item, 'max', (name, limit) => aboveMaximum(type, name, limit, requests, limits)),
    ...breaches(item, 'maxLimitRequestRatio', (name, limit) =>
      tooFarApart(type, name, limit, requests, limits),
    ),
  ];
}

function breaches(
  item: LimitRangeItem,
  field: 'min' | 'max' | 'maxLimitRequestRatio',
  breach: (name: string, limit: Quantity) => string | undefined,
): readonly string[] {
  return [...amountsOf(item[field])]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, limit]) => breach(name, limit))
    .filter((error) => error !== undefined);
}

function belowMinimum(
  type: string,
  name: string,
  minimum: Quantity,
  requests: Amounts,
  limits: Amounts,
): string | undefined {
  const rule = `minimum ${name} usage per ${type} is ${minimum.toString()}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (request === undefined) return `${rule}.  No request is specified`;
  if (request.cmp(minimum) < 0) return `${rule}, but request is ${request.toString()}`;
  if (limit !== undefined && limit.cmp(minimum) < 0) return `${rule}, but limit is ${limit.toString()}`;
  return undefined;
}

function aboveMaximum(
  type: string,
  name: string,
  maximum: Quantity,
  requests: Amounts,
  limits: Amounts,
): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${maximum.toString()}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (limit.cmp(maximum) > 0) return `${rule}, but limit is ${limit.toString()}`;
  if (request !== undefined && request.cmp(maximum) > 0)
    return `${rule}, but request is ${request.toString()}`;
  return undefined;
}

function claimAboveMaximum(
  type: string,
  name: string,
  maximum: Quantity,
  requests: Amounts,
): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${maximum.toString()}`;
  const request = requests.get(name);
  if (request === undefined) return `${rule}.  No request is specified`;
  return request.cmp(maximum) > 0 ? `${rule}, but request is ${request.toString()}` : undefined;
}

function tooFarApart(
  type: string,
  name: string,
  ratio: Quantity,
  requests: Amounts,
  limits: Amounts,
): string | undefined {
  const rule = `${name} max limit to request ratio per ${type} is ${ratio.toString()}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (request === undefined || request.isZero) return `${rule}, but no request is specified or request is 0`;
  if (limit === undefined || limit.isZero) return `${rule}, but no limit is specified or limit is 0`;
  const observed = limit.toNumber() / request.toNumber();
  return observed > ratio.toNumber() ? `${rule}, but provided ratio is ${observed.toFixed(6)}` : undefined;
}
