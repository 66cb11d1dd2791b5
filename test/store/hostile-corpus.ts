import * as z from 'zod';
import type { Client, Patch } from '../../src/client/index.js';
import type { StatusReason } from '../../src/core/index.js';
import { type AnyResource, defineResource, type New } from '../../src/resources/index.js';
import { ClusterRole, ConfigMap, Deployment, Pod } from '../../src/resources/kinds/index.js';
import type { ObjectStore } from '../../src/store/index.js';
import { at, Note, Region, Website, website } from './kit.js';

/** A namespaced kind whose fields may be anything, as far as zod goes. */
const Anything = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Anything',
  spec: z.any(),
  status: z.any(),
});

/** The kinds that a store needs for the corpus. */
export const HOSTILE_KINDS: readonly AnyResource[] = [
  Note,
  Region,
  Website,
  Anything,
  ConfigMap,
  Deployment,
  Pod,
  ClusterRole,
];

/** Something that nobody means well with, and what has to become of it. */
export interface HostileCase {
  readonly name: string;
  readonly send: (client: Client, store: ObjectStore) => Promise<unknown>;
  /** Why it is refused; undefined where it is legal. */
  readonly reason?: StatusReason;
  /** What is found where `send` put it: given for what is legal and makes an object. */
  readonly stored?: (object: Readonly<Record<string, unknown>>) => unknown;
  readonly as?: () => unknown;
}

const MiB = 1024 * 1024;

/** What every object inherits, what looks like a number, and what shows as nothing. */
const KEYS: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '0',
  '4294967295',
  'a\u0000b',
  '\u202eabc',
  '\u200f',
  '\ud800',
];
/** Those of them that may be a label's or an annotation's. */
const LABEL_KEYS: readonly string[] = [
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '0',
  '4294967295',
];

/** An object of one member, whatever its key. */
function member(key: string, value: unknown): Record<string, unknown> {
  return Object.fromEntries([[key, value]]);
}

function nested(levels: number, wrap: (inside: unknown) => unknown): unknown {
  let value: unknown = 'core';
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
}
const inArray = (inside: unknown): unknown => [inside];
const inObject = (inside: unknown): unknown => ({ a: inside });

function keys(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 0]));
}

let many: Record<string, number> | undefined;
/** A million keys, which take a while to make. */
function manyKeys(): Record<string, number> {
  return (many ??= keys(1_000_000));
}

/** What a parser makes of a text, which is what a server would hand to the store. */
function parsed(text: string): unknown {
  return JSON.parse(text) as unknown;
}

type Send = HostileCase['send'];
const specOf = ({ spec }: Readonly<Record<string, unknown>>): unknown => spec;
/** What the objects are called that every store of the corpus has from the start. */
const THERE = at('there');

let made = 0;
/** A name that no other case has. */
function fresh(): { readonly name: string; readonly namespace: string } {
  made += 1;
  return at(`case-${made}`);
}

/** A Note with this spec and metadata. */
function note(make: () => unknown, metadata: () => object = () => ({})): Send {
  return (client) => client.create(Note, { metadata: { ...fresh(), ...metadata() }, spec: make() });
}

function patchNote(type: Patch['type'], patch: () => unknown): Send {
  return (client) => client.patch(Note, THERE, { type, patch: patch() } as Patch);
}

/** A patch of a Note of its own, whose spec is `{ list: [1, 2, 3], x: {} }`. */
function patchOwn(type: Patch['type'], patch: () => unknown): Send {
  return async (client) => {
    const { metadata } = await client.create(Note, { metadata: fresh(), spec: { list: [1, 2, 3], x: {} } });
    return client.patch(Note, metadata, { type, patch: patch() } as Patch);
  };
}

/** JSON that no part of an object can be: by whatever way it comes. */
function refusedJson(
  name: string,
  make: () => unknown,
  reason: 'Invalid' | 'RequestEntityTooLarge',
): HostileCase[] {
  // a patch is no field of an object
  const inPatch = reason === 'Invalid' ? 'BadRequest' : reason;
  return [
    { name: `${name}, in a new object`, reason, send: note(make) },
    {
      name: `${name}, in a new object with a schema`,
      reason,
      send: (client) => client.create(Anything, { metadata: fresh(), spec: make() }),
    },
    {
      name: `${name}, in an update`,
      reason,
      send: async (client) => client.update(Note, { ...(await client.get(Note, THERE)), spec: make() }),
    },
    {
      name: `${name}, in a status`,
      reason,
      send: async (client) => {
        const old = await client.get(Anything, THERE);
        return client.update(Anything, { ...old, status: make() }, { subresource: 'status' });
      },
    },
    {
      name: `${name}, in a merge patch`,
      reason: inPatch,
      send: patchNote('merge', () => ({ spec: make() })),
    },
    {
      name: `${name}, in a strategic merge patch`,
      reason: inPatch,
      send: patchNote('strategic', () => ({ spec: make() })),
    },
    {
      name: `${name}, in a JSON patch`,
      reason: inPatch,
      send: patchNote('json', () => [{ op: 'add', path: '/spec/x', value: make() }]),
    },
    {
      name: `${name}, in what is applied`,
      reason: inPatch,
      send: (client) => client.apply(Note, { metadata: fresh(), spec: make() }),
    },
    {
      name: `${name}, in a transaction`,
      reason,
      send: (_, store) =>
        store.transaction(async (tx) => {
          await tx.create(Note, { metadata: fresh() });
          await tx.create(Note, { metadata: fresh(), spec: make() });
        }),
    },
  ];
}

