import type { JsonObject } from '../../core/index.js';
import type { ObjectShape } from './apply-shape.js';
import { capManagers } from './cap-managers.js';
import { compareObjects } from './compare-objects.js';
import { fieldManager, type FieldManagers, managerId, type ManagerIdentity } from './field-manager.js';
import { union } from './field-set.js';
import { withoutIdentity } from './identity-fields.js';
import { disown, fitManagers } from './ownership.js';

/** A write that is no apply. */
export interface TrackedUpdate {
  /** Without any fields for a create. */
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly managers: FieldManagers;
  readonly writer: ManagerIdentity;
  readonly time: string | undefined;
  readonly shape: ObjectShape;
}

/**
 * The managers after a write that is no apply: the writer takes what it added or modified, and all lose what it removed.
 *
 * The writer's time is that of its last write that set something. The very same managers where nothing changed.
 *
 * Source: `Update` of `managedFieldsUpdater` and of `merge.Updater`.
 */
export function trackUpdate({ before, after, managers, writer, time, shape }: TrackedUpdate): FieldManagers {
  const changes = compareObjects(before, after, shape);
  const others = disown(fitManagers(managers, shape), changes);
  const taken = withoutIdentity(changes.changed);
  if (taken === undefined) return capManagers(others);
  const id = managerId(writer);
  const fields = union(taken, others.get(id)?.fieldsV1) ?? taken;
  return capManagers(new Map(others).set(id, fieldManager(writer, time, fields)));
}
