import { define, type JsonObject } from '../../core/index.js';
import { alignItems, longestIncrease } from './alignment.js';
import { explainManagers, explainManagersChange } from './managed-fields.js';
import { type KeyedItems, keyedItems } from './list-keys.js';
import { memberPath, pathLine, shortPath } from './path.js';
import { explainChange, explainValue } from './value.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { type FieldSchema, mergeSchemaOf, type SchemaSource } from '../merge-schema.js';
import { requestJson } from '../request-json.js';

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
 *   that of `after`, and for an item that is gone that of `before`. Items that were only shifted are not told of.
 * - `metadata.managedFields` at the top is one line, which names the managers whose entries differ.
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
  const root = schema === undefined ? undefined : mergeSchemaOf(schema);
  const old = before === undefined || Object.isFrozen(before) ? before : requestJson(before, 'before');
  const explanation = new Explanation();
  if (after === undefined) {
    if (old !== undefined) explanation.only('- ', '', old);
  } else {
    const now = requestJson(after, 'after', old);
    if (old === undefined) explanation.only('+ ', '', now);
    else explanation.compare('', old, now, root === undefined ? undefined : { type: root });
  }
  return explanation.lines();
}

/** The lines as they come up. */
class Explanation {
  readonly #lines: string[] = [];
  /** How many lines were not written. */
  #more = 0;

  lines(): readonly string[] {
    return this.#more === 0 ? this.#lines : [...this.#lines, `... and ${this.#more} more`];
  }

  /** Something that is there on one side alone: new with the sign +, gone with the sign -. */
  only(sign: '+ ' | '- ', path: string, value: unknown): void {
    this.#line(sign, path, () => (isManagedFields(path) ? explainManagers(value) : explainValue(value)));
  }

  /** What differs between two values at a path; `schema` is what the schema says of them. */
  compare(path: string, before: unknown, after: unknown, schema: FieldSchema | undefined): void {
    if (before === after) return;
    if (isManagedFields(path)) this.#line('', path, () => explainManagersChange(before, after));
    else if (Array.isArray(before) && Array.isArray(after)) this.#compareLists(path, before, after, schema);
    else if (isJsonObject(before) && isJsonObject(after)) this.#compareObjects(path, before, after, schema);
    else this.#line('', path, () => explainChange(before, after));
  }

  #line(sign: '' | '+ ' | '- ', path: string, text: () => string): void {
    if (this.#lines.length < MOST_LINES) this.#lines.push(pathLine(sign, path, text()));
    else this.#more += 1;
  }

  #compareObjects(
    path: string,
    before: JsonObject,
    after: JsonObject,
    schema: FieldSchema | undefined,
  ): void {
    for (const name of Object.keys(after)) {
      const old = memberOf(before, name);
      const value = after[name];
      if (old === value) continue;
      if (old === undefined) this.only('+ ', memberPath(path, name), value);
      else this.compare(memberPath(path, name), old, value, memberSchema(schema, name));
    }
    for (const name of Object.keys(before)) {
      if (before[name] === undefined || memberOf(after, name) !== undefined) continue;
      this.only('- ', memberPath(path, name), before[name]);
    }
  }

  #compareLists(
    path: string,
    before: readonly unknown[],
    after: readonly unknown[],
    schema: FieldSchema | undefined,
  ): void {
    const olds = keyedItems(before, schema);
    const news = olds === undefined ? undefined : keyedItems(after, schema);
    if (olds === undefined || news === undefined) this.#compareByIndex(path, before, after, schema);
    else this.#compareByKey(path, olds, news, schema);
  }

  #compareByKey(path: string, olds: KeyedItems, news: KeyedItems, schema: FieldSchema | undefined): void {
    const moved = movedKeys(olds, news);
    let neighbour: string | undefined;
    for (const [key, item] of news) {
      if (moved.has(key)) {
        const place = neighbour === undefined ? 'to the front' : `behind ${shortPath(neighbour)}`;
        this.#line('', path + key, () => `moved ${place}`);
      }
      if (olds.has(key)) this.compare(path + key, olds.get(key), item, partSchema(schema));
      else this.#onlyItem('+ ', path + key, item);
      neighbour = key;
    }
    for (const [key, item] of olds) if (!news.has(key)) this.#onlyItem('- ', path + key, item);
  }

  /** As {@link only}, for an item with a key: that of a set is its value, which needs not be said twice. */
  #onlyItem(sign: '+ ' | '- ', path: string, item: unknown): void {
    this.#line(sign, path, () => (isJsonObject(item) ? explainValue(item) : ''));
  }

  #compareByIndex(
    path: string,
    before: readonly unknown[],
    after: readonly unknown[],
    schema: FieldSchema | undefined,
  ): void {
    let start = 0;
    while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
    const numbers = new Map<string, number>();
    const pairs = alignItems(numberItems(before, start, numbers), numberItems(after, start, numbers));
    const removed: number[] = [];
    let [oldIndex, index] = [start, start];
    for (const [nextOld, next] of [...pairs, [before.length - start, after.length - start] as const]) {
      // what lies between two equal items: as much as there is on both sides was changed
      for (; oldIndex < start + nextOld && index < start + next; oldIndex += 1, index += 1) {
        this.compare(`${path}[${index}]`, before[oldIndex], after[index], partSchema(schema));
      }
      for (; index < start + next; index += 1) this.only('+ ', `${path}[${index}]`, after[index]);
      for (; oldIndex < start + nextOld; oldIndex += 1) removed.push(oldIndex);
      oldIndex += 1;
      index += 1;
    }
    for (const gone of removed) this.only('- ', `${path}[${gone}]`, before[gone]);
  }
}

function isManagedFields(path: string): boolean {
  return path === 'metadata.managedFields';
}

/** What the schema says of a member of an object or a map. */
function memberSchema(schema: FieldSchema | undefined, name: string): FieldSchema | undefined {
  if (schema === undefined || schema.list === true) return undefined;
  if (schema.map === true) return partSchema(schema);
  const { type } = schema;
  return typeof type === 'object' && Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
}

/** What the schema says of an item of a list or a value of a map. */
function partSchema(schema: FieldSchema | undefined): FieldSchema | undefined {
  return schema?.list === true || schema?.map === true ? { type: schema.type } : undefined;
}

/** The keys of the fewest items that have to move so that what is left stands in the old order. */
function movedKeys(olds: KeyedItems, news: KeyedItems): ReadonlySet<string> {
  const places = new Map<string, number>();
  for (const key of olds.keys()) places.set(key, places.size);
  const common = [...news.keys()].filter((key) => places.has(key));
  const moved = new Set(common);
  for (const index of longestIncrease(common.map((key) => places.get(key) as number))) {
    moved.delete(common[index] as string);
  }
  return moved;
}

/** A number for each item from `start` on, the same for equal ones; `numbers` are those given so far. */
function numberItems(
  list: readonly unknown[],
  start: number,
  numbers: Map<string, number>,
): readonly number[] {
  return list.slice(start).map((item) => {
    const text = JSON.stringify(sorted(item)) ?? '';
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  });
}

/** The same value with the keys of its objects in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value).sort()) define(result, name, value[name]);
  return result;
}
