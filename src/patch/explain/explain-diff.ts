import type { JsonObject } from '../../core/index.js';
import { alignItems, alignKeys } from './alignment.js';
import { DEDUCED, type ObjectShape, rootShape, type Shape, shapeOfMember } from '../apply/apply-shape.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { type KeyedItems, keyedItems } from './keyed-items.js';
import { explainManagers } from './managed-fields.js';
import type { SchemaSource } from '../merge-schema.js';
import { memberPath, pathLine, shorten, type Sign } from './path.js';
import { requestJson } from '../request-json.js';
import { explainChange, explainValue } from './value.js';

/** So many lines are written, and then how many there would be more. */
const MOST_LINES = 100;

/**
 * Says in lines for people what differs between two JSON values; none where they are equal.
 *
 * One line a difference, each with the path of the field:
 *
 * - `spec.replicas: 1 -> 3` for another value;
 * - `+ metadata.labels.tier: "web"` for something new, and `- spec.paused: true` for something that is gone;
 * - `spec.containers[name="web"]: moved behind [name="log"]` for an item of a list with keys that changed its place.
 *
 * The lines follow the order of `after`; what is gone from an object or a list comes last in it. What is new or gone is one line,
 * however large it is: long values are shortened, and of two long strings the part is shown where they begin to differ. An object
 * that is new or gone as a whole (undefined on the other side) is a line without a path. Members that are undefined count as absent.
 *
 * - With a schema, items of a list are told apart by its `listMapKeys`, or its `patchMergeKey`, and items of a set by their values,
 *   as in `+ metadata.finalizers[="example.com/a"]`. A key that an item lacks is its default.
 * - Lists without keys, all lists where there is no schema, and lists in which a key is missing or occurs twice go by index:
 *   that of `after`, and for an item that is gone that of `before`. Items that were only shifted are not told of; where equal items
 *   occur more than once, there might be more lines than needed.
 * - What changed in `metadata.managedFields` at the top is one line, which names the managers whose entries differ.
 * - A member whose name is a number or has unusual characters stands in quotes, as in `data["0"]`. No line holds a control character.
 *
 * At most 100 lines, and after them one such as `... and 23 more`. Parts that both inputs share are not looked at. A frozen `before`
 * is taken to be deeply frozen, as what stores and caches give is.
 *
 * @throws ApiError BadRequest where an input is not JSON, or nested more than 1,000 levels deep; RequestEntityTooLarge for more
 * than 3 MiB.
 *
 * @example
 * ```ts
 * explainDiff(before, after, Deployment);
 * // [ 'spec.replicas: 1 -> 3',
 * //   'spec.template.spec.containers[name="web"].image: "web:1" -> "web:2"',
 * //   '- spec.template.spec.containers[name="log"]: {"name":"log","image":"log:1"}' ]
 * ```
 */
export function explainDiff(before: unknown, after: unknown, schema?: SchemaSource): readonly string[] {
  const old = before === undefined || Object.isFrozen(before) ? before : requestJson(before, 'before');
  const now = after === undefined ? undefined : requestJson(after, 'after', old);
  const lines: Lines = [];
  compare(lines, '', old, now, rootShape(schema));
  const more = lines.length - MOST_LINES;
  return more > 0 ? [...lines.slice(0, MOST_LINES), `... and ${more} more`] : lines;
}

type List = readonly unknown[];

/** A line for each difference; those that are too many are empty. */
type Lines = string[];

function note(lines: Lines, sign: Sign, path: string, text: string): void {
  lines.push(lines.length < MOST_LINES ? pathLine(sign, path, text) : '');
}

/** Notes what differs between two values at a path, undefined where there is none. */
function compare(lines: Lines, path: string, before: unknown, after: unknown, shape: Shape): void {
  if (before === after) return;
  const content = shape.form === 'atomic' ? shape.content : shape;
  if (before === undefined) {
    note(lines, '+ ', path, explainValue(after));
  } else if (after === undefined) {
    note(lines, '- ', path, explainValue(before));
  } else if (Array.isArray(before) && Array.isArray(after)) {
    if (path === 'metadata.managedFields') note(lines, '', path, explainManagers(before, after));
    else compareLists(lines, path, before, after, content);
  } else if (isJsonObject(before) && isJsonObject(after)) {
    compareObjects(lines, path, before, after, content.form === 'object' ? content : DEDUCED);
  } else {
    note(lines, '', path, explainChange(before, after));
  }
}

function compareObjects(
  lines: Lines,
  path: string,
  before: JsonObject,
  after: JsonObject,
  shape: ObjectShape,
): void {
  for (const name of Object.keys(after)) {
    const old = memberOf(before, name);
    if (old === after[name]) continue;
    compare(lines, memberPath(path, name), old, after[name], shapeOfMember(shape, name));
  }
  for (const name of Object.keys(before)) {
    if (Object.hasOwn(after, name)) continue;
    compare(lines, memberPath(path, name), before[name], undefined, DEDUCED);
  }
}

function compareLists(lines: Lines, path: string, before: List, after: List, shape: Shape): void {
  const olds = keyedItems(before, shape);
  const news = olds && keyedItems(after, shape);
  const itemShape = shape.form === 'list' ? shape.element : DEDUCED;
  if (olds && news) compareByKey(lines, path, olds, news, itemShape);
  else compareByIndex(lines, path, before, after, itemShape);
}

function compareByKey(
  lines: Lines,
  path: string,
  olds: KeyedItems,
  news: KeyedItems,
  itemShape: Shape,
): void {
  const moved = movedKeys(olds, news);
  let neighbour: string | undefined;
  for (const [key, item] of news) {
    if (moved.has(key)) {
      const place = neighbour === undefined ? 'to the front' : `behind ${shorten(neighbour)}`;
      note(lines, '', path + key, `moved ${place}`);
    }
    if (olds.has(key)) compare(lines, path + key, olds.get(key), item, itemShape);
    else note(lines, '+ ', path + key, explainItem(item));
    neighbour = key;
  }
  for (const [key, item] of olds) if (!news.has(key)) note(lines, '- ', path + key, explainItem(item));
}

/** An item with a key: one of a set is its key, which needs not be said twice. */
function explainItem(item: unknown): string {
  return isJsonObject(item) ? explainValue(item) : '';
}

/** The keys of the fewest items that have to move so that what is left stands in the old order. */
function movedKeys(olds: KeyedItems, news: KeyedItems): ReadonlySet<string> {
  const order = [...news.keys()];
  const moved = new Set(order.filter((key) => olds.has(key)));
  for (const [, index] of alignKeys([...olds.keys()], order)) moved.delete(order[index] as string);
  return moved;
}

function compareByIndex(lines: Lines, path: string, before: List, after: List, itemShape: Shape): void {
  const removed: number[] = [];
  let [oldIndex, index] = [0, 0];
  for (const [nextOld, next] of [...alignItems(before, after), [before.length, after.length] as const]) {
    // what lies between two equal items: as much as there is on both sides was changed
    for (; index < next; index += 1) {
      const old = oldIndex < nextOld ? before[oldIndex] : undefined;
      compare(lines, `${path}[${index}]`, old, after[index], itemShape);
      if (old !== undefined) oldIndex += 1;
    }
    for (; oldIndex < nextOld; oldIndex += 1) removed.push(oldIndex);
    oldIndex += 1;
    index += 1;
  }
  for (const gone of removed) compare(lines, `${path}[${gone}]`, before[gone], undefined, DEDUCED);
}
