import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ApiError,
  deepFreeze,
  isBadRequest,
  isConflict,
  isInvalid,
  jsonEqual,
  type JsonObject,
} from '../../../src/core/index.js';
import { applyServerSide, type MergeSchema, updateManagedFields } from '../../../src/patch/index.js';
import { canonical } from '../json-model.js';
import { specs, Widget, widget } from './widget.js';

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly time?: string;
  readonly fieldsV1: object;
}

interface ApplyOptions {
  readonly force?: boolean;
  readonly now?: string | number | Date;
  readonly subresource?: string;
}

function apply(
  live: JsonObject | undefined,
  manager: string,
  spec: object,
  options: ApplyOptions = {},
): JsonObject {
  return applyServerSide<JsonObject>({ live, applied: widget(spec), manager, ...options }, Widget);
}

function entriesOf(object: JsonObject): readonly Entry[] {
  return (object['metadata'] as { managedFields?: Entry[] }).managedFields ?? [];
}

function fieldsOf(object: JsonObject, manager: string): object | undefined {
  return entriesOf(object).find((entry) => entry.manager === manager)?.fieldsV1;
}

function caught(work: () => unknown): ApiError {
  try {
    work();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('expected an ApiError, got none');
}

describe('applyServerSide', () => {
  it('creates an object and says who owns what', () => {
    const applied = {
      metadata: { name: 'w' },
      spec: { ports: [{ port: 1 }], limits: { cpu: '1' }, zones: [] },
    };
    const created = applyServerSide({ applied, manager: 'me', now: 0 }, Widget);
    expect(created).toEqual({
      ...widget({ ports: [{ port: 1 }], limits: { cpu: '1' }, zones: [] }),
      metadata: {
        name: 'w',
        managedFields: [
          {
            manager: 'me',
            operation: 'Apply',
            apiVersion: 'example.com/v1',
            time: '1970-01-01T00:00:00Z',
            fieldsType: 'FieldsV1',
            fieldsV1: {
              'f:spec': {
                'f:ports': { 'k:{"port":1,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
                'f:limits': { 'f:cpu': {} },
              },
            },
          },
        ],
      },
    });
    expect(deepFreeze(created)).toBe(created);
  });

  it('names owner and field of every conflict, as Kubernetes does', () => {
    const one = updateManagedFields(
      { next: widget({ replicas: 1, ports: [{ port: 1, name: 'a' }] }), manager: 'boss' },
      Widget,
    );
    const live = apply(one, 'me', { image: 'a' }, { subresource: 'status' });
    const error = caught(() =>
      apply(live, 'you', { replicas: 2, ports: [{ port: 1, name: 'b' }], image: 'b' }),
    );
    expect(isConflict(error)).toBe(true);
    expect(error.details.causes).toEqual([
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "boss" using example.com/v1',
        field: '.spec.replicas',
      },
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "boss" using example.com/v1',
        field: '.spec.ports[port=1,protocol="TCP"].name',
      },
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "me" with subresource "status"',
        field: '.spec.image',
      },
    ]);
    expect(error.message).toBe(
      [
        'Apply failed with 3 conflicts: conflicts with "boss" using example.com/v1:',
        '- .spec.replicas',
        '- .spec.ports[port=1,protocol="TCP"].name',
        'conflicts with "me" with subresource "status":',
        '- .spec.image',
      ].join('\n'),
    );
    const alone = caught(() => apply(live, 'you', { replicas: 2 }));
    expect(alone.message).toBe(
      'Apply failed with 1 conflict: conflict with "boss" using example.com/v1: .spec.replicas',
    );
  });

  it('takes over by force, and the loser owns it no more', () => {
    const live = apply(undefined, 'one', { image: 'a', replicas: 1 });
    const forced = apply(live, 'two', { image: 'b' }, { force: true });
    expect(forced['spec']).toEqual({ image: 'b', replicas: 1 });
    expect(fieldsOf(forced, 'one')).toEqual({ 'f:spec': { 'f:replicas': {} } });
    expect(fieldsOf(forced, 'two')).toEqual({ 'f:spec': { 'f:image': {} } });
  });

  it('removes what only its manager owned, and leaves what is shared', () => {
    const one = apply(undefined, 'one', { image: 'a', replicas: 1, zones: ['a', 'b'], limits: { cpu: '1' } });
    const both = apply(one, 'two', { image: 'a', zones: ['b'] });
    const applied = { metadata: { name: 'w' } };
    const less = applyServerSide<JsonObject>({ live: both, applied, manager: 'one' }, Widget);
    expect(less['spec']).toEqual({ image: 'a', zones: ['b'] });
    expect(fieldsOf(less, 'one')).toBeUndefined();
    expect(less['metadata']).toMatchObject({ name: 'w' });
  });

  it('leaves null where an updater owns what others emptied', () => {
    const created = updateManagedFields({ next: widget({ limits: {} }), manager: 'boss' }, Widget);
    const live = apply(created, 'me', { limits: { cpu: '1' } });
    expect(apply(live, 'me', {})['spec']).toEqual({ limits: null });
  });

  it('keeps the time of an apply that changes nothing, and gives back the very object', () => {
    const live = apply(undefined, 'me', { image: 'a' }, { now: '2026-01-01T00:00:00Z' });
    expect(apply(live, 'me', { image: 'a' }, { now: '2026-01-02T00:00:00Z' })).toBe(live);
    const shared = apply(live, 'you', { image: 'a' }, { now: '2026-01-02T00:00:00Z' });
    expect(shared['spec']).toBe(live['spec']);
    expect(entriesOf(shared).map(({ manager, time }) => [manager, time])).toEqual([
      ['you', undefined],
      ['me', '2026-01-01T00:00:00Z'],
    ]);
    const unfrozen = JSON.parse(JSON.stringify(live)) as JsonObject;
    expect(apply(unfrozen, 'me', { image: 'a' })).toBe(unfrozen);
  });

  it('takes any form of time, and none', () => {
    const times = [0, new Date(0), '1970-01-01T01:00:00.9+01:00', undefined].map((now) => {
      const options = now === undefined ? {} : { now };
      return entriesOf(apply(undefined, 'me', { image: 'a' }, options))[0]?.time;
    });
    expect(times).toEqual([...Array<string>(3).fill('1970-01-01T00:00:00Z'), undefined]);
    for (const now of ['today', Number.NaN, new Date(Number.NaN), 1e15, '2026-02-30T00:00:00Z']) {
      expect(isBadRequest(caught(() => apply(undefined, 'me', {}, { now })))).toBe(true);
    }
  });

  it('gives what was there before anyone applied to before-first-apply', () => {
    const error = caught(() => apply(widget({ image: 'a' }, { uid: 'u' }), 'me', { image: 'b' }));
    expect(error.details.causes?.map(({ field, message }) => [field, message])).toEqual([
      ['.spec.image', 'conflict with "before-first-apply" using example.com/v1'],
    ]);
    const applied = apply(widget({ image: 'a', limits: {} }, { uid: 'u' }), 'me', { image: 'a' });
    expect(fieldsOf(applied, 'before-first-apply')).toEqual({
      'f:spec': { '.': {}, 'f:image': {}, 'f:limits': {} },
    });
  });

  it('puts items in the order of the intent, and those of others between', () => {
    const ports = (...numbers: number[]): object => ({ ports: numbers.map((port) => ({ port })) });
    const orderOf = (object: JsonObject): unknown =>
      ((object['spec'] as JsonObject)['ports'] as JsonObject[]).map((item) => item['port']);
    const live = apply(undefined, 'one', ports(1, 2, 3, 4, 5));
    expect(orderOf(apply(live, 'two', ports(4, 2)))).toEqual([1, 3, 4, 5, 2]);
    expect(orderOf(apply(live, 'two', ports(9, 1)))).toEqual([9, 1, 2, 3, 4, 5]);
    expect(orderOf(apply(live, 'one', ports(5, 1)))).toEqual([5, 1]);
  });

  it('replaces atomic fields as a whole, and tells items apart by keys with defaults', () => {
    const live = apply(undefined, 'me', {
      point: { x: 1, y: 2 },
      command: ['a'],
      ports: [{ port: 1, name: 'a' }],
    });
    const next = apply(live, 'me', {
      point: { x: 3 },
      command: ['b'],
      ports: [{ port: 1, protocol: 'TCP' }],
    });
    expect(next['spec']).toEqual({ point: { x: 3 }, command: ['b'], ports: [{ port: 1, protocol: 'TCP' }] });
    expect(fieldsOf(next, 'me')).toMatchObject({ 'f:spec': { 'f:point': {}, 'f:command': {} } });
  });

  it('deduces without a schema: objects merge, lists are replaced', () => {
    const base = { apiVersion: 'v1', kind: 'Free', metadata: { name: 'f' } };
    const live = applyServerSide<JsonObject>({
      applied: { ...base, a: { list: [{ name: 'x' }] } },
      manager: 'me',
    });
    const next = applyServerSide<JsonObject>({ live, applied: { ...base, a: { b: 1 } }, manager: 'you' });
    expect(next['a']).toEqual({ list: [{ name: 'x' }], b: 1 });
    expect(fieldsOf(next, 'me')).toEqual({ 'f:a': { '.': {}, 'f:list': {} } });
    expect(
      isConflict(
        caught(() =>
          applyServerSide<JsonObject>({ live: next, applied: { ...base, a: { list: [] } }, manager: 'you' }),
        ),
      ),
    ).toBe(true);
  });

  it('merges items that the live object has twice into one', () => {
    const live = updateManagedFields({ next: widget({ zones: ['a', 'b', 'a'] }), manager: 'boss' }, Widget);
    expect(apply(live, 'me', { image: 'x' })['spec']).toEqual({ zones: ['a', 'b', 'a'], image: 'x' });
    expect(apply(live, 'me', { zones: ['a'] }, { force: true })['spec']).toEqual({ zones: ['a', 'b'] });
  });

  it('lets kubectl take over what its client side applied', () => {
    const key = 'kubectl.kubernetes.io/last-applied-configuration';
    const before = widget({ image: 'a', replicas: 1 });
    const live = updateManagedFields(
      {
        next: widget({ image: 'a', replicas: 2 }, { annotations: { [key]: JSON.stringify(before) } }),
        manager: 'kubectl-client-side-apply',
      },
      Widget,
    );
    const next = apply(live, 'kubectl', { image: 'b' });
    const annotations = (next['metadata'] as { annotations: Record<string, string> }).annotations;
    expect(JSON.parse(annotations[key] ?? '')).toEqual(widget({ image: 'b' }));
    expect(next['spec']).toEqual({ image: 'b', replicas: 2 });
    expect(isConflict(caught(() => apply(live, 'kubectl', { replicas: 3 })))).toBe(true);
    expect(isConflict(caught(() => apply(live, 'other', { image: 'b' })))).toBe(true);
  });

  it('takes lists of 100,000 items', () => {
    const zones = Array.from({ length: 100_000 }, (_, index) => `z${index}`);
    const live = apply(undefined, 'me', { zones });
    expect(apply(live, 'me', { zones })).toBe(live);
    const turned = apply(live, 'me', { zones: zones.toReversed().slice(1) });
    expect(turned['spec']).toEqual({ zones: zones.toReversed().slice(1) });
  });

  it('calls a manager without a name unknown', () => {
    expect(entriesOf(apply(undefined, '', { image: 'a' }))[0]?.manager).toBe('unknown');
  });
});

