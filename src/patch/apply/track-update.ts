import type { JsonObject } from '../../core/index.js';
import type { ObjectShape } from './apply-shape.js';
import { capManagers } from './cap-managers.js';
import { compareObjects } from './compare-objects.js';
import { fieldManager, type FieldManagers, managerId, type ManagerIdentity } from './field-manager.js';
import { union } from './field-set.js';
import { withoutIdentity } from './identity-fields.js';
import { disown, fitManagers } from './ownership.js';

/**
 * The managers after a write that is no apply: the writer takes what it added or modified, and all lose what it removed.
 * `before` is empty for a create.
 *
 * The writer's time is that of its last write that set something. The very same managers where nothing changed.
 *
 * Source: `Update` of `managedFieldsUpdater` and of `merge.Updater`.
 */
export function trackUpdate(
  before: JsonObject,
  after: JsonObject,
  managers: FieldManagers,
  writer: ManagerIdentity,
  time: string | undefined,
  shape: ObjectShape,
): FieldManagers {
  const changes = compareObjects(before, after, shape);
  const others = disown(fitManagers(managers, shape), changes);
  const taken = withoutIdentity(changes.changed);
  if (!taken) return capManagers(others);
  const id = managerId(writer);
  const fields = union(taken, others.get(id)?.fieldsV1) ?? taken;
  return capManagers(new Map(others).set(id, fieldManager(writer, time, fields)));
}
