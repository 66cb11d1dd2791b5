import { jsonEqual } from '../../core/index.js';
import { explainValue } from './value.js';
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
  const olds = new Map(before.map((entry) => [ownerOf(entry), entry]));
  const news = new Map(after.map((entry) => [ownerOf(entry), entry]));
  const changed: unknown[] = [];
  for (const [owner, entry] of news) {
    if (!olds.has(owner) || !jsonEqual(olds.get(owner), entry)) changed.push(entry);
  }
  for (const [owner, entry] of olds) if (!news.has(owner)) changed.push(entry);
  return changed.length === 0 ? 'changed' : `changed for ${nameManagers(changed)}`;
}

/** What tells an entry from others of the same list. */
function ownerOf(entry: unknown): string {
  if (!isJsonObject(entry)) return explainValue(entry);
  return JSON.stringify(
    ['manager', 'operation', 'apiVersion', 'subresource'].map((name) => memberOf(entry, name)),
  );
}

function nameManagers(entries: readonly unknown[]): string {
  const names = new Set<string>();
  for (const entry of entries) {
    names.add(explainValue(isJsonObject(entry) ? memberOf(entry, 'manager') : entry));
  }
  const shown = [...names].slice(0, NAMED).join(', ');
  return names.size > NAMED ? `${shown} and ${names.size - NAMED} more` : shown;
}
