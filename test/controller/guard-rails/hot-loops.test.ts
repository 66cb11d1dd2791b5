import { describe, expect, it } from 'vitest';
import { defineResource } from '../../../src/resources/index.js';
import { state, Website, Writer } from './states.js';

const Page = defineResource({ group: 'example.com', version: 'v1', kind: 'Page' });

/** `count` contents. */
const contents = (count: number, content: (index: number) => object): object[] =>
  Array.from({ length: count }, (_, index) => content(index));

describe('HotLoops', () => {
  it('finds a field that gets ever new values, at the tenth change', async () => {
    const writer = new Writer();
    const found = await writer.series(
      contents(11, (index) => ({ spec: { pages: 1 }, status: { checkedAt: `12:00:${index}` } })),
      1_000,
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      controller: 'site',
      apiVersion: 'example.com/v1',
      kind: 'Website',
      key: { name: 'a', namespace: 'default' },
      writes: 10,
      duration: 9_000,
      fields: [{ path: 'status.checkedAt', pattern: 'ever new', values: ['12:00:8', '12:00:9', '12:00:10'] }],
    });
    expect(String(found[0])).toBe(
      'controller site changes Website default/a again and again (10 writes in 9 s): ' +
        'status.checkedAt gets a new value each time, lately "12:00:8", "12:00:9", "12:00:10"',
    );
  });

  it('finds a field that somebody else puts back each time', async () => {
    const writer = new Writer();
    let found: unknown;
    for (let count = 0; count < 10; count += 1) {
      const theirs = writer.next({ spec: { pages: 1, theme: 'x' } });
      const ours = writer.next({ spec: { pages: 3, theme: 'x' } });
      expect(found).toBeUndefined();
      found = writer.write(theirs, ours);
      await writer.clock.advance(20);
    }
    expect(found).toMatchObject({ fields: [{ path: 'spec.pages', pattern: 'oscillating', values: [1, 3] }] });
    expect(String(found)).toContain('(10 writes in 180 ms): spec.pages goes back and forth between 1 and 3');
  });

  it('finds a default that the server fills in each time', () => {
    const writer = new Writer();
    let found: unknown;
    for (let count = 0; count < 10; count += 1) {
      found = writer.write(writer.next({ spec: { policy: 'Always' } }), writer.next({ spec: {} }));
    }
    expect(String(found)).toContain('spec.policy goes back and forth between "Always" and nothing');
  });

  it('finds a field that the controller itself changes to and fro', async () => {
    const writer = new Writer();
    const found = await writer.series(
      contents(11, (index) => ({ spec: { pages: index % 3 } })),
      10,
    );
    expect(found[0]?.fields).toEqual([{ path: 'spec.pages', pattern: 'oscillating', values: [2, 0, 1] }]);
  });

  it('tells of every field that each of the writes changed, and of no other', async () => {
    const writer = new Writer();
    const [found] = await writer.series(
      contents(11, (index) => ({
        spec: { pages: index < 5 ? 0 : index },
        status: { a: index, list: [{ at: index % 2 }, { at: 7 }], grows: contents(index, () => ({})) },
      })),
      10,
    );
    expect(found?.fields.map(({ path }) => path)).toEqual(['status.a', 'status.list[0].at', 'status.grows']);
    expect(String(found)).toContain(
      'status.grows gets a new value each time, lately an array of 8, an array',
    );
  });

  it('names three fields, and how many more there are', async () => {
    const writer = new Writer();
    const [found] = await writer.series(
      contents(11, (index) => ({ status: { a: index, b: index, c: index, d: index, e: index } })),
      10,
    );
    expect(found?.fields).toHaveLength(5);
    expect(String(found)).toMatch(/status\.c gets a new value each time, lately 8, 9, 10; and 2 more$/);
  });

  it('shows where long values differ that begin alike', async () => {
    const writer = new Writer();
    const [found] = await writer.series(
      contents(11, (index) => ({ status: { text: `${'x'.repeat(200)}${index}` } })),
      10,
    );
    expect(String(found)).toContain('x9" -> "xxxxxxxxxxxxxxxxxxxx10" (from character 180)');
  });

  it('leaves alone what happens ten times in more than ten seconds', async () => {
    const writer = new Writer();
    expect(
      await writer.series(
        contents(100, (index) => ({ status: { at: index } })),
        1_120,
      ),
    ).toEqual([]);
  });

  it('leaves alone an object in which each write changes another field', async () => {
    const writer = new Writer();
    const found = await writer.series(
      contents(50, (index) => ({
        status: Object.fromEntries(contents(50, () => ({})).map((_, at) => [`f${at}`, at < index])),
      })),
      10,
    );
    expect(found).toEqual([]);
  });

  it('does not count writes that changed nothing', async () => {
    const writer = new Writer();
    const before = writer.next({ status: { at: 1 } });
    for (let count = 0; count < 30; count += 1) expect(writer.write(before, before)).toBeUndefined();
    // the cache is behind, and the server answers with what the controller wrote before
    const after = writer.next({ status: { at: 2 } });
    for (let count = 0; count < 30; count += 1) expect(writer.write(before, after)).toBeUndefined();
  });

  it('does not take a cache that is behind for a change that was put back', () => {
    const writer = new Writer();
    const stale = state(1);
    for (let count = 0; count < 30; count += 1) {
      const status = Object.fromEntries(contents(count + 1, () => ({})).map((_, index) => [`f${index}`, 1]));
      expect(writer.write(stale, writer.next({ status }))).toBeUndefined();
    }
  });

  it('does not put down to a controller what another one wrote since its cache saw the object', () => {
    const writer = new Writer();
    const observe = (controller: string, before: object, after: object): string[] => {
      const key = { name: 'a', namespace: 'default' };
      const found = writer.loops.observe({ controller, resource: Website, key, before, after });
      return (found?.fields ?? []).map(({ path }) => `${controller}: ${path}`);
    };
    let cached = writer.next({ status: { a: 0, b: 0 } });
    const found: string[] = [];
    for (let count = 1; count <= 15; count += 1) {
      // both see the same old state
      const one = writer.next({ status: { a: count, b: count - 1 } });
      const two = writer.next({ status: { a: count, b: count } });
      found.push(...observe('one', cached, one), ...observe('two', cached, two));
      cached = two;
    }
    expect(found).toEqual(['one: status.a', 'two: status.b']);
  });

  it('compares with the answer before where the controller has no cache of the kind', () => {
    const writer = new Writer();
    const found = contents(11, (index) => ({ status: { at: index } })).map((content) =>
      writer.write(undefined, writer.next(content)),
    );
    expect(found.filter((loop) => loop !== undefined)).toHaveLength(1);
  });

  it('takes no notice of metadata that the server writes', async () => {
    const writer = new Writer();
    let before = state(1);
    for (let index = 2; index < 40; index += 1) {
      const metadata = {
        generation: index,
        managedFields: [{ time: `${index}` }],
        labels: { [`l${index}`]: 'x' },
      };
      const after = writer.next({ spec: { pages: 1 } }, metadata);
      expect(writer.write(before, after)).toBeUndefined();
      before = after;
    }
  });

  it('finds labels and annotations that change', () => {
    const writer = new Writer();
    const found = contents(11, (index) => ({ annotations: { 'example.com/at': `${index}` } })).map(
      (metadata) => writer.write(undefined, writer.next({}, metadata)),
    );
    expect(String(found.at(-1))).toContain('metadata.annotations[example.com/at] gets a new value');
  });

  it('begins anew with an object that was deleted and created again', () => {
    const writer = new Writer();
    for (let count = 0; count < 40; count += 1) {
      const metadata = { uid: `${Math.floor(count / 9)}` };
      expect(writer.write(undefined, writer.next({ status: { count } }, metadata))).toBeUndefined();
    }
  });

  it('keeps controllers, kinds, objects and stores apart', () => {
    const writer = new Writer();
    for (let count = 0; count < 36; count += 1) {
      const after = { ...writer.next({ status: { count } }), kind: count % 2 === 0 ? 'Website' : 'Page' };
      const found = writer.loops.observe({
        controller: 'site',
        resource: count % 2 === 0 ? Website : Page,
        key: { name: count % 4 < 2 ? 'a' : 'b' },
        before: undefined,
        after,
      });
      expect(found).toBeUndefined();
    }
    for (let count = 0; count < 18; count += 1) {
      const store = count % 2 === 0 ? 'eu' : 'us';
      expect(writer.write(undefined, writer.next({ status: { count } }), { store })).toBeUndefined();
    }
  });

  it('takes no notice of answers that are no state of the object', () => {
    const writer = new Writer();
    for (let count = 0; count < 20; count += 1) {
      expect(writer.write(state(1), { ...writer.next({ count }), kind: 'Scale' })).toBeUndefined();
      expect(writer.write(state(1), { kind: 'Website', metadata: {}, count })).toBeUndefined();
      expect(writer.write(state(1), { kind: 'Website', count })).toBeUndefined();
    }
  });

  it('tells of a loop once, until it was quiet for a minute', async () => {
    const writer = new Writer();
    const loop = (count: number) =>
      writer.series(
        contents(count, (index) => ({ status: { at: index } })),
        100,
      );
    expect(await loop(2_000)).toHaveLength(1);
    await writer.clock.advance(50_000);
    expect(await loop(100)).toEqual([]);
    await writer.clock.advance(61_000);
    expect(await loop(100)).toHaveLength(1);
  });

  it('counts a field as quiet while others of the object are written', async () => {
    const writer = new Writer();
    const loop = () =>
      writer.series(
        contents(30, (index) => ({ status: { at: index } })),
        100,
      );
    expect(await loop()).toHaveLength(1);
    expect(
      await writer.series(
        contents(60, (index) => ({ status: { at: 1, slow: index } })),
        1_500,
      ),
    ).toEqual([]);
    expect(await loop()).toHaveLength(1);
  });

  it('tells of another field of the object all the same', async () => {
    const writer = new Writer();
    await writer.series(
      contents(11, (index) => ({ status: { at: index } })),
      100,
    );
    const found = await writer.series(
      contents(20, (index) => ({ status: { at: index, other: index } })),
      100,
    );
    expect(found.map(({ fields }) => fields.map(({ path }) => path))).toEqual([['status.other']]);
  });

  it('remembers no more objects than it may: what was not written for longest goes', () => {
    const writer = new Writer(2);
    const write = (name: string, count: number) =>
      writer.write(undefined, writer.next({ status: { count } }), { key: { name } });
    for (let count = 0; count < 30; count += 1) {
      for (const name of ['a', 'b', 'c']) expect(write(name, count)).toBeUndefined();
    }
    const found = contents(11, () => ({})).map((_, count) => [write('b', count), write('c', count)]);
    expect(found.flat().filter((loop) => loop !== undefined)).toHaveLength(2);
  });

  it('takes hostile names for names', async () => {
    const writer = new Writer();
    const [found] = await writer.series(
      contents(11, (index) => ({
        data: JSON.parse(
          `{"__proto__":{"x":${index}},"toString":${index},"a\\nb":${index},"0":${index}}`,
        ) as object,
      })),
      10,
    );
    expect(found?.fields.map(({ path }) => path)).toEqual([
      'data["0"]',
      'data.__proto__.x',
      'data.toString',
      'data["a\\nb"]',
    ]);
    expect(String(found)).not.toContain('\n');
  });
});