describe('applyServerSide refuses', () => {
  it.each<[string, object, string]>([
    ['an unknown field', { spec: { bogus: 1 } }, 'spec.bogus'],
    ['a field that every object inherits', { spec: { toString: 'x' } }, 'spec.toString'],
    ['a number for a text', { spec: { image: 1 } }, 'spec.image'],
    ['an object for a list', { spec: { ports: {} } }, 'spec.ports'],
    ['a list for an object', { spec: [] }, 'spec'],
    ['a list for a quantity', { spec: { size: [] } }, 'spec.size'],
    [
      'the same item twice',
      { spec: { ports: [{ port: 1 }, { port: 1, protocol: 'TCP' }] } },
      'spec.ports[1]',
    ],
    ['the same value twice', { spec: { zones: ['a', 'a'] } }, 'spec.zones[1]'],
    ['null in a set', { spec: { zones: [null] } }, 'spec.zones[0]'],
    ['an object in a set', { spec: { zones: [{}] } }, 'spec.zones[0]'],
    ['null for an item', { spec: { ports: [null] } }, 'spec.ports[0]'],
    ['a wrong value inside an atomic object', { spec: { point: { x: 'a' } } }, 'spec.point.x'],
    ['a wrong value inside an atomic list', { spec: { command: ['a', 1] } }, 'spec.command[1]'],
    [
      'the same owner twice',
      { metadata: { ownerReferences: [{ uid: 'u' }, { uid: 'u' }] } },
      'metadata.ownerReferences[1]',
    ],
  ])('%s, naming it', (_, applied, field) => {
    const error = caught(() => applyServerSide({ applied, manager: 'me' }, Widget));
    expect(isInvalid(error)).toBe(true);
    expect(error.details.causes?.map((cause) => cause.field)).toEqual([field]);
    expect(error.message).toContain(field);
  });

  it('an item without any key', () => {
    const item: MergeSchema = { fields: { name: { type: 'string' } } };
    const list = { type: item, list: true, listType: 'map', listMapKeys: ['name'] } as const;
    const applied = { apiVersion: 'v1', kind: 'X', list: [{}] };
    const error = caught(() => applyServerSide({ applied, manager: 'me' }, { fields: { list } }));
    expect(error.details.causes?.[0]).toMatchObject({ field: 'list[0]' });
  });

  it.each<[string, unknown]>([
    ['no object', []],
    ['what is no JSON', { spec: { image: new Date(0) } }],
    ['another kind', { kind: 'Gadget' }],
    ['another version', { apiVersion: 'example.com/v2' }],
    ['managedFields', { metadata: { managedFields: [] } }],
  ])('%s as malformed', (_, applied) => {
    expect(
      isBadRequest(caught(() => applyServerSide({ applied: applied as object, manager: 'me' }, Widget))),
    ).toBe(true);
  });

  it('an object of no kind, where no resource says which', () => {
    expect(isBadRequest(caught(() => applyServerSide({ applied: { kind: 'X' }, manager: 'me' })))).toBe(true);
    expect(
      isBadRequest(caught(() => applyServerSide({ applied: { apiVersion: 'v1' }, manager: 'me' }))),
    ).toBe(true);
  });

  it('but takes null for managedFields', () => {
    const applied = { metadata: { managedFields: null }, spec: { image: 'a' } };
    expect(applyServerSide<JsonObject>({ applied, manager: 'me' }, Widget)['spec']).toEqual({ image: 'a' });
  });

  it('a live object whose managedFields are malformed, naming the entry', () => {
    const managedFields = [
      { manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { spec: {} } },
    ];
    const error = caught(() => apply(widget({}, { managedFields }), 'me', {}));
    expect(isInvalid(error)).toBe(true);
    expect(error.details.causes?.[0]?.field).toBe('metadata.managedFields[0].fieldsV1');
  });

  it('bombs', () => {
    let bomb: object = {};
    for (let level = 0; level < 100_000; level += 1) bomb = { a: bomb };
    expect(isBadRequest(caught(() => apply(undefined, 'me', { free: bomb })))).toBe(true);
    expect(isBadRequest(caught(() => apply(widget({ free: bomb }), 'me', {})))).toBe(true);
  });

  it('at most 100 fields at once', () => {
    const zones = Array.from({ length: 100_000 }, () => 'a');
    expect(caught(() => apply(undefined, 'me', { zones })).details.causes).toHaveLength(100);
  });
});