/** Of the ways by which what is large can come, those that do not begin alike; each takes a while. */
function isFirst({ name }: HostileCase): boolean {
  return /in a (?:new object|merge patch|JSON patch)$/.test(name);
}

/** JSON that is stored as it is, or as something else. */
function legalJson(name: string, make: () => unknown, as: () => unknown = make): HostileCase[] {
  const outcome = { stored: specOf, as };
  return [
    { name: `${name}, in a new object`, send: note(make), ...outcome },
    {
      name: `${name}, in an update`,
      send: async (client) => {
        const old = await client.create(Note, { metadata: fresh(), spec: 1 });
        return client.update(Note, { ...old, spec: make() });
      },
      ...outcome,
    },
    {
      name: `${name}, in a JSON patch`,
      send: patchOwn('json', () => [{ op: 'replace', path: '/spec', value: make() }]),
      ...outcome,
    },
  ];
}

const JSON_CASES: readonly HostileCase[] = [
  ...refusedJson('a text of 3 MiB', () => 'x'.repeat(3 * MiB), 'RequestEntityTooLarge'),
  ...refusedJson(
    'an object of more than 1.5 MiB',
    () => ({ a: 'x'.repeat(1.5 * MiB) }),
    'RequestEntityTooLarge',
  ),
  ...refusedJson('600,000 characters of three bytes', () => ['€'.repeat(600_000)], 'RequestEntityTooLarge'),
  ...refusedJson('300,000 NULs', () => '\u0000'.repeat(300_000), 'RequestEntityTooLarge'),
  ...refusedJson(
    '100,000 long numbers',
    () => Array(100_000).fill(-1.234_567_890_123_456e-100),
    'RequestEntityTooLarge',
  ),
  ...refusedJson('1,000,000 keys', manyKeys, 'RequestEntityTooLarge').filter(isFirst),
  ...refusedJson('1,001 levels of arrays', () => nested(1_001, inArray), 'Invalid'),
  ...refusedJson('1,001 levels of objects', () => nested(1_001, inObject), 'Invalid'),
  ...refusedJson('10,000 levels of arrays', () => nested(10_000, inArray), 'Invalid'),
  ...refusedJson('10,000 levels of objects', () => nested(10_000, inObject), 'Invalid'),
  ...refusedJson('1,000,000 levels of arrays', () => nested(1_000_000, inArray), 'Invalid').filter(isFirst),
  ...refusedJson('1,000,000 levels of objects', () => nested(1_000_000, inObject), 'Invalid').filter(isFirst),
  ...refusedJson('1e400', () => parsed('{ "a": 1e400 }'), 'Invalid'),
  ...refusedJson('-1e400', () => parsed('[-1e400]'), 'Invalid'),
  ...legalJson('a text of 1.4 MiB', () => 'x'.repeat(1.4 * MiB)),
  ...legalJson('400,000 characters of three bytes', () => '€'.repeat(400_000)),
  ...legalJson('990 levels of arrays', () => nested(990, inArray)),
  ...legalJson('990 levels of objects', () => nested(990, inObject)),
  ...legalJson('80,000 keys', () => keys(80_000)),
  ...legalJson('lone surrogates', () => ({ '\ud800': '\udfff', 'a\udbff': ['\ud83d', '\ude00\ud83d'] })),
  ...legalJson('a NUL', () => ({ 'a\u0000': '\u0000' })),
  ...legalJson(
    'minus zero',
    () => parsed('{ "a": -0, "b": [-0.0, -1e-400] }'),
    () => ({ a: 0, b: [0, 0] }),
  ),
  ...legalJson(
    'more digits than a number has',
    () => parsed('[9007199254740993, 0.1000000000000000055, 1e308, 5e-324]'),
    () => [9_007_199_254_740_992, 0.1, 1e308, 5e-324],
  ),
  ...legalJson(
    'the same key twice',
    () => parsed('{ "a": 1, "a": 2, "__proto__": 1, "__proto__": { "a": 3 } }'),
    () => parsed('{ "a": 2, "__proto__": { "a": 3 } }'),
  ),
  ...legalJson('a byte order mark', () => '\ufeff{}'),
  {
    name: 'more than a whole number can say, where one is asked for',
    reason: 'Invalid',
    send: (client) =>
      client.create(Website, {
        metadata: fresh(),
        spec: { image: 'x', replicas: parsed('9007199254740993') as number },
      }),
  },
  {
    name: '100,000 top-level fields',
    reason: 'RequestEntityTooLarge',
    send: (client) => {
      const fields = Object.fromEntries(
        Array.from({ length: 150_000 }, (_, index) => [`${'f'.repeat(16)}${index}`, 1]),
      );
      return client.create(Note, { metadata: fresh(), ...fields });
    },
  },
  {
    name: 'several fields of 1 MiB',
    reason: 'RequestEntityTooLarge',
    send: (client) => {
      const text = 'x'.repeat(MiB);
      return client.create(Note, { metadata: fresh(), a: text, b: text, c: text, d: text });
    },
  },
];

