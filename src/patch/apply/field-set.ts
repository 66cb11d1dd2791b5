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

/** The node with the field that it stands for. */
export function withSelf(node: FieldSet): FieldSet {
  return isMember(node) ? node : { [SELF]: LEAF, ...node };
}

/** The normal form of a node; undefined where it has no keys. */
export function normalNode(draft: FieldSetDraft): FieldSet | undefined {
  const elements = Object.keys(draft);
  if (elements.length > 1) return draft;
  if (elements.length === 0) return undefined;
  return elements[0] === SELF ? LEAF : draft;
}

/** The fields that are in one of two sets, or in both; `a` itself where `b` adds nothing. */
export function union(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (!a || !b || a === b) return a ?? b;
  if (a === LEAF) return withSelf(b);
  if (b === LEAF) return withSelf(a);
  let result: FieldSetDraft | undefined;
  for (const element of Object.keys(b)) {
    const both = union(a[element], b[element]) as FieldSet;
    if (both !== a[element]) (result ??= { ...a })[element] = both;
  }
  return result ?? a;
}

/** The fields that are in both sets. Costs as much as `b` is large. */
export function intersection(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (!a || !b) return undefined;
  if (a === b) return a;
  if (a === LEAF || b === LEAF) return isMember(a) && isMember(b) ? LEAF : undefined;
  const result: FieldSetDraft = {};
  for (const element of Object.keys(b)) {
    const both = intersection(a[element], b[element]);
    if (both) result[element] = both;
  }
  return normalNode(result);
}

/**
 * The fields that are in `a` and not in `b`; `a` itself where they have none in common.
 *
 * Every field counts alone: to take away a field leaves the fields below it.
 */
export function difference(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (!a || !b) return a;
  if (a === b) return undefined;
  if (a === LEAF) return isMember(b) ? undefined : a;
  const result: FieldSetDraft = {};
  let isSame = true;
  for (const element of Object.keys(a)) {
    const ours = a[element] as FieldSet;
    const theirs = element === SELF && isMember(b) ? LEAF : b[element];
    const rest = difference(ours, theirs);
    if (rest !== ours) isSame = false;
    if (rest) result[element] = rest;
  }
  return isSame ? a : normalNode(result);
}

/** Calls back with the path of every field of a set, those above others first. The path is only lent. */
export function forEachField(
  set: FieldSet | undefined,
  visit: (path: readonly string[]) => void,
  path: string[] = [],
): void {
  for (const [element, child] of Object.entries(set ?? LEAF)) {
    if (element === SELF) continue;
    path.push(element);
    if (isMember(child)) visit(path);
    forEachField(child, visit, path);
    path.pop();
  }
}
