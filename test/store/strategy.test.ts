import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { edit, type JsonObject } from '../../src/core/index.js';
import { type AnyResource, defineResource } from '../../src/resources/index.js';
import { at, expectDeeplyFrozen, failure, fieldsOf, Note, setUp, told, Website, website } from './kit.js';

const names = { group: 'example.com', version: 'v1', kind: 'Thing' } as const;

/** Objects with own keys that every object inherits. */
const HOSTILE = `{
  "__proto__": { "polluted": true, "__proto__": { "deeper": ["x"] } },
  "constructor": { "prototype": { "polluted": true } },
  "toString": "text", "hasOwnProperty": 1, "valueOf": null, "": "empty", "0": "zero", "plain": { "__proto__": "p" }
}`;

function hostile(): JsonObject {
  return JSON.parse(HOSTILE) as JsonObject;
}

/** The JSON of a value: what survives, own keys named like inherited ones included. */
function text(value: unknown): string {
  return JSON.stringify(value);
}

/** The same JSON with the keys of every object in order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, item]) => [key, sorted(item)]);
}

describe('what the store keeps', () => {
  it('is a copy: the writer may do with its own as it likes', async () => {
    const { client } = setUp();
    const given = {
      metadata: { ...at('a'), labels: { app: 'a' }, finalizers: ['example.com/x'] },
      spec: { image: 'nginx', replicas: 2, tags: { a: 'b' }, template: { ports: [{ port: 80 }] } },
    };
    const site = await client.create(Website, given);
    const before = text(site);
    given.metadata.labels.app = 'changed';
    given.metadata.finalizers.push('example.com/y');
    given.spec.tags.a = 'changed';
    given.spec.template.ports.push({ port: 81 });
    (given.spec.template.ports[0] as { port: number }).port = 82;
    expect(text(site)).toBe(before);
    expect(await client.get(Website, at('a'))).toBe(site);
  });

  it('is frozen through and through, and what the writer gave is not', async () => {
    const { client } = setUp();
    const given = {
      metadata: {
        ...at('a'),
        labels: {},
        annotations: { x: 'y' },
        ownerReferences: [{ apiVersion: 'a/v1', kind: 'K', name: 'n', uid: 'u' }],
      },
      list: [{ deep: [{}] }],
      map: { a: {} },
    };
    const watch = client.watch(Note, { resourceVersion: '1' });
    const created = await client.create(Note, given);
    const edited = { ...created, list: [{ deep: [{ more: {} }] }] };
    const updated = await client.update(Note, edited);
    const patch = { map: { b: { c: [{}] } } };
    const patched = await client.patch(Note, at('a'), { type: 'merge', patch });
    const operations = [{ op: 'add', path: '/map/d', value: { e: [{}] } }] as const;
    const operated = await client.patch(Note, at('a'), { type: 'json', patch: operations });
    const dry = await client.create(Note, { ...given, metadata: at('b') }, { dryRun: true });
    const { object } = await client.delete(Note, at('a'));
    for (const result of [created, updated, patched, operated, dry, object]) expectDeeplyFrozen(result);
    for (const event of await told(client, watch)) expectDeeplyFrozen(event.object);
    expectDeeplyFrozen((await client.deleteCollection(Note)).items[0]);
    const inputs: unknown[] = [
      given,
      given.metadata,
      given.metadata.annotations,
      given.metadata.ownerReferences[0],
    ];
    inputs.push(
      given.list[0],
      given.list[0]?.deep[0],
      edited,
      edited.list[0],
      patch,
      patch.map.b,
      patch.map.b.c,
    );
    for (const input of inputs) expect(Object.isFrozen(input)).toBe(false);
    expect(Object.isFrozen(operations[0].value)).toBe(false);
  });

  it('keeps the identity of what a change left as it was', async () => {
    const { client } = setUp();
    const site = await client.create(Website, {
      metadata: { ...at('a'), labels: { app: 'a' }, annotations: { x: 'y' } },
      spec: { image: 'nginx', tags: { a: 'b' }, template: { ports: [{ port: 80 }, { port: 81 }] } },
    });
    const edited = await client.update(
      Website,
      edit(site, (draft) => void (draft.spec.replicas = 2)),
    );
    expect(edited.spec).not.toBe(site.spec);
    expect(edited.spec.tags).toBe(site.spec.tags);
    expect(edited.spec.template).toBe(site.spec.template);
    expect(edited.metadata.labels).toBe(site.metadata.labels);
    // a writer that knows nothing of identity: JSON from a wire
    const wire = JSON.parse(text(edited)) as { spec: { template: { ports: { port: number }[] } } };
    (wire.spec.template.ports[1] as { port: number }).port = 8081;
    const next = await client.update(Website, wire as never);
    expect(next.spec.template?.ports).toEqual([{ port: 80 }, { port: 8081 }]);
    expect(next.spec.template?.ports[0]).toBe(site.spec.template?.ports[0]);
    expect(next.spec.tags).toBe(site.spec.tags);
    expect(next.metadata.annotations).toBe(site.metadata.annotations);
    const labelled = await client.patch(Website, at('a'), {
      type: 'merge',
      patch: { metadata: { labels: { b: 'c' } } },
    });
    expect(labelled.spec).toBe(next.spec);
    const observed = await client.patch(
      Website,
      at('a'),
      { type: 'merge', patch: { status: { readyReplicas: 1 } } },
      { subresource: 'status' },
    );
    expect([observed.spec, observed.metadata.labels]).toEqual([labelled.spec, labelled.metadata.labels]);
    expect(observed.spec).toBe(next.spec);
    expect(observed.metadata.labels).toBe(labelled.metadata.labels);
  });

  it('shares nothing between two objects made of the same parts', async () => {
    const { client } = setUp();
    const part = { x: [1] };
    const a = await client.create(Note, { metadata: at('a'), part, again: part });
    const b = await client.create(Note, { metadata: at('b'), part });
    expect(a['part']).toEqual(b['part']);
    part.x.push(2);
    expect([a['part'], a['again'], b['part']]).toEqual([{ x: [1] }, { x: [1] }, { x: [1] }]);
  });
});

describe('keys that every object inherits', () => {
  const kinds: { readonly [name: string]: AnyResource } = {
    'a kind without a schema': Note,
    'z.record': defineResource({ ...names, spec: z.record(z.string(), z.unknown()) }),
    'z.looseObject': defineResource({ ...names, spec: z.looseObject({ plain: z.unknown() }) }),
    'z.any': defineResource({ ...names, spec: z.any() }),
    'z.json': defineResource({ ...names, spec: z.json() }),
    'a catchall': defineResource({ ...names, spec: z.object({}).catchall(z.unknown()) }),
    'a union': defineResource({ ...names, spec: z.union([z.string(), z.record(z.string(), z.unknown())]) }),
    'a recursive schema': defineResource({
      ...names,
      spec: z.record(z.string(), z.lazy(() => z.unknown()).optional()),
    }),
  };

  it.each(Object.keys(kinds))('are data: %s', async (name) => {
    const resource = kinds[name] as AnyResource;
    const { client } = setUp({}, ...(resource === Note ? [] : [resource]));
    const watch = client.watch(resource, { resourceVersion: '1' });
    const created = (await client.create(resource, { metadata: at('a'), spec: hostile() })) as JsonObject;
    expect(sorted(created['spec'])).toEqual(sorted(hostile()));
    expectDeeplyFrozen(created);
    // an update that changes one of them, as from a wire
    const wire = JSON.parse(text(created)) as { spec: Record<string, unknown> };
    wire.spec['plain'] = JSON.parse('{"__proto__":"q"}');
    const updated = (await client.update(resource, wire)) as JsonObject;
    expect(text(updated['spec'])).toContain('"plain":{"__proto__":"q"}');
    expect(text(updated['spec'])).toContain('{"polluted":true,"__proto__":{"deeper":["x"]}}');
    // the same again changes nothing
    expect(await client.update(resource, JSON.parse(text(updated)))).toBe(updated);
    const merge = JSON.parse(
      '{"spec":{"__proto__":{"polluted":null,"added":1},"constructor":null}}',
    ) as unknown;
    const merged = (await client.patch(resource, at('a'), { type: 'merge', patch: merge })) as JsonObject;
    const proto: unknown = Object.getOwnPropertyDescriptor(merged['spec'], '__proto__')?.value;
    expect(sorted(proto)).toEqual(sorted(JSON.parse('{"__proto__":{"deeper":["x"]},"added":1}')));
    expect(Object.hasOwn(merged['spec'] as object, 'constructor')).toBe(false);
    const operations = [
      { op: 'test', path: '/spec/__proto__/added', value: 1 },
      { op: 'replace', path: '/spec/__proto__/added', value: 2 },
      { op: 'add', path: '/spec/constructor', value: { prototype: 'x' } },
      { op: 'copy', from: '/spec/__proto__/__proto__', path: '/spec/plain/__proto__' },
    ] as const;
    const operated = (await client.patch(resource, at('a'), {
      type: 'json',
      patch: operations,
    })) as JsonObject;
    expect(text(operated['spec'])).toContain('"added":2');
    expect(text(operated['spec'])).toContain('"plain":{"__proto__":{"deeper":["x"]}}');
    expect(text(operated['spec'])).toContain('"constructor":{"prototype":"x"}');
    expect(text(await client.get(resource, at('a')))).toBe(text(operated));
    expect(text((await client.list(resource)).items[0])).toBe(text(operated));
    const events = await told(client, watch);
    expect(events.map(({ object }) => text(object))).toEqual([created, updated, merged, operated].map(text));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('cannot be labels, for no label is named so', async () => {
    const { client } = setUp();
    for (const field of ['labels', 'annotations']) {
      const metadata = JSON.parse(`{"name":"a","namespace":"default","${field}":{"__proto__":"x"}}`) as {
        name: string;
      };
      expect(fieldsOf(await failure(client.create(Note, { metadata }), 'Invalid'))).toEqual([
        `metadata.${field}`,
      ]);
    }
    const labels = JSON.parse('{"constructor":"x","toString":"y"}') as Record<string, string>;
    const note = await client.create(Note, { metadata: { ...at('a'), labels } });
    expect(note.metadata.labels).toEqual(labels);
    const select = async (labelSelector: string): Promise<number> =>
      (await client.list(Note, { labelSelector })).items.length;
    expect(await select('constructor=x')).toBe(1);
    expect(await select('hasOwnProperty')).toBe(0);
    expect(await select('!valueOf')).toBe(1);
  });

  it('are no fields of a z.object, and unknown ones of a z.strictObject', async () => {
    const Pruned = defineResource({ ...names, kind: 'Pruned', spec: z.object({ plain: z.unknown() }) });
    const Strict = defineResource({ ...names, kind: 'Strict', spec: z.strictObject({ plain: z.unknown() }) });
    const { client } = setUp({}, Pruned, Strict);
    const spec = hostile() as { plain: unknown };
    const pruned = await client.create(Pruned, { metadata: at('a'), spec });
    expect(text(pruned.spec)).toBe('{"plain":{"__proto__":"p"}}');
    const error = await failure(client.create(Strict, { metadata: at('a'), spec }), 'Invalid');
    expect(fieldsOf(error)).toEqual(expect.arrayContaining(['spec.constructor', 'spec.__proto__']));
  });

  it('may be declared like any other', async () => {
    const shape = Object.fromEntries([
      ['constructor', z.string()],
      ['toString', z.number().default(7)],
    ]) as { constructor: z.ZodString };
    const Declared = defineResource({ ...names, spec: z.strictObject(shape) });
    const { client } = setUp({}, Declared);
    const created = await client.create(Declared, { metadata: at('a'), spec: { constructor: 'c' } });
    expect(created.spec).toEqual({ constructor: 'c', toString: 7 });
    const missing = client.create(Declared, { metadata: at('b'), spec: {} as { constructor: string } });
    expect(fieldsOf(await failure(missing, 'Invalid'))).toEqual(['spec.constructor']);
  });
});

describe('schemas in the store', () => {
  it('fill in defaults at every depth, each object its own', async () => {
    const shared = { list: [1] };
    const Thing = defineResource({
      ...names,
      spec: z.object({ a: z.object({ b: z.number().default(3) }).prefault({}), c: z.any().default(shared) }),
    });
    const { client } = setUp({}, Thing);
    const first = await client.create(Thing, { metadata: at('a'), spec: {} });
    const second = await client.create(Thing, { metadata: at('b'), spec: {} });
    expect(first.spec).toEqual({ a: { b: 3 }, c: { list: [1] } });
    expect(Object.isFrozen(shared)).toBe(false);
    expect(Object.isFrozen(shared.list)).toBe(false);
    shared.list.push(2);
    expect([first.spec.c, second.spec.c]).toEqual([{ list: [1] }, { list: [1] }]);
    expectDeeplyFrozen(first);
  });

  it('keep no reference to what z.unknown and z.any let through', async () => {
    const Thing = defineResource({ ...names, spec: z.object({ any: z.any(), unknown: z.unknown() }) });
    const { client } = setUp({}, Thing);
    const spec = { any: { list: [{ a: 1 }] }, unknown: [{ b: 2 }] };
    const thing = await client.create(Thing, { metadata: at('a'), spec });
    expect(thing.spec.any).not.toBe(spec.any);
    spec.any.list.push({ a: 9 });
    (spec.unknown[0] as { b: number }).b = 9;
    expect(thing.spec).toEqual({ any: { list: [{ a: 1 }] }, unknown: [{ b: 2 }] });
    expect([spec.any, spec.any.list, spec.unknown, spec.unknown[0]].some(Object.isFrozen)).toBe(false);
  });

  it('prune, refuse or keep unknown fields as they say', async () => {
    const spec = { known: 'x', nested: { known: 'y', more: 1 }, more: 1 };
    const shape = { known: z.string() };
    const Pruning = defineResource({
      ...names,
      kind: 'Pruning',
      spec: z.object({ ...shape, nested: z.object(shape) }),
    });
    const Strict = defineResource({
      ...names,
      kind: 'Strict',
      spec: z.strictObject({ ...shape, nested: z.strictObject(shape) }),
    });
    const Loose = defineResource({
      ...names,
      kind: 'Loose',
      spec: z.looseObject({ ...shape, nested: z.looseObject(shape) }),
    });
    const { client } = setUp({}, Pruning, Strict, Loose);
    const metadata = at('a');
    expect((await client.create(Pruning, { metadata, spec })).spec).toEqual({
      known: 'x',
      nested: { known: 'y' },
    });
    expect((await client.create(Loose, { metadata, spec })).spec).toEqual(spec);
    const error = await failure(client.create(Strict, { metadata, spec }), 'Invalid');
    expect(fieldsOf(error).sort()).toEqual(['spec.more', 'spec.nested.more']);
  });

  it('prune top-level fields that the kind does not have', async () => {
    const { client } = setUp();
    const given = { ...website('a'), data: { x: 1 }, ...(JSON.parse('{"__proto__":{"a":1}}') as object) };
    const site = await client.create(Website, given);
    expect(Object.keys(site).sort()).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
    expect(Object.getPrototypeOf(site)).toBe(Object.prototype);
    const withMore = { ...site, data: { y: 1 } };
    expect(await client.update(Website, withMore)).toBe(site);
  });

  it('judge further top-level fields', async () => {
    const Config = defineResource({
      ...names,
      kind: 'Config',
      fields: { data: z.record(z.string(), z.string()).default({}), immutable: z.boolean().optional() },
    });
    const { client } = setUp({}, Config);
    const config = await client.create(Config, { metadata: at('a') });
    expect(config.data).toEqual({});
    const next = await client.update(Config, { ...config, data: { a: 'b' }, immutable: true });
    expect(next).toMatchObject({ data: { a: 'b' }, immutable: true, metadata: { generation: 2 } });
    const { immutable: _, ...rest } = next;
    const less = await client.update(Config, rest);
    expect(less).not.toHaveProperty('immutable');
    const wrong = { ...less, data: { a: 5 } } as never;
    expect(fieldsOf(await failure(client.update(Config, wrong), 'Invalid'))).toEqual(['data.a']);
  });

  it('name every field at fault, and what is missing', async () => {
    const { client } = setUp();
    const spec = {
      replicas: -1.5,
      tags: { 'a b': 5 },
      template: { ports: [{ port: 1 }, { port: 'x' }, {}] },
    };
    const given = { metadata: at('a'), spec } as never;
    const error = await failure(client.create(Website, given), 'Invalid');
    expect(new Set(fieldsOf(error))).toEqual(
      new Set([
        'spec.image',
        'spec.replicas',
        'spec.tags[a b]',
        'spec.template.ports[1].port',
        'spec.template.ports[2].port',
      ]),
    );
    const missing = error.details.causes?.filter(({ reason }) => reason === 'FieldValueRequired');
    expect(missing?.map(({ field }) => field)).toEqual(['spec.image', 'spec.template.ports[2].port']);
    expect(error.message).toContain('Website.example.com "a" is invalid');
  });

  it('say at most a hundred things', async () => {
    const Thing = defineResource({ ...names, spec: z.array(z.string()) });
    const { client } = setUp({}, Thing);
    const spec = Array.from({ length: 5_000 }, (_, index) => index) as unknown as string[];
    expect(
      fieldsOf(await failure(client.create(Thing, { metadata: at('a'), spec }), 'Invalid')),
    ).toHaveLength(100);
  });

  it('refuse a default that is not JSON when it is made', async () => {
    const Thing = defineResource({ ...names, spec: z.object({ n: z.any().default(() => Number.NaN) }) });
    const { client } = setUp({}, Thing);
    expect(fieldsOf(await failure(client.create(Thing, { metadata: at('a'), spec: {} }), 'Invalid'))).toEqual(
      ['spec.n'],
    );
  });

  it('that turn out to refine asynchronously are a mistake of the program', async () => {
    const late = z.string().refine((value) => Promise.resolve(value !== ''));
    const Thing = defineResource({ ...names, spec: z.object({ late }) });
    const { client } = setUp({}, Thing);
    const create = client.create(Thing, { metadata: at('a'), spec: { late: 'x' } });
    await expect(create).rejects.toThrow(TypeError);
    expect((await client.list(Thing)).resourceVersion).toBe('1');
  });

  it('leave undefined out, and null where the schema lets it', async () => {
    const Thing = defineResource({
      ...names,
      spec: z.object({ a: z.string().optional(), b: z.string().nullable() }),
    });
    const { client } = setUp({}, Thing);
    const given = { metadata: at('a'), spec: { a: undefined, b: null } };
    const thing = await client.create(Thing, given);
    expect(Object.keys(thing.spec)).toEqual(['b']);
    const wrong = { metadata: at('b'), spec: { a: null, b: null } } as never;
    expect(fieldsOf(await failure(client.create(Thing, wrong), 'Invalid'))).toEqual(['spec.a']);
  });
});