const KEY_CASES: readonly HostileCase[] = [
  ...KEYS.flatMap((key) =>
    legalJson(`the key ${JSON.stringify(key)}`, () => member(key, member(key, [key]))),
  ),
  ...KEYS.map(
    (key): HostileCase => ({
      name: `the key ${JSON.stringify(key)} in the data of a ConfigMap`,
      send: (client) =>
        client.create(ConfigMap, { metadata: fresh(), data: member(key, key) as Record<string, string> }),
      stored: ({ data }) => data,
      as: () => member(key, key),
    }),
  ),
  ...KEYS.map(
    (key): HostileCase => ({
      name: `the key ${JSON.stringify(key)} in a record of zod`,
      send: (client) => {
        const tags = member(key, key) as Record<string, string>;
        return client.create(Website, website(fresh().name, { tags }));
      },
      stored: ({ spec }) => (spec as { tags: unknown }).tags,
      as: () => member(key, key),
    }),
  ),
  ...(['labels', 'annotations'] as const).flatMap((field) =>
    KEYS.map((key): HostileCase => {
      const value = 'value';
      const send = note(
        () => 1,
        () => ({ [field]: member(key, value) }),
      );
      return {
        name: `the key ${JSON.stringify(key)} in ${field}`,
        send,
        ...(LABEL_KEYS.includes(key)
          ? {
              stored: ({ metadata }) => (metadata as { labels: unknown; annotations: unknown })[field],
              as: () => member(key, value),
            }
          : { reason: 'Invalid' }),
      };
    }),
  ),
  ...KEYS.map(
    (key): HostileCase => ({
      name: `the key ${JSON.stringify(key)} as a token of a pointer`,
      send: patchOwn('json', () => {
        const token = key.replaceAll('~', '~0').replaceAll('/', '~1');
        return [
          { op: 'add', path: `/spec/x/${token}`, value: { a: 1 } },
          { op: 'add', path: `/spec/x/${token}/${token}`, value: 2 },
          { op: 'test', path: `/spec/x/${token}/${token}`, value: 2 },
          { op: 'remove', path: `/spec/x/${token}/a` },
        ];
      }),
      stored: ({ spec }) => (spec as { x: unknown }).x,
      as: () => member(key, member(key, 2)),
    }),
  ),
  ...KEYS.map(
    (key): HostileCase => ({
      name: `the key ${JSON.stringify(key)} in a merge patch`,
      send: patchOwn('merge', () => ({ spec: { x: member(key, member(key, 1)) } })),
      stored: ({ spec }) => (spec as { x: unknown }).x,
      as: () => member(key, member(key, 1)),
    }),
  ),
  ...KEYS.filter((key) => key !== '').map(
    (key): HostileCase => ({
      name: `the key ${JSON.stringify(key)} as the merge key of a list`,
      send: async (client) => {
        const { metadata } = await client.create(Deployment, deployment(fresh().name));
        const items = [{ name: key, value: 'new' }];
        const template = { spec: { containers: [{ name: 'web', env: items }] } };
        return client.patch(Deployment, metadata, { type: 'strategic', patch: { spec: { template } } });
      },
      stored: (object) => envOf(object),
      as: () => [
        { name: key, value: 'new' },
        { name: 'MODE', value: 'production' },
      ],
    }),
  ),
];

/** A Deployment of one container with one variable. */
function deployment(name: string): Parameters<typeof createDeployment>[1] {
  return {
    metadata: at(name),
    spec: {
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate' },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'nginx', env: [{ name: 'MODE', value: 'production' }] }] },
      },
    },
  };
}
function createDeployment(client: Client, object: New<typeof Deployment>): Promise<unknown> {
  return client.create(Deployment, object);
}
type Envs = {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env: readonly unknown[] }[] };
    };
  };
};
function envOf(object: Readonly<Record<string, unknown>>): unknown {
  return (object as unknown as Envs).spec.template.spec.containers[0]?.env;
}

const operation = (op: string, path: string, more: object = {}): object => ({ op, path, ...more });
const strategic =
  (patch: unknown): Send =>
  (client) =>
    client.patch(Deployment, THERE, { type: 'strategic', patch });
const inPodSpec = (spec: unknown): unknown => ({ spec: { template: { spec } } });

