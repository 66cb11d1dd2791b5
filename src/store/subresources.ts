import type { DeleteOptions, WriteOptions } from '../client/index.js';
import {
  ApiError,
  type Clock,
  define,
  formatTime,
  type JsonObject,
  LabelSelector,
  type ObjectKey,
  preview,
} from '../core/index.js';
import type { AnyResource, ScalePaths } from '../resources/index.js';
import { checkKey } from './check-key.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import type { Registry } from './registry.js';
import { type Steps, wait } from './steps.js';
import type { StoredObject } from './stored-object.js';
import { valueAt } from './value-at.js';
import { failedPrecondition, modified, noSubresource } from './write-errors.js';

type LabelSelectorObject = Parameters<typeof LabelSelector.from>[0];

/**
 * The subresources of the kinds: `status` and `scale` where a kind declares them, `binding` and `eviction` of Pods.
 *
 * Source: the REST storage of Pods (`BindingREST`, `EvictionREST`) and of `scale` in Kubernetes.
 */
export class Subresources {
  readonly #kinds: Kinds;
  readonly #clock: Clock;

  constructor(kinds: Kinds, clock: Clock) {
    this.#kinds = kinds;
    this.#clock = clock;
  }

  /** Reads a subresource, or writes it where there is a body. @throws ApiError NotFound where the kind has none such. */
  *call(
    registry: Registry,
    resource: AnyResource,
    key: ObjectKey,
    name: string,
    body: unknown,
    options: WriteOptions = {},
  ): Steps<unknown> {
    // what a subresource shows and takes, it does in the version that was asked for
    const { resource: own } = this.#kinds.writable(resource, name);
    checkKey(own, key);
    checkSameObject(key, body);
    const isPod = own.group === '' && own.kind === 'Pod';
    if (name === 'status' && own.hasStatus) return yield* this.#status(registry, own, key, body, options);
    if (name === 'scale' && own.scale !== undefined) {
      return yield* this.#scale(registry, own, own.scale, key, body, options);
    }
    if (name === 'binding' && isPod) return yield* this.#bind(registry, own, key, body, options);
    if (name === 'eviction' && isPod) return yield* this.#evict(registry, own, key, body, options);
    throw noSubresource(own, name);
  }

