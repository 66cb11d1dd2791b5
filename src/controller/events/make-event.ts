import { formatMicroTime, preview } from '../../core/index.js';
import type { ObjectReference } from '../../resources/kinds/index.js';
import { checkText } from './check-text.js';
import { cutNote } from './cut-note.js';
import type { EventDetails, EventSubject } from './event-details.js';
import type { EventNames } from './event-names.js';
import type { NewEvent } from './new-event.js';

/** Who tells of an event, and when. */
export interface EventOrigin {
  readonly controller: string;
  readonly instance: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly names: EventNames;
}

/** The namespace of events about objects that live in none. */
const CLUSTER_NAMESPACE = 'default';

/**
 * The Event that tells what happened to an object.
 *
 * @throws TypeError for details that no Event can have, naming the field.
 */
export function makeEvent(object: EventSubject, details: EventDetails, origin: EventOrigin): NewEvent {
  const regarding = referenceTo('object', object);
  if (typeof details !== 'object' || details === null) {
    throw new TypeError(`event: expected what happened, such as { type, reason }, got ${preview(details)}`);
  }
  const { type, reason, action, note, related } = details;
  if (type !== 'Normal' && type !== 'Warning') {
    throw new TypeError(`event: type: expected 'Normal' or 'Warning', got ${preview(type)}`);
  }
  checkText('event: reason', reason);
  checkText('event: action', action);
  if (typeof note !== 'string') throw new TypeError(`event: note: expected a text, got ${preview(note)}`);
  return {
    metadata: {
      name: origin.names.next(object.metadata.name),
      namespace: regarding.namespace ?? CLUSTER_NAMESPACE,
    },
    eventTime: formatMicroTime(origin.now),
    type,
    reason,
    action,
    note: cutNote(note),
    regarding,
    ...(related === undefined ? {} : { related: referenceTo('related', related) }),
    reportingController: origin.controller,
    reportingInstance: origin.instance,
  };
}

function referenceTo(field: string, object: EventSubject): ObjectReference {
  const { apiVersion, kind, metadata } = (object ?? {}) as Partial<EventSubject>;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof metadata?.name !== 'string') {
    throw new TypeError(
      `event: ${field}: expected an object with apiVersion, kind and metadata.name, got ${preview(object)}`,
    );
  }
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}
