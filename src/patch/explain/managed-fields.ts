import { sortedJson } from '../apply/go-json.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { shorten } from './path.js';
import { explainValue } from './value.js';

/** What became of a list of managed fields, without the fields: whose entries differ. */
export function explainManagers(before: readonly unknown[], after: readonly unknown[]): string {
  const changed = [...entriesOnlyIn(after, before), ...entriesOnlyIn(before, after)];
  if (changed.length === 0) return 'changed';
  const managers = changed.map((entry) =>
    explainValue(isJsonObject(entry) ? memberOf(entry, 'manager') : entry),
  );
  return `changed for ${shorten([...new Set(managers)].join(', '))}`;
}

function entriesOnlyIn(entries: readonly unknown[], others: readonly unknown[]): readonly unknown[] {
  const known = new Set(others.map(sortedJson));
  return entries.filter((entry) => !known.has(sortedJson(entry)));
}
