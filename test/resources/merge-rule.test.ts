import { describe, expect, it } from 'vitest';
import type { MergeRule, MergeRules } from '../../src/resources/index.js';
import { ruleTree } from '../../src/resources/merge-rule.js';

const set: MergeRule = { listType: 'set' };

describe('ruleTree', () => {
  it('is undefined where there are no rules', () => {
    expect(ruleTree(undefined)).toBeUndefined();
    expect(ruleTree({})).toBeUndefined();
  });

  it('makes a tree of paths', () => {
    const tree = ruleTree({
      'spec.ports': { listType: 'map', listMapKeys: ['port'] },
      'spec.ports[].tags': set,
      'data[a.b].hosts': set,
      'data[c]': { atomic: true },
      '[x.y].z': set,
    });
    const ports = tree?.fields.get('spec')?.fields.get('ports');
    expect(ports).toMatchObject({ path: 'spec.ports', rule: { listMapKeys: ['port'] } });
    expect(ports?.items).toMatchObject({ path: 'spec.ports[]', rule: undefined });
    expect(ports?.items?.fields.get('tags')).toMatchObject({ path: 'spec.ports[].tags', rule: set });
    expect(tree?.fields.get('x.y')?.fields.get('z')?.rule).toMatchObject(set);
    const data = tree?.fields.get('data');
    expect([...(data?.fields.keys() ?? [])]).toEqual(['a.b', 'c']);
    expect(data?.fields.get('a.b')?.fields.get('hosts')?.rule).toMatchObject(set);
  });

  it('takes names that every object inherits', () => {
    const rules = JSON.parse(
      '{ "__proto__": { "listType": "set" }, "constructor.toString": { "atomic": true } }',
    );
    const tree = ruleTree(rules as MergeRules);
    expect(tree?.fields.get('__proto__')?.rule).toMatchObject(set);
    expect(tree?.fields.get('constructor')?.fields.get('toString')?.rule?.atomic).toBe(true);
  });

  it('copies what the author may change later', () => {
    const listMapKeys = ['a'];
    const tree = ruleTree({ x: { listType: 'map', listMapKeys, patchStrategy: ['merge'] } });
    listMapKeys.push('b');
    expect(tree?.fields.get('x')?.rule?.listMapKeys).toEqual(['a']);
  });

  it.each([
    ['', 'the path of a field'],
    ['.', 'field names between dots'],
    ['a.', 'field names between dots'],
    ['.a', 'field names between dots'],
    ['a..b', 'field names between dots'],
    ['a[', 'field names between dots'],
    ['a]', 'field names between dots'],
    ['a[]b', 'field names between dots'],
    ['a.[]', 'field names between dots'],
    ['[]', 'field names between dots'],
    ['[].a', 'field names between dots'],
    ['a[]', 'which does not end'],
  ])('refuses the path %j', (path, message) => {
    expect(() => ruleTree({ [path]: set })).toThrow(TypeError);
    expect(() => ruleTree({ [path]: set })).toThrow(
      `defineResource: merge: ${JSON.stringify(path)}: expected`,
    );
    expect(() => ruleTree({ [path]: set })).toThrow(message);
  });

  it('refuses two spellings of a path', () => {
    expect(() => ruleTree({ 'a.b': set, 'a[b]': set })).toThrow('"a[b]": expected one rule for each path');
  });

  it.each<[string, unknown, string]>([
    ['null', null, 'a rule, got null'],
    ['a text', 'set', 'a rule, got "set"'],
    ['an array', [], 'a rule, got []'],
    ['nothing', {}, 'a listType, atomic, a patchStrategy or a patchMergeKey, got {}'],
    ['nothing but undefined', { listType: undefined }, 'a listType, atomic'],
    ['an unknown option', { listTyp: 'set' }, 'patchMergeKey, got "listTyp"'],
    ['an unknown listType', { listType: 'bag' }, `listType to be 'map', 'set' or 'atomic', got "bag"`],
    ['atomic: false', { atomic: false }, 'atomic to be true, got false'],
    ['both', { listType: 'set', atomic: true }, 'a listType (for a list) or atomic (for a map or object)'],
    ['a map without keys', { listType: 'map' }, 'listMapKeys: names of fields, at least one'],
    ['a map with no key', { listType: 'map', listMapKeys: [] }, 'at least one, none twice, got []'],
    ['a key twice', { listType: 'map', listMapKeys: ['a', 'a'] }, 'none twice, got an array of 2'],
    ['a key that is no text', { listType: 'map', listMapKeys: [1] }, 'listMapKeys: names'],
    ['an empty key', { listType: 'map', listMapKeys: [''] }, 'listMapKeys: names'],
    ['keys of a set', { listType: 'set', listMapKeys: ['a'] }, `listMapKeys only beside listType 'map'`],
    ['keys alone', { atomic: true, listMapKeys: ['a'] }, `listMapKeys only beside listType 'map'`],
    ['a strategy that is no list', { patchStrategy: 'merge' }, `patchStrategy to list`],
    ['no strategy', { patchStrategy: [] }, `patchStrategy to list`],
    ['a strategy twice', { patchStrategy: ['merge', 'merge'] }, 'none twice'],
    ['an unknown strategy', { patchStrategy: ['merge', 'mrege'] }, 'got "mrege"'],
    [
      'contradicting strategies',
      { patchStrategy: ['merge', 'replace'] },
      `'replace' to stand alone, got merge, replace`,
    ],
    ['an empty merge key', { patchMergeKey: '' }, 'patchMergeKey to be the name of a field'],
    [
      'a merge key without merging',
      { patchStrategy: ['replace'], patchMergeKey: 'a' },
      `has 'merge', got "a"`,
    ],
  ])('refuses a rule that is %s', (_what, rule, message) => {
    expect(() => ruleTree({ 'spec.a': rule as MergeRule })).toThrow(TypeError);
    expect(() => ruleTree({ 'spec.a': rule as MergeRule })).toThrow(message);
    expect(() => ruleTree({ 'spec.a': rule as MergeRule })).toThrow(
      'defineResource: merge: "spec.a": expected',
    );
  });

  it('refuses what are no rules, and too many', () => {
    for (const rules of [null, [], 'a'])
      expect(() => ruleTree(rules as unknown as MergeRules)).toThrow('expected rules by field path');
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`a${index}`, set]));
    expect(() => ruleTree(many)).toThrow('expected at most 1000 rules, got 1001');
  });
});
