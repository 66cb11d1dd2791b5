import type { JsonObject } from '../../core/index.js';
import type { ObjectShape } from './apply-shape.js';
import { capManagers } from './cap-managers.js';
import { compareObjects } from './compare-objects.js';
import { union } from './field-set.js';
import { type FieldManagers, managerId, type ManagerIdentity } from './field-manager.js';
import { withoutIdentity } from './identity-fields.js';
import { disown, reconcileManagers } from './ownership.js';

/** A write that is no apply. */
export interface TrackedUpdate {
  /** Without any fields for a create. */
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly managers: FieldManagers;
  readonly writer: Omit<ManagerIdentity, 'operation'>;
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
  const others = disown(reconcileManagers(managers, shape), changes, shape);
  const taken = withoutIdentity(union(changes.modified, changes.added));
  if (taken === undefined) return capManagers(others);
  const identity = { ...writer, operation: 'Update' } as const;
  const id = managerId(identity);
  const fields = union(taken, others.get(id)?.fields) ?? taken;
  return capManagers(new Map(others).set(id, { ...identity, time, fields, fits: shape, entry: undefined }));
}