const PATCH_CASES: readonly HostileCase[] = [
  ...(
    [
      [
        '10,001 operations',
        Array(10_001).fill(operation('test', '/spec/list/0', { value: 1 })),
        'RequestEntityTooLarge',
      ],
      [
        'copies that double',
        Array(40).fill(operation('copy', '/spec/list/-', { from: '/spec/list' })),
        'Invalid',
      ],
      ['a move into its own child', [operation('move', '/spec/list/0', { from: '/spec' })], 'Invalid'],
      ['a test of a large value', [operation('test', '/spec', { value: keys(80_000) })], 'Invalid'],
      [
        'a value of 3 MiB in each of many operations',
        Array(1_000).fill(operation('test', '/spec', { value: 'x'.repeat(MiB) })),
        'RequestEntityTooLarge',
      ],
      ['an index behind the end', [operation('add', '/spec/list/2', { value: 1 })], 'Invalid'],
      ['an index with zeros', [operation('replace', '/spec/list/00', { value: 1 })], 'Invalid'],
      ['an index with an exponent', [operation('replace', '/spec/list/0e0', { value: 1 })], 'Invalid'],
      ['a negative index', [operation('replace', '/spec/list/-1', { value: 1 })], 'Invalid'],
      ['the length of a list', [operation('replace', '/spec/list/length', { value: 0 })], 'Invalid'],
      ['something that is not there to remove', [operation('remove', '/spec/nothing')], 'Invalid'],
      ['a path that is none', [operation('add', 'spec', { value: 1 })], 'BadRequest'],
      ['an escape that is none', [operation('remove', '/spec/~2')], 'BadRequest'],
      ['a path of 3 MiB', [operation('remove', '/x'.repeat(1.5 * MiB))], 'RequestEntityTooLarge'],
      ['a path of 100,000 levels', [operation('remove', '/x'.repeat(100_000))], 'BadRequest'],
      ['a prototype as a path', [operation('add', '/spec/__proto__/polluted', { value: 1 })], 'Invalid'],
      [
        'a constructor as a path',
        [operation('add', '/spec/constructor/prototype/polluted', { value: 1 })],
        'Invalid',
      ],
      ['a prototype as a source', [operation('copy', '/spec/x/y', { from: '/spec/__proto__' })], 'Invalid'],
      ['the identity to remove', [operation('remove', '/metadata')], 'BadRequest'],
      ['the uid to replace', [operation('replace', '/metadata/uid', { value: 'x' })], 'Invalid'],
      ['the whole object to remove', [operation('remove', '')], 'Invalid'],
      [
        'the apiVersion to replace',
        [operation('replace', '/apiVersion', { value: '__proto__' })],
        'BadRequest',
      ],
    ] as const
  ).map(
    ([name, patch, reason]): HostileCase => ({
      name: `a JSON patch with ${name}`,
      reason,
      send: patchNote('json', () => patch),
    }),
  ),
  {
    name: 'a JSON patch with 10,000 operations',
    send: patchOwn('json', () => [
      ...(Array(9_999).fill(operation('add', '/spec/list/0', { value: 1 })) as object[]),
      operation('replace', '/spec', { value: 'done' }),
    ]),
    stored: specOf,
    as: () => 'done',
  },
  {
    name: 'a merge patch that removes the metadata',
    reason: 'BadRequest',
    send: patchNote('merge', () => ({ metadata: null })),
  },
  {
    name: 'a merge patch that removes the resourceVersion',
    reason: 'Invalid',
    send: patchNote('merge', () => ({ metadata: { resourceVersion: null } })),
  },
  {
    name: 'a merge patch that renames',
    reason: 'Invalid',
    send: patchNote('merge', () => ({ metadata: { name: '__proto__' } })),
  },
  {
    name: "a merge patch that removes the uid, which is not the writer's",
    send: patchOwn('merge', () => ({ metadata: { uid: null }, spec: 'patched' })),
    stored: specOf,
    as: () => 'patched',
  },
  ...(
    [
      ['a $patch that is none', inPodSpec({ $patch: 5 })],
      ['a $patch that is not known', inPodSpec({ $patch: '__proto__' })],
      [
        'a $patch among the items that is none',
        inPodSpec({ containers: [{ name: 'web', $patch: 'explode' }] }),
      ],
      ['$retainKeys that is a text', { spec: { strategy: { $retainKeys: 'type' } } }],
      [
        '$retainKeys that does not name what is set',
        { spec: { strategy: { $retainKeys: ['x'], type: 'Recreate' } } },
      ],
      ['$setElementOrder that is a number', inPodSpec({ '$setElementOrder/containers': 5 })],
      [
        '$setElementOrder that lacks an item',
        inPodSpec({ '$setElementOrder/containers': [{ name: 'web' }], containers: [{ name: 'x' }] }),
      ],
      [
        '$deleteFromPrimitiveList that is an object',
        { metadata: { '$deleteFromPrimitiveList/finalizers': {} } },
      ],
      ['an item without its merge key', inPodSpec({ containers: [{ image: 'x' }] })],
      ['a number among the items', inPodSpec({ containers: [5] })],
    ] as const
  ).map(
    ([name, patch]): HostileCase => ({
      name: `a strategic merge patch with ${name}`,
      reason: 'BadRequest',
      send: strategic(patch),
    }),
  ),
  {
    name: 'a strategic merge patch with a text in the place of a list',
    reason: 'Invalid',
    send: strategic(inPodSpec({ containers: 'x' })),
  },
  {
    name: 'a strategic merge patch of a long list',
    send: async (client) => {
      const { metadata } = await client.create(Deployment, deployment(fresh().name));
      const env = (value: string): object[] =>
        Array.from({ length: 20_000 }, (_, index) => ({ name: `E${index}`, value }));
      const patch = (value: string): Patch => ({
        type: 'strategic',
        patch: inPodSpec({ containers: [{ name: 'web', env: env(value) }] }),
      });
      await client.patch(Deployment, metadata, patch('a'));
      return client.patch(Deployment, metadata, patch('b'));
    },
    stored: (object) => (envOf(object) as { value: string }[]).filter(({ value }) => value === 'b').length,
    as: () => 20_000,
  },
  {
    name: 'a patch of a type that is none',
    reason: 'UnsupportedMediaType',
    send: patchNote('__proto__' as Patch['type'], () => ({})),
  },
];

