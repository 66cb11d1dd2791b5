import { describe, expect, test } from 'vitest';
import { ApiError, deepFreeze } from '../../src/core/index.js';
import {
  createThreeWayMergePatch,
  createTwoWayMergePatch,
  type SchemaSource,
  strategicMergePatch,
} from '../../src/patch/index.js';
import { builtinScheme } from '../../src/resources/kinds/index.js';
import { readVectors } from './read-vectors.js';

interface Case {
  readonly apiVersion: string;
  readonly kind: string;
  readonly original: object;
  readonly expect: { readonly result?: unknown; readonly error?: string };
}
interface MergeCase extends Case {
  readonly patch: unknown;
}
interface TwoWayCase extends Case {
  readonly modified: object;
}
interface ThreeWayCase extends TwoWayCase {
  readonly current: object;
  readonly overwrite: boolean;
}

/** One test for each case of a file. */
function conform<C extends Case>(file: string, answer: (vector: C, schema: SchemaSource) => unknown): void {
  for (const [index, vector] of readVectors<C>(file).entries()) {
    const resource = builtinScheme.lookup(vector);
    test(`${file}, line ${index + 1}`, () => {
      const inputs = JSON.stringify(vector);
      const { error, result } = deepFreeze(vector).expect;
      if (error === undefined) expect(answer(vector, resource)).toEqual(result);
      else expect(() => answer(vector, resource)).toThrow(ApiError);
      expect(JSON.stringify(vector)).toBe(inputs);
    });
  }
}

describe('a strategic merge patch gives what apimachinery gives', () => {
  conform<MergeCase>('strategic-merge', ({ original, patch }, schema) =>
    strategicMergePatch<unknown>(original, patch, schema),
  );
});

describe('a created strategic merge patch is what apimachinery creates', () => {
  conform<TwoWayCase>('two-way-merge', ({ original, modified }, schema) =>
    createTwoWayMergePatch(original, modified, schema),
  );
});

describe('a three-way strategic merge patch is what apimachinery creates', () => {
  conform<ThreeWayCase>('three-way-merge', (vector, schema) => createThreeWayMergePatch(vector, schema));
});
