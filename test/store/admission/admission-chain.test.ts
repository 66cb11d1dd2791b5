import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../src/core/index.js';
import { AdmissionChain } from '../../../src/store/admission/admission-chain.js';
import type { AdmissionPlugin, AdmissionRequest } from '../../../src/store/admission/admission-plugin.js';
import type { StoredObject } from '../../../src/store/stored-object.js';
import { expectDeeplyFrozen, Note } from '../kit.js';
import { FakeStore, mutate, requestOf, stored, thrown, validate } from './kit.js';

const note = stored(Note, { metadata: { name: 'a', namespace: 'default' }, text: 'hello' });
const create = requestOf(Note, { object: note });

/** A plugin that sets a field, unless it is set already; it tells what it was asked. */
function setter(name: string, field: string, log: string[] = []): AdmissionPlugin {
  return {
    name,
    mutate: ({ object, isReinvocation }) => {
      log.push(isReinvocation ? `${name} again` : name);
      return Object.hasOwn(object, field) ? undefined : { ...object, [field]: name };
    },
  };
}

describe('a chain that mutates', () => {
  it('gives back the very object where nobody changes it', () => {
    expect(mutate([], create)).toBe(note);
    expect(mutate([{ name: 'a', mutate: () => undefined }], create)).toBe(note);
    expect(mutate([{ name: 'a', mutate: ({ object }) => object }], create)).toBe(note);
    expect(mutate([{ name: 'a', mutate: ({ object }) => structuredClone(object) }], create)).toBe(note);
  });

  it('asks its plugins in their order, each about what the one before has made of it', () => {
    const log: string[] = [];
    const add = (name: string): AdmissionPlugin => ({
      name,
      mutate: ({ object, isReinvocation }) =>
        isReinvocation ? undefined : { ...object, text: `${object['text'] as string} ${name}` },
    });
    expect(mutate([add('a'), setter('b', 'by', log), add('c')], create)).toMatchObject({
      text: 'hello a c',
      by: 'b',
    });
    expect(log).toEqual(['b', 'b again']);
  });

  it('asks those once more who were asked before the last change, and no further', () => {
    const log: string[] = [];
    const restless: AdmissionPlugin = {
      name: 'restless',
      mutate: ({ object }) => {
        log.push('restless');
        return { ...object, count: ((object['count'] as number | undefined) ?? 0) + 1 };
      },
    };
    const last = setter('last', 'other', log);
    expect(mutate([setter('first', 'by', log), restless, last], create)).toMatchObject({ count: 2 });
    // the one that changed last is not asked again, although another changed the object after it
    expect(log).toEqual(['first', 'restless', 'last', 'first again', 'restless']);
  });

  it('does not ask twice where the only change is that of the first', () => {
    const log: string[] = [];
    void mutate([setter('a', 'by', log), setter('b', 'by', log)], create);
    expect(log).toEqual(['a', 'b']);
  });

  it('freezes what plugins make, through and through, and shares what they left', () => {
    const labels = { app: 'a' };
    const plugin: AdmissionPlugin = {
      name: 'labels',
      mutate: ({ object }) => ({ ...object, metadata: { ...object.metadata, labels } }),
    };
    const before = stored(Note, { metadata: { name: 'a', namespace: 'default' }, part: { of: 'it' } });
    const after = mutate([plugin], requestOf(Note, { object: before })) as StoredObject;
    expectDeeplyFrozen(after);
    expect(after['part']).toBe(before['part']);
    labels.app = 'b';
    expect(after.metadata.labels).toEqual({ app: 'a' });
  });

  it('shows plugins frozen requests and objects', () => {
    const seen: AdmissionRequest[] = [];
    const object = structuredClone(note);
    const see = (request: AdmissionRequest): undefined => void seen.push(request);
    const plugin: AdmissionPlugin = { name: 'a', mutate: see, validate: see };
    void mutate([plugin], { ...create, object });
    void validate([plugin], { ...create, object: structuredClone(note) });
    expect(seen).toHaveLength(2);
    for (const request of seen) {
      expect(Object.isFrozen(request)).toBe(true);
      expectDeeplyFrozen(request.object);
    }
  });

  it('waits for promises, and only then is one itself', async () => {
    const slow: AdmissionPlugin = {
      name: 'slow',
      mutate: async ({ object }) => {
        await Promise.resolve();
        return { ...object, by: 'slow' };
      },
    };
    const log: string[] = [];
    const answer = mutate([setter('a', 'text2', log), slow, setter('b', 'by', log)], create);
    expect(answer).toBeInstanceOf(Promise);
    expect(await answer).toMatchObject({ by: 'slow', text2: 'a' });
    expect(log).toEqual(['a', 'b', 'a again']);
  });

  it.each([
    ['apiVersion', (object: StoredObject) => ({ ...object, apiVersion: 'v2' })],
    ['kind', (object: StoredObject) => ({ ...object, kind: 'Other' })],
    ...(
      [
        ['name', 'b'],
        ['namespace', 'other'],
        ['uid', 'x'],
        ['resourceVersion', '2'],
        ['creationTimestamp', '2020-01-01T00:00:00Z'],
        ['deletionTimestamp', '2020-01-01T00:00:00Z'],
        ['deletionGracePeriodSeconds', 1],
        ['generation', 7],
        ['managedFields', []],
      ] as const
    ).map(
      ([field, value]) =>
        [
          `metadata.${field}`,
          (object: StoredObject): StoredObject => ({
            ...object,
            metadata: { ...object.metadata, [field]: value },
          }),
        ] as const,
    ),
  ] as const)('refuses a change of %s, and says whose fault it is', (field, change) => {
    const error = thrown(() => mutate([{ name: 'culprit', mutate: ({ object }) => change(object) }], create));
    expect(error).toMatchObject({ reason: 'InternalError' });
    expect((error as Error).message).toContain(`admission plugin "culprit": ${field}: expected it to stay `);
  });

  it.each([
    ['a list', () => []],
    ['a text', () => 'x'],
    ['no metadata', (object: StoredObject) => ({ ...object, metadata: undefined })],
    ['something that is not JSON', (object: StoredObject) => ({ ...object, text: () => 1 })],
    ['an instance', () => new Map()],
  ])('refuses %s as an object', (_what, answer) => {
    const plugin = {
      name: 'culprit',
      mutate: (request: { object: StoredObject }) => answer(request.object),
    } as unknown as AdmissionPlugin;
    const error = thrown(() => mutate([plugin], create));
    expect(error).toMatchObject({ reason: 'InternalError' });
    expect((error as Error).message).toContain('admission plugin "culprit": ');
  });
});

