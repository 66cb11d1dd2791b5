import type { ApiError, JsonObject } from '../../core/index.js';
import { failure } from '../failure.js';
import type { SchemaSource } from '../merge-schema.js';
import { expectObject, requestObject } from '../request-json.js';
import { findConflicts } from './find-conflicts.js';
import { rootPlace } from './merge-place.js';
import { ObjectDiffer } from './object-differ.js';
import { ObjectMerger } from './object-merger.js';
import { checkPreconditions, type PatchPrecondition } from './preconditions.js';
import { schemaShape } from './schema-shape.js';

/** What {@link createThreeWayMergePatch} compares. */
export interface ThreeWayMerge {
  /** What the writer last asked for; absent the first time. */
  readonly original?: object | undefined;
  /** What the writer asks for now. */
  readonly modified: object;
  /** What the server has. */
  readonly current: object;
  /** Whether the patch wins over what others changed meanwhile; `false` unless given: then it is a Conflict. */
  readonly overwrite?: boolean | undefined;
  /** What must be true of the patch; none unless given. */
  readonly preconditions?: readonly PatchPrecondition[] | undefined;
}

/**
 * The strategic merge patch that brings `current` to what `modified` asks for, and leaves alone what others set in `current`.
 *
 * It sets what differs between `current` and `modified`, and deletes what `original` had and `modified` has no more: what `kubectl
 * apply` does on the client. `{}` where there is nothing to do. The patch is deeply frozen and shares nothing with the inputs; its form
 * is that of {@link createTwoWayMergePatch}.
 *
 * @param schema - A resource such as `Deployment`, or a merge schema.
 * @throws ApiError Conflict where a precondition fails, or, unless `overwrite`, where the patch sets or deletes what `current` changed
 * against `original` in another way: the causes name the fields, as in `spec.template.spec.containers[name="web"].image`.
 * UnsupportedMediaType and BadRequest as {@link createTwoWayMergePatch}.
 *
 * Source: `CreateThreeWayMergePatch` in k8s.io/apimachinery.
 *
 * @example
 * ```ts
 * const patch = createThreeWayMergePatch({ original: lastApplied, modified: wanted, current: live }, Deployment);
 * const next = strategicMergePatch(live, patch, Deployment);
 * ```
 */
export function createThreeWayMergePatch(merge: ThreeWayMerge, schema: SchemaSource): JsonObject {
  const shape = schemaShape(schema);
  const original = expectObject(merge.original ?? {}, 'original');
  const modified = expectObject(merge.modified, 'modified');
  const current = expectObject(merge.current, 'current');

  const set = new ObjectDiffer({ deletions: false });
  const changes = set.diff(current, modified, shape, rootPlace('current', 'modified'));
  const place = rootPlace('original', 'modified');
  const remove = new ObjectDiffer({ changes: false });
  const deletions = remove.diff(original, modified, shape, place);
  const merger = new ObjectMerger(true);
  const patch = requestObject(merger.merge(deletions ?? {}, changes ?? {}, shape, place), 'modified');
  checkPreconditions(patch, merge.preconditions);
  if (merge.overwrite) return patch;

  const both = new ObjectDiffer({ order: false });
  const others = both.diff(original, current, shape, rootPlace('original', 'current'));
  const conflicts = findConflicts(patch, others ?? {}, shape, rootPlace('current', 'modified'));
  if (conflicts.length > 0) throw conflictIn(conflicts);
  return patch;
}

function conflictIn(fields: readonly string[]): ApiError {
  const shown = fields.slice(0, 10).join(', ').slice(0, 1_000);
  const message = 'changed since the original in another way';
  return failure(
    'Conflict',
    `Others changed ${fields.length} fields of the patch: ${shown}`,
    fields.map((field) => ({ reason: 'FieldManagerConflict', message, field })),
  );
}