describe('any applies', () => {
  const changes = fc.array(
    fc.record({
      manager: fc.constantFrom('one', 'two', 'three'),
      spec: specs,
      force: fc.boolean(),
      isUpdate: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  );

  /** The object after these changes, without those that conflict. */
  function after(steps: typeof changes extends fc.Arbitrary<infer T> ? T : never): JsonObject | undefined {
    let live: JsonObject | undefined;
    for (const { manager, spec, force, isUpdate } of steps) {
      if (isUpdate) {
        live = updateManagedFields({ live, next: { ...live, ...widget(spec) }, manager }, Widget);
        continue;
      }
      try {
        live = apply(live, manager, spec, { force });
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
    return live === undefined ? undefined : deepFreeze(live);
  }

  it('change no input, and again change nothing', () => {
    fc.assert(
      fc.property(changes, specs, (steps, spec) => {
        const live = after(steps);
        const inputs = canonical([live, spec]);
        const next = apply(live, 'me', deepFreeze(spec), { force: true });
        expect(apply(next, 'me', spec)).toBe(next);
        expect(canonical([live, spec])).toBe(inputs);
      }),
      { numRuns: 500 },
    );
  });

  it('never conflict with an owner who agrees, and always by another value', () => {
    fc.assert(
      fc.property(changes, specs, (steps, spec) => {
        const live = apply(after(steps), 'me', spec, { force: true });
        expect(() => apply(live, 'you', spec)).not.toThrow();
        const mine = { ...spec, replicas: 7 };
        const taken = apply(live, 'me', mine, { force: true });
        expect(() => apply(taken, 'you', { replicas: 8 })).toThrow(expect.toSatisfy(isConflict));
        expect(apply(taken, 'you', { replicas: 8 }, { force: true })['spec']).toMatchObject({ replicas: 8 });
      }),
      { numRuns: 300 },
    );
  });

  it('of disjoint fields never conflict, and both take back no more than theirs', () => {
    const first = specs.map(
      ({ ports, limits }) => JSON.parse(JSON.stringify({ image: 'a', ports, limits })) as object,
    );
    const second = specs.map(
      ({ replicas, zones, free }) => JSON.parse(JSON.stringify({ replicas, zones, free })) as object,
    );
    fc.assert(
      fc.property(first, second, (one, two) => {
        const alone = apply(undefined, 'one', one);
        const both = apply(alone, 'two', two);
        const back = apply(both, 'two', {});
        expect(fieldsOf(back, 'one')).toEqual(fieldsOf(alone, 'one'));
        expect(jsonEqual(withoutEmpty(back['spec']), withoutEmpty(alone['spec']))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  /** Empty lists are nobody's, so they stay. */
  function withoutEmpty(spec: unknown): object {
    const entries = Object.entries(spec ?? {});
    return Object.fromEntries(entries.filter(([, value]) => !Array.isArray(value) || value.length > 0));
  }
});
