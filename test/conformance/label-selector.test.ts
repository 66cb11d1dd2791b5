import { expect, test } from 'vitest';
import { isBadRequest, LabelSelector, type LabelSelectorSpec } from '../../src/core/index.js';
import { readVectors } from './read-vectors.js';

interface Case {
  readonly selector: string | LabelSelectorSpec | null;
  readonly labels: Record<string, string>;
  readonly expect: {
    readonly error?: string;
    readonly result?: {
      readonly empty: boolean;
      readonly matches: boolean;
      readonly selectable: boolean;
      readonly string: string;
      readonly requirements: readonly unknown[];
    };
  };
}

test.each(readVectors<Case>('label-selector'))(
  '$selector is read as in Kubernetes',
  ({ selector, labels, expect: { result } }) => {
    const read = () =>
      typeof selector === 'string' ? LabelSelector.parse(selector) : LabelSelector.from(selector);
    if (result === undefined) {
      expect(read).toThrow(expect.toSatisfy(isBadRequest));
      return;
    }
    const found = read();
    expect({
      empty: found.empty,
      matches: found.matches(labels),
      selectable: found.selectable,
      string: found.toString(),
      requirements: found.requirements,
    }).toEqual(result);
  },
);
