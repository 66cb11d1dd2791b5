import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../../src/core/index.js';
import {
  difference,
  type FieldSet,
  intersection,
  LEAF,
  normalNode,
  union,
} from '../../../src/patch/apply/field-set.js';
import { isNormal, membersOf, type PathSet, paths, pathSet, setOf } from './field-set-model.js';

type Operation = (a: FieldSet | undefined, b: FieldSet | undefined) => FieldSet | undefined;

/** Each operation beside the same on sets of texts. */
const operations: readonly [string, Operation, (a: PathSet, b: PathSet) => PathSet][] = [
  ['union', union, (a, b) => new Set([...a, ...b])],
  ['intersection', intersection, (a, b) => new Set([...a].filter((path) => b.has(path)))],
  ['difference', difference, (a, b) => new Set([...a].filter((path) => !b.has(path)))],
];

describe('a field set', () => {
  it.each(operations)('has the %s that sets of paths have, in normal form', (_, operation, model) => {
    fc.assert(
      fc.property(paths, paths, (first, second) => {
        const a = deepFreeze(setOf(first));
        const b = deepFreeze(setOf(second));
        const result = operation(a, b);
        expect(membersOf(result)).toEqual(model(pathSet(first), pathSet(second)));
        expect(isNormal(result)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives back the very set that an operation leaves as it was', () => {
    fc.assert(
      fc.property(paths, paths, (first, second) => {
        const a = setOf(first);
        const b = setOf(second);
        if (difference(b, a) === undefined && b !== undefined) expect(union(a, b)).toBe(a);
        if (intersection(a, b) === undefined) expect(difference(a, b)).toBe(a);
      }),
    );
  });

  it('takes a field away without those below it', () => {
    const set = setOf([['f:a'], ['f:a', 'f:b']]);
    expect(difference(set, setOf([['f:a']]))).toEqual({ 'f:a': { 'f:b': {} } });
    expect(difference(set, setOf([['f:a', 'f:b']]))).toEqual({ 'f:a': {} });
  });

  it('has one leaf and no empty nodes', () => {
    expect(normalNode({})).toBeUndefined();
    expect(normalNode({ '.': LEAF })).toBe(LEAF);
    const node = { '.': LEAF, 'f:a': LEAF };
    expect(normalNode(node)).toBe(node);
  });
});
