import type { ObjectReference } from '../../resources/kinds/index.js';
import type { NewEvent } from './new-event.js';

/** The key of who tells of which object. */
export function sourceKey({ reportingController, regarding }: NewEvent): string {
  return JSON.stringify([reportingController, ...identity(regarding)]);
}

/** The key of events that are the same but for their note, and when they happened. */
export function similarKey(event: NewEvent): string {
  const { reportingController, type, reason, action, regarding, related } = event;
  return JSON.stringify([
    reportingController,
    type,
    reason,
    action,
    ...identity(regarding),
    ...identity(related),
  ]);
}

/** Which object it is, at whatever revision. */
function identity({ apiVersion, kind, namespace, name, uid }: ObjectReference = {}): readonly unknown[] {
  return [apiVersion, kind, namespace, name, uid];
}
