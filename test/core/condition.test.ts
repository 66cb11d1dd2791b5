import { describe, expect, it } from 'vitest';
import {
  type Condition,
  findCondition,
  isConditionTrue,
  type NewCondition,
  setCondition,
  VirtualClock,
} from '../../src/core/index.js';

const ready: NewCondition = { type: 'Ready', status: 'True', reason: 'Up', message: 'all is well' };

describe('setCondition', () => {
  it('adds a condition with the time of the clock', () => {
    const list = setCondition(undefined, ready, new VirtualClock());
    expect(list).toEqual([{ ...ready, lastTransitionTime: '2026-01-01T00:00:00Z' }]);
    expect(Object.isFrozen(list) && Object.isFrozen(list[0])).toBe(true);
    expect(Object.keys(list[0] as object)).not.toContain('observedGeneration');
  });

  it('has an empty message where none is given', () => {
    const { message: _, ...short } = ready;
    expect(setCondition([], short, new VirtualClock())[0]?.message).toBe('');
  });

  it('moves the time only when the status changes', async () => {
    const clock = new VirtualClock();
    const first = setCondition([], ready, clock);
    await clock.advance(60_000);
    const second = setCondition(first, { ...ready, reason: 'StillUp', observedGeneration: 2 }, clock);
    expect(second[0]).toMatchObject({
      reason: 'StillUp',
      observedGeneration: 2,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    });
    const third = setCondition(second, { ...ready, status: 'Unknown' }, clock);
    expect(third[0]).toMatchObject({ status: 'Unknown', lastTransitionTime: '2026-01-01T00:01:00Z' });
  });

  it('gives back the very list where nothing changes', async () => {
    const clock = new VirtualClock();
    const first = setCondition([], ready, clock);
    await clock.advance(60_000);
    expect(setCondition(first, { ...ready }, clock)).toBe(first);
  });

  it('sees a changed generation, and one that is no longer said', () => {
    const clock = new VirtualClock();
    const seen = setCondition([], { ...ready, observedGeneration: 1 }, clock);
    expect(setCondition(seen, { ...ready, observedGeneration: 2 }, clock)[0]?.observedGeneration).toBe(2);
    expect(setCondition(seen, ready, clock)[0]).not.toHaveProperty('observedGeneration');
  });

  it('leaves the other conditions, their order and the list it is given as they were', () => {
    const clock = new VirtualClock();
    const other: NewCondition = { type: 'Synced', status: 'False', reason: 'Down' };
    const list = setCondition(setCondition([], ready, clock), other, clock);
    const next = setCondition(list, { ...ready, status: 'False' }, clock);
    expect(next.map(({ type }) => type)).toEqual(['Ready', 'Synced']);
    expect(next[1]).toBe(list[1]);
    expect(list[0]?.status).toBe('True');
  });

  it.each(['Ready', 'example.com/Ready', 'a', 'My-Type_1.b', 'Init:'.slice(0, 4)])(
    'takes the type %s',
    (type) => {
      expect(setCondition([], { ...ready, type }, new VirtualClock())[0]?.type).toBe(type);
    },
  );

  it.each<[keyof NewCondition, unknown, string]>([
    ['type', '', "type: expected a name such as 'Ready' or 'example.com/Ready', got \"\""],
    ['type', 'not ready', 'got "not ready"'],
    ['type', '/Ready', 'got "/Ready"'],
    ['type', 'Example.com/Ready', 'got "Example.com/Ready"'],
    ['type', 'R'.repeat(317), '(317 characters)'],
    ['type', undefined, 'got undefined'],
    ['status', 'true', "status: expected 'True', 'False' or 'Unknown', got \"true\""],
    ['status', true, 'got true'],
    ['reason', '', 'reason: expected upper camel case such as \'MinimumReplicasAvailable\', got ""'],
    ['reason', 'has spaces', 'got "has spaces"'],
    ['reason', 'Ends:', 'got "Ends:"'],
    ['reason', '1st', 'got "1st"'],
    ['reason', 'R'.repeat(1_025), '(1025 characters)'],
    ['reason', undefined, 'got undefined'],
    ['reason', 1n, 'got 1n'],
  ])('refuses the %s %s, naming it', (field, value, message) => {
    const set = (): unknown => setCondition([], { ...ready, [field]: value }, new VirtualClock());
    expect(set).toThrow(TypeError);
    expect(set).toThrow(`setCondition: ${field}: expected`);
    expect(set).toThrow(message);
  });
});

describe('findCondition and isConditionTrue', () => {
  const list: readonly Condition[] = setCondition([], ready, new VirtualClock());

  it('find a condition by its type', () => {
    expect(findCondition(list, 'Ready')).toBe(list[0]);
    expect(findCondition(list, 'ready')).toBeUndefined();
    expect(findCondition(undefined, 'Ready')).toBeUndefined();
  });

  it('take only True for true', () => {
    expect(isConditionTrue(list, 'Ready')).toBe(true);
    for (const status of ['False', 'Unknown'] as const) {
      expect(isConditionTrue(setCondition(list, { ...ready, status }, new VirtualClock()), 'Ready')).toBe(
        false,
      );
    }
    expect(isConditionTrue([], 'Ready')).toBe(false);
    expect(isConditionTrue(undefined, 'Ready')).toBe(false);
  });
});
