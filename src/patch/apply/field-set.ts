/**
 * A set of fields of an object, in the very form that `fieldsV1` has: a trie of path elements.
 *
 * A key is a path element: `f:name` a field, `k:{"name":"app"}` a list item by its keys, `v:"a"` an item of a set, `i:0` one by its
 * index. A field is a member of the set where its node is {@link LEAF}, or has the key `.`; the other nodes only lead to members.
 * The root stands for the object itself, which is never a member. The empty set is undefined.
 *
 * Sets never change. They are in normal form: every node without keys is `LEAF` itself, there is none that `.` alone is in, and path
 * elements are spelled as {@link keyedElement} and its like spell them. So two nodes that are identical are equal, and a set serves as
 * `fieldsV1` as it is. No object inherits a name of this form, so nodes are read without looking for own members.
 *
 * Source: `fieldpath.Set` in structured-merge-diff.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A set under construction. */
export type FieldSetDraft = Record<string, FieldSet>;

/** The node of a member without members below it. */
export const LEAF: FieldSet = /* @__PURE__ */ Object.freeze({});

/** The key that says that a node with others below it is a member itself. */
export const SELF = '.';

/** Whether the field that a node stands for is in the set. */
export function isMember(node: FieldSet): boolean {
  return node === LEAF || node[SELF] !== undefined;
}

/** The normal form of a node; undefined where it has no keys. */
export function normalNode(draft: FieldSetDraft): FieldSet | undefined {
  let count = 0;
  for (const element of Object.keys(draft)) {
    if (element !== SELF) return draft;
    count += 1;
  }
  return count === 0 ? undefined : LEAF;
}

/** The fields that are in one of two sets, or in both; `a` itself where `b` adds nothing. */
export function union(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a === b ? a : unite(a, b);
}

function unite(a: FieldSet, b: FieldSet): FieldSet {
  if (a === LEAF) return isMember(b) ? b : { [SELF]: LEAF, ...b };
  if (b === LEAF) return isMember(a) ? a : { [SELF]: LEAF, ...a };
  let result: FieldSetDraft | undefined;
  for (const element of Object.keys(b)) {
    const ours = a[element];
    const theirs = b[element] as FieldSet;
    if (ours === theirs) continue;
    const both = ours === undefined ? theirs : unite(ours, theirs);
    if (both !== ours) (result ??= { ...a })[element] = both;
  }
  return result ?? a;
}

/** The fields that are in both sets. Costs as much as `b` is large. */
export function intersection(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined || a === b) return a === undefined ? a : b;
  if (a === LEAF) return isMember(b) ? LEAF : undefined;
  if (b === LEAF) return isMember(a) ? LEAF : undefined;
  let result: FieldSetDraft | undefined;
  for (const element of Object.keys(b)) {
    const both = intersection(a[element], b[element]);
    if (both !== undefined) (result ??= {})[element] = both;
  }
  return result === undefined ? undefined : normalNode(result);
}

/**
 * The fields that are in `a` and not in `b`; `a` itself where they have none in common.
 *
 * Every field counts alone: to take away a field leaves the fields below it.
 */
export function difference(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined) return a;
  if (a === b) return undefined;
  if (a === LEAF) return isMember(b) ? undefined : a;
  let rests: Map<string, FieldSet | undefined> | undefined;
  for (const element of b === LEAF ? [SELF] : Object.keys(b)) {
    const ours = a[element];
    if (ours === undefined) continue;
    const rest = element === SELF ? undefined : difference(ours, b[element]);
    if (rest !== ours) (rests ??= new Map()).set(element, rest);
  }
  if (rests === undefined) return a;
  const result: FieldSetDraft = {};
  for (const element of Object.keys(a)) {
    const rest = rests.has(element) ? rests.get(element) : a[element];
    if (rest !== undefined) result[element] = rest;
  }
  return normalNode(result);
}

/** Whether every field of `b` is in `a`. */
export function includes(a: FieldSet | undefined, b: FieldSet | undefined): boolean {
  if (a === b || b === undefined) return true;
  if (a === undefined) return false;
  if (b === LEAF) return isMember(a);
  return Object.keys(b).every((element) => includes(a[element], b[element]));
}

/** Whether two sets have the same fields. */
export function sameFields(a: FieldSet | undefined, b: FieldSet | undefined): boolean {
  return a === b || (includes(a, b) && includes(b, a));
}

/** Calls back with the path of every field of a set, those above others first. The path is only lent. */
export function forEachField(set: FieldSet | undefined, visit: (path: readonly string[]) => void): void {
  if (set !== undefined) visitBelow(set, [], visit);
}

function visitBelow(node: FieldSet, path: string[], visit: (path: readonly string[]) => void): void {
  for (const element of Object.keys(node)) {
    if (element === SELF) continue;
    const child = node[element] as FieldSet;
    path.push(element);
    if (isMember(child)) visit(path);
    visitBelow(child, path, visit);
    path.pop();
  }
}