describe('a chain', () => {
  const denial = ApiError.forbidden(Note, 'a', 'no');
  const failure = new RangeError('broken');

  it('lets the errors of plugins through, and blames them for all others', async () => {
    const ways: ((error: Error) => AdmissionPlugin)[] = [
      (error) => ({
        name: 'p',
        handles: () => {
          throw error;
        },
        mutate: () => undefined,
        validate: () => undefined,
        accompany: () => undefined,
      }),
      (error) => {
        const fail = (): never => {
          throw error;
        };
        return { name: 'p', mutate: fail, validate: fail, accompany: fail };
      },
    ];
    for (const way of ways) {
      const tries: ((plugin: AdmissionPlugin) => unknown)[] = [
        (plugin) => mutate([plugin], create),
        (plugin) => validate([plugin], create),
        (plugin) => new AdmissionChain([plugin]).accompany(create, new FakeStore()),
      ];
      for (const attempt of tries) {
        expect(thrown(() => attempt(way(denial)))).toBe(denial);
        const error = thrown(() => attempt(way(failure)));
        expect(error).toMatchObject({ reason: 'InternalError', cause: failure });
        expect((error as Error).message).toBe('Internal error occurred: admission plugin "p": broken');
      }
    }
    const late = { name: 'late', mutate: async () => Promise.reject(failure) };
    await expect(mutate([late], create)).rejects.toMatchObject({ reason: 'InternalError', cause: failure });
    const text = { name: 'text', validate: async () => Promise.reject('what') };
    await expect(validate([text], create)).rejects.toMatchObject({ cause: 'what' });
  });

  it('asks to validate one after another, and stops at the first objection', async () => {
    const log: string[] = [];
    const say = (name: string, answer: () => void | Promise<void> = () => undefined): AdmissionPlugin => ({
      name,
      validate: () => {
        log.push(name);
        return answer();
      },
    });
    expect(validate([say('a'), say('b')], create)).toBeUndefined();
    const refuse = (): never => {
      throw denial;
    };
    const slow = async (): Promise<void> => {
      await Promise.resolve();
      log.push('slow ended');
    };
    await expect(validate([say('slow', slow), say('c', refuse), say('d')], create)).rejects.toBe(denial);
    expect(log).toEqual(['a', 'b', 'slow', 'slow ended', 'c']);
  });

  it('asks only those who have a say in the request, about what it is by then', () => {
    const log: string[] = [];
    const picky: AdmissionPlugin = {
      name: 'picky',
      handles: ({ object }) => object?.['by'] === 'a',
      mutate: ({ object }) => {
        log.push(`picky of ${object['by'] as string}`);
        return undefined;
      },
    };
    void mutate([picky, setter('a', 'by'), { ...picky, name: 'picky too' }], create);
    // the first had no say at first, but has in what came out
    expect(log).toEqual(['picky of a', 'picky of a']);
  });

  it('says whether there is anybody to ask', () => {
    const parts = { mutate: () => undefined, validate: () => undefined, accompany: () => undefined };
    const told = [{}, ...Object.entries(parts).map(([part, ask]) => ({ [part]: ask }))].map((part) => {
      const { mutates, validates, accompanies } = new AdmissionChain([{ name: 'a', ...part }]);
      return [mutates, validates, accompanies];
    });
    expect(told).toEqual([
      [false, false, false],
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ]);
  });

  it('lets plugins write beside a write, at once', () => {
    const store = new FakeStore(Note);
    const chain = new AdmissionChain([
      {
        name: 'log',
        accompany: ({ key }, writer) => {
          writer.create(Note, { metadata: { name: `log-of-${key.name}`, namespace: 'default' } });
        },
      },
    ]);
    chain.accompany(create, store);
    expect(store.list(Note)).toHaveLength(1);
    chain.accompany({ ...create, dryRun: true, key: { name: 'b', namespace: 'default' } }, store);
    expect(store.list(Note)).toHaveLength(1);
  });

  it('takes no promise from what writes beside', async () => {
    for (const answer of [Promise.resolve(), Promise.reject(new Error('late'))]) {
      const plugin: AdmissionPlugin = { name: 'late', accompany: () => answer as unknown as undefined };
      const work = (): void => new AdmissionChain([plugin]).accompany(create, new FakeStore());
      expect(work).toThrow(TypeError);
      expect(work).toThrow('admission plugin "late": accompany: expected it to write at once');
    }
    await Promise.resolve();
  });

  it.each([
    [null, 'admission: expected a list of plugins, got null'],
    [[null], 'admission[0]: expected a plugin, got null'],
    [[{}], 'admission[0].name: expected a name, got undefined'],
    [[{ name: 'a' }, { name: 'a' }], 'admission[1].name: expected a name that no other plugin has, got "a"'],
    [[{ name: 'a', mutate: 1 }], 'admission[0].mutate: expected a function, got 1'],
  ])('takes plugins alone', (plugins, message) => {
    const make = (): unknown => new AdmissionChain(plugins as unknown as readonly AdmissionPlugin[]);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });
});