/** What asks for something without writing, all of which a client may send. */
function selected(name: string, options: object): HostileCase[] {
  return [
    { name: `${name}, in a list`, reason: 'BadRequest', send: (client) => client.list(Note, options) },
    {
      name: `${name}, in a watch`,
      reason: 'BadRequest',
      send: (client) => client.watch(Note, options).next(),
    },
    {
      name: `${name}, in a deletion`,
      reason: 'BadRequest',
      send: (client) => client.deleteCollection(Note, options),
    },
  ];
}

const values = (count: number): string => Array.from({ length: count }, (_, index) => `v${index}`).join(',');

const SELECTOR_CASES: readonly HostileCase[] = [
  ...selected('a label selector of more than 64 KiB', { labelSelector: 'a'.repeat(64 * 1024 + 1) }),
  ...selected('a field selector of more than 64 KiB', {
    fieldSelector: `metadata.name=${'a'.repeat(64 * 1024)}`,
  }),
  ...selected('a label key of 64 KiB', { labelSelector: 'a'.repeat(64 * 1024) }),
  ...selected('20,000 values', { labelSelector: `a in (${values(20_000)})` }),
  ...selected('parentheses in parentheses', { labelSelector: `a in ${'('.repeat(10_000)}` }),
  ...selected('nothing but commas', { labelSelector: ',,' }),
  ...selected('digits of another script', { labelSelector: 'a=१२' }),
  ...selected('a comparison with digits of another script', { labelSelector: 'a > ५' }),
  ...selected('a mark from right to left', { labelSelector: 'a=\u202eb' }),
  ...selected('a NUL', { labelSelector: 'a\u0000=b' }),
  ...selected('a field that there is not', { fieldSelector: 'spec.nothing=1' }),
  ...selected('the prototype as a field', { fieldSelector: '__proto__.polluted=1' }),
  ...selected('an escape that is none', { fieldSelector: 'metadata.name=\\x' }),
  ...selected('a selector that is no text', { labelSelector: { matchLabels: {} } }),
  {
    name: 'a selector of 9,000 values',
    send: async (client) =>
      (await client.list(Note, { labelSelector: `a in (${values(9_000)})` })).items.length,
  },
  {
    name: 'a selector of 64 KiB',
    send: (client) =>
      client.list(Note, {
        labelSelector: Array(6_000)
          .fill('!a')
          .join(',')
          .padEnd(64 * 1024),
      }),
  },
  {
    name: 'a selector of thousands of fields',
    send: (client) => client.list(Note, { fieldSelector: Array(4_000).fill('metadata.name=').join(',') }),
  },
];

/** A Pod that asks for so much memory. */
function podOf(memory: string): New<typeof Pod> {
  const resources = { requests: { memory } };
  return { metadata: fresh(), spec: { containers: [{ name: 'web', image: 'x', resources }] } };
}

const QUANTITY_CASES: readonly HostileCase[] = [
  ...[
    '1e2147483647',
    '1E-2147483648',
    `1${'0'.repeat(1_000_000)}`,
    '1Ki1',
    '--1',
    '+-1',
    '0x10',
    '1e',
    '९',
    '',
    '1 Mi',
    '1e+',
    '∞',
    'NaN',
    '1_000',
  ].map(
    (text): HostileCase => ({
      name: `the quantity ${JSON.stringify(text.slice(0, 20))}`,
      reason: 'Invalid',
      send: (client) => client.create(Pod, podOf(text)),
    }),
  ),
  ...['.', '+.5', '1e3', '5.', '-0', '1E', '0.0000000001'].map(
    (text): HostileCase => ({
      name: `the quantity ${JSON.stringify(text)}`,
      send: (client) => client.create(Pod, podOf(text)),
      stored: ({ spec }) =>
        (spec as { containers: { resources: { requests: { memory: unknown } } }[] }).containers[0]?.resources
          .requests.memory,
      as: () => text,
    }),
  ),
];

