import type { ObjectShape } from './apply-shape.js';
import type { Comparison } from './compare-objects.js';
import { difference, type FieldSet, intersection, union } from './field-set.js';
import type { FieldManager, FieldManagers } from './field-manager.js';
import type { ManagerConflict } from './apply-conflict.js';
import { reconcileFieldSet } from './reconcile-field-set.js';

/**
 * The managers with sets that fit the schema of today; the very same where all did.
 *
 * What is made of sets that fit by set algebra, or from objects under that schema, fits too.
 */
export function reconcileManagers(managers: FieldManagers, shape: ObjectShape): FieldManagers {
  return mapFields(managers, shape, ({ fields, fits }) =>
    fits === shape || fields === undefined ? fields : reconcileFieldSet(fields, shape),
  );
}

/** What the others own of what a change adds or modifies. */
export function conflictsOf(
  managers: FieldManagers,
  self: string,
  changes: Comparison,
): readonly ManagerConflict[] {
  const taken = union(changes.modified, changes.added);
  if (taken === undefined) return [];
  return [...managers].flatMap(([id, manager]) => {
    const fields = id === self ? undefined : intersection(manager.fields, taken);
    return fields === undefined ? [] : [{ manager, fields }];
  });
}

/**
 * The managers after a change, which takes from all but one what it adds, modifies and removes. Who owns nothing is no manager any
 * more. The very same where nothing was taken.
 */
export function disown(
  managers: FieldManagers,
  changes: Comparison,
  shape: ObjectShape,
  self?: string,
): FieldManagers {
  const taken = union(changes.modified, changes.added);
  if (taken === undefined && changes.removed === undefined) return managers;
  return mapFields(managers, shape, ({ fields }, id) =>
    id === self ? fields : difference(difference(fields, taken), changes.removed),
  );
}

/** The managers with other sets, which fit a shape, and without those that own nothing; the very same where no set changes. */
function mapFields(
  managers: FieldManagers,
  fits: ObjectShape,
  fieldsOf: (manager: FieldManager, id: string) => FieldSet | undefined,
): FieldManagers {
  let result: Map<string, FieldManager> | undefined;
  for (const [id, manager] of managers) {
    const fields = fieldsOf(manager, id);
    if (fields !== undefined && fields === manager.fields) continue;
    result ??= new Map(managers);
    if (fields === undefined) result.delete(id);
    else result.set(id, { ...manager, fields, fits, entry: undefined });
  }
  return result ?? managers;
}
