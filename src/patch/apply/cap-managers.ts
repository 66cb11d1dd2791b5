import { sortedBy } from '../sorted-by.js';
import { EPOCH, fieldManager, type FieldManagers, managerId } from './field-manager.js';
import { LEAF, union } from './field-set.js';

/** How many managers may have their updates recorded under their own name. Source: `DefaultMaxUpdateManagers` in k8s.io/apimachinery. */
const MAX_UPDATERS = 10;

/** The manager that takes over what the oldest updates set. */
const ANCIENT_CHANGES = 'ancient-changes';

/**
 * The managers, with the oldest updaters merged into one for each version where there are more than 10 updaters.
 *
 * Source: `capUpdateManagers` in k8s.io/apimachinery. There, an older `ancient-changes` that is not the oldest of its version loses
 * its fields; here it keeps them.
 */
export function capManagers(managers: FieldManagers): FieldManagers {
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update');
  let excess = updaters.length - MAX_UPDATERS;
  if (excess <= 0) return managers;
  const result = new Map(managers);
  /** The id of the oldest manager of each version, which stays under its name until a second one joins it. */
  const oldest = new Map<string, string>();
  for (const [id, { apiVersion, time }] of sortedBy(
    updaters,
    ([text, manager]) => (manager.time ?? EPOCH) + text,
  )) {
    if (excess === 0) break;
    const first = oldest.get(apiVersion);
    if (!first) {
      oldest.set(apiVersion, id);
      continue;
    }
    const identity = { manager: ANCIENT_CHANGES, operation: 'Update', apiVersion, subresource: undefined };
    const bucket = managerId(identity);
    const base = result.has(bucket) ? bucket : first;
    const absorbed = id === bucket ? first : id;
    const fields = union(result.get(absorbed)?.fieldsV1, result.get(base)?.fieldsV1) ?? LEAF;
    result.delete(base);
    result.delete(absorbed);
    result.set(bucket, fieldManager(identity, time, fields));
    excess -= 1;
  }
  return result;
}
