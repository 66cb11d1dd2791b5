import type { FieldSchema, MergeSchema } from '../../../src/patch/index.js';
import type { Model } from '../json-model.js';

type ModelObject = Map<string, Model>;

/** The patch is refused. */
export class Refused extends Error {}

/**
 * A strategic merge patch, applied plainly and slowly: everything is copied, every item is searched for from the start of its list.
 *
 * @throws Refused where the patch is malformed.
 */
export function strategicMergeModel(
  original: ModelObject,
  patch: ModelObject,
  schema: MergeSchema,
): ModelObject {
  const directive = patch.get('$patch');
  if (directive === 'delete') return new Map();
  if (directive === 'replace') return new Map([...patch].filter(([name]) => name !== '$patch'));
  if (directive !== undefined) throw new Refused('$patch');

  const result = new Map(original);
  const rest = new Map(patch);
  retainKeys(result, rest);
  const deletions = [...rest.keys()].filter((name) => name.startsWith('$deleteFromPrimitiveList'));
  for (const name of [...rest.keys()].filter((key) => key.startsWith('$setElementOrder'))) {
    mergeInOrder(result, rest, name, schema);
  }
  for (const [name, value] of rest) {
    if (!deletions.includes(name)) mergeMember(result, name, value, schema);
  }
  for (const name of deletions) deleteFromList(result, name, rest.get(name), schema);
  return result;
}

function retainKeys(result: ModelObject, patch: ModelObject): void {
  const names = patch.get('$retainKeys');
  patch.delete('$retainKeys');
  if (names === undefined) return;
  if (!Array.isArray(names) || names.some((name) => typeof name !== 'string'))
    throw new Refused('$retainKeys');
  for (const [name, value] of patch) {
    const isDirective = name.startsWith('$setElementOrder') || name.startsWith('$deleteFromPrimitiveList');
    if (value !== null && !isDirective && !names.includes(name)) throw new Refused(name);
  }
  for (const name of result.keys()) if (!names.includes(name)) result.delete(name);
}

function mergeMember(result: ModelObject, name: string, value: Model, schema: MergeSchema): void {
  const before = result.get(name);
  if (value === null) {
    result.delete(name);
  } else if (before instanceof Map && value instanceof Map) {
    const field = fieldOf(schema, name);
    const isReplaced = field.patchStrategy?.includes('replace');
    result.set(name, isReplaced ? value : strategicMergeModel(before, value, schemaOf(field)));
  } else if (Array.isArray(before) && Array.isArray(value)) {
    result.set(name, mergeLists(before, value, listOf(fieldOf(schema, name))));
  } else {
    const added = withoutDirectives(withoutNulls(value));
    if (added === undefined) result.delete(name);
    else result.set(name, added);
  }
}

function deleteFromList(
  result: ModelObject,
  directive: string,
  values: Model | undefined,
  schema: MergeSchema,
): void {
  const name = /^\$deleteFromPrimitiveList\/(.+)$/.exec(directive)?.[1];
  if (name === undefined || !Array.isArray(values) || values.some(isContainer)) throw new Refused(directive);
  const before = result.get(name);
  if (!Array.isArray(before)) return;
  listOf(fieldOf(schema, name));
  checkKinds([...before, ...values]);
  result.set(
    name,
    before.filter((item) => !values.includes(item)),
  );
}

function mergeInOrder(result: ModelObject, patch: ModelObject, directive: string, schema: MergeSchema): void {
  const order = patch.get(directive);
  patch.delete(directive);
  const name = /^\$setElementOrder\/(.+)$/.exec(directive)?.[1];
  if (name === undefined || !Array.isArray(order)) throw new Refused(directive);
  const before = result.get(name);
  const change = patch.get(name);
  patch.delete(name);
  const field = listOf(fieldOf(schema, name));
  if (before !== undefined && !Array.isArray(before)) throw new Refused(name);
  if (change !== undefined && !Array.isArray(change)) throw new Refused(name);
  if (before === undefined && change === undefined) return;

  const live = before ?? [];
  const items = [...live, ...(change ?? [])];
  if (items.length === 0) throw new Refused(name);
  checkKinds(items);
  const key = keyReader(field);
  const orderKeys = order.map(key);
  if (change !== undefined) checkOrder(change, orderKeys, key);

  const isMerged = before !== undefined && change !== undefined;
  const merged = isMerged
    ? mergeLists(before, change, field)
    : change === undefined
      ? live
      : ((withoutDirectives(change) ?? []) as Model[]);
  const isOrdered = live.length + order.length + merged.length > 0;
  if (isOrdered && items.some(isContainer) && field.patchMergeKey === undefined) throw new Refused(name);
  const liveKeys = isMerged ? liveKeysAfter(live, change, key) : live.map(key);
  result.set(name, arrange(merged, orderKeys, liveKeys, key));
}

/** The order of the live list beside a `$setElementOrder`: new items take the places that deleted ones left at the end. */
function liveKeysAfter(
  live: readonly Model[],
  change: readonly Model[],
  key: (item: Model) => Model,
): Model[] {
  const directives = change.map((item) => (item instanceof Map ? item.get('$patch') : undefined));
  if (directives.includes('replace') || !directives.includes('delete')) return live.map(key);
  const deleted = change.filter((_, index) => directives[index] === 'delete').map(key);
  const kept = live.map(key).filter((value) => !deleted.includes(value));
  const changed = change.filter((_, index) => directives[index] === undefined).map(key);
  return [...kept, ...changed.filter((value) => !kept.includes(value))].slice(0, live.length);
}

