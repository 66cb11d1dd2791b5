import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatPath,
  keyedElement,
  parseElement,
  valueElement,
} from '../../../src/patch/apply/path-element.js';
import { goJson } from '../../../src/patch/apply/go-json.js';

describe('a path element', () => {
  it('spells a value as Go spells it in JSON', () => {
    expect(valueElement('a<b>&c')).toBe('v:"a\\u003cb\\u003e\\u0026c"');
    expect(valueElement('\u2028\b\f\n\t"\\b')).toBe('v:"\\u2028\\u0008\\u000c\\n\\t\\"\\\\b"');
    expect(valueElement('é')).toBe('v:"é"');
    expect(valueElement(1.5)).toBe('v:1.5');
    expect(valueElement(true)).toBe('v:true');
    expect(
      keyedElement([
        ['a', 1],
        ['b', 'x'],
      ]),
    ).toBe('k:{"a":1,"b":"x"}');
  });

  it('is JSON that says the same', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true })),
        (value) => {
          const text = goJson(value);
          expect(JSON.parse(text)).toBe(value === 0 ? 0 : value);
          expect(text).not.toMatch(/[<>&\u2028\u2029]/);
        },
      ),
    );
  });

  it('is read from any spelling', () => {
    expect(parseElement('f:')).toBe('f:');
    expect(parseElement('f:__proto__')).toBe('f:__proto__');
    expect(parseElement('k:{ "b":2, "a":"x<y" }')).toBe('k:{"a":"x\\u003cy","b":2}');
    expect(parseElement('v: 3')).toBe('v:3');
    expect(parseElement('i:007')).toBe('i:7');
  });

  it.each(['', 'f', '.', 'spec', 'k:1', 'k:null', 'k:{', 'v:', 'v:{} {}', 'i:x', 'i:1.5'])(
    'is not what %j is',
    (text) => expect(parseElement(text)).toBeUndefined(),
  );

  it('is ignored where its type is unknown', () => expect(parseElement('x:1')).toBeNull());

  it('reads well in a path', () => {
    const path = [
      'f:spec',
      'k:{"containerPort":80,"protocol":"TCP"}',
      'v:"a\\u003cb"',
      'v:1',
      'i:2',
      'f:a.b',
    ];
    expect(formatPath(path)).toBe('.spec[containerPort=80,protocol="TCP"][="a<b"][=1][2].a.b');
  });
});
