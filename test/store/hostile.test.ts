import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Client, Watch } from '../../src/client/index.js';
import { ApiError, type JsonObject } from '../../src/core/index.js';
import { type AnyResource, defineResource } from '../../src/resources/index.js';
import { Pod } from '../../src/resources/kinds/index.js';
import { at, lines, Note, Region, setUp, Website, website } from './kit.js';

/** Schemas that let anything through. */
const Any = defineResource({ group: 'example.com', version: 'v1', kind: 'Anything', spec: z.any() });
/** The kinds whose spec may be anything, as far as their own rules go. */
const open: readonly AnyResource[] = [Note, Any];

class Instance {
  readonly field = 1;
}

function cycle(): object {
  const value: Record<string, unknown> = { a: { b: [] } };
  (value['a'] as { b: unknown[] }).b.push(value);
  return value;
}

function deep(levels: number, wrap: (inside: unknown) => unknown): unknown {
  let value: unknown = 'core';
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
}

/** Doubles at each level: 2 to the power of 60 parts, were it written out. */
function bomb(): unknown {
  let value: unknown = ['boom'];
  for (let level = 0; level < 60; level += 1) value = [value, value];
  return value;
}

function throwing(): object {
  return {
    fine: 1,
    get trap(): unknown {
      throw new Error('sprung');
    },
  };
}

/** What no part of an object can be, with the field at fault, as seen from where it stands. */
const notJson: { readonly [what: string]: readonly [make: () => unknown, field: string] } = {
  'a function': [() => () => 1, ''],
  'a function inside': [() => ({ a: [{ b: () => 1 }] }), '.a[0].b'],
  'a symbol': [() => ({ a: Symbol('x') }), '.a'],
  'a bigint': [() => ({ a: 1n }), '.a'],
  'a Date': [() => ({ a: new Date(0) }), '.a'],
  'a Map': [() => ({ a: new Map([['a', 1]]) }), '.a'],
  'a Set': [() => new Set([1]), ''],
  'an instance': [() => ({ a: new Instance() }), '.a'],
  'a boxed text': [() => ({ a: Object('x') as unknown }), '.a'],
  'a regular expression': [() => ({ a: /x/ }), '.a'],
  'an error': [() => ({ a: new Error('x') }), '.a'],
  bytes: [() => ({ a: new Uint8Array(3) }), '.a'],
  'a promise': [() => ({ a: Promise.resolve(1) }), '.a'],
  NaN: [() => ({ a: Number.NaN }), '.a'],
  Infinity: [() => ({ a: [1, Number.NEGATIVE_INFINITY] }), '.a[1]'],
  'undefined in an array': [() => ({ a: [1, undefined] }), '.a[1]'],
  // oxlint-disable-next-line no-sparse-arrays -- the point of it
  'a hole in an array': [() => ({ a: [1, , 3] }), '.a[1]'],
  'a very long empty array': [() => ({ a: Array.from({ length: 0 }, () => 0), b: Array(4_000_000_000) }), ''],
  'a cycle': [cycle, '...'],
  '2,000 nested objects': [() => deep(2_000, (inside) => ({ a: inside })), '...'],
  '2,000 nested arrays': [() => deep(2_000, (inside) => [inside]), '...'],
  '100,000 nested arrays': [() => deep(100_000, (inside) => [inside]), '...'],
  'an alias bomb': [bomb, ''],
  'a text of 4 Mi characters': [() => ({ a: 'x'.repeat(4 << 20) }), ''],
  'a key of 4 Mi characters': [() => ({ ['x'.repeat(4 << 20)]: 1 }), ''],
  'a getter that throws': [throwing, '.trap'],
  'a proxy that throws': [
    () => ({
      a: new Proxy(
        {},
        {
          ownKeys: () => ['x'],
          getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }),
          get: () => {
            throw new Error('sprung');
          },
        },
      ),
    }),
    '.a.x',
  ],
};

