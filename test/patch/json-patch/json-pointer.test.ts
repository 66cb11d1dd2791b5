import { describe, expect, it } from 'vitest';
import { isBadRequest, isInvalid } from '../../../src/core/index.js';
import { createJsonPatch, jsonPatch } from '../../../src/patch/index.js';

function reasonOf(path: string): 'BadRequest' | 'Invalid' | undefined {
  try {
    jsonPatch({ list: ['only'] }, [{ op: 'replace', path, value: 1 }]);
    return undefined;
  } catch (error) {
    if (isBadRequest(error)) return 'BadRequest';
    if (isInvalid(error)) return 'Invalid';
    throw error;
  }
}

describe('JSON pointers', () => {
  // the document and the pointers of RFC 6901, section 5
  const document = {
    foo: ['bar', 'baz'],
    '': 0,
    'a/b': 1,
    'c%d': 2,
    'e^f': 3,
    'g|h': 4,
    'i\\j': 5,
    'k"l': 6,
    ' ': 7,
    'm~n': 8,
  };

  it.each<[string, unknown]>([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('lead %j to the part that it names', (path, value) => {
    expect(jsonPatch(document, [{ op: 'test', path, value }])).toBe(document);
  });

  it('read ~01 as the text ~1', () => {
    expect(jsonPatch<unknown>({}, [{ op: 'add', path: '/~01', value: 1 }])).toEqual({ '~1': 1 });
  });

  it.each(['/~', '/~2', '/a~', 'list', 'list/0', ' /list', '#/list'])('are malformed as %j', (path) => {
    expect(reasonOf(path)).toBe('BadRequest');
  });

  it.each([
    '00',
    '01',
    '1e0',
    '0x0',
    '+0',
    '-0',
    '-1',
    ' 0',
    '0 ',
    '0.0',
    '',
    'length',
    '9007199254740993',
    '٠',
  ])('name no element of an array by %j', (token) => {
    expect(reasonOf(`/list/${token}`)).toBe('Invalid');
  });

  it('are written with ~ and / escaped', () => {
    expect(createJsonPatch({}, { '~/a~1': 1 })).toEqual([{ op: 'add', path: '/~0~1a~01', value: 1 }]);
  });
});
