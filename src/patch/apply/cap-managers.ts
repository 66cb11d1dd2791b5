import { union } from './field-set.js';
import { compareTexts, compareTimes, type FieldManagers, managerId } from './field-manager.js';

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
  let excess = -MAX_UPDATERS;
  for (const { operation } of managers.values()) if (operation === 'Update') excess += 1;
  if (excess <= 0) return managers;
  const updaters = [...managers]
    .filter(([, { operation }]) => operation === 'Update')
    .sort(([idA, a], [idB, b]) => compareTimes(a, b) || compareTexts(idA, idB));
  const result = new Map(managers);
  /** The id of the oldest manager of each version, which stays under its name until a second one joins it. */
  const oldest = new Map<string, string>();
  for (const [id, manager] of updaters) {
    if (excess === 0) break;
    const { apiVersion } = manager;
    const first = oldest.get(apiVersion);
    if (first === undefined) {
      oldest.set(apiVersion, id);
      continue;
    }
    const identity = {
      name: ANCIENT_CHANGES,
      operation: 'Update',
      apiVersion,
      subresource: undefined,
    } as const;
    const bucket = managerId(identity);
    const base = result.get(bucket) ?? result.get(first);
    if (!result.has(bucket)) result.delete(first);
    const absorbedId = id === bucket ? first : id;
    const absorbed = result.get(absorbedId);
    result.delete(absorbedId);
    const fields = union(absorbed?.fields, base?.fields);
    result.set(bucket, {
      ...identity,
      time: manager.time,
      fields,
      fits: base?.fits === absorbed?.fits ? base?.fits : undefined,
      entry: undefined,
    });
    excess -= 1;
  }
  return result;
}