/** Metadata that cannot be, with the field at fault. */
const badMetadata: { readonly [what: string]: readonly [metadata: unknown, field: string] } = {
  null: [null, 'metadata'],
  absent: [undefined, 'metadata'],
  'an array': [[], 'metadata'],
  'a text': ['a', 'metadata'],
  'an instance': [new Instance(), 'metadata'],
  'a Map': [new Map(), 'metadata'],
  'without a name': [{ namespace: 'default' }, 'metadata.name'],
  'with a name that is no text': [{ ...at('a'), name: 5 }, 'metadata.name'],
  'with an object for a name': [{ ...at('a'), name: { toString: () => 'a' } }, 'metadata.name'],
  'with an upper case name': [at('Abc'), 'metadata.name'],
  'with a path for a name': [at('../secret'), 'metadata.name'],
  'with a name of 254 characters': [at('a'.repeat(254)), 'metadata.name'],
  'with a name of a million characters': [at('a'.repeat(1_000_000)), 'metadata.name'],
  'named __proto__': [at('__proto__'), 'metadata.name'],
  'with a NUL in its name': [at('a\u0000'), 'metadata.name'],
  'with a Cyrillic name': [at('а'), 'metadata.name'],
  'with a newline in its name': [at('a\n'), 'metadata.name'],
  'with a number for a generateName': [{ namespace: 'default', generateName: 5 }, 'metadata.generateName'],
  'with an illegal generateName': [{ namespace: 'default', generateName: '-' }, 'metadata.generateName'],
  'without a namespace': [{ name: 'a' }, 'metadata.namespace'],
  'with a namespace that is no text': [{ name: 'a', namespace: [] }, 'metadata.namespace'],
  'with an illegal namespace': [at('a', 'A/B'), 'metadata.namespace'],
  'with a namespace called __proto__': [at('a', '__proto__'), 'metadata.namespace'],
  'with an own __proto__': [
    JSON.parse('{"name":"a","namespace":"default","__proto__":{"x":1}}'),
    'metadata.__proto__',
  ],
  'with an own constructor': [{ ...at('a'), constructor: 1 }, 'metadata.constructor'],
  'with an unknown field': [{ ...at('a'), colour: 'red' }, 'metadata.colour'],
  'with labels that are a list': [{ ...at('a'), labels: ['a'] }, 'metadata.labels'],
  'with labels that are text': [{ ...at('a'), labels: 'a=b' }, 'metadata.labels'],
  'with labels that are a Map': [{ ...at('a'), labels: new Map() }, 'metadata.labels'],
  'with a number for a label': [{ ...at('a'), labels: { a: 5 } }, 'metadata.labels[a]'],
  'with null for a label': [{ ...at('a'), labels: { a: null } }, 'metadata.labels[a]'],
  'with an illegal label key': [{ ...at('a'), labels: { 'a/b/c': 'x' } }, 'metadata.labels'],
  'with a label value of 64 characters': [
    { ...at('a'), labels: { a: 'x'.repeat(64) } },
    'metadata.labels[a]',
  ],
  'with a label key of 64 characters': [{ ...at('a'), labels: { ['x'.repeat(64)]: 'a' } }, 'metadata.labels'],
  'with a label key of a million characters': [
    { ...at('a'), labels: { ['x'.repeat(1_000_000)]: 'a' } },
    'metadata.labels',
  ],
  'with 300 KiB of annotations': [
    { ...at('a'), annotations: { a: 'x'.repeat(300 << 10) } },
    'metadata.annotations',
  ],
  'with finalizers that are text': [{ ...at('a'), finalizers: 'a' }, 'metadata.finalizers'],
  'with a number for a finalizer': [{ ...at('a'), finalizers: ['a', 5] }, 'metadata.finalizers[1]'],
  'with an illegal finalizer': [{ ...at('a'), finalizers: ['a b'] }, 'metadata.finalizers[0]'],
  'with the same finalizer twice': [{ ...at('a'), finalizers: ['a', 'a'] }, 'metadata.finalizers[1]'],
  'with owners that are an object': [{ ...at('a'), ownerReferences: {} }, 'metadata.ownerReferences'],
  'with null for an owner': [{ ...at('a'), ownerReferences: [null] }, 'metadata.ownerReferences[0]'],
  'with an owner without a uid': [
    { ...at('a'), ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p' }] },
    'metadata.ownerReferences[0].uid',
  ],
  'with an owner that controls a little': [
    {
      ...at('a'),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u', controller: 'yes' }],
    },
    'metadata.ownerReferences[0].controller',
  ],
  'with an owner with an own __proto__': [
    {
      ...at('a'),
      ownerReferences: [JSON.parse('{"apiVersion":"v1","kind":"Pod","name":"p","uid":"u","__proto__":{}}')],
    },
    'metadata.ownerReferences[0].__proto__',
  ],
  'with two owners that control': [
    {
      ...at('a'),
      ownerReferences: ['p', 'q'].map((name) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        name,
        uid: name,
        controller: true,
      })),
    },
    'metadata.ownerReferences',
  ],
  'with a resourceVersion': [{ ...at('a'), resourceVersion: '7' }, 'metadata.resourceVersion'],
  'with a getter that throws': [{ ...at('a'), ...Object.defineProperty({}, 'x', {}) }, ''],
};
const { 'with a getter that throws': _placeholder, ...metadataCases } = badMetadata;

