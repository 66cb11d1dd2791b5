import type { Patch } from '../client/index.js';
import { ApiError, preview } from '../core/index.js';
import { jsonMergePatch, jsonPatch, strategicMergePatch } from '../patch/index.js';
import type { AnyResource } from '../resources/index.js';
import type { StoredObject } from './stored-object.js';

/**
 * An object with a patch applied, not checked yet; parts that the patch does not touch are the object's own.
 *
 * @throws ApiError BadRequest or Invalid for a patch that is malformed or does not fit; UnsupportedMediaType for a type that is none.
 */
export function applyPatch(resource: AnyResource, current: StoredObject, patch: Patch): unknown {
  if (typeof patch !== 'object' || patch === null) {
    throw ApiError.badRequest(`expected { type, patch }, got ${preview(patch)}`, 'patch');
  }
  switch (patch.type) {
    case 'json':
      return jsonPatch(current, patch.patch);
    case 'merge':
      if (typeof patch.patch !== 'object' || patch.patch === null || Array.isArray(patch.patch)) {
        throw ApiError.badRequest(`expected an object, got ${preview(patch.patch)}`, 'patch');
      }
      return jsonMergePatch(current, patch.patch);
    case 'strategic':
      return strategicMergePatch(current, patch.patch, resource);
    default:
      throw new ApiError({
        reason: 'UnsupportedMediaType',
        message: `patch.type: expected 'json', 'merge' or 'strategic', got ${preview((patch as { type?: unknown }).type)}`,
      });
  }
}
