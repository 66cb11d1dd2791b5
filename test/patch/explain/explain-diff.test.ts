import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze, isBadRequest, MAX_SIZE } from '../../../src/core/index.js';
import { explainDiff, type MergeSchema } from '../../../src/patch/index.js';
import { Deployment, Service } from '../../../src/resources/kinds/index.js';
import { arbitraryJson, HOSTILE_KEYS } from '../arbitrary-json.js';
import { followLines, readPath } from './explain-diff-model.js';
import { canonical } from '../json-model.js';

const LISTS: MergeSchema = {
  fields: {
    items: {
      list: true,
      listType: 'map',
      listMapKeys: ['name'],
      type: { fields: { name: { type: 'string' }, v: { type: 'integer' } } },
    },
    ports: {
      list: true,
      patchStrategy: ['merge'],
      patchMergeKey: 'port',
      listMapKeys: ['port', 'protocol'],
      type: { fields: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } } },
    },
    byMergeKey: {
      list: true,
      patchMergeKey: 'ip',
      type: { fields: { ip: { type: 'string' }, hosts: { type: 'string', list: true } } },
    },
    set: { list: true, listType: 'set', type: 'string' },
    primitives: { list: true, patchStrategy: ['merge'], type: 'string' },
    atomic: { list: true, listType: 'atomic', type: 'string' },
    groups: {
      map: true,
      type: { fields: { set: { list: true, listType: 'set', type: 'string' } } },
    },
  },
};

