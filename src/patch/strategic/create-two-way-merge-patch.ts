import type { JsonObject } from '../../core/index.js';
import type { SchemaSource } from '../merge-schema.js';
import { expectObject, requestObject } from '../request-json.js';
import { rootPlace } from './merge-place.js';
import { ObjectDiffer } from './object-differ.js';
import { checkPreconditions, type PatchPrecondition } from './preconditions.js';
import { schemaShape } from './schema-shape.js';

/** How {@link createTwoWayMergePatch} creates a patch. */
export interface TwoWayMergeOptions {
  /** What must be true of the patch; none unless given. */
  readonly preconditions?: readonly PatchPrecondition[] | undefined;
}

/**
 * The strategic merge patch that turns the object `original` into `modified`.
 *
 * `{}` where there is nothing to do. What both share by reference is not looked at, so that a patch from an edited copy costs what was
 * edited. Members that are undefined count as absent. The patch is deeply frozen and shares nothing with the inputs.
 *
 * - Items that are gone from lists that merge become deletions (`$patch: delete`, `$deleteFromPrimitiveList`), and the order of such a
 *   list is said (`$setElementOrder`) where anything in it changed. Where a kind asks for it, `$retainKeys` names what is kept.
 * - A strategic merge patch cannot set null, nor two items with one merge key: such a member or item does not come through.
 * - As upstream, the patch may say what is so already: the order of a set that is not sorted, or an object that is replaced as a whole.
 *
 * @param schema - A resource such as `Deployment`, or a merge schema.
 * @throws ApiError UnsupportedMediaType for a resource without a merge schema; BadRequest, with the path, where an input is no object,
 * does not fit the kind (unknown fields whose values differ, items without their merge key), or is nested more than 1,000 levels deep;
 * RequestEntityTooLarge for more than 3 MiB, of the patch too; Conflict where a precondition fails.
 *
 * Source: `CreateTwoWayMergePatch` in k8s.io/apimachinery.
 *
 * @example
 * ```ts
 * const patch = createTwoWayMergePatch(deployment, edited, Deployment);
 * ```
 */
export function createTwoWayMergePatch(
  original: object,
  modified: object,
  schema: SchemaSource,
  { preconditions }: TwoWayMergeOptions = {},
): JsonObject {
  const shape = schemaShape(schema);
  const differ = new ObjectDiffer();
  const before = expectObject(original, 'original');
  const after = expectObject(modified, 'modified');
  const difference = differ.diff(before, after, shape, rootPlace('original', 'modified'));
  const patch = requestObject(difference ?? {}, 'modified');
  checkPreconditions(patch, preconditions);
  return patch;
}
