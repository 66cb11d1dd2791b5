import { describe, expect, it } from 'vitest';
import { preview } from '../../src/core/index.js';
import { previewName } from '../../src/core/preview.js';

class Site {
  readonly image = 'nginx';
}
const Nameless = (() =>
  class {
    readonly image = 'nginx';
  })();

describe('preview', () => {
  it.each<[unknown, string]>([
    ['a"b', '"a\\"b"'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [12n, '12n'],
    [true, 'true'],
    [undefined, 'undefined'],
    [null, 'null'],
    [(): void => undefined, 'a function'],
    [Symbol('secret'), 'a symbol'],
    [[], '[]'],
    [[1, 2], 'an array of 2'],
    [{}, '{}'],
    [{ a: 1 }, 'an object with key a'],
    [{ a: 1, b: 2 }, 'an object with keys a, b'],
    [{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, 'an object with keys a, b, c, d, e, ...'],
    [Object.create(null), '{}'],
    [new Date(0), 'a Date'],
    [new Site(), 'a Site'],
    [new Nameless(), 'an instance'],
    [Object.create({}), 'an instance'],
    [JSON.parse('{"__proto__":1,"constructor":2}'), 'an object with keys __proto__, constructor'],
    [{ 'a b': 1, 'c\n': 2 }, 'an object with keys "a b", "c\\n"'],
  ])('shows a value in short', (value, text) => {
    expect(preview(value)).toBe(text);
  });

  it('shows a name whole as long as objects may have it', () => {
    const name = 'a'.repeat(253);
    expect(previewName(name)).toBe(`"${name}"`);
    expect(previewName(`${name}aa`)).toBe(`"${name}" (255 characters)`);
    expect(previewName(undefined)).toBe('undefined');
  });

  it('cuts long texts and says how long they are', () => {
    expect(preview('x'.repeat(120))).toBe(`"${'x'.repeat(120)}"`);
    expect(preview('x'.repeat(121))).toBe(`"${'x'.repeat(120)}" (121 characters)`);
    expect(preview({ ['k'.repeat(1_000)]: 1 }).length).toBeLessThan(200);
  });

  it('calls nothing of the value', () => {
    const trap = (): never => {
      throw new Error('called');
    };
    const hostile = { toString: trap, toJSON: trap, valueOf: trap };
    expect(preview(hostile)).toBe('an object with keys toString, toJSON, valueOf');
    const prototype = Object.defineProperty({}, 'constructor', { get: trap });
    expect(preview(Object.create(prototype))).toBe('an instance');
  });
});
