import type { SchemaSource } from '../merge-schema.js';
import { expectObject, requestObject } from '../request-json.js';
import { rootPlace } from './merge-place.js';
import { ObjectMerger } from './object-merger.js';
import { schemaShape } from './schema-shape.js';

/**
 * Applies a strategic merge patch: a JSON merge patch that knows which lists merge, and by which key.
 *
 * `original` is never changed and may be frozen; the result shares with it everything that the patch left as it was, and is `original`
 * itself where the patch changes nothing. It shares nothing with the patch. The result has the type of `original` for convenience:
 * nothing checks that the patch kept it.
 *
 * - Objects merge, null deletes, scalars and all lists that do not merge are replaced.
 * - Lists of objects with a merge key merge item by item; `{ name: 'x', $patch: 'delete' }` deletes one, and an item
 *   `{ $patch: 'replace' }` replaces the whole list by the items beside it. Sets of scalars merge to their union.
 * - `$patch: 'replace'` replaces the object it stands in, `$patch: 'delete'` empties it. In an object that is new as a whole, either
 *   means that there is no such object.
 * - `$retainKeys: ['a', 'b']` deletes all other members of the object it stands in.
 * - `$deleteFromPrimitiveList/x: ['a']` deletes scalars from the list `x`, after what the patch adds to it.
 * - `$setElementOrder/x` names the items of the list `x`, scalars or objects of the merge key alone, in the order that they get; it must
 *   name all items of the patch, in the same order. Without it, the order of the patch counts. Other items keep their order.
 * - Where a list or an object is replaced as a whole, or an item is new in a list that merges, directives and nulls in it are data.
 * - Items with the same merge key in one list are legal, as in Kubernetes: the first is the one that merges.
 * - Members that are undefined count as absent.
 *
 * @param schema - A resource such as `Deployment`, or a merge schema. An object or a list in a field that it does not know does not
 * merge, unless it is `open`.
 * @throws ApiError UnsupportedMediaType for a resource without a merge schema; BadRequest, with the path, where an input is no object,
 * or the patch is malformed, does not fit the kind or the original, or is nested more than 1,000 levels deep; RequestEntityTooLarge for
 * a patch of more than 3 MiB.
 *
 * Source: `StrategicMergeMapPatch` in k8s.io/apimachinery, which ignores a `$deleteFromPrimitiveList` of a wrong shape instead of
 * refusing it, and fails where objects merge inside of raw data (`any`).
 *
 * @example
 * ```ts
 * const next = strategicMergePatch(
 *   deployment,
 *   { spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:2' }] } } } },
 *   Deployment,
 * );
 * ```
 */
export function strategicMergePatch<T>(original: T, patch: unknown, schema: SchemaSource): T {
  const shape = schemaShape(schema);
  const target = expectObject(original, 'original');
  const change = requestObject(patch, 'patch');
  return new ObjectMerger(false).merge(target, change, shape, rootPlace('original', 'patch')) as T;
}
