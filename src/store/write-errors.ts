import { ApiError } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import type { StoredObject } from './stored-object.js';

/** The kind has no such subresource. */
export function noSubresource(resource: AnyResource, name: string): ApiError {
  return new ApiError({
    reason: 'NotFound',
    message: `the server could not find the requested resource: ${resource.kind} has no subresource ${JSON.stringify(name)}`,
    details: { group: resource.group, kind: resource.plural },
  });
}

/** The object changed since the writer read it; `changes` says how, in lines. */
export function modified(resource: AnyResource, name: string, changes: readonly string[] = []): ApiError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return ApiError.conflict(
    resource,
    name,
    changes.length === 0 ? why : `${why} (since then: ${changes.join('; ')})`,
  );
}

/** The object is not the one, or not in the state, that the writer asked for. */
export function failedPrecondition(
  resource: AnyResource,
  name: string,
  what: string,
  wanted: string,
  got: string,
): ApiError {
  return ApiError.conflict(
    resource,
    name,
    `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${got}`,
  );
}

/** The name is taken, perhaps by an object that is about to go. */
export function alreadyExists(resource: AnyResource, existing: StoredObject): ApiError {
  const error = ApiError.alreadyExists(resource, existing.metadata.name);
  if (existing.metadata.deletionTimestamp === undefined) return error;
  return new ApiError({
    reason: 'AlreadyExists',
    message: `object is being deleted: ${error.message}`,
    details: error.details,
  });
}
