import { ApiError, FieldError, type JsonObject, preview } from '../core/index.js';
import { explainDiff } from '../patch/index.js';
import type { AnyResource } from '../resources/index.js';
import type { EventLog } from './event-log.js';
import type { Kind } from './kind.js';
import type { StoredObject } from './stored-object.js';
import { modified } from './write-errors.js';

/** Whether a writer left a field of the metadata to the store: absent, null, or empty. */
export function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** Whether a writer names no revision; `0` is none either. */
export function isAnyRevision(resourceVersion: unknown): boolean {
  return isUnset(resourceVersion) || resourceVersion === '0';
}

/** Checks that a change does not rename an object. @throws ApiError Invalid naming the field. */
export function checkSameIdentity(resource: AnyResource, current: StoredObject, metadata: JsonObject): void {
  for (const field of ['name', 'namespace', 'uid'] as const) {
    const given = metadata[field];
    if (given === undefined || given === null || given === current.metadata[field]) continue;
    throw ApiError.invalid(resource, current.metadata.name, [
      FieldError.invalid(`metadata.${field}`, given, 'field is immutable'),
    ]);
  }
}

/** The writer names no revision where it has to. */
export function revisionRequired(resource: AnyResource, name: string, given: unknown): ApiError {
  return ApiError.invalid(resource, name, [
    FieldError.invalid('metadata.resourceVersion', given ?? null, 'must be specified for an update'),
  ]);
}

/** How many changes are looked through for the state that a writer has seen: enough for the usual race, and no more. */
const MOST_CHANGES = 256;
/** How many differences a message has. */
const MOST_DIFFERENCES = 5;

/**
 * Checks that a writer has seen the newest state.
 *
 * @throws ApiError Conflict, which says what has changed since then where that is not long ago; BadRequest unless `seen` is a revision.
 */
export function checkNewest(kind: Kind, object: StoredObject, seen: unknown, log: EventLog): void {
  const { metadata } = object;
  if (seen === metadata.resourceVersion) return;
  if (typeof seen !== 'string' || !/^\d+$/.test(seen)) {
    throw ApiError.badRequest(`expected a decimal number, got ${preview(seen)}`, 'metadata.resourceVersion');
  }
  const before = stateAt(kind, object, Number(seen), log);
  throw modified(kind.resource, metadata.name, before === undefined ? [] : differences(kind, before, object));
}

/** The object at a revision of its own; undefined where it is not to be found soon. */
function stateAt(
  kind: Kind,
  { metadata }: StoredObject,
  revision: number,
  log: EventLog,
): StoredObject | undefined {
  if (revision < log.compacted) return undefined;
  const { name, namespace = '' } = metadata;
  let looked = 0;
  for (const change of log.after(revision)) {
    looked += 1;
    if (looked > MOST_CHANGES) return undefined;
    if (change.kind !== kind || change.name !== name || change.namespace !== namespace) continue;
    return change.previous?.metadata.resourceVersion === String(revision) ? change.previous : undefined;
  }
  return undefined;
}

function differences(kind: Kind, before: StoredObject, after: StoredObject): readonly string[] {
  const lines = explainDiff(before, after, kind.resource).filter(
    (line) => !/^metadata\.(?:resourceVersion|managedFields)\b/.test(line),
  );
  if (lines.length <= MOST_DIFFERENCES) return lines;
  return [...lines.slice(0, MOST_DIFFERENCES), `and ${lines.length - MOST_DIFFERENCES} more`];
}