/** A token as a list gives them, for what it should not go on with. */
function forged(content: unknown): string {
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}
const tokenOf = (rv: unknown, start: unknown): string => forged({ v: 'meta.k8s.io/v1', rv, start });

const REQUEST_CASES: readonly HostileCase[] = [
  ...[
    'x',
    '-1',
    '1.5',
    '0x2',
    '1e3',
    ' 2',
    'NaN',
    '__proto__',
    '9'.repeat(1_000_000),
    '9007199254740993',
    '१',
    '01',
    '1\u0000',
  ].flatMap((resourceVersion): HostileCase[] => {
    const name = `the resourceVersion ${JSON.stringify(resourceVersion.slice(0, 20))}`;
    const reason = 'BadRequest';
    return [
      { name: `${name}, in a list`, reason, send: (client) => client.list(Note, { resourceVersion }) },
      { name: `${name}, in a get`, reason, send: (client) => client.get(Note, THERE, { resourceVersion }) },
      {
        name: `${name}, in a watch`,
        reason,
        send: (client) => client.watch(Note, { resourceVersion }).next(),
      },
    ];
  }),
  ...['x', '-1', '1e3', '9'.repeat(100_000) + 'x', '__proto__'].map(
    (resourceVersion): HostileCase => ({
      name: `the resourceVersion ${JSON.stringify(resourceVersion.slice(0, 20))}, in an update`,
      reason: 'BadRequest',
      send: async (client) => {
        const old = await client.get(Note, THERE);
        return client.update(Note, { ...old, metadata: { ...old.metadata, resourceVersion } });
      },
    }),
  ),
  {
    name: 'the resourceVersion of a future that never comes, in an update',
    reason: 'Conflict',
    send: async (client) => {
      const old = await client.get(Note, THERE);
      return client.update(Note, {
        ...old,
        metadata: { ...old.metadata, resourceVersion: '9'.repeat(1_000) },
      });
    },
  },
  {
    name: 'the resourceVersion of a future that never comes, in a watch that begins with what is there',
    reason: 'Timeout',
    send: (client) =>
      client
        .watch(Note, {
          resourceVersion: '9007199254740991',
          sendInitialEvents: true,
          resourceVersionMatch: 'NotOlderThan',
        })
        .next(),
  },
  ...[
    'garbage',
    '=',
    '\u0000',
    'x'.repeat(MiB),
    'bnVsbA',
    '१',
    forged(null),
    forged([]),
    forged({}),
    forged('x'.repeat(100_000)),
    tokenOf(1, 'default/there\u0000').slice(0, 20),
    tokenOf('1', 'default/there\u0000'),
    tokenOf(0, 'default/there\u0000'),
    tokenOf(-2, 'default/there\u0000'),
    tokenOf(1.5, 'default/there\u0000'),
    tokenOf(2 ** 60, 'default/there\u0000'),
    tokenOf(1, 'default/there'),
    tokenOf(1, '../../etc/passwd\u0000'),
    tokenOf(1, 'default/\u0000'),
    tokenOf(1, { toString: 1 }),
    forged({ v: 'meta.k8s.io/v2', rv: 1, start: 'default/there\u0000' }),
  ].map(
    (text): HostileCase => ({
      name: `the continue token ${JSON.stringify(text.slice(0, 60))}`,
      reason: 'BadRequest',
      send: (client) => client.list(Note, { continue: text }),
    }),
  ),
  {
    name: 'a continue token of a future that never comes',
    reason: 'Timeout',
    send: (client) => client.list(Note, { continue: tokenOf(2 ** 53 - 1, 'default/there\u0000') }),
  },
  {
    name: 'a continue token of another namespace shows nothing of it',
    send: async (client) => {
      const { items } = await client.list(Note, {
        namespace: 'elsewhere',
        continue: tokenOf(-1, 'aaa/a\u0000'),
      });
      if (items.length > 0) throw new Error(`it shows ${items.length} objects`);
    },
  },
  ...[-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', {}].map(
    (limit): HostileCase => ({
      name: `the limit ${JSON.stringify(limit)} of ${typeof limit}`,
      reason: 'BadRequest',
      send: (client) => client.list(Note, { limit: limit as number }),
    }),
  ),
  { name: 'a limit of a million millions', send: (client) => client.list(Note, { limit: 1e12 }) },
  ...[-1, Number.NaN, Number.POSITIVE_INFINITY, '5', {}].map(
    (timeout): HostileCase => ({
      name: `the timeout ${JSON.stringify(timeout)} of ${typeof timeout}`,
      reason: 'BadRequest',
      send: (client) => client.watch(Note, { timeout: timeout as number }).next(),
    }),
  ),
  {
    name: 'a timeout of a million millions',
    send: async (client) => {
      const watch = client.watch(Note, {
        namespace: 'default',
        fieldSelector: 'metadata.name=there',
        timeout: 1e12,
      });
      await watch.next();
      watch.stop();
    },
  },
  ...['\u0000', 'x'.repeat(129), '', '\u202e', 5].map(
    (fieldManager): HostileCase => ({
      name: `the field manager ${JSON.stringify(fieldManager).slice(0, 30)}`,
      reason: 'BadRequest',
      send: (client) => client.create(Note, { metadata: fresh() }, { fieldManager: fieldManager as string }),
    }),
  ),
  ...['__proto__', 'constructor', 'status', '', 'x'.repeat(1_000)].map(
    (name): HostileCase => ({
      name: `the subresource ${JSON.stringify(name.slice(0, 20))}`,
      reason: 'NotFound',
      send: (client) => client.subresource(Note, THERE, name, {}),
    }),
  ),
  ...[parsed('1e400'), -1, 1.5, 2 ** 53, '1', null, {}].map(
    (replicas): HostileCase => ({
      name: `a scale of ${JSON.stringify(replicas)} of ${typeof replicas}`,
      reason: 'BadRequest',
      send: (client) => client.subresource(Website, THERE, 'scale', { spec: { replicas } }),
    }),
  ),
  ...['__proto__', 'constructor', 'background', 5].map(
    (policy): HostileCase => ({
      name: `the propagation policy ${JSON.stringify(policy)}`,
      reason: 'BadRequest',
      send: (client) => client.delete(Note, THERE, { propagationPolicy: policy as 'Orphan' }),
    }),
  ),
  {
    name: 'a precondition that is no uid',
    reason: 'Conflict',
    send: (client) => client.delete(Note, THERE, { preconditions: { uid: '__proto__' } }),
  },
];

