import type { JsonObject } from '../../core/index.js';
import { alignItems, alignKeys } from './alignment.js';
import { explainManagers, explainManagersChange } from './managed-fields.js';
import { type KeyedItems, keyedItems } from './list-keys.js';
import { memberPath, pathLine, shortPath } from './path.js';
import { explainChange, explainValue } from './value.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { type FieldSchema, mergeSchemaOf, type SchemaSource } from '../merge-schema.js';
import { fieldOf, objectShapeOf } from '../strategic/field-rules.js';
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
 *   that of `after`, and for an item that is gone that of `before`. Items that were only shifted are not told of; where equal items
 *   occur more than once, there might be more lines than needed.
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
  const root = schema && mergeSchemaOf(schema);
  const old = before === undefined || Object.isFrozen(before) ? before : requestJson(before, 'before');
  const now = after === undefined ? undefined : requestJson(after, 'after', old);
  const explanation = new Explanation();
  explanation.compare('', old, now, root && { type: root });
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

  /** What differs between two values at a path, undefined where there is none; `schema` is what the schema says of them. */
  compare(path: string, before: unknown, after: unknown, schema: FieldSchema | undefined): void {
    if (before === after) return;
    const isManagers = path === 'metadata.managedFields';
    if (before === undefined || after === undefined) {
      const [sign, value] = before === undefined ? (['+ ', after] as const) : (['- ', before] as const);
      this.#line(sign, path, isManagers ? explainManagers(value) : explainValue(value));
    } else if (isManagers) this.#line('', path, explainManagersChange(before, after));
    else if (Array.isArray(before) && Array.isArray(after)) this.#compareLists(path, before, after, schema);
    else if (isJsonObject(before) && isJsonObject(after)) this.#compareObjects(path, before, after, schema);
    else this.#line('', path, explainChange(before, after));
  }

  #line(sign: '' | '+ ' | '- ', path: string, text: string): void {
    if (this.#lines.length < MOST_LINES) this.#lines.push(pathLine(sign, path, text));
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
      if (old === after[name]) continue;
      const field = schema && fieldOf(objectShapeOf(schema), name);
      this.compare(memberPath(path, name), old, after[name], field);
    }
    for (const name of Object.keys(before)) {
      if (Object.hasOwn(after, name)) continue;
      this.compare(memberPath(path, name), before[name], undefined, undefined);
    }
  }

  #compareLists(
    path: string,
    before: readonly unknown[],
    after: readonly unknown[],
    schema: FieldSchema | undefined,
  ): void {
    const olds = keyedItems(before, schema);
    const news = olds && keyedItems(after, schema);
    if (!olds || !news) this.#compareByIndex(path, before, after, schema);
    else this.#compareByKey(path, olds, news, schema);
  }

  #compareByKey(path: string, olds: KeyedItems, news: KeyedItems, schema: FieldSchema | undefined): void {
    const moved = movedKeys(olds, news);
    let neighbour: string | undefined;
    for (const [key, item] of news) {
      if (moved.has(key)) {
        const place = neighbour === undefined ? 'to the front' : `behind ${shortPath(neighbour)}`;
        this.#line('', path + key, `moved ${place}`);
      }
      if (olds.has(key)) this.compare(path + key, olds.get(key), item, itemSchema(schema));
      else this.#onlyItem('+ ', path + key, item);
      neighbour = key;
    }
    for (const [key, item] of olds) if (!news.has(key)) this.#onlyItem('- ', path + key, item);
  }

  /** An item with a key that is new or gone: an item of a set is its key, which needs not be said twice. */
  #onlyItem(sign: '+ ' | '- ', path: string, item: unknown): void {
    this.#line(sign, path, isJsonObject(item) ? explainValue(item) : '');
  }

  #compareByIndex(
    path: string,
    before: readonly unknown[],
    after: readonly unknown[],
    schema: FieldSchema | undefined,
  ): void {
    const removed: number[] = [];
    let [oldIndex, index] = [0, 0];
    for (const [nextOld, next] of [...alignItems(before, after), [before.length, after.length] as const]) {
      // what lies between two equal items: as much as there is on both sides was changed
      for (; index < next; index += 1) {
        const old = oldIndex < nextOld ? before[oldIndex] : undefined;
        this.compare(`${path}[${index}]`, old, after[index], itemSchema(schema));
        if (old !== undefined) oldIndex += 1;
      }
      for (; oldIndex < nextOld; oldIndex += 1) removed.push(oldIndex);
      oldIndex += 1;
      index += 1;
    }
    for (const gone of removed) this.compare(`${path}[${gone}]`, before[gone], undefined, undefined);
  }
}

/** What the schema says of an item of a list. */
function itemSchema(schema: FieldSchema | undefined): FieldSchema | undefined {
  return schema?.list ? { type: schema.type } : undefined;
}

/** The keys of the fewest items that have to move so that what is left stands in the old order. */
function movedKeys(olds: KeyedItems, news: KeyedItems): ReadonlySet<string> {
  const order = [...news.keys()];
  const moved = new Set(order.filter((key) => olds.has(key)));
  for (const [, index] of alignKeys([...olds.keys()], order)) moved.delete(order[index] as string);
  return moved;
}