function checkOrder(change: readonly Model[], order: readonly Model[], key: (item: Model) => Model): void {
  if (order.length === 0) return;
  const left = [...order];
  for (const item of change) {
    if (item instanceof Map && item.get('$patch') === 'delete') continue;
    if (left.length === 0) throw new Refused('order');
    if (hasDirective(item)) continue;
    const place = left.indexOf(key(item));
    if (place === -1) throw new Refused('order');
    left.splice(0, place + 1);
  }
}

function mergeLists(before: readonly Model[], patch: readonly Model[], field: FieldSchema): Model[] {
  if (!field.patchStrategy?.includes('merge')) return [...patch];
  if (before.length + patch.length === 0) return [];
  checkKinds([...before, ...patch]);
  const isKeyed = [...before, ...patch].some(isContainer);
  if (isKeyed !== (field.patchMergeKey !== undefined)) throw new Refused('list');
  const key = keyReader(field);
  let live = [...before];
  const changes: Model[] = [];
  let isReplaced = false;
  for (const item of patch) {
    const directive = item instanceof Map ? item.get('$patch') : undefined;
    if (directive === undefined) changes.push(item);
    else if (directive === 'delete') {
      const gone = key(item);
      live = live.filter((other) => key(other) !== gone);
    } else if (directive === 'replace') isReplaced = true;
    else throw new Refused('$patch');
  }
  if (isReplaced) return arrange(changes, [], changes.map(key), key);
  const merged = [...live];
  for (const item of changes) {
    const place = merged.findIndex((other) => key(other) === key(item));
    if (place === -1) merged.push(item);
    else if (item instanceof Map) {
      merged[place] = strategicMergeModel(merged[place] as ModelObject, item, itemSchemaOf(field));
    }
  }
  const unique = isKeyed ? merged : merged.filter((item, index) => merged.indexOf(item) === index);
  return arrange(unique, changes.map(key), live.map(key), key);
}

/** The order of a merged list, with the insertion sort that Go has for short ones. */
function arrange(
  items: readonly Model[],
  wanted: readonly Model[],
  live: readonly Model[],
  key: (item: Model) => Model,
): Model[] {
  items.forEach(key);
  const right = insertionSort(
    items.filter((item) => wanted.includes(key(item))),
    wanted,
    key,
  );
  const left = insertionSort(
    items.filter((item) => !wanted.includes(key(item))),
    live,
    key,
  );
  const result: Model[] = [];
  for (let next = right.shift(); next !== undefined; next = right.shift()) {
    const rank = live.indexOf(key(next));
    for (let other = left[0]; other !== undefined; other = left[0]) {
      const otherRank = live.indexOf(key(other));
      if (rank === -1 || otherRank === -1 || otherRank >= rank) break;
      result.push(other);
      left.shift();
    }
    result.push(next);
  }
  return [...result, ...left];
}

function insertionSort(
  items: readonly Model[],
  order: readonly Model[],
  key: (item: Model) => Model,
): Model[] {
  const result: Model[] = [];
  for (const item of items) {
    const rank = order.indexOf(key(item));
    let place = result.length;
    for (; place > 0; place -= 1) {
      const other = order.indexOf(key(result[place - 1] ?? null));
      if (rank !== -1 && other !== -1 && other <= rank) break;
    }
    result.splice(place, 0, item);
  }
  return result;
}

function keyReader(field: FieldSchema): (item: Model) => Model {
  const { patchMergeKey } = field;
  if (patchMergeKey === undefined) {
    return (item) => {
      if (isContainer(item)) throw new Refused('item');
      return item;
    };
  }
  return (item) => {
    const key = item instanceof Map ? item.get(patchMergeKey) : undefined;
    if (key === undefined || isContainer(key)) throw new Refused('merge key');
    return key;
  };
}

function checkKinds(items: readonly Model[]): void {
  const kinds = new Set(items.map(kindOf));
  if (kinds.size > 1 || kinds.has('list') || kinds.has('null')) throw new Refused('kinds');
}

function kindOf(value: Model): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

function isContainer(value: Model): boolean {
  return typeof value === 'object' && value !== null;
}

function hasDirective(value: Model): boolean {
  return value instanceof Map && value.has('$patch');
}

function withoutNulls(value: Model): Model {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!(value instanceof Map)) return value;
  return new Map(
    [...value].filter(([, member]) => member !== null).map(([name, member]) => [name, withoutNulls(member)]),
  );
}

function withoutDirectives(value: Model): Model | undefined {
  if (Array.isArray(value)) {
    return value.map(withoutDirectives).filter((item): item is Model => item !== undefined);
  }
  if (!(value instanceof Map)) return value;
  if (value.has('$patch')) return undefined;
  const result: ModelObject = new Map();
  for (const [name, member] of value) {
    const kept = withoutDirectives(member);
    if (kept !== undefined) result.set(name, kept);
  }
  return result;
}

function fieldOf(schema: MergeSchema, name: string): FieldSchema {
  const field = Object.entries(schema.fields).find(([other]) => other === name)?.[1];
  if (field !== undefined) return field;
  if (schema.open) return { type: 'any' };
  throw new Refused(name);
}

function listOf(field: FieldSchema): FieldSchema {
  if (field.list || (field.type === 'any' && !field.map)) return field;
  throw new Refused('no list');
}

function schemaOf(field: FieldSchema): MergeSchema {
  return field.list && field.type !== 'any' ? { fields: {} } : itemSchemaOf(field);
}

function itemSchemaOf({ type }: FieldSchema): MergeSchema {
  if (type === 'any') return { fields: {}, open: true };
  return typeof type === 'string' ? { fields: {} } : type;
}
