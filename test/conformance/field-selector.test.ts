import { expect, test } from 'vitest';
import { FieldSelector, isBadRequest } from '../../src/core/index.js';
import { readVectors } from './read-vectors.js';

interface Case {
  readonly selector: string;
  readonly fields: Record<string, string>;
  readonly expect: {
    readonly error?: string;
    readonly result?: { readonly empty: boolean; readonly matches: boolean; readonly string: string };
  };
}

test.each(readVectors<Case>('field-selector'))(
  '$selector is read as in Kubernetes',
  ({ selector, fields, expect: { result } }) => {
    const read = () => FieldSelector.parse(selector);
    if (result === undefined) {
      expect(read).toThrow(expect.toSatisfy(isBadRequest));
      return;
    }
    const found = read();
    expect({ empty: found.empty, matches: found.matches(fields), string: found.toString() }).toEqual(result);
  },
);