const NAMES = [
  '.',
  '..',
  'a/b',
  '../there',
  '%00',
  'a%2fb',
  'there\u0000',
  '\u202eabc',
  'A',
  'ä',
  'a'.repeat(254),
  'a'.repeat(10_000),
  '__proto__',
  'a\n',
];

const NAME_CASES: readonly HostileCase[] = [
  ...NAMES.flatMap((name): HostileCase[] => {
    const shown = JSON.stringify(name.slice(0, 20));
    return [
      {
        name: `the name ${shown}`,
        reason: 'Invalid',
        send: (client) => client.create(Note, { metadata: at(name) }),
      },
      {
        name: `the name ${shown}, applied`,
        reason: 'Invalid',
        send: (client) => client.apply(Note, { metadata: at(name) }),
      },
      {
        name: `the name ${shown}, in a get`,
        reason: 'NotFound',
        send: (client) => client.get(Note, at(name)),
      },
      {
        name: `the namespace ${shown}`,
        reason: 'Invalid',
        send: (client) => client.create(Note, { metadata: at('a', name) }),
      },
      {
        name: `the namespace ${shown}, in a get`,
        reason: 'NotFound',
        send: (client) => client.get(Note, at('there', name)),
      },
      {
        name: `the namespace ${shown}, in a deletion`,
        reason: 'NotFound',
        send: (client) => client.delete(Note, at('there', name)),
      },
      {
        name: `the namespace ${shown}, in a list`,
        send: async (client) => {
          const { items } = await client.list(Note, { namespace: name });
          if (items.length > 0) throw new Error(`it shows ${items.length} objects`);
        },
      },
    ];
  }),
  ...[
    '-',
    'A',
    '..',
    'a..',
    'x'.repeat(300),
    'x'.repeat(MiB),
    'a\u0000',
    `${'x'.repeat(100)}\u202e`,
    5,
    {},
  ].flatMap((generateName): HostileCase[] => {
    const shown = JSON.stringify(generateName).slice(0, 30);
    const metadata = { namespace: 'default', generateName: generateName as string };
    return [
      {
        name: `the generateName ${shown}`,
        reason: 'Invalid',
        send: (client) => client.create(Note, { metadata }),
      },
      {
        name: `the generateName ${shown} beside a name`,
        reason: 'Invalid',
        send: (client) => client.create(Note, { metadata: { ...metadata, ...fresh() } }),
      },
    ];
  }),
  {
    name: 'a generateName of 253 characters',
    send: (client) =>
      client.create(Note, { metadata: { namespace: 'default', generateName: 'x'.repeat(253) } }),
    stored: ({ metadata }) => (metadata as { name: string }).name.replace(/[^x]{1,5}$/, '').length >= 58,
    as: () => true,
  },
  ...['.', '..', 'a/b', '%00', '../there', 'x'.repeat(513), 'Ж'.repeat(103), 'x'.repeat(MiB)].map(
    (name): HostileCase => ({
      name: `the name ${JSON.stringify(name.slice(0, 20))} of a kind that takes almost any`,
      reason: 'Invalid',
      send: (client) => client.create(ClusterRole, { metadata: { name } }),
    }),
  ),
  ...[
    'system:a',
    'ümlaut',
    '\u202eabc',
    'a b',
    'a\u0000b',
    '\ud800',
    '__proto__',
    'Ж'.repeat(102),
    'x'.repeat(512),
  ].map(
    (name): HostileCase => ({
      name: `the name ${JSON.stringify(name.slice(0, 20))} of a kind that takes almost any`,
      send: (client) => client.create(ClusterRole, { metadata: { name } }),
      stored: ({ metadata }) => (metadata as { name: string }).name,
      as: () => name,
    }),
  ),
];

