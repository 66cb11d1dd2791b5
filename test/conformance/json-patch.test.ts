import { describe, expect, test } from 'vitest';
import { ApiError, deepFreeze } from '../../src/core/index.js';
import { type JsonPatchOperation, jsonPatch } from '../../src/patch/index.js';
import { readVectors } from './read-vectors.js';

interface PatchCase {
  readonly original: object;
  readonly patch: readonly JsonPatchOperation[];
  readonly expect: { readonly result?: unknown; readonly error?: string };
}

/** Of a failure only the fact counts, and that it is no malformed request: every patch here is well formed. */
function answer({ original, patch }: PatchCase): unknown {
  try {
    return { result: jsonPatch(original, patch) };
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'Invalid') return 'fails';
    throw error;
  }
}

describe('a JSON patch gives what evanphx/json-patch gives', () => {
  for (const [index, vector] of readVectors<PatchCase>('json-patch').entries()) {
    test(`line ${index + 1}: ${vector.patch.map(({ op, path }) => `${op} ${path}`).join(', ')}`, () => {
      const { result, error } = vector.expect;
      const inputs = JSON.stringify(vector);
      expect(answer(deepFreeze(vector))).toEqual(error === undefined ? { result } : 'fails');
      expect(JSON.stringify(vector)).toBe(inputs);
    });
  }
});
