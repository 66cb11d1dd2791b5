import type { ObjectReference } from '../../resources/kinds/index.js';
import type { NewEvent } from './new-event.js';

/** The key of who tells of which object. */
export function sourceKey({ reportingController, regarding }: NewEvent): string {
  return part(reportingController) + identity(regarding);
}

/** The key of events that are the same but for their note, and when they happened. @param source - What {@link sourceKey} makes of it. */
export function similarKey(source: string, { type, reason, action, related }: NewEvent): string {
  return source + part(type) + part(reason) + part(action) + identity(related);
}

/** The key of events that are the same but for when they happened; of those that are told together unless they have a note of their own. */
export function recordKey(similar: string, note: string | undefined): string {
  return note === undefined ? similar : `${similar}=${note}`;
}

/** Which object it is, at whatever revision. */
function identity(object: ObjectReference | undefined): string {
  if (object === undefined) return '-';
  const { apiVersion, kind, namespace, name, uid } = object;
  return part(apiVersion) + part(kind) + part(namespace) + part(name) + part(uid);
}

/** A part of a key: it tells where it ends, so that no two lists of parts make the same key. */
function part(value: string | undefined): string {
  return typeof value === 'string' ? `${value.length}:${value}` : `${String(value)};`;
}
