import { describe, expect, it } from 'vitest';
import { type Condition, type Conditioned, defineConditions, VirtualClock } from '../../../src/index.js';

const conditions = defineConditions(['Dns', 'Certificate'], { summary: 'Ready' });
const good = { status: 'True', reason: 'Done', message: 'it is done' } as const;
const bad = { status: 'False', reason: 'Broken', message: 'it is broken' } as const;
const unsure = { status: 'Unknown', reason: 'Asking' } as const;

const object = (generation?: number, list?: readonly Condition[]): Conditioned => ({
  metadata: generation === undefined ? {} : { generation },
  ...(list === undefined ? {} : { status: { conditions: list } }),
});

/** The summary of what is observed of a new object. */
function summaryOf(observed: Parameters<typeof conditions.set>[1]): Condition | undefined {
  const list = conditions.set(object(1), observed, new VirtualClock());
  return conditions.find(object(1, list), 'Ready');
}

describe('defineConditions', () => {
  it('fills in time, generation and summary', () => {
    const list = conditions.set(object(3), { Dns: good, Certificate: good }, new VirtualClock());
    const common = { status: 'True', observedGeneration: 3, lastTransitionTime: '2026-01-01T00:00:00Z' };
    expect(list).toEqual([
      { ...common, type: 'Dns', reason: 'Done', message: 'it is done' },
      { ...common, type: 'Certificate', reason: 'Done', message: 'it is done' },
      { ...common, type: 'Ready', reason: 'AllTrue', message: 'Dns, Certificate: all are True' },
    ]);
  });

  it('gives back the very same list where nothing changes, also later', async () => {
    const clock = new VirtualClock();
    const list = conditions.set(object(1), { Dns: good, Certificate: bad }, clock);
    await clock.advance(60_000);
    expect(conditions.set(object(1, list), { Dns: good, Certificate: bad }, clock)).toBe(list);
  });

  it.each([
    { observed: { Dns: good, Certificate: bad }, summary: bad },
    { observed: { Dns: bad, Certificate: { ...bad, reason: 'Later' } }, summary: bad },
    { observed: { Dns: good, Certificate: unsure }, summary: { ...unsure, message: '' } },
    { observed: { Dns: unsure, Certificate: bad }, summary: bad },
    {
      observed: { Dns: good },
      summary: { status: 'Unknown', reason: 'NotObserved', message: 'Certificate was not observed yet' },
    },
  ])('sums up: $summary.status because of $summary.reason', ({ observed, summary }) => {
    expect(summaryOf(observed)).toMatchObject(summary);
  });

  it('is not ready by what was observed at an older generation', () => {
    const clock = new VirtualClock();
    const list = conditions.set(object(1), { Dns: good, Certificate: good }, clock);
    const changed = object(2, list);
    expect(conditions.isStale(changed, 'Ready')).toBe(true);
    expect(conditions.isTrue(changed, 'Ready')).toBe(false);
    expect(conditions.isTrue(object(1, list), 'Ready')).toBe(true);

    const half = object(2, conditions.set(changed, { Dns: good }, clock));
    expect(conditions.find(half, 'Ready')).toMatchObject({
      status: 'Unknown',
      observedGeneration: 2,
      reason: 'Stale',
      message: 'Certificate was observed at generation 1, of 2',
    });
    expect(conditions.isStale(half, 'Dns')).toBe(false);
    expect(conditions.isStale(half, 'Certificate')).toBe(true);
  });

  it('says no generation where the object has none, and then nothing is stale', () => {
    const list = conditions.set(object(), { Dns: good, Certificate: good }, new VirtualClock());
    expect(list[0]).not.toHaveProperty('observedGeneration');
    expect(conditions.isTrue(object(undefined, list), 'Ready')).toBe(true);
    expect(conditions.isStale(object(7, list), 'Ready')).toBe(false);
    expect(conditions.isStale(object(7), 'Ready')).toBe(false);
  });

  it('leaves the conditions of others where they are', () => {
    const clock = new VirtualClock();
    const theirs: Condition = {
      type: 'example.com/Theirs',
      ...bad,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const list = conditions.set(object(1, [theirs]), { Dns: good, Certificate: good }, clock);
    expect(list[0]).toBe(theirs);
    expect(list.at(-1)).toMatchObject({ type: 'Ready', status: 'True' });
  });

  it('needs no summary', () => {
    const plain = defineConditions(['Synced']);
    expect(plain.set(object(1), { Synced: good }, new VirtualClock())).toHaveLength(1);
    // @ts-expect-error: there is no such condition
    expect(plain.find(object(1), 'Ready')).toBeUndefined();
  });

  it('refuses names that make no sense, at compile time and at run time', () => {
    expect(() => defineConditions([])).toThrow('expected one name or more, each once, got ');
    expect(() => defineConditions(['A', 'A'])).toThrow('each once, got "A", "A"');
    expect(() => defineConditions(['Ready'], { summary: 'Ready' })).toThrow(TypeError);
    const clock = new VirtualClock();
    // @ts-expect-error: a name that was not declared
    expect(() => conditions.set(object(1), { Dnss: good }, clock)).toThrow(
      'conditions: expected one of Dns, Certificate, got "Dnss"',
    );
    // @ts-expect-error: the summary follows from the others
    expect(() => conditions.set(object(1), { Ready: good }, clock)).toThrow(TypeError);
    expect(() => conditions.set(object(1), { Dns: { status: 'True', reason: 'not so' } }, clock)).toThrow(
      'setCondition: reason',
    );
  });
});
