import { describe, expect, it } from 'vitest';
import { fillerOf, orZero, under } from '../../../../src/store/admission/defaults/default-table.js';

describe('a table of defaults', () => {
  it('fills in what is absent, or an empty text', () => {
    const fill = fillerOf({ 'spec.policy': 'Always', 'spec.count': 1, 'spec.on': false });
    expect(fill({ spec: {} })).toEqual({ spec: { policy: 'Always', count: 1, on: false } });
    expect(fill({ spec: { policy: '', count: 0, on: true } })).toEqual({
      spec: { policy: 'Always', count: 0, on: true },
    });
  });

  it('gives back the very object where nothing is missing, and shares what it left', () => {
    const fill = fillerOf({ 'spec.policy': 'Always', 'spec.items[].protocol': 'TCP' });
    const whole = { spec: { policy: 'Never', items: [{ protocol: 'UDP' }] } };
    expect(fill(whole)).toBe(whole);
    const items = [{ protocol: 'UDP' }];
    const part = { spec: { items }, other: {} };
    const filled = fill(part) as typeof part;
    expect(filled.spec.items).toBe(items);
    expect(filled.other).toBe(part.other);
    expect(part.spec).toEqual({ items });
  });

  it('makes nothing around a field, unless it says so before', () => {
    expect(fillerOf({ 'spec.probe.period': 10 })({ spec: {} })).toEqual({ spec: {} });
    expect(fillerOf({ 'spec.probe': {}, 'spec.probe.period': 10 })({ spec: {} })).toEqual({
      spec: { probe: { period: 10 } },
    });
    expect(fillerOf({ 'spec.a': 1 })({})).toEqual({});
  });

  it('reaches every item of a list, and leaves alone what is no object', () => {
    const fill = fillerOf({ 'ports[].protocol': 'TCP', 'ports[].of[].x': 1 });
    expect(fill({ ports: [{}, { protocol: 'UDP', of: [{}] }, 'odd', null] })).toEqual({
      ports: [{ protocol: 'TCP' }, { protocol: 'UDP', of: [{ x: 1 }] }, 'odd', null],
    });
    expect(fill({ ports: 'odd' })).toEqual({ ports: 'odd' });
  });

  it('asks functions, which see what stands before them', () => {
    const fill = fillerOf({
      'spec.type': 'A',
      'spec.extra': ({ type }, value, root) =>
        value === undefined ? `${type as string} of ${root['name'] as string}` : undefined,
      'spec.count': orZero(3),
    });
    expect(fill({ name: 'x', spec: { count: 0 } })).toEqual({
      name: 'x',
      spec: { type: 'A', extra: 'A of x', count: 3 },
    });
    expect(fill({ name: 'x', spec: { type: 'B', extra: 'mine', count: 7 } })).toEqual({
      name: 'x',
      spec: { type: 'B', extra: 'mine', count: 7 },
    });
  });

  it('can be used further down', () => {
    expect(Object.keys(under('spec.template', { 'a.b': 1, 'c[].d': 2 }))).toEqual([
      'spec.template.a.b',
      'spec.template.c[].d',
    ]);
  });

  it('takes every key for data', () => {
    const hostile = JSON.parse('{"spec":{"__proto__":{"polluted":true}}}') as Record<string, unknown>;
    const filled = fillerOf({ 'spec.a': 1, 'spec.constructor.b': 1 })(hostile);
    expect(JSON.stringify(filled)).toBe('{"spec":{"__proto__":{"polluted":true},"a":1}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
