import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../../src/core/index.js';
import { createJsonMergePatch, createThreeWayJsonMergePatch, jsonMergePatch } from '../../src/patch/index.js';
import { readVectors } from './read-vectors.js';

interface Case {
  readonly original: object;
  readonly expect: { readonly result: unknown };
}
interface MergeCase extends Case {
  readonly patch: unknown;
}
interface CreateCase extends Case {
  readonly modified: object;
}
interface ThreeWayCase extends CreateCase {
  readonly current: object;
}

/** One test for each case of a file; no case of these files fails. */
function conform<C extends Case>(file: string, answer: (vector: C) => unknown): void {
  for (const [index, vector] of readVectors<C>(file).entries()) {
    test(`${file}, line ${index + 1}`, () => {
      const inputs = JSON.stringify(vector);
      expect(answer(deepFreeze(vector))).toEqual(vector.expect.result);
      expect(JSON.stringify(vector)).toBe(inputs);
    });
  }
}

describe('a JSON merge patch gives what evanphx/json-patch gives', () => {
  conform<MergeCase>('json-merge', ({ original, patch }) => jsonMergePatch<unknown>(original, patch));
});

describe('a created JSON merge patch is what evanphx/json-patch creates', () => {
  conform<CreateCase>('json-merge-create', ({ original, modified }) =>
    createJsonMergePatch(original, modified),
  );
});

describe('a three-way JSON merge patch is what apimachinery creates', () => {
  conform<ThreeWayCase>('json-three-way', (vector) => createThreeWayJsonMergePatch(vector));
});
