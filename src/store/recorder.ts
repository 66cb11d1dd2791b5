import type { ManagedFieldsEntry } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import { trackWrite } from './field-tracking.js';
import type { StoredObject, UnsealedObject } from './stored-object.js';
import type { Submission } from './submission.js';
import type { Timestamps } from './timestamps.js';

/** What a write does to the record of who set which fields, given the object that it makes. */
export type Recorder = (next: StoredObject | UnsealedObject) => readonly ManagedFieldsEntry[] | undefined;

/** Leaves an object that carries no record without. */
export const UNTRACKED: Recorder = () => undefined;

/** Begins the record of an object that is created. */
export function creationRecorder(resource: AnyResource, manager: string, times: Timestamps): Recorder {
  return (next) => trackWrite({ resource, next, manager, now: times.now() });
}

/**
 * Records an update of an object that carries a record.
 *
 * @param subresource - The part that is written, which leaves the metadata alone.
 * @param trackedAs - The name that is recorded for it, where that is another one.
 */
export function updateRecorder(
  resource: AnyResource,
  current: StoredObject,
  { metadata }: Submission,
  {
    manager,
    subresource,
    trackedAs = subresource,
    times,
  }: {
    readonly manager: string;
    readonly subresource: string | undefined;
    readonly trackedAs: string | undefined;
    readonly times: Timestamps;
  },
): Recorder {
  const submitted = subresource === undefined ? metadata['managedFields'] : undefined;
  return (next) =>
    trackWrite({
      resource,
      current,
      next,
      manager,
      subresource: trackedAs,
      submitted,
      now: times.now(),
    });
}
