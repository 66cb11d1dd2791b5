import * as fc from 'fast-check';
import { type FieldSet, forEachField, LEAF, SELF } from '../../../src/patch/apply/field-set.js';

/** A set of fields as the texts of their paths. */
export type PathSet = ReadonlySet<string>;

const ELEMENTS: readonly string[] = [
  'f:a',
  'f:b',
  'f:__proto__',
  'f:.',
  'f:constructor',
  'k:{"name":"a"}',
  'v:"a"',
  'v:1',
  'i:0',
];

/** A few paths that meet often, as lists of path elements. */
export const paths: fc.Arbitrary<readonly (readonly string[])[]> = fc.array(
  fc.array(fc.constantFrom(...ELEMENTS), { minLength: 1, maxLength: 4 }),
  { maxLength: 12 },
);

export function pathSet(members: Iterable<readonly string[]>): PathSet {
  return new Set(Array.from(members, (path) => path.join('\n')));
}

/** The set of these paths, built member by member. */
export function setOf(members: Iterable<readonly string[]>): FieldSet | undefined {
  const root = new Map<string, Node>();
  for (const path of members) {
    let level = root;
    for (const [index, element] of path.entries()) {
      const node = level.get(element) ?? { isMember: false, below: new Map<string, Node>() };
      level.set(element, node);
      if (index === path.length - 1) node.isMember = true;
      level = node.below;
    }
  }
  return root.size === 0 ? undefined : trie({ isMember: false, below: root });
}

interface Node {
  isMember: boolean;
  readonly below: Map<string, Node>;
}

function trie({ isMember, below }: Node): FieldSet {
  if (below.size === 0) return LEAF;
  const entries = Array.from(below, ([element, node]) => [element, trie(node)] as const);
  return Object.fromEntries(isMember ? [[SELF, LEAF], ...entries] : entries);
}

/** The members of a set. */
export function membersOf(set: FieldSet | undefined): PathSet {
  const members: string[][] = [];
  forEachField(set, (path) => members.push([...path]));
  return pathSet(members);
}

/** Whether a set is in normal form, so that it is its own `fieldsV1`. */
export function isNormal(set: FieldSet | undefined): boolean {
  if (set === undefined) return true;
  return Object.keys(set).length > 0 && set[SELF] === undefined && isNormalBelow(set);
}

function isNormalBelow(node: FieldSet): boolean {
  return Object.entries(node).every(([element, child]) => {
    if (Object.keys(child).length === 0) return child === LEAF;
    if (element === SELF) return false;
    return Object.keys(child).some((key) => key !== SELF) && isNormalBelow(child);
  });
}
