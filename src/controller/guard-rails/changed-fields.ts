import { jsonEqual, type JsonObject } from '../../core/index.js';
import type { FieldSteps } from './field-steps.js';

/** Metadata that the server writes, whatever is asked for. */
const SYSTEM_METADATA: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]);

/** So many fields are named at most: whoever looks for one that changes again and again finds it among them. */
const MOST_FIELDS = 100;

/**
 * The deepest fields in which two states of an object differ, the first 100 of them; metadata that the server writes is left out.
 *
 * Items of a list go by index. A list that became longer or shorter is one field, and so is what is new or gone as a whole. Parts that
 * both states share are not looked at.
 */
export function changedFields(before: object, after: object): readonly FieldSteps[] {
  const found: FieldSteps[] = [];
  compare(found, [], before, after);
  return found;
}

/** @param way - The steps to here; as before when it returns. */
function compare(found: FieldSteps[], way: (string | number)[], before: unknown, after: unknown): void {
  if (before === after || found.length === MOST_FIELDS) return;
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [index, item] of after.entries()) step(found, way, index, before[index], item);
  } else if (isObject(before) && isObject(after)) {
    const isMetadata = way.length === 1 && way[0] === 'metadata';
    const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
    for (const name of [...Object.keys(after), ...gone]) {
      if (isMetadata && SYSTEM_METADATA.has(name)) continue;
      step(found, way, name, memberOf(before, name), memberOf(after, name));
    }
  } else if (!jsonEqual(before, after)) {
    found.push([...way]);
  }
}

function step(
  found: FieldSteps[],
  way: (string | number)[],
  to: string | number,
  before: unknown,
  after: unknown,
): void {
  if (before === after) return;
  way.push(to);
  compare(found, way, before, after);
  way.pop();
}

function memberOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
