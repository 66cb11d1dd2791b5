import type { Patch } from '../../client/index.js';
import { type ApiObject, jsonEqual, type Owned } from '../../core/index.js';
import { jsonMergePatch, jsonPatch, strategicMergePatch } from '../../patch/index.js';
import type { AnyResource } from '../../resources/index.js';
import type { OwnWrite } from './own-write.js';

/**
 * Whether a write, and nobody else, made the state that it answered with of the state before.
 *
 * The revision alone does not say: a write that finds nothing left to do answers with the revision of whoever did it. So this asks
 * for more, and where it cannot be sure the answer is no:
 *
 * - a creation, and a deletion that took the object away, are never empty;
 * - a write that names the revision that it replaces did something where it answers with another;
 * - a patch or an apply is its own doing where, done to the state before, it gives the state after: even if somebody else did the
 *   same, nothing happened that the writer does not know.
 */
export function makes(write: OwnWrite, before: Owned | undefined): boolean {
  const { intent, object, revision } = write;
  if (intent.verb === 'create' || (intent.verb === 'delete' && write.isGone)) return true;
  const replaced = replacedBy(intent.verb, intent.body);
  if (replaced !== undefined) return replaced !== revision;
  if (object === undefined) return false;
  if (before === undefined) return intent.verb === 'apply' && isAllApplied(object);
  switch (intent.verb) {
    case 'patch':
      return gives(object, () => patched(intent.resource, before, intent.body as Patch));
    case 'apply':
      return gives(object, () => strategicMergePatch(before, intent.body as object, intent.resource));
    case 'delete':
      return gives(unmarked(object), () => before);
    default:
      return false;
  }
}

interface Versioned {
  readonly metadata?: { readonly resourceVersion?: unknown };
}

/** The revision that a write asks for; undefined where any will do. */
function replacedBy(verb: string, body: unknown): string | undefined {
  const sent = verb === 'patch' ? (body as Patch | undefined)?.patch : body;
  const revision = (sent as Versioned | null | undefined)?.metadata?.resourceVersion;
  return typeof revision === 'string' && revision !== '' ? revision : undefined;
}

/** Whether one manager applied all that an object has: its record then has no other entry. */
function isAllApplied({ metadata: { managedFields = [] } }: ApiObject): boolean {
  return managedFields.length === 1 && managedFields[0]?.operation === 'Apply';
}

function patched(resource: AnyResource, object: object, { type, patch }: Patch): object {
  if (type === 'json') return jsonPatch(object, patch);
  return type === 'merge'
    ? jsonMergePatch(object, patch)
    : strategicMergePatch(object, patch as object, resource);
}

/** Whether something gives an object, apart from what the server itself writes into the metadata. */
function gives(object: object, make: () => object): boolean {
  let made: object;
  try {
    made = make();
  } catch {
    // it does not fit that state, so it made nothing of it
    return false;
  }
  return jsonEqual(withoutSystem(made), withoutSystem(object));
}

function withoutSystem(object: object): object {
  const { metadata, ...fields } = object as { readonly metadata?: object };
  const {
    resourceVersion: _,
    generation: __,
    managedFields: ___,
    ...own
  } = { ...metadata } as Record<string, unknown>;
  return { ...fields, metadata: own };
}

/** The object without the mark of a deletion. */
function unmarked(object: ApiObject): object {
  const { deletionTimestamp: _, deletionGracePeriodSeconds: __, ...metadata } = object.metadata;
  return { ...object, metadata };
}