const list = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => item(index));

const METADATA_CASES: readonly HostileCase[] = [
  {
    name: 'a million labels',
    reason: 'RequestEntityTooLarge',
    send: note(
      () => 1,
      () => ({ labels: manyKeys() }),
    ),
  },
  {
    name: '100,000 labels that are none',
    reason: 'Invalid',
    send: note(
      () => 1,
      () => ({ labels: keys(100_000) }),
    ),
  },
  {
    name: '257 KiB of annotations',
    reason: 'Invalid',
    send: note(
      () => 1,
      () => ({ annotations: { a: 'x'.repeat(257 * 1024) } }),
    ),
  },
  {
    name: '90,000 characters of three bytes in annotations',
    reason: 'Invalid',
    send: note(
      () => 1,
      () => ({ annotations: { a: '€'.repeat(90_000) } }),
    ),
  },
  {
    name: '100,000 finalizers that differ',
    send: async (client) => {
      const finalizers = list(100_000, (index) => `f${index}`);
      const { metadata } = await client.create(Note, { metadata: { ...fresh(), finalizers } });
      await client.delete(Note, metadata);
      const marked = await client.get(Note, metadata);
      await client.update(Note, {
        ...marked,
        metadata: { ...marked.metadata, finalizers: finalizers.slice(1) },
      });
      const left = await client.get(Note, metadata);
      return client.update(Note, { ...left, metadata: { ...left.metadata, finalizers: ['f7'] } });
    },
    stored: ({ metadata }) => (metadata as { finalizers: unknown }).finalizers,
    as: () => ['f7'],
  },
  {
    name: '100,000 finalizers that are the same',
    reason: 'Invalid',
    send: note(
      () => 1,
      () => ({ finalizers: list(100_000, () => 'a') }),
    ),
  },
  {
    name: '10,000 owners',
    send: note(
      () => 'owned',
      () => ({
        ownerReferences: list(10_000, (index) => ({
          apiVersion: 'v1',
          kind: 'Secret',
          name: `o${index}`,
          uid: `u${index}`,
        })),
      }),
    ),
    stored: specOf,
    as: () => 'owned',
  },
  {
    // as in Kubernetes, the record stays as it is
    name: 'managed fields that are none, in an object that is tracked',
    send: async (client) => {
      const old = await client.get(Website, THERE);
      const managedFields = [
        {
          manager: 'x',
          operation: 'Update',
          apiVersion: 'example.com/v1',
          fieldsType: 'FieldsV1',
          fieldsV1: { __x__: {} },
        },
      ];
      return client.update(Website, {
        ...old,
        metadata: { ...old.metadata, managedFields },
      });
    },
    stored: ({ metadata }) =>
      (metadata as { managedFields: { manager: string }[] }).managedFields.map(({ manager }) => manager),
    as: () => ['me'],
  },
  {
    name: 'managed fields in what is applied',
    reason: 'BadRequest',
    send: (client) =>
      client.apply(Website, {
        metadata: { ...THERE, managedFields: [{ manager: 'x' }] },
        spec: { image: 'y' },
      } as never),
  },
];

/**
 * Everything hostile that can come to a store through a client, with what has to become of it.
 *
 * What is refused changes nothing; what is legal reads back as it was written. Whatever takes time that is not linear takes minutes
 * here.
 *
 * Source: the sections "hostile corpus" and "limits" of what a server of Kubernetes has to withstand: CVE-2019-1002100, CVE-2019-11253 and
 * their like.
 */
export const HOSTILE_CORPUS: readonly HostileCase[] = [
  ...JSON_CASES,
  ...KEY_CASES,
  ...PATCH_CASES,
  ...SELECTOR_CASES,
  ...QUANTITY_CASES,
  ...REQUEST_CASES,
  ...NAME_CASES,
  ...METADATA_CASES,
];

/** Makes what the cases find in a store. */
export async function prepareHostileStore(client: Client): Promise<void> {
  await client.create(Note, { metadata: { ...THERE, labels: { a: 'b' } }, spec: { list: [1], x: {} } });
  await client.apply(Website, website('there'), { fieldManager: 'me' });
  await client.create(Anything, { metadata: THERE, spec: {} });
  await client.create(Deployment, deployment('there'));
  await client.create(Note, { metadata: at('there', 'elsewhere-0'), spec: 1 });
}
