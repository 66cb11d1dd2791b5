import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInvalid } from '../../../src/core/index.js';
import { decodeFieldSet } from '../../../src/patch/apply/decode-field-set.js';
import { LEAF } from '../../../src/patch/apply/field-set.js';
import { isNormal, membersOf, paths, pathSet, setOf } from './field-set-model.js';

const parse = (text: string): unknown => JSON.parse(text) as unknown;

describe('decodeFieldSet', () => {
  it('reads back every set from its JSON', () => {
    fc.assert(
      fc.property(paths, (members) => {
        const set = setOf(members);
        const fieldsV1 = parse(JSON.stringify(set ?? {}));
        const decoded = decodeFieldSet(fieldsV1, 'here');
        expect(decoded).toEqual(set ?? {});
        expect(membersOf(decoded)).toEqual(pathSet(members));
        expect(decoded === LEAF || isNormal(decoded)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each<[string, unknown]>([
    ['{}', {}],
    ['null', {}],
    ['{".":{}}', {}],
    ['{"x:1":{"f:a":{}}}', {}],
    ['{"f:a":null}', { 'f:a': {} }],
    ['{"f:a":{".":1}}', { 'f:a': {} }],
    ['{"f:a":{".":{},"x:":{},"f:b":{}}}', { 'f:a': { '.': {}, 'f:b': {} } }],
    ['{"k:{\\"b\\":1, \\"a\\":2}":{}}', { 'k:{"a":2,"b":1}': {} }],
    ['{"v:1":{},"v: 1":{"f:a":{}}}', { 'v:1': { '.': {}, 'f:a': {} } }],
  ])('reads %s', (text, fields) => expect(decodeFieldSet(parse(text), 'here')).toEqual(fields));

  it.each(['1', '"x"', '[]', '{"f:a":1}', '{"f:a":[]}', '{"spec":{}}', '{"f:a":{"k:x":{}}}'])(
    'refuses %s',
    (text) => expect(() => decodeFieldSet(parse(text), 'here')).toThrow(expect.toSatisfy(isInvalid)),
  );

  it('refuses a bomb', () => {
    let bomb: object = {};
    for (let level = 0; level < 100_000; level += 1) bomb = { 'f:a': bomb };
    expect(() => decodeFieldSet(bomb, 'here')).toThrow(expect.toSatisfy(isInvalid));
  });
});