describe('explainDiff', () => {
  it('tells what was changed, added and removed, with the path of each field', () => {
    const before = {
      metadata: { name: 'web', labels: { app: 'a', tier: 'db' } },
      spec: {
        replicas: 1,
        template: {
          spec: {
            containers: [
              { name: 'web', image: 'web:1', args: ['-v', '--port=80'] },
              { name: 'log', image: 'log:1' },
            ],
          },
        },
      },
    };
    const after = {
      metadata: { name: 'web', labels: { app: 'a', 'example.com/team': 'red' } },
      spec: {
        replicas: 3,
        paused: true,
        template: {
          spec: { containers: [{ name: 'web', image: 'web:2', args: ['-v', '-q', '--port=80'] }] },
        },
      },
    };
    expect(explainDiff(before, after, Deployment)).toEqual([
      '+ metadata.labels[example.com/team]: "red"',
      '- metadata.labels.tier: "db"',
      'spec.replicas: 1 -> 3',
      '+ spec.paused: true',
      'spec.template.spec.containers[name="web"].image: "web:1" -> "web:2"',
      '+ spec.template.spec.containers[name="web"].args[1]: "-q"',
      '- spec.template.spec.containers[name="log"]: {"name":"log","image":"log:1"}',
    ]);
    expect(explainDiff(before, after, Deployment.mergeSchema)).toEqual(
      explainDiff(before, after, Deployment),
    );
    expect(explainDiff(before, after)).toContain(
      'spec.template.spec.containers[0].image: "web:1" -> "web:2"',
    );
  });

  it.each<[unknown, unknown, readonly string[]]>([
    [undefined, undefined, []],
    [undefined, { a: 1 }, ['+ {"a":1}']],
    [{ a: 1 }, undefined, ['- {"a":1}']],
    [1, 2, ['1 -> 2']],
    [null, {}, ['null -> {}']],
    [[], {}, ['[] -> {}']],
    [[1], [1, 2], ['+ [1]: 2']],
    [{ a: null }, {}, ['- a: null']],
    [{ a: undefined }, { b: undefined }, []],
    [{ a: { b: 1 } }, { a: 'x' }, ['a: {"b":1} -> "x"']],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, []],
  ])('says of %j and %j %j', (before, after, lines) => {
    expect(explainDiff(before, after)).toEqual(lines);
    expect(explainDiff(deepFreeze(before), deepFreeze(after))).toEqual(lines);
  });

  describe('in a list with keys', () => {
    const items = (names: string): object => ({ items: names.split('').map((name) => ({ name })) });

    it.each<[string, string, readonly string[]]>([
      ['abc', 'abc', []],
      ['abc', 'cab', ['items[name="c"]: moved to the front']],
      ['abcd', 'bcad', ['items[name="a"]: moved behind [name="c"]']],
      ['abc', 'axc', ['+ items[name="x"]: {"name":"x"}', '- items[name="b"]: {"name":"b"}']],
      [
        'abc',
        'xca',
        [
          '+ items[name="x"]: {"name":"x"}',
          'items[name="c"]: moved behind [name="x"]',
          '- items[name="b"]: {"name":"b"}',
        ],
      ],
    ])('says of %s and %s what moved', (before, after, lines) => {
      expect(explainDiff(items(before), items(after), LISTS)).toEqual(lines);
    });

    it('takes the default of a key that an item lacks', () => {
      const before = { spec: { ports: [{ port: 53 }, { port: 53, protocol: 'UDP' }] } };
      const after = {
        spec: {
          ports: [
            { port: 53, protocol: 'TCP' },
            { port: 53, protocol: 'UDP', name: 'dns' },
          ],
        },
      };
      expect(explainDiff(before, after, Service)).toEqual([
        '+ spec.ports[port=53,protocol="TCP"].protocol: "TCP"',
        '+ spec.ports[port=53,protocol="UDP"].name: "dns"',
      ]);
    });

    it('takes the merge key where there are no others, and goes on by index inside', () => {
      const before = { byMergeKey: [{ ip: '::1', hosts: ['a', 'b'] }, { ip: '::2' }] };
      const after = { byMergeKey: [{ ip: '::1', hosts: ['b'] }, { ip: '::2' }] };
      expect(explainDiff(before, after, LISTS)).toEqual(['- byMergeKey[ip="::1"].hosts[0]: "a"']);
    });

    it.each<[string, unknown]>([
      ['occurs twice', [{ name: 'a' }, { name: 'a', v: 1 }]],
      ['is missing', [{ name: 'a' }, { v: 1 }]],
      ['is an object', [{ name: 'a' }, { name: { a: 1 }, v: 1 }]],
      ['is a list', [{ name: 'a' }, { name: ['b'], v: 1 }]],
      ['has no object', [{ name: 'a' }, 1]],
    ])('goes by index where a key %s', (_what, list) => {
      const [line] = explainDiff({ items: list }, { items: [{ name: 'a' }, { name: 'b' }] }, LISTS);
      expect(line).toMatch(/^\+? ?items\[1\]/);
    });

    it('finds lists with keys inside their items', () => {
      const containers = (...names: readonly string[]): object => {
        const env = names.map((name) => ({ name }));
        return { spec: { template: { spec: { containers: [{ name: 'web', env }] } } } };
      };
      expect(explainDiff(containers('A', 'B'), containers('B'), Deployment)).toEqual([
        '- spec.template.spec.containers[name="web"].env[name="A"]: {"name":"A"}',
      ]);
    });

    it('tells the items of sets by their values', () => {
      for (const field of ['set', 'primitives']) {
        expect(explainDiff({ [field]: ['a', 'b', 'x'] }, { [field]: ['c', 'b', 'a'] }, LISTS)).toEqual([
          `+ ${field}[="c"]`,
          `${field}[="b"]: moved behind [="c"]`,
          `- ${field}[="x"]`,
        ]);
      }
      expect(explainDiff({ groups: { x: { set: ['a'] } } }, { groups: { x: { set: [] } } }, LISTS)).toEqual([
        '- groups.x.set[="a"]',
      ]);
      expect(explainDiff({ set: ['a', 'a'] }, { set: ['a'] }, LISTS)).toEqual(['- set[1]: "a"']);
      expect(explainDiff({ atomic: ['a', 'b'] }, { atomic: ['b'] }, LISTS)).toEqual(['- atomic[0]: "a"']);
    });
  });

  describe('in a list without keys', () => {
    it.each<[string, string, readonly string[]]>([
      ['abc', 'xabc', ['+ list[0]: "x"']],
      ['abc', 'ac', ['- list[1]: "b"']],
      ['abc', 'axc', ['list[1]: "b" -> "x"']],
      ['abcde', 'xabdeyz', ['+ list[0]: "x"', '+ list[5]: "y"', '+ list[6]: "z"', '- list[2]: "c"']],
      ['aab', 'abab', ['+ list[1]: "b"']],
      ['ab', '', ['- list[0]: "a"', '- list[1]: "b"']],
    ])('says of %s and %s only what is needed', (before, after, lines) => {
      expect(explainDiff({ list: before.split('') }, { list: after.split('') })).toEqual(lines);
    });

    it('looks into an item that was changed in its place', () => {
      const list = [{ a: 1, b: [1, 2] }, { a: 2 }];
      expect(explainDiff({ list }, { list: [{ b: [1, 2, 3], a: 1 }, { a: 2 }] })).toEqual([
        '+ list[0].b[2]: 3',
      ]);
    });

    it('finds few changes in many items', () => {
      const list = Array.from({ length: 100_000 }, (_, index) => index);
      const changed = [
        'first',
        ...list.slice(0, 40_000),
        ...list.slice(40_010, 70_000),
        'x',
        ...list.slice(70_001),
      ];
      const lines = explainDiff({ list }, { list: changed });
      expect(lines.slice(0, 3)).toEqual([
        '+ list[0]: "first"',
        'list[69991]: 70000 -> "x"',
        '- list[40000]: 40000',
      ]);
      expect(lines).toHaveLength(12);
    });

    it('stays fast where everything differs, and where nothing occurs once', () => {
      const list = (item: (index: number) => unknown): readonly unknown[] =>
        Array.from({ length: 100_000 }, (_, index) => item(index));
      const [, ...others] = explainDiff(
        list((index) => index),
        list((index) => `${index}`),
      );
      expect(others.at(-1)).toBe('... and 99900 more');
      expect(
        explainDiff(
          list((index) => index % 7),
          list((index) => index % 5),
        ).at(-1),
      ).toMatch(/^\.\.\. and/);
      // at each level two items occur once that occur twice one level further out
      const [starts, ends]: [number[][], number[][]] = [[], []];
      for (let level = 1; level < 15_000; level += 1) {
        starts.push([level - 1, -level + 1, level], [-level + 1, level - 1, level]);
        ends.push([-level, level + 0.2], [-level, level + 0.4]);
      }
      const outwards = (side: 0 | 1): number[] => [
        ...starts
          .filter((_part, index) => index % 2 === side)
          .reverse()
          .flat(),
        0,
        ...ends.filter((_part, index) => index % 2 === side).flat(),
      ];
      expect(explainDiff(outwards(0), outwards(1))).toHaveLength(101);
    });
  });

  it('stays fast in large lists with keys', () => {
    const names = Array.from({ length: 50_000 }, (_, index) => `item-${index}`);
    const items = names.map((name) => ({ name }));
    const after = items.map((item) => (item.name === 'item-40000' ? { ...item, v: 1 } : item));
    expect(explainDiff({ items }, { items: after }, LISTS)).toEqual(['+ items[name="item-40000"].v: 1']);
    const reversed = explainDiff({ items }, { items: [...items].reverse() }, LISTS);
    expect(reversed[0]).toMatch(/^items\[name="item-\d+"\]: moved/);
    expect(reversed.at(-1)).toBe('... and 49899 more');
  });

  it('tells of managed fields in one line that names the managers', () => {
    const entry = (manager: string, fieldsV1: object): object => ({ manager, operation: 'Apply', fieldsV1 });
    const trie = { 'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': { 'f:containers': {} } } } };
    const object = (...managedFields: readonly object[]): object => ({
      metadata: { resourceVersion: String(managedFields.length), managedFields },
    });
    expect(
      explainDiff(
        object(entry('a', trie), entry('b', {})),
        object(entry('a', {}), entry('b', {}), entry('c', {})),
      ),
    ).toEqual(['metadata.resourceVersion: "2" -> "3"', 'metadata.managedFields: changed for "a", "c"']);
    expect(explainDiff({ metadata: {} }, object(entry('a', trie), entry('b', trie)))).toEqual([
      '+ metadata.resourceVersion: "2"',
      '+ metadata.managedFields: an array of 2',
    ]);
    expect(explainDiff(object(entry('a', trie)), object())[1]).toBe(
      'metadata.managedFields: changed for "a"',
    );
    expect(
      explainDiff(object(entry('a', {}), entry('b', {})), object(entry('b', {}), entry('a', {}))),
    ).toEqual(['metadata.managedFields: changed']);
    const many = Array.from({ length: 7 }, (_, index) => entry(`m${index}`, {}));
    expect(explainDiff(object(...many), object())[1]).toBe(
      'metadata.managedFields: changed for "m0", "m1", "m2", "m3", "m4", "m5", "m6"',
    );
    expect(explainDiff({ metadata: { managedFields: [] } }, { metadata: { managedFields: 1 } })).toEqual([
      'metadata.managedFields: [] -> 1',
    ]);
    expect(explainDiff(object(1 as never), object({ manager: 2 }))).toEqual([
      'metadata.managedFields: changed for 2, 1',
    ]);
  });

  it('shows long values short, and long strings from where they differ', () => {
    const keys = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];
    const large = Object.fromEntries(keys.map((key) => [key, 'a value of some length']));
    expect(explainDiff({}, { large, list: Array.from({ length: 500 }, () => 'text') })).toEqual([
      '+ large: an object with keys one, two, three, four, five, ...',
      '+ list: an array of 500',
    ]);
    const text = (middle: string): object => ({ text: `${'-'.repeat(500)}${middle}` });
    expect(explainDiff(text('old'), text('new'))).toEqual([
      `text: "${'-'.repeat(20)}old" -> "${'-'.repeat(20)}new" (from character 480)`,
    ]);
    expect(explainDiff({ a: 'x'.repeat(200) }, { a: 'y' })).toEqual([
      `a: "${'x'.repeat(120)}" (200 characters) -> "y"`,
    ]);
    expect(explainDiff({ a: 1 }, { a: 'x'.repeat(200) })[0]).toContain('(200 characters)');
    expect(explainDiff({}, { a: { b: 'x'.repeat(200) } })).toEqual(['+ a: an object with key b']);
  });

  it('writes 100 lines at most, and how many there are more', () => {
    const object = (size: number): object =>
      Object.fromEntries(Array.from({ length: size }, (_, index) => [`k${index}`, index]));
    expect(explainDiff({}, object(100))).toHaveLength(100);
    const lines = explainDiff(object(123), {});
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toBe('... and 23 more');
  });

  it('keeps every line one line, whatever the names', () => {
    const names = [
      '__proto__',
      'constructor',
      '',
      '0',
      'a]',
      'a\nb',
      '"',
      '=',
      'a b',
      '\u001b[31m',
      '\u2028',
      'é',
      'x'.repeat(5000),
    ];
    const object = JSON.parse(
      `{${names.map((name) => `${JSON.stringify(name)}:{"a\\u001b\\nb":1}`).join(',')}}`,
    ) as object;
    const lines = explainDiff({}, { object: { ...object, long: 'a\nb'.repeat(100) }, deep: object });
    for (const line of [...lines, ...explainDiff({ object }, { object: {} })]) {
      expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(line.length).toBeLessThan(2_000);
    }
    const paths = explainDiff({ data: object }, { data: {} });
    expect(paths).toHaveLength(names.length);
    expect(new Set(paths.map((line) => JSON.stringify(readPath(line.slice(2)).path))).size).toBe(
      names.length,
    );
    expect(paths.map((line) => line.slice(2, line.indexOf(': ')))).toEqual(
      expect.arrayContaining(['data.__proto__', 'data["0"]', 'data["a]"]', 'data["a\\nb"]', 'data[""]']),
    );
    let chain: object = { end: 1 };
    for (let level = 0; level < 900; level += 1) chain = { [`level${level}`]: chain };
    const [line = ''] = explainDiff(chain, JSON.parse(JSON.stringify(chain).replace('1}', '2}')));
    expect(line).toMatch(/^level899\.level898\..*\.\.\..*\.level0\.end: 1 -> 2$/);
    expect(line.length).toBeLessThan(1_100);
  });

  it('refuses what is no JSON, too deep or too large, naming the input', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const [before, after, message] of [
      [{ a: () => 1 }, {}, 'before.a: '],
      [{}, { a: new Date(0) }, 'after.a: '],
      [undefined, cycle, 'after.self.self'],
      [cycle, undefined, 'before.self.self'],
    ] as const) {
      expect(() => explainDiff(before, after)).toThrow(
        expect.toSatisfy((error: unknown) => isBadRequest(error) && error.message.startsWith(message)),
      );
    }
    expect(() => explainDiff({}, { a: 'x'.repeat(MAX_SIZE) })).toThrow(
      expect.objectContaining({ reason: 'RequestEntityTooLarge' }),
    );
  });

  it('does not look at parts that both inputs share', () => {
    const shared = new Proxy(Object.freeze({ a: 1 }), {
      ownKeys: () => {
        throw new Error('looked at');
      },
    });
    expect(explainDiff(Object.freeze({ shared, a: 1 }), { shared, a: 2 })).toEqual(['a: 1 -> 2']);
  });

  it('says nothing if and only if both are equal, and lines that lead from one to the other', () => {
    const { value } = arbitraryJson(HOSTILE_KEYS);
    let followed = 0;
    fc.assert(
      fc.property(value, value, fc.boolean(), (first, second, frozen) => {
        const [before, after] = [{ root: first }, { root: second }];
        if (frozen) deepFreeze([before, after]);
        const lines = explainDiff(before, after);
        expect(lines.length === 0).toBe(canonical(before) === canonical(after));
        expect(explainDiff(before, JSON.parse(JSON.stringify(before)))).toEqual([]);
        const end = followLines(before, lines);
        if (end === undefined) return;
        followed += 1;
        expect(canonical(end.result)).toBe(canonical(after));
      }),
      { numRuns: 3_000 },
    );
    expect(followed).toBeGreaterThan(2_000);
  });

  it('leads from one list to the other, with as few lines as can be where no item occurs twice', () => {
    const letter = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l');
    const list = fc.uniqueArray(letter, { maxLength: 12 });
    const repetitive = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
    fc.assert(
      fc.property(repetitive, repetitive, (before, after) => {
        const lines = explainDiff({ list: before }, { list: after });
        expect(followLines({ list: before }, lines)?.result).toEqual({ list: after });
        expect(lines.length).toBeLessThanOrEqual(before.length + after.length);
      }),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(list, list, (before, after) => {
        const lines = explainDiff({ list: before }, { list: after });
        expect(followLines({ list: before }, lines)?.result).toEqual({ list: after });
        const kept = longestCommon(before, after);
        expect(lines.length).toBeGreaterThanOrEqual(Math.max(before.length, after.length) - kept);
        expect(lines.length).toBeLessThanOrEqual(before.length + after.length - 2 * kept);
      }),
      { numRuns: 1_000 },
    );
  });

  it('aligns long lists of few values: the lines lead from one to the other', () => {
    const list = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 110, maxLength: 300, size: 'max' });
    fc.assert(
      fc.property(list, fc.array(fc.tuple(fc.nat(), fc.nat(5), list), { maxLength: 4 }), (before, cuts) => {
        const after = [...before];
        for (const [at, gone, added] of cuts)
          after.splice(at % (after.length + 1), gone, ...added.slice(0, 9));
        const lines = explainDiff({ list: before }, { list: after });
        expect(followLines({ list: before }, lines)?.result).toEqual({ list: after });
      }),
      { numRuns: 300 },
    );
  });

  it('says of lists with keys exactly what differs, and moves as few items as can be', () => {
    const item = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), v: fc.nat(1) });
    const list = fc.uniqueArray(item, { selector: ({ name }) => name, maxLength: 6 });
    fc.assert(
      fc.property(list, list, (before, after) => {
        const lines = explainDiff({ items: before }, { items: after }, LISTS);
        const names = (items: typeof before): readonly string[] => items.map(({ name }) => name);
        const expected: string[] = [];
        for (const { name, v } of after) {
          const old = before.find((other) => other.name === name);
          if (old === undefined) expected.push(`+ items[name="${name}"]: {"name":"${name}","v":${v}}`);
          else if (old.v !== v) expected.push(`items[name="${name}"].v: ${old.v} -> ${v}`);
        }
        for (const { name, v } of before) {
          if (!names(after).includes(name))
            expected.push(`- items[name="${name}"]: {"name":"${name}","v":${v}}`);
        }
        const moves = lines.filter((line) => line.includes('moved'));
        expect(lines.filter((line) => !moves.includes(line))).toEqual(expected);

        const common = names(after).filter((name) => names(before).includes(name));
        const moved = new Set(moves.map((line) => /"(.)"/.exec(line)?.[1] ?? ''));
        const inOldOrder = names(before).filter((name) => common.includes(name));
        const stay = (order: readonly string[]): readonly string[] =>
          order.filter((name) => !moved.has(name));
        expect(stay(common)).toEqual(stay(inOldOrder));
        expect(moves.length).toBe(common.length - longestCommon(inOldOrder, common));
        for (const [index, name] of names(after).entries()) {
          if (!moved.has(name)) continue;
          const place = index === 0 ? 'to the front' : `behind [name="${names(after)[index - 1]}"]`;
          expect(moves).toContain(`items[name="${name}"]: moved ${place}`);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('says nothing if and only if both are equal, with a schema too', () => {
    const { value } = arbitraryJson(
      ['name', 'v', 'port', 'protocol', 'ip', 'a'],
      ['a', 'b', 80, 'TCP', null],
    );
    const lists = fc.record(
      {
        items: fc.array(value, { maxLength: 3 }),
        ports: fc.array(value, { maxLength: 3 }),
        byMergeKey: value,
        set: fc.array(value, { maxLength: 3 }),
        groups: value,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(lists, lists, (before, after) => {
        const lines = explainDiff(deepFreeze(before), after, LISTS);
        expect(lines.length === 0).toBe(canonical(before) === canonical(after));
        for (const line of lines) expect(new Set(lines).size, line).toBe(lines.length);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** The length of the longest common subsequence, from its definition. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const known = new Map<string, number>();
  const length = (i: number, j: number): number => {
    if (i === a.length || j === b.length) return 0;
    const key = `${i} ${j}`;
    const found =
      known.get(key) ??
      (a[i] === b[j] ? 1 + length(i + 1, j + 1) : Math.max(length(i + 1, j), length(i, j + 1)));
    known.set(key, found);
    return found;
  };
  return length(0, 0);
}
