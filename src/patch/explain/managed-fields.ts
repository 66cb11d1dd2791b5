import { explainValue } from './value.js';
import { sortedJson } from '../apply/go-json.js';
import { isJsonObject, memberOf } from '../json-object.js';

/** So many managers are named. */
const NAMED = 5;

/** What a list of managed fields holds, without the fields: whose entries there are. */
export function explainManagers(managedFields: unknown): string {
  if (!Array.isArray(managedFields)) return explainValue(managedFields);
  return managedFields.length === 0 ? '[]' : `entries of ${nameManagers(managedFields)}`;
}

/** What became of a list of managed fields, without the fields: whose entries differ. */
export function explainManagersChange(before: unknown, after: unknown): string {
  if (!Array.isArray(before) || !Array.isArray(after)) {
    return `${explainManagers(before)} -> ${explainManagers(after)}`;
  }
  const changed = [...entriesOnlyIn(after, before), ...entriesOnlyIn(before, after)];
  return changed.length === 0 ? 'changed' : `changed for ${nameManagers(changed)}`;
}

function entriesOnlyIn(entries: readonly unknown[], others: readonly unknown[]): readonly unknown[] {
  const known = new Set(others.map(sortedJson));
  return entries.filter((entry) => !known.has(sortedJson(entry)));
}

function nameManagers(entries: readonly unknown[]): string {
  const managers = entries.map((entry) =>
    explainValue(isJsonObject(entry) ? memberOf(entry, 'manager') : entry),
  );
  const names = [...new Set(managers)];
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return names.slice(0, NAMED).join(', ') + more;
}
