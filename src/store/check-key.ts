import { ApiError, type ObjectKey, preview } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';

/** Checks a key that names an object of a kind. @throws ApiError BadRequest naming the part that is wrong. */
export function checkKey(resource: AnyResource, key: ObjectKey): void {
  if (typeof key !== 'object' || key === null) {
    throw new TypeError(
      `Expected the key of a ${resource.kind}, as { name, namespace }, got ${preview(key)}`,
    );
  }
  const { name, namespace } = key as { name: unknown; namespace: unknown };
  if (typeof name !== 'string' || name === '') {
    throw ApiError.badRequest(
      `expected the name of a ${resource.kind}, got ${preview(name)}`,
      'metadata.name',
    );
  }
  if (namespace !== undefined && typeof namespace !== 'string') {
    throw ApiError.badRequest(`expected a string, got ${preview(namespace)}`, 'metadata.namespace');
  }
  checkScope(resource, namespace === '' ? undefined : namespace);
}

/** Checks that a namespace is named where the kind has them, and nowhere else. @throws ApiError BadRequest. */
export function checkScope(resource: AnyResource, namespace: string | undefined): void {
  if (resource.scope === 'Namespaced' && namespace === undefined) {
    throw ApiError.badRequest(`expected the namespace of a ${resource.kind}, got none`, 'metadata.namespace');
  }
  if (resource.scope === 'Cluster' && namespace !== undefined) {
    throw ApiError.badRequest(
      `expected no namespace for the cluster kind ${resource.kind}, got ${JSON.stringify(namespace)}`,
      'metadata.namespace',
    );
  }
}
