import { describe, expect, it } from 'vitest';

describe('the project `hostile`', () => {
  it('runs where __proto__ throws', () => {
    const object: Record<string, unknown> = {};
    expect(() => object['__proto__']).toThrow(expect.objectContaining({ code: 'ERR_PROTO_ACCESS' }));
    expect(() => {
      object['__proto__'] = null;
    }).toThrow(expect.objectContaining({ code: 'ERR_PROTO_ACCESS' }));
  });

  it('runs where Object.prototype is frozen', () => {
    const object: Record<string, unknown> = {};
    expect(Object.isFrozen(Object.prototype)).toBe(true);
    expect(() => {
      object['toString'] = 1;
    }).toThrow(TypeError);
  });

  it('still has JSON.parse make an own __proto__', () => {
    const object: unknown = JSON.parse('{"__proto__":{"polluted":true}}');
    expect(Object.keys(object as object)).toEqual(['__proto__']);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});
