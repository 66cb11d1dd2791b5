import { define, type JsonObject } from '../../core/index.js';
import { diffObjects } from './diff-objects.js';
import { isJsonObject } from '../json-object.js';
import { jsonMergePatch } from './json-merge-patch.js';
import { requestObject } from '../request-json.js';

/** What {@link createThreeWayJsonMergePatch} compares. */
export interface ThreeWayJsonMerge {
  /** What the writer last asked for; absent the first time. */
  readonly original?: object | undefined;
  /** What the writer asks for now. */
  readonly modified: object;
  /** What the server has. */
  readonly current: object;
}

/**
 * The JSON merge patch that brings `current` to what `modified` asks for, and leaves alone what others set in `current`.
 *
 * It sets what differs between `current` and `modified`, and deletes what `original` had and `modified` has no more (or has as null).
 * It never conflicts: a merge patch holds no lists to merge, and one member is not set and deleted at once. `{}` where nothing is to
 * be done. The patch shares nothing with the inputs.
 *
 * @throws ApiError BadRequest where an input is no JSON object, or nested more than 1,000 levels deep; RequestEntityTooLarge
 * for more than 3 MiB.
 *
 * Source: `CreateThreeWayJSONMergePatch` in k8s.io/apimachinery.
 */
export function createThreeWayJsonMergePatch({ original, modified, current }: ThreeWayJsonMerge): JsonObject {
  const before = requestObject(original ?? {}, 'original');
  const now = requestObject(current, 'current');
  const deletions = partOf(diffObjects(before, requestObject(modified, 'modified', before)), true);
  const changes = partOf(diffObjects(now, requestObject(modified, 'modified', now)), false);
  return jsonMergePatch(deletions, changes);
}

/** The part of a merge patch that deletes, or the part that sets: an empty object is a value, one that only deletes is none. */
function partOf(patch: JsonObject, deletes: boolean): JsonObject {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(patch)) {
    const value = patch[name];
    if (isJsonObject(value)) {
      const inner = partOf(value, deletes);
      const isEmpty = !deletes && Object.keys(value).length === 0;
      if (isEmpty || Object.keys(inner).length > 0) define(result, name, inner);
    } else if ((value === null) === deletes) {
      define(result, name, value);
    }
  }
  return result;
}