describe('hostile data', () => {
  let client: Client;
  let watches: Watch<unknown>[];
  let stored: readonly unknown[];
  const inherited = Object.getOwnPropertyNames(Object.prototype).sort();

  async function everything(): Promise<unknown[]> {
    const lists = [];
    for (const kind of [Website, Note, Region, Any, Pod]) lists.push(await client.list(kind));
    return lists;
  }

  beforeEach(async () => {
    ({ client } = setUp({}, Any, Pod));
    await client.create(Website, website('there'));
    for (const kind of open) await client.create(kind, { metadata: at('there'), spec: { list: [1], x: {} } });
    stored = await everything();
    watches = [Website, Note, Any].map((kind) => client.watch(kind, { resourceVersion: '4' }));
  });

  afterEach(async () => {
    expect(await everything()).toEqual(stored);
    for (const watch of watches) {
      expect((await lines(client, watch)).filter((text) => !text.startsWith('BOOKMARK'))).toEqual([]);
    }
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(inherited);
  });

  /** Expects an ApiError of a caller's mistake that names a field. */
  async function refused(request: Promise<unknown>, field: string): Promise<void> {
    const error: unknown = await request.then(
      () => new Error('it was accepted'),
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ApiError)) throw error;
    expect(['Invalid', 'BadRequest', 'RequestEntityTooLarge']).toContain(error.reason);
    const named = (error.details.causes ?? []).map((cause) => cause.field ?? '');
    if (field.endsWith('...')) {
      const prefix = field.slice(0, -3);
      expect(named.some((each) => each.startsWith(prefix))).toBe(true);
    } else {
      expect(named).toContain(field);
    }
    for (const each of named) expect(each.length).toBeLessThan(400);
    expect(error.message.length).toBeLessThan(20_000);
    expect(() => JSON.stringify(error.toStatus())).not.toThrow();
  }

  describe.each(Object.keys(notJson))('%s', (what) => {
    const [make, field] = notJson[what] as (typeof notJson)[string];

    it('is refused in a new object', async () => {
      for (const kind of open)
        await refused(client.create(kind, { metadata: at('a'), spec: make() }), `spec${field}`);
    });

    it('is refused in an update', async () => {
      for (const kind of open) {
        const object = (await client.get(kind, at('there'))) as JsonObject;
        await refused(client.update(kind, { ...object, spec: make() }), `spec${field}`);
      }
    });

    it('is refused in a status', async () => {
      const site = await client.get(Website, at('there'));
      const status = make() as NonNullable<typeof site.status>;
      await refused(client.update(Website, { ...site, status }, { subresource: 'status' }), `status${field}`);
      await refused(
        client.subresource(Website, at('there'), 'status', { ...site, status }),
        `status${field}`,
      );
    });

    it('is refused in a merge patch', async () => {
      const patch = { spec: make() };
      const path =
        what.includes('of 4 Mi') || what.includes('bomb') || what.includes('empty array')
          ? 'patch'
          : `patch.spec${field}`;
      for (const kind of open) await refused(client.patch(kind, at('there'), { type: 'merge', patch }), path);
    });

    it('is refused in a JSON patch', async () => {
      const patch = [{ op: 'add', path: '/spec/x', value: make() }] as const;
      for (const kind of open) {
        const request = client.patch(kind, at('there'), { type: 'json', patch });
        await expect(request).rejects.toThrow(ApiError);
      }
    });

    it('is refused for labels, annotations, finalizers and owners', async () => {
      for (const part of ['labels', 'annotations', 'finalizers', 'ownerReferences']) {
        const metadata = { ...at('a'), [part]: make() } as unknown as { name: string };
        await refused(client.create(Note, { metadata }), `metadata.${part}...`);
      }
    });

    it('is refused as a whole object, key or options', async () => {
      const wild = make() as never;
      await expect(client.create(Note, wild)).rejects.toThrow(Error);
      await expect(client.update(Note, wild)).rejects.toThrow(Error);
      await expect(client.get(Note, wild)).rejects.toThrow(Error);
      await expect(client.patch(Note, at('there'), wild)).rejects.toThrow(ApiError);
      await expect(client.subresource(Website, at('there'), 'scale', wild ?? null)).rejects.toThrow(ApiError);
    });
  });

  it.each(Object.keys(metadataCases))('metadata %s are refused', async (what) => {
    const [metadata, field] = metadataCases[what] as (typeof badMetadata)[string];
    await refused(client.create(Note, { metadata } as never), field);
    await refused(client.create(Website, { metadata, spec: { image: 'x' } } as never), field);
  });

  it('metadata with a getter that throws, or that changes its mind, do no harm', async () => {
    const trapped = { ...at('a') };
    Object.defineProperty(trapped, 'labels', {
      enumerable: true,
      get: () => {
        throw new Error('sprung');
      },
    });
    await refused(client.create(Note, { metadata: trapped }), 'metadata.labels');
    const whole = Object.defineProperty({}, 'metadata', {
      enumerable: true,
      get: () => {
        throw new Error('sprung');
      },
    });
    await refused(client.create(Note, whole as never), 'metadata');
    let asked = 0;
    const fickle = { namespace: 'default' };
    const name = (): string => ((asked += 1) === 1 ? '../../etc' : 'fine');
    Object.defineProperty(fickle, 'name', { enumerable: true, get: name });
    await refused(client.create(Note, { metadata: fickle }), 'metadata.name');
    let failed = 0;
    const moody = { ...at('a') };
    const labels = (): object => {
      failed += 1;
      if (failed === 1) throw new Error('sprung');
      return {};
    };
    Object.defineProperty(moody, 'labels', { enumerable: true, get: labels });
    await refused(client.create(Note, { metadata: moody }), 'metadata');
  });

  it('objects that are none are refused', async () => {
    for (const wrong of [
      undefined,
      null,
      5,
      'text',
      true,
      [],
      [{}],
      new Instance(),
      () => 1,
      Symbol('x'),
      1n,
    ]) {
      const given = wrong as never;
      await expect(client.create(Note, given)).rejects.toThrow(ApiError);
      await expect(client.update(Note, given)).rejects.toThrow(ApiError);
    }
  });

  it('keys that are none are refused', async () => {
    for (const wrong of [undefined, null, 5, 'default/a']) {
      await expect(client.get(Note, wrong as never)).rejects.toThrow(TypeError);
      await expect(client.delete(Note, wrong as never)).rejects.toThrow(TypeError);
    }
    for (const name of [undefined, null, 5, '', [], {}]) {
      await refused(client.get(Note, { namespace: 'default', name } as never), 'metadata.name');
    }
    for (const namespace of [null, 5, [], {}]) {
      await refused(client.get(Note, { name: 'a', namespace } as never), 'metadata.namespace');
      await refused(client.list(Note, { namespace } as never), 'metadata.namespace');
      await refused(client.deleteCollection(Note, { namespace } as never), 'metadata.namespace');
    }
    for (const name of ['__proto__', 'constructor', 'toString', 'x'.repeat(1_000_000)]) {
      const error: unknown = await client.get(Note, at(name, '__proto__')).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ reason: 'NotFound' });
    }
  });

  it('resourceVersions that are none are refused', async () => {
    const note = await client.get(Note, at('there'));
    for (const resourceVersion of ['x', '-1', '1.5', '0x2', '1e3', ' 2', 'NaN', '__proto__', 5, {}, [], 1n]) {
      const metadata = { ...note.metadata, resourceVersion } as typeof note.metadata;
      await refused(client.update(Note, { ...note, metadata }), 'metadata.resourceVersion');
      if (typeof resourceVersion !== 'string') continue;
      await refused(client.list(Note, { resourceVersion }), 'resourceVersion');
      await refused(client.get(Note, at('there'), { resourceVersion }), 'resourceVersion');
      await refused(client.watch(Note, { resourceVersion }).next(), 'resourceVersion');
      const patch = { metadata: { resourceVersion } };
      await refused(client.patch(Note, at('there'), { type: 'merge', patch }), 'metadata.resourceVersion');
    }
  });

  it('limits and tokens that are none are refused', async () => {
    for (const limit of [-1, 0.5, Number.NaN, '1', null, {}]) {
      await refused(client.list(Note, { limit } as never), 'limit');
    }
    for (const token of ['garbage', '=', '\u0000', 'e30', 'bnVsbA', 'x'.repeat(1 << 20)]) {
      await refused(client.list(Note, { continue: token }), 'continue');
    }
  });

  it('patches that are none are refused', async () => {
    const key = at('there');
    for (const wrong of [
      undefined,
      null,
      5,
      'x',
      [],
      {},
      { type: 'merge' },
      { type: 'merge', patch: [] },
      { type: 'merge', patch: null },
      { type: 'json', patch: {} },
      { type: 'json', patch: 'x' },
      { type: 'json', patch: [null] },
      { type: 'json', patch: [{ op: 'explode', path: '/spec' }] },
      { type: '__proto__', patch: {} },
    ]) {
      await expect(client.patch(Note, key, wrong as never)).rejects.toThrow(ApiError);
    }
    for (const path of [
      '',
      '/metadata',
      '/metadata/name',
      '/apiVersion',
      '/kind',
      '/metadata/uid',
      '/metadata/resourceVersion',
    ]) {
      const patch = [{ op: 'replace', path, value: { hostile: true } }] as const;
      await expect(client.patch(Note, key, { type: 'json', patch })).rejects.toThrow(ApiError);
    }
    const many = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/spec', value: 1 }) as const);
    await expect(client.patch(Note, key, { type: 'json', patch: many })).rejects.toMatchObject({ code: 413 });
    const doubling = Array.from(
      { length: 40 },
      () => ({ op: 'copy', from: '/spec/list', path: '/spec/list/-' }) as const,
    );
    await expect(client.patch(Note, key, { type: 'json', patch: doubling })).rejects.toThrow(ApiError);
    for (const path of [
      '/__proto__/polluted',
      '/spec/__proto__/polluted',
      '/spec/constructor/prototype/polluted',
    ]) {
      const patch = [{ op: 'add', path, value: 1 }] as const;
      await expect(client.patch(Note, key, { type: 'json', patch })).rejects.toThrow(ApiError);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('selectors that are none are refused', async () => {
    const labels = [
      'a b',
      'a in',
      '=',
      'a,,b',
      '(',
      'a in (' + 'x,'.repeat(50_000),
      'a'.repeat(70_000),
      '\u0000',
    ];
    for (const labelSelector of labels) {
      await expect(client.list(Note, { labelSelector })).rejects.toMatchObject({ reason: 'BadRequest' });
      await expect(client.watch(Note, { labelSelector }).next()).rejects.toMatchObject({
        reason: 'BadRequest',
      });
      await expect(client.deleteCollection(Note, { labelSelector })).rejects.toMatchObject({
        reason: 'BadRequest',
      });
    }
    for (const fieldSelector of [
      'a',
      'spec.x=1',
      'metadata.name=\\x',
      'x'.repeat(100_000),
      'metadata.name',
    ]) {
      await expect(client.list(Note, { fieldSelector })).rejects.toMatchObject({ reason: 'BadRequest' });
    }
  });

  it('values of the wrong type are refused by every kind', async () => {
    const wrong: [unknown, string][] = [
      [{ image: 5 }, 'spec.image'],
      [{}, 'spec.image'],
      [null, 'spec'],
      [undefined, 'spec'],
      ['text', 'spec'],
      [[], 'spec'],
      [{ image: 'x', replicas: -1 }, 'spec.replicas'],
      [{ image: 'x', replicas: 1.5 }, 'spec.replicas'],
      [{ image: 'x', replicas: '1' }, 'spec.replicas'],
      [{ image: 'x', replicas: 1e300 }, 'spec.replicas'],
      [{ image: 'x', tags: ['a'] }, 'spec.tags'],
      [{ image: 'x', tags: { a: {} } }, 'spec.tags.a'],
      [{ image: 'x', template: { ports: {} } }, 'spec.template.ports'],
    ];
    for (const [spec, field] of wrong)
      await refused(client.create(Website, { metadata: at('a'), spec } as never), field);
    const pods: [unknown, string][] = [
      [{ containers: 'x' }, 'spec.containers'],
      [{ containers: [{ name: 5 }] }, 'spec.containers[0].name'],
      ['text', 'spec'],
    ];
    for (const [spec, field] of pods)
      await refused(client.create(Pod, { metadata: at('a'), spec } as never), field);
  });

  it('kinds that nobody declared are refused', async () => {
    const unknown = { ...Note, kind: '__proto__', apiVersion: 'constructor' };
    await expect(client.create(unknown, { metadata: at('a') })).rejects.toMatchObject({ reason: 'NotFound' });
    const inheriting = Object.create(Note) as typeof Note;
    expect((await client.list(inheriting)).items).toHaveLength(1);
  });
});

describe('data that is merely unusual', () => {
  it('is kept as it is', async () => {
    const { client } = setUp();
    const spec = {
      texts: ['\ud800', '\udfff\ud800', '\u0000', '\u202e', '\u{1f600}', '', ' '.repeat(1_000)],
      numbers: [0, -0, 1e-300, 1.7976931348623157e308, 2 ** 53 + 2, 4294967295],
      deep: deep(900, (inside) => ({ a: [inside] }).a),
      keys: { '': 1, '0': 2, '4294967295': 3, 'a.b/c': 4, '\u0000': 5, ключ: 6 },
      nothing: null,
      wide: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, index])),
    };
    const note = await client.create(Note, { metadata: at('a'), spec });
    expect(JSON.stringify(note['spec'])).toBe(JSON.stringify(spec));
    expect(await client.update(Note, JSON.parse(JSON.stringify(note)) as typeof note)).toBe(note);
  });

  it('may come without a prototype, or from another realm', async () => {
    const { client } = setUp();
    const bare = Object.assign(Object.create(null) as object, {
      metadata: at('a'),
      spec: Object.create(null) as object,
    });
    const note = await client.create(Note, bare);
    expect(Object.getPrototypeOf(note)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(note['spec'])).toBe(Object.prototype);
  });

  it('may be frozen already, and is copied all the same', async () => {
    const { client } = setUp();
    const inner = { list: [1] };
    const spec = Object.freeze({ inner });
    const note = await client.create(Note, { metadata: Object.freeze(at('a')), spec });
    inner.list.push(2);
    expect(note['spec']).toEqual({ inner: { list: [1] } });
  });
});
