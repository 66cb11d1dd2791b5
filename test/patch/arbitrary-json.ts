import * as fc from 'fast-check';

/** Keys that meet often, and those that trip JavaScript: every one is legal data. */
export const KEYS: readonly string[] = ['a', 'b', 'c', '0', '1', '-', '01', '', 'a/b', '~', '~1', 'é'];
export const HOSTILE_KEYS: readonly string[] = [
  ...KEYS,
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'toJSON',
  'length',
];

/** An object as `JSON.parse` makes it: `__proto__` is an own property. */
function fromEntries(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  }
  return object;
}

export interface JsonArbitraries {
  readonly value: unknown;
  readonly object: object;
  readonly array: unknown[];
  readonly leaf: unknown;
}

/** Small JSON values whose objects have keys of that list, so that two of them have much in common. */
export function arbitraryJson(
  keys: readonly string[],
  leaves: readonly unknown[] = [null, true, false, 0, 1, -1.5, '', 'a', 'text'],
): fc.LetrecValue<JsonArbitraries> {
  return fc.letrec<JsonArbitraries>((tie) => ({
    leaf: fc.constantFrom(...leaves),
    array: fc.array(tie('value'), { maxLength: 4, depthIdentifier: 'json' }),
    object: fc
      .array(fc.tuple(fc.constantFrom(...keys), tie('value')), { maxLength: 5, depthIdentifier: 'json' })
      .map(fromEntries),
    value: fc.oneof(
      { depthIdentifier: 'json', depthSize: 'small', maxDepth: 4 },
      { weight: 3, arbitrary: tie('leaf') },
      { weight: 3, arbitrary: tie('object') },
      { weight: 1, arbitrary: tie('array') },
    ),
  }));
}