  *#status(
    registry: Registry,
    resource: AnyResource,
    key: ObjectKey,
    body: unknown,
    options: WriteOptions,
  ): Steps<StoredObject> {
    if (body === undefined) return registry.get(resource, key);
    return yield* wait(registry.update(resource, body, { ...options, subresource: 'status' }));
  }

  *#scale(
    registry: Registry,
    resource: AnyResource,
    paths: ScalePaths,
    key: ObjectKey,
    body: unknown,
    options: WriteOptions,
  ): Steps<unknown> {
    let object = registry.get(resource, key);
    if (body !== undefined) {
      const replicas = valueAt(body, 'spec.replicas');
      if (typeof replicas !== 'number' || !Number.isSafeInteger(replicas) || replicas < 0) {
        throw ApiError.badRequest(
          `expected a whole number, 0 or more, got ${preview(replicas)}`,
          'spec.replicas',
        );
      }
      const resourceVersion = valueAt(body, 'metadata.resourceVersion');
      if (
        typeof resourceVersion === 'string' &&
        resourceVersion !== '' &&
        resourceVersion !== object.metadata.resourceVersion
      ) {
        throw modified(resource, key.name);
      }
      object = yield* wait(
        registry.update(resource, withValue(object, paths.specReplicas.split('.'), replicas), {
          ...options,
          trackedAs: 'scale',
        }),
      );
    }
    const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
    const selector =
      paths.labelSelector === undefined ? undefined : (valueAt(object, paths.labelSelector) ?? undefined);
    return Object.freeze({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: Object.freeze({ name, namespace, uid, resourceVersion, creationTimestamp }),
      spec: Object.freeze({ replicas: valueAt(object, paths.specReplicas) ?? 0 }),
      status: Object.freeze({
        replicas: valueAt(object, paths.statusReplicas) ?? 0,
        ...(selector === undefined ? {} : { selector: selectorText(selector) }),
      }),
    });
  }

  *#bind(
    registry: Registry,
    resource: AnyResource,
    key: ObjectKey,
    body: unknown,
    options: WriteOptions,
  ): Steps<StoredObject> {
    const node = valueAt(body, 'target.name');
    if (typeof node !== 'string' || node === '') {
      throw ApiError.badRequest(`expected the name of a node, got ${preview(node)}`, 'target.name');
    }
    const pod = registry.get(resource, key);
    const uid = valueAt(body, 'metadata.uid') ?? '';
    if (uid !== '' && uid !== pod.metadata.uid) {
      throw failedPrecondition(resource, key.name, 'UID', preview(uid), pod.metadata.uid);
    }
    const bound = valueAt(pod, 'spec.nodeName');
    if (typeof bound === 'string' && bound !== '') {
      throw ApiError.conflict(
        resource,
        key.name,
        `pod ${key.name} is already assigned to node ${JSON.stringify(bound)}`,
      );
    }
    if (pod.metadata.deletionTimestamp !== undefined) {
      throw ApiError.conflict(
        resource,
        key.name,
        `pod ${key.name} is being deleted, cannot be assigned to a host`,
      );
    }
    return yield* wait(
      registry.update(resource, withValue(pod, ['spec', 'nodeName'], node), {
        ...options,
        trackedAs: 'binding',
      }),
    );
  }

  *#evict(
    registry: Registry,
    resource: AnyResource,
    key: ObjectKey,
    body: unknown,
    options: WriteOptions,
  ): Steps<StoredObject> {
    const pod = registry.get(resource, key);
    const preconditions = valueAt(body, 'deleteOptions.preconditions');
    const deletion: DeleteOptions = {
      ...options,
      ...(typeof preconditions === 'object' && preconditions !== null ? { preconditions } : {}),
    };
    const budget = this.#budgetOf(registry, pod);
    if (budget === undefined) return (yield* wait(registry.delete(resource, key, deletion))).object;
    // whatever can refuse the deletion does so before the budget pays for it
    const { object } = yield* wait(registry.delete(resource, key, { ...deletion, dryRun: true }));
    const status = charged(budget.object, pod, formatTime(this.#clock.now()));
    if (options.dryRun === true) return object;
    const paid = { ...budget.object, status };
    yield* wait(registry.aside.update(budget.kind.resource, paid, { subresource: 'status' }));
    return (yield* wait(registry.delete(resource, key, { ...deletion, guards: undefined }))).object;
  }

  /**
   * The disruption budget that an eviction of the Pod has to leave intact, if there is one.
   *
   * @throws ApiError InternalError where several cover the Pod: Kubernetes does not support that.
   */
  #budgetOf(
    registry: Registry,
    pod: StoredObject,
  ): { readonly kind: Kind; readonly object: StoredObject } | undefined {
    const phase = valueAt(pod, 'status.phase');
    const isRunning = phase !== 'Succeeded' && phase !== 'Failed' && phase !== 'Pending';
    if (!isRunning || pod.metadata.deletionTimestamp !== undefined) return undefined;
    const budgets = this.#kinds
      .versionsOf({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' })
      .flatMap((kind) => registry.all(kind, pod.metadata.namespace).map((object) => ({ kind, object })))
      .filter(({ object }) => {
        const selector = LabelSelector.from(valueAt(object, 'spec.selector') as LabelSelectorObject);
        return selector.matches(pod.metadata.labels);
      });
    if (budgets.length > 1) {
      throw ApiError.internal(
        `the Pod has more than one PodDisruptionBudget, which evictions do not support: ${budgets.map(({ object }) => object.metadata.name).join(', ')}`,
      );
    }
    return budgets[0];
  }
}

/** The status of a budget that pays for an eviction. @throws ApiError TooManyRequests where it has nothing left. */
function charged(budget: StoredObject, pod: StoredObject, now: string): JsonObject {
  const allowed = valueAt(budget, 'status.disruptionsAllowed');
  const observed = valueAt(budget, 'status.observedGeneration');
  const isStale = typeof observed === 'number' && observed < (budget.metadata.generation ?? 0);
  if (isStale || typeof allowed !== 'number' || allowed <= 0) {
    throw ApiError.tooManyRequests(
      `Cannot evict pod as it would violate the pod's disruption budget ${JSON.stringify(budget.metadata.name)}`,
      10,
    );
  }
  return {
    ...(budget['status'] as JsonObject),
    disruptionsAllowed: allowed - 1,
    disruptedPods: {
      ...(valueAt(budget, 'status.disruptedPods') as JsonObject | undefined),
      [pod.metadata.name]: now,
    },
  };
}

/** Checks that what a body says of the object it is for is true. @throws ApiError BadRequest naming the field. */
function checkSameObject(key: ObjectKey, body: unknown): void {
  for (const field of ['name', 'namespace'] as const) {
    const given = valueAt(body, `metadata.${field}`);
    if (given === undefined || given === null || given === '' || given === key[field]) continue;
    throw ApiError.badRequest(
      `expected ${preview(key[field])} as in the request, got ${preview(given)}`,
      `metadata.${field}`,
    );
  }
}

/** The text of a selector: text already, a LabelSelector, or a plain map of labels as ReplicationControllers have it. */
function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  const labels = selector as Readonly<Record<string, string>>;
  const isMap = Object.keys(labels).some((key) => key !== 'matchLabels' && key !== 'matchExpressions');
  return LabelSelector.from(isMap ? { matchLabels: labels } : (selector as LabelSelectorObject)).toString();
}

/** The object with another value at a path; parts beside the path are shared. */
function withValue(object: unknown, path: readonly string[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const copy: Record<string, unknown> = { ...(object as JsonObject | undefined) };
  define(copy, step, withValue(copy[step], rest, value));
  return copy;
}
