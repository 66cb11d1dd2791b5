import { expect, test } from 'vitest';
import { type NameType, validateName } from '../../src/core/index.js';
import { readVectors } from './read-vectors.js';

interface Case {
  readonly type: NameType;
  readonly value: string;
  readonly expect: { readonly result: { readonly valid: boolean } };
}

test.each(readVectors<Case>('names'))(
  '$type $value is as valid as in Kubernetes',
  ({ type, value, expect: { result } }) => {
    expect(validateName(type, value).length === 0).toBe(result.valid);
  },
);
