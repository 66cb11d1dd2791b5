import type { ManagerConflict } from './apply-conflict.js';
import type { ObjectShape } from './apply-shape.js';
import type { Comparison } from './compare-objects.js';
import type { FieldManager, FieldManagers } from './field-manager.js';
import { difference, type FieldSet, intersection, LEAF, union } from './field-set.js';
import { fitFieldSet } from './fit-field-set.js';

/** The managers that own something, with sets that fit the schema of today; the very same where all did. */
export function fitManagers(managers: FieldManagers, shape: ObjectShape): FieldManagers {
  return mapFields(managers, ({ fieldsV1 }) =>
    fieldsV1 === LEAF ? undefined : fitFieldSet(fieldsV1, shape),
  );
}

/** What the others own of these fields. */
export function conflictsOf(
  managers: FieldManagers,
  self: string,
  changed: FieldSet | undefined,
): readonly ManagerConflict[] {
  return [...managers].flatMap(([id, manager]) => {
    const fields = id === self ? undefined : intersection(manager.fieldsV1, changed);
    return !fields ? [] : [{ manager, fields }];
  });
}

/**
 * The managers after a change, which takes from all but one what it sets and removes. Who owns nothing is no manager any more. The very
 * same where nothing was taken.
 */
export function disown(
  managers: FieldManagers,
  { changed, removed }: Comparison,
  self?: string,
): FieldManagers {
  const taken = union(changed, removed);
  return mapFields(managers, ({ fieldsV1 }, id) => (id === self ? fieldsV1 : difference(fieldsV1, taken)));
}

/** The managers with other sets, without those that own nothing; the very same where no set changes. */
function mapFields(
  managers: FieldManagers,
  fieldsOf: (manager: FieldManager, id: string) => FieldSet | undefined,
): FieldManagers {
  let result: Map<string, FieldManager> | undefined;
  for (const [id, manager] of managers) {
    const fieldsV1 = fieldsOf(manager, id);
    if (fieldsV1 === manager.fieldsV1) continue;
    result ??= new Map(managers);
    if (!fieldsV1) result.delete(id);
    else result.set(id, { ...manager, fieldsV1 });
  }
  return result ?? managers;
}
