import type { WatchEvent } from '../client/index.js';
import type { Change } from './change.js';
import type { KindVersion } from './kind-version.js';
import type { Selection } from './selection.js';
import type { StoredObject } from './stored-object.js';

type Event = WatchEvent<StoredObject>;

/**
 * What a watch tells of a change; undefined where it is none of its business.
 *
 * An object that enters the selection is ADDED, and one that leaves it is DELETED.
 */
export function changeEvent(change: Change, version: KindVersion, { matches }: Selection): Event | undefined {
  if (matches === undefined) return shown(change.event, version);
  const is = change.type !== 'DELETED' && matches(version.whole(change.object));
  const was = change.previous !== undefined && matches(version.whole(change.previous));
  if (is)
    return was || change.type === 'ADDED'
      ? shown(change.event, version)
      : { type: 'ADDED', object: version.show(change.object) };
  return was ? shown(change.leftEvent, version) : undefined;
}

/** An event as readers of a version see it. */
function shown(event: Event, version: KindVersion): Event {
  if (event.type === 'BOOKMARK') return event;
  const object = version.show(event.object);
  return object === event.object ? event : { type: event.type, object };
}
