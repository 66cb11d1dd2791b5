import { ApiError, FieldError, jsonEqual, type Quantity } from '../../core/index.js';
import type { AnyResource } from '../../resources/index.js';
import { type Container, Pod, ResourceQuota } from '../../resources/kinds/index.js';
import type { StoredObject } from '../stored-object.js';
import type { AdmissionPlugin, AdmissionReader, AdmissionRequest } from './admission-plugin.js';
import { type Amounts, addTo, amountOf, amountsOf, describe } from './quota/amounts.js';
import { containerAmounts } from './quota/pod-amounts.js';
import { isInScope, scopeErrors } from './quota/scopes.js';
import { addCompute, countsFor, isCountable, usageOf } from './quota/usage.js';

/** What every container of a Pod has to say where a quota counts it: a rule that Kubernetes regrets and keeps. */
const MUST_SPECIFY = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

/**
 * Keeps the ResourceQuotas of the namespaces: what would exceed one is refused.
 *
 * - `status.used` of a quota is what its namespace holds, at every revision: it changes in the commit of the write that changes it, up
 *   with creates, down with deletes and with Pods that end. So no two writes can exceed a quota together.
 * - What a quota counts: objects (`count/<plural>.<group>`, `pods`, `services`, ...), what Pods request and are limited to, storage that
 *   claims request; of Pods only those in its scopes.
 * - An update is refused only where it takes more of what it exceeds. What controllers say in a status is counted, and never refused.
 * - A new quota, and one whose `spec` changed, is counted anew; so is one whose status somebody writes. One that is exceeded already
 *   stays, and refuses what would add to it. The scopes of a quota cannot change.
 * - It should be the last plugin, so that it counts what will be stored.
 *
 * Source: the ResourceQuota plugin in k8s.io/apiserver and the resource quota controller of Kubernetes, in one.
 */
export function resourceQuota(): AdmissionPlugin {
  return Object.freeze<AdmissionPlugin>({
    name: 'ResourceQuota',
    handles: ({ key }) => key.namespace !== undefined,
    validate: (request) => {
      if (isQuota(request.resource) && request.object !== undefined)
        checkQuota(request.object, request.oldObject);
      // the others are checked as they are counted
      if (request.dryRun)
        for (const quota of quotasFor(request, request.store)) charge(quota, request, request.store);
    },
    accompany: (request, store) => {
      // all are asked before any is written
      const charged = quotasFor(request, store).map((quota) => {
        return { quota, status: charge(quota, request, store) };
      });
      if (isQuota(request.resource) && request.object !== undefined) {
        const quota = request.object as unknown as ResourceQuota;
        charged.push({ quota, status: ownStatus(quota, request, store) });
      }
      for (const { quota, status } of charged) {
        if (status === undefined) continue;
        store.update(ResourceQuota, { ...quota, status }, { subresource: 'status' });
      }
    },
  });
}

type Status = NonNullable<ResourceQuota['status']>;

function isQuota({ group, kind }: AnyResource): boolean {
  return group === '' && kind === 'ResourceQuota';
}

/** The quotas that a write may count for: of its namespace, and not the one that is written. */
function quotasFor({ key, resource }: AdmissionRequest, store: AdmissionReader): readonly ResourceQuota[] {
  const quotas = store.list(ResourceQuota, { namespace: key.namespace });
  if (quotas.length === 0) return quotas;
  return quotas.filter(
    ({ metadata, spec }) =>
      Object.keys(spec?.hard ?? {}).some((name) => countsFor(resource, name)) &&
      !(isQuota(resource) && metadata.name === key.name),
  );
}

/** A quota's status once the write has happened; undefined where it stays. @throws ApiError Forbidden. */
function charge(quota: ResourceQuota, request: AdmissionRequest, store: AdmissionReader): Status | undefined {
  const { resource, object, oldObject, operation } = request;
  const { spec = {}, status } = quota;
  const hard = amountsOf(spec.hard);
  const names = [...hard.keys()].filter((name) => countsFor(resource, name));
  const usage = object === undefined ? undefined : usageIn(quota, resource, object);
  if (usage !== undefined && operation === 'CREATE') checkStated(quota, names, usage, request);
  const before = oldObject === undefined ? undefined : usageIn(quota, resource, oldObject);
  const isKnown = isCurrent(quota);
  const used = isKnown ? amountsOf(status?.used) : recount(quota, store, request);
  const next = new Map(used);
  const exceeded: string[] = [];
  const requested = new Map<string, Quantity>();
  for (const name of names) {
    const delta = amountOf(usage ?? NOTHING, name).sub(amountOf(before ?? NOTHING, name));
    if (delta.isZero) continue;
    const sum = amountOf(used, name).add(delta);
    next.set(name, sum);
    if (delta.sign > 0 && sum.cmp(amountOf(hard, name)) > 0) exceeded.push(name);
    requested.set(name, delta);
  }
  if (exceeded.length > 0 && request.subresource !== 'status') {
    const [wanted, had, limit] = [requested, used, hard].map((amounts) => describe(exceeded, amounts));
    refuse(
      request,
      `exceeded quota: ${quota.metadata.name}, requested: ${wanted}, used: ${had}, limited: ${limit}`,
    );
  }
  return isKnown && requested.size === 0 ? undefined : statusOf(quota, next);
}

const NOTHING: Amounts = /* @__PURE__ */ new Map();

