import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError, deepFreeze, isBadRequest, isInvalid } from '../../../src/core/index.js';
import { type JsonPatchOperation, jsonPatch } from '../../../src/patch/index.js';
import { arbitraryJson, HOSTILE_KEYS, KEYS } from '../arbitrary-json.js';
import { canonical, type Model, type Operation, patchModel, textOf, toModel } from '../json-model.js';

/** What a call throws. */
function errorOf(call: () => unknown): ApiError {
  try {
    call();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('expected an ApiError, nothing was thrown');
}

/** Passes anything off as a patch, as a request body may hold anything. */
function untyped(operations: unknown): readonly JsonPatchOperation[] {
  return operations as readonly JsonPatchOperation[];
}

const parse = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

/** `levels` objects inside each other. */
function nested(levels: number): object {
  let value: object = {};
  for (let level = 1; level < levels; level++) value = { a: value };
  return value;
}

describe('jsonPatch', () => {
  it('adds, replaces and removes members and elements', () => {
    const result = jsonPatch<unknown>({ a: 1, list: ['x', 'z'], gone: true }, [
      { op: 'add', path: '/b', value: { c: null } },
      { op: 'replace', path: '/a', value: 2 },
      { op: 'remove', path: '/gone' },
      { op: 'add', path: '/list/1', value: 'y' },
      { op: 'add', path: '/list/-', value: 'end' },
      { op: 'add', path: '/list/4', value: 'last' },
      { op: 'remove', path: '/list/0' },
      { op: 'replace', path: '/list/0', value: 'Y' },
    ]);
    expect(result).toEqual({ a: 2, b: { c: null }, list: ['Y', 'z', 'end', 'last'] });
  });

  it('moves and copies, where a move looks for its target after the removal', () => {
    expect(
      jsonPatch<unknown>({ list: [1, 2, { a: 3 }] }, [{ op: 'move', from: '/list/0', path: '/list/1/b' }]),
    ).toEqual({ list: [2, { a: 3, b: 1 }] });
    expect(jsonPatch<unknown>({ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/a/c' }])).toEqual({
      a: { b: 1, c: { b: 1 } },
    });
    expect(jsonPatch<unknown>({ a: { b: 1 } }, [{ op: 'move', from: '/a', path: '' }])).toEqual({ b: 1 });
  });

  it('keeps a copy apart from what it was copied from', () => {
    const result = jsonPatch<unknown>({ a: { list: [1] } }, [
      { op: 'add', path: '/a/list/-', value: 2 },
      { op: 'copy', from: '/a', path: '/b' },
      { op: 'add', path: '/a/list/-', value: 3 },
      { op: 'add', path: '/b/list/-', value: 4 },
    ]);
    expect(result).toEqual({ a: { list: [1, 2, 3] }, b: { list: [1, 2, 4] } });
  });

  it('replaces, tests and copies the whole document, but does not remove it or move it into itself', () => {
    expect(jsonPatch<unknown>({ a: 1 }, [{ op: 'add', path: '', value: [1] }])).toEqual([1]);
    expect(jsonPatch<unknown>({ a: 1 }, [{ op: 'replace', path: '', value: null }])).toBeNull();
    expect(jsonPatch<unknown>({ a: 1 }, [{ op: 'copy', from: '', path: '/b' }])).toEqual({
      a: 1,
      b: { a: 1 },
    });
    expect(jsonPatch<unknown>({ a: 1 }, [{ op: 'test', path: '', value: { a: 1 } }])).toEqual({ a: 1 });
    expect(isInvalid(errorOf(() => jsonPatch({ a: 1 }, [{ op: 'remove', path: '' }])))).toBe(true);
    expect(isInvalid(errorOf(() => jsonPatch({ a: 1 }, [{ op: 'move', from: '', path: '/a' }])))).toBe(true);
  });

  it('gives back the document itself where there is nothing to do', () => {
    const document = { a: { b: 1 } };
    expect(jsonPatch(document, [])).toBe(document);
    expect(jsonPatch(document, null)).toBe(document);
    expect(jsonPatch(document, [{ op: 'test', path: '/a/b', value: 1 }])).toBe(document);
    expect(jsonPatch(document, [{ op: 'move', from: '/a', path: '/a' }])).toBe(document);
  });

  it('shares what no operation touched, and leaves the document as it was', () => {
    const document = deepFreeze({ spec: { list: [{ a: 1 }, { b: 2 }] }, status: { ready: true } });
    const result = jsonPatch(document, [{ op: 'add', path: '/spec/list/0/c', value: 3 }]);
    expect(result.status).toBe(document.status);
    expect(result.spec.list[1]).toBe(document.spec.list[1]);
    expect(result.spec.list[0]).toEqual({ a: 1, c: 3 });
    expect(document).toEqual({ spec: { list: [{ a: 1 }, { b: 2 }] }, status: { ready: true } });
  });

  it('shares nothing with the patch', () => {
    const value = { list: [1] };
    const result = jsonPatch<{ a?: unknown }>({}, [
      { op: 'add', path: '/a', value },
      { op: 'add', path: '/a/list/-', value: 2 },
    ]);
    value.list.push(9);
    expect(result).toEqual({ a: { list: [1, 2] } });
  });

  it('applies everything or nothing', () => {
    const document = deepFreeze({ list: [1] });
    const error = errorOf(() =>
      jsonPatch(document, [
        { op: 'add', path: '/list/-', value: 2 },
        { op: 'test', path: '/list/1', value: 3 },
      ]),
    );
    expect(error.code).toBe(422);
    expect(document).toEqual({ list: [1] });
  });

  it('names the index, the operation and the path of what does not apply, and no value of the document', () => {
    const error = errorOf(() =>
      jsonPatch({ password: 'secret' }, [
        { op: 'test', path: '/password', value: 'secret' },
        { op: 'test', path: '/password', value: 'guess' },
      ]),
    );
    expect(error.reason).toBe('Invalid');
    expect(error.message).toBe('patch[1]: test "/password": expected "guess", found another value');
    expect(error.details).toEqual({});
  });

  it.each<[string, JsonPatchOperation, string]>([
    ['removes what is absent', { op: 'remove', path: '/x' }, 'there is nothing at "/x"'],
    ['replaces what is absent', { op: 'replace', path: '/x', value: 1 }, 'there is nothing at "/x"'],
    ['copies what is absent', { op: 'copy', from: '/x', path: '/y' }, 'there is nothing at "/x"'],
    [
      'moves what is absent, even to where it is',
      { op: 'move', from: '/x', path: '/x' },
      'there is nothing at "/x"',
    ],
    ['moves into itself', { op: 'move', from: '/o', path: '/o/x' }, 'not inside of "from", "/o"'],
    ['adds below what is absent', { op: 'add', path: '/x/y', value: 1 }, 'no object or array at "/x"'],
    ['adds below a text', { op: 'add', path: '/s/y', value: 1 }, 'no object or array at "/s"'],
    ['adds below null', { op: 'add', path: '/n/y', value: 1 }, 'no object or array at "/n"'],
    ['adds behind the end', { op: 'add', path: '/l/3', value: 1 }, 'an index up to 2, got "3"'],
    ['removes the place behind the end', { op: 'remove', path: '/l/-' }, 'an index below 2, got "-"'],
    [
      'reads an inherited member',
      { op: 'copy', from: '/toString', path: '/y' },
      'there is nothing at "/toString"',
    ],
    [
      'goes through an inherited member',
      { op: 'add', path: '/constructor/x', value: 1 },
      'at "/constructor"',
    ],
    ['removes the prototype', { op: 'remove', path: '/__proto__' }, 'there is nothing at "/__proto__"'],
    ['tests below what is absent', { op: 'test', path: '/x/y', value: null }, 'no object or array at "/x"'],
    ['tests an absent element', { op: 'test', path: '/l/2', value: null }, 'an index below 2, got "2"'],
    [
      'takes an array for an object',
      { op: 'test', path: '/l', value: { 0: 1, 1: 2 } },
      'found another value',
    ],
  ])('refuses a patch that %s', (_, operation, message) => {
    const document = deepFreeze({ l: [1, 2], o: {}, s: 'text', n: null });
    const error = errorOf(() => jsonPatch(document, [operation]));
    expect(error.reason).toBe('Invalid');
    expect(error.message).toContain(message);
  });

  it('finds an absent member equal to null, and a null member too', () => {
    const document = { o: { n: null, zero: 0 } };
    expect(jsonPatch(document, [{ op: 'test', path: '/o/x', value: null }])).toBe(document);
    expect(jsonPatch(document, [{ op: 'test', path: '/o/n', value: null }])).toBe(document);
    expect(isInvalid(errorOf(() => jsonPatch(document, [{ op: 'test', path: '/o/x', value: 0 }])))).toBe(
      true,
    );
    expect(
      isInvalid(errorOf(() => jsonPatch(document, [{ op: 'test', path: '/o/zero', value: null }]))),
    ).toBe(true);
    expect(
      isInvalid(errorOf(() => jsonPatch(document, [{ op: 'test', path: '/o', value: { zero: 0 } }]))),
    ).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ['no list', { op: 'remove' }, 'patch'],
    ['undefined', undefined, 'patch'],
    ['a null operation', [null], 'patch[0]'],
    [
      'an unknown op',
      [
        { op: 'test', path: '', value: {} },
        { op: 'increment', path: '/a' },
      ],
      'patch[1].op',
    ],
    ['an op that objects inherit', [{ op: 'toString', path: '/a' }], 'patch[0].op'],
    ['no path', [{ op: 'remove' }], 'patch[0].path'],
    ['a path that is no text', [{ op: 'remove', path: 5 }], 'patch[0].path'],
    ['an inherited path', [Object.create({ op: 'remove', path: '/a' })], 'patch[0]'],
    ['no from', [{ op: 'copy', path: '/b' }], 'patch[0].from'],
    ['no value', [{ op: 'add', path: '/b' }], 'patch[0].value'],
    ['an undefined value', [{ op: 'test', path: '/b', value: undefined }], 'patch[0].value'],
    [
      'a value that is no JSON',
      [{ op: 'add', path: '/b', value: { c: [Number.NaN] } }],
      'patch[0].value.c[0]',
    ],
    ['a map', [{ op: 'add', path: '/b', value: new Map() }], 'patch[0].value'],
  ])('refuses %s as malformed before it does anything', (_, operations, field) => {
    const error = errorOf(() => jsonPatch({ a: 1 }, untyped(operations)));
    expect(isBadRequest(error)).toBe(true);
    expect(error.message.startsWith(`${field}: `)).toBe(true);
    expect(error.details.causes?.map((cause) => cause.field)).toEqual([field]);
  });

  it('ignores members of an operation that it does not know', () => {
    const operations = untyped([{ op: 'add', path: '/b', value: 1, note: 'because', from: 7 }]);
    expect(jsonPatch<unknown>({}, operations)).toEqual({ b: 1 });
  });

  it('finds a malformed operation before an operation that does not apply', () => {
    const operations = untyped([{ op: 'remove', path: '/x' }, { op: 'nonsense' }]);
    expect(isBadRequest(errorOf(() => jsonPatch({}, operations)))).toBe(true);
  });

  describe('with keys that every object inherits', () => {
    it('treats them as data', () => {
      const document = deepFreeze(parse('{"labels":{"__proto__":"x","constructor":{"prototype":{"a":1}}}}'));
      const result = jsonPatch(document, [
        { op: 'test', path: '/labels/__proto__', value: 'x' },
        { op: 'replace', path: '/labels/__proto__', value: { polluted: true } },
        { op: 'add', path: '/labels/__proto__/more', value: 1 },
        { op: 'add', path: '/labels/constructor/prototype/polluted', value: true },
        { op: 'add', path: '/labels/toString', value: 'text' },
        { op: 'copy', from: '/labels/__proto__', path: '/__proto__' },
      ]);
      expect(canonical(result)).toBe(
        canonical(
          parse(`{"labels":{"__proto__":{"polluted":true,"more":1},"constructor":{"prototype":{"a":1,"polluted":true}},
            "toString":"text"},"__proto__":{"polluted":true,"more":1}}`),
        ),
      );
      expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
      expect('polluted' in {}).toBe(false);
    });

    it('removes and moves them', () => {
      const result = jsonPatch(parse('{"__proto__":1,"constructor":2}'), [
        { op: 'move', from: '/__proto__', path: '/a' },
        { op: 'remove', path: '/constructor' },
      ]);
      expect(Object.keys(result)).toEqual(['a']);
    });

    it('compares objects that have a key named hasOwnProperty', () => {
      const document = { o: { hasOwnProperty: 'mine' } };
      expect(jsonPatch(document, [{ op: 'test', path: '/o', value: { hasOwnProperty: 'mine' } }])).toBe(
        document,
      );
    });
  });

  describe('within its limits', () => {
    it('takes 10,000 operations and refuses more as too large', () => {
      const operation: JsonPatchOperation = { op: 'test', path: '/a', value: 1 };
      const operations = Array.from({ length: 10_000 }, () => operation);
      expect(jsonPatch({ a: 1 }, operations)).toEqual({ a: 1 });
      const error = errorOf(() => jsonPatch({ a: 1 }, [...operations, operation]));
      expect(error.reason).toBe('RequestEntityTooLarge');
      expect(error.code).toBe(413);
    });

    it('lets copies add 3 MiB and no byte more', () => {
      const quarter = 'x'.repeat(768 * 1024 - 2);
      const copies: JsonPatchOperation[] = ['a', 'b', 'c', 'd'].map((name) => ({
        op: 'copy',
        from: '/text',
        path: `/${name}`,
      }));
      const result = jsonPatch<Record<string, string>>({ text: quarter }, copies);
      expect(result['d']).toBe(quarter);
      const error = errorOf(() =>
        jsonPatch({ text: quarter, n: 1 }, [...copies, { op: 'copy', from: '/n', path: '/e' }]),
      );
      expect(error.reason).toBe('Invalid');
      expect(error.message).toContain('3145728 bytes');
    });

    it('stops a chain of copies that double the document', () => {
      const operations = Array.from(
        { length: 40 },
        (): JsonPatchOperation => ({ op: 'copy', from: '/a', path: '/a/-' }),
      );
      expect(isInvalid(errorOf(() => jsonPatch({ a: ['0123456789'] }, operations)))).toBe(true);
    });

    it('takes a result of 1,000 levels and refuses a deeper one, whichever operation makes it', () => {
      const pathOf = (levels: number): string => '/a'.repeat(levels);
      const deep = nested(999);
      const deeper = nested(1_000);
      expect(jsonPatch<unknown>({ a: 1 }, [{ op: 'replace', path: '/a', value: deep }])).toEqual({ a: deep });
      const tooDeep: [object, JsonPatchOperation][] = [
        [{}, { op: 'add', path: '/a', value: deeper }],
        [{ a: 1 }, { op: 'replace', path: '/a', value: deeper }],
        [{ b: deep }, { op: 'copy', from: '/b', path: '/b/b' }],
        [
          { a: nested(600), b: nested(600) },
          { op: 'move', from: '/b', path: `${pathOf(600)}/b` },
        ],
      ];
      for (const [document, operation] of tooDeep) {
        const error = errorOf(() => jsonPatch(document, [operation]));
        expect(error.reason).toBe('Invalid');
        expect(error.message).toContain('at most 1000 levels');
      }
    });

    it('refuses a value and a pointer of more than 1,000 levels as malformed', () => {
      const value: JsonPatchOperation = { op: 'add', path: '/a', value: nested(100_000) };
      const path: JsonPatchOperation = { op: 'remove', path: '/a'.repeat(1_001) };
      expect(isBadRequest(errorOf(() => jsonPatch({}, [value])))).toBe(true);
      expect(isBadRequest(errorOf(() => jsonPatch({}, [path])))).toBe(true);
    });
  });

  describe('on random documents', () => {
    /** What a patch does: the text of its result, or the reason of its failure. */
    const outcome = (document: unknown, operations: readonly JsonPatchOperation[]): string => {
      try {
        return canonical(jsonPatch(document, operations));
      } catch (error) {
        if (error instanceof ApiError) return error.reason;
        throw error;
      }
    };

    /** Pointers to all parts of a document, and to places where something may be added. */
    const pointersOf = (value: Model, pointer = ''): string[] => {
      if (typeof value !== 'object' || value === null) return [pointer, `${pointer}/a`];
      const below = (name: string): string =>
        `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const parts = [...value.entries()].flatMap(([name, part]) => pointersOf(part, below(String(name))));
      const news = Array.isArray(value) ? ['-', String(value.length), '01'] : [...KEYS, 'new'];
      return [pointer, ...parts, ...news.map(below)];
    };

    interface Choice {
      readonly op: JsonPatchOperation['op'];
      readonly path: number;
      readonly from: number;
      readonly value: unknown;
      /** Whether the operation stays where it does not apply. */
      readonly stays: boolean;
    }

    /** A patch out of choices: each operation is about the document that those before it left. */
    const operationsOf = (document: object, choices: readonly Choice[]): JsonPatchOperation[] => {
      const operations: Operation[] = [];
      let model = toModel(document);
      for (const { op, path, from, value, stays } of choices) {
        const pointers = pointersOf(model);
        const pick = (choice: number): string => pointers[choice % pointers.length] ?? '';
        const operation = { op, path: pick(path), from: pick(from), value };
        const next = patchModel(model, [operation]);
        if (next !== undefined) model = next;
        if (next !== undefined || stays) operations.push(operation);
        if (next === undefined && stays) break;
      }
      return [...untyped(operations)];
    };

    const cases = (
      keys: readonly string[],
    ): fc.Arbitrary<{ document: object; operations: JsonPatchOperation[] }> => {
      const { object, value } = arbitraryJson(keys);
      const choice = fc.record<Choice>({
        op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
        path: fc.nat(),
        from: fc.nat(),
        value,
        stays: fc.integer({ min: 0, max: 19 }).map((chance) => chance === 0),
      });
      return fc
        .tuple(object, fc.array(choice, { maxLength: 12 }))
        .map(([document, choices]) => ({ document, operations: operationsOf(document, choices) }));
    };

    it('does what a plain model of RFC 6902 does', () => {
      fc.assert(
        fc.property(cases(HOSTILE_KEYS), ({ document, operations }) => {
          const before = canonical(document);
          const model = patchModel(toModel(document), operations);
          expect(outcome(deepFreeze(document), deepFreeze(operations))).toBe(
            model === undefined ? 'Invalid' : textOf(model),
          );
          expect(canonical(document)).toBe(before);
        }),
        { numRuns: 1_500 },
      );
    });

    it('does the same with and without fast-json-patch', () => {
      // a pointer with an inherited key makes the patch go without; an absent member equals null, so this test passes
      const without: JsonPatchOperation = { op: 'test', path: '/__proto__', value: null };
      fc.assert(
        fc.property(cases(KEYS), ({ document, operations }) => {
          expect(outcome(document, operations)).toBe(outcome(document, [without, ...operations]));
        }),
        { numRuns: 1_000 },
      );
    });
  });
});
