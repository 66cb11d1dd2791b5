import { define, isOwn } from '../../core/index.js';
import { isJsonObject } from '../json-object.js';
import { ObjectDraft } from '../object-draft.js';
import { requestJson, unexpected } from '../request-json.js';
import { settle } from '../settle.js';

/**
 * Applies a JSON merge patch: members of the patch replace those of `original`, objects merge, and null deletes.
 *
 * `original` is never changed and may be frozen; the result shares with it everything that the patch left as it was, and is
 * `original` itself where the patch changes nothing. It shares nothing with the patch. The result has the type of `original` for
 * convenience: nothing checks that the patch kept it.
 *
 * - Arrays are replaced as a whole, and so is everything by a patch that is no object.
 * - Members that are null are dropped from the objects inside new arrays too; elements that are null stay.
 * - Members that are undefined count as absent.
 *
 * @throws ApiError BadRequest where the patch is null, no JSON, or nested more than 1,000 levels deep; RequestEntityTooLarge
 * for more than 3 MiB.
 *
 * Source: RFC 7396; evanphx/json-patch as the API server uses it.
 *
 * @example
 * ```ts
 * const next = jsonMergePatch(site, { spec: { replicas: 3 }, metadata: { annotations: { note: null } } });
 * ```
 */
export function jsonMergePatch<T>(original: T, patch: unknown): T {
  if (patch === null || patch === undefined) throw unexpected('patch', 'a merge patch', patch);
  return merge(original, requestJson(patch, 'patch')) as T;
}

function merge(original: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch) || !isJsonObject(original)) return settle(original, withoutNulls(patch));
  const draft = new ObjectDraft(original);
  for (const name in patch) {
    if (!isOwn(patch, name)) continue;
    const change = patch[name];
    draft.set(name, change === null ? undefined : merge(draft.get(name), change));
  }
  return draft.object;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    if (value[name] !== null) define(result, name, withoutNulls(value[name]));
  }
  return result;
}