/** What an object counts for in a quota; undefined where it is not in its scopes. */
function usageIn({ spec }: ResourceQuota, resource: AnyResource, object: StoredObject): Amounts | undefined {
  return isInScope(spec ?? {}, resource, object) ? usageOf(resource, object) : undefined;
}

/** Whether a quota's status is about what its `spec` says. */
function isCurrent({ spec, status }: ResourceQuota): boolean {
  const hard = spec?.hard ?? {};
  const used = status?.used ?? {};
  return (
    jsonEqual(hard, status?.hard ?? {}) &&
    Object.keys(hard).every((name) => Object.hasOwn(used, name) === isCountable(name))
  );
}

/** What the namespace of a quota holds, as it was before the write. */
function recount(
  quota: ResourceQuota,
  store: AdmissionReader,
  { resource, key, oldObject }: AdmissionRequest,
): Map<string, Quantity> {
  const names = Object.keys(quota.spec?.hard ?? {}).filter(isCountable);
  const used = new Map(names.map((name) => [name, amountOf(NOTHING, name)]));
  // several versions of a kind show the same objects
  const counted = new Set<string>();
  for (const each of store.resources) {
    if (each.scope !== 'Namespaced' || !names.some((name) => countsFor(each, name))) continue;
    const isWritten = each.group === resource.group && each.kind === resource.kind;
    let objects = store.list(each, { namespace: quota.metadata.namespace }) as readonly StoredObject[];
    // whether the write shows in the list already is not known
    if (isWritten) objects = objects.filter(({ metadata }) => metadata.name !== key.name);
    if (isWritten && oldObject !== undefined) objects = [...objects, oldObject];
    for (const object of objects) {
      if (counted.has(object.metadata.uid)) continue;
      counted.add(object.metadata.uid);
      addWithin(used, usageIn(quota, each, object));
    }
  }
  return used;
}

function statusOf({ spec }: ResourceQuota, used: Amounts): Status {
  const names = Object.keys(spec?.hard ?? {}).filter(isCountable);
  return {
    ...(spec?.hard === undefined ? undefined : { hard: spec.hard }),
    used: Object.fromEntries(names.map((name) => [name, amountOf(used, name).toString()])),
  };
}

/** The status of a quota that is written itself; undefined where it stays. */
function ownStatus(
  quota: ResourceQuota,
  request: AdmissionRequest,
  store: AdmissionReader,
): Status | undefined {
  const { resource, object, oldObject, subresource } = request;
  if (oldObject !== undefined && subresource !== 'status' && jsonEqual(quota.spec, oldObject['spec']))
    return undefined;
  const used = recount(quota, store, request);
  // a new quota counts itself
  if (oldObject === undefined) addWithin(used, usageIn(quota, resource, object as StoredObject));
  return statusOf(quota, used);
}

/** Adds what a quota speaks of. */
function addWithin(used: Map<string, Quantity>, usage: Amounts = NOTHING): void {
  addTo(used, new Map([...usage].filter(([name]) => used.has(name))));
}

/** @throws ApiError Invalid naming every field at fault. */
function checkQuota(object: StoredObject, oldObject: StoredObject | undefined): void {
  const { metadata, spec = {} } = object as unknown as ResourceQuota;
  // what was stored before it was checked may stay
  if (oldObject !== undefined && jsonEqual(spec, oldObject['spec'] ?? {})) return;
  const errors = [...scopeErrors(spec)];
  for (const [name, amount] of amountsOf(spec.hard)) {
    if (amount.sign >= 0) continue;
    errors.push(
      FieldError.invalid(`spec.hard[${name}]`, amount.toString(), 'must be greater than or equal to 0'),
    );
  }
  const old = oldObject as unknown as ResourceQuota | undefined;
  for (const field of ['scopes', 'scopeSelector'] as const) {
    if (old === undefined || jsonEqual(spec[field] ?? null, old.spec?.[field] ?? null)) continue;
    errors.push(FieldError.invalid(`spec.${field}`, spec[field] ?? null, 'field is immutable'));
  }
  if (errors.length > 0) throw ApiError.invalid(ResourceQuota, metadata.name, errors);
}

/** Checks that an object says what a quota has to know, and takes nothing below zero. @throws ApiError Forbidden. */
function checkStated(
  quota: ResourceQuota,
  names: readonly string[],
  usage: Amounts,
  request: AdmissionRequest,
): void {
  const negative = names.filter((name) => amountOf(usage, name).sign < 0);
  if (negative.length > 0) {
    refuse(request, `quota usage is negative for resource(s): ${negative.sort().join(',')}`);
  }
  const required = names.filter((name) => MUST_SPECIFY.includes(name)).sort();
  if (required.length === 0 || request.resource.kind !== Pod.kind) return;
  const { spec } = request.object as unknown as Pod;
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const missing = required
    .map((name) => ({ name, where: containers.filter((container) => !states(container, name)) }))
    .filter(({ where }) => where.length > 0)
    .map(
      ({ name, where }) => `${name} for: ${[...new Set(where.map((each) => each.name))].sort().join(',')}`,
    );
  if (missing.length === 0) return;
  refuse(request, `failed quota: ${quota.metadata.name}: must specify ${missing.join('; ')}`);
}

function states(container: Container, name: string): boolean {
  const usage = new Map<string, Quantity>();
  addCompute(usage, containerAmounts(container, 'requests'), containerAmounts(container, 'limits'));
  return usage.has(name);
}

function refuse({ resource, key }: AdmissionRequest, why: string): never {
  throw ApiError.forbidden(resource, key.name, why);
}
