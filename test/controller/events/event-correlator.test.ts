import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventCorrelator } from '../../../src/controller/events/event-correlator.js';
import type { EventRecord } from '../../../src/controller/events/event-record.js';
import type { NewEvent } from '../../../src/controller/events/new-event.js';

const SECOND = 1_000;
const MINUTE = 60_000;

interface Told {
  readonly object?: string;
  readonly controller?: string;
  readonly reason?: string;
  readonly note?: string;
}

function event({ object = 'a', controller = 'lamps', reason = 'Lit', note = '' }: Told, at = 0): NewEvent {
  return {
    metadata: { name: `${object}.${at}`, namespace: 'default' },
    eventTime: `at ${at}`,
    type: 'Normal',
    reason,
    action: reason,
    note,
    regarding: { kind: 'Lamp', name: object },
    reportingController: controller,
  };
}

describe('identical events', () => {
  it('are one record that counts them', () => {
    const correlator = new EventCorrelator();
    const first = correlator.observe(event({}, 0), 0).record;
    for (let at = 1; at < 100; at += 1) expect(correlator.observe(event({}, at), at).record).toBe(first);
    expect(first?.count).toBe(100);
    expect(first?.object).toMatchObject({
      eventTime: 'at 0',
      series: { count: 100, lastObservedTime: 'at 99' },
    });
  });

  it.each<[string, Told]>([
    ['object', { object: 'b' }],
    ['controller', { controller: 'other' }],
    ['reason', { reason: 'Broken' }],
    ['note', { note: 'twice' }],
  ])('are not those of another %s', (_what, other) => {
    const correlator = new EventCorrelator();
    const { record } = correlator.observe(event({}), 0);
    expect(correlator.observe(event(other), 0).record).not.toBe(record);
  });

  it('are identical at every revision of the object', () => {
    const correlator = new EventCorrelator();
    const at = (resourceVersion: string) => ({
      ...event({}),
      regarding: { kind: 'Lamp', name: 'a', resourceVersion },
    });
    const { record } = correlator.observe(at('1'), 0);
    expect(correlator.observe(at('2'), 0).record).toBe(record);
  });

  it('are a new record 6 minutes after the last one, and what is not written of the old one is due', () => {
    const correlator = new EventCorrelator();
    const { record } = correlator.observe(event({}), 0);
    record?.wrote(1, 0);
    expect(correlator.observe(event({}), 6 * MINUTE - 1).record).toBe(record);
    record?.wrote(2, 6 * MINUTE);
    correlator.observe(event({}), 6 * MINUTE);
    expect(record?.dueAt).toBe(12 * MINUTE);
    const { record: next, ended } = correlator.observe(event({}), 12 * MINUTE);
    expect(next).not.toBe(record);
    expect(ended).toBe(record);
    expect(record?.dueAt).toBe(Number.NEGATIVE_INFINITY);
  });

  it('are due at once for the first and the second time, and then after 6 quiet minutes or 30 of any', () => {
    const correlator = new EventCorrelator();
    const { record } = correlator.observe(event({}), 0);
    expect(record?.dueAt).toBe(Number.NEGATIVE_INFINITY);
    record?.wrote(1, 0);
    expect(record?.dueAt).toBe(Number.POSITIVE_INFINITY);
    correlator.observe(event({}), 1);
    expect(record?.dueAt).toBe(Number.NEGATIVE_INFINITY);
    record?.wrote(2, 1);
    correlator.observe(event({}), 2);
    expect(record?.dueAt).toBe(2 + 6 * MINUTE);
    for (let at = MINUTE; at <= 29 * MINUTE; at += MINUTE) correlator.observe(event({}), at);
    expect(record?.dueAt).toBe(1 + 30 * MINUTE);
  });
});

describe('similar events', () => {
  const notes = (correlator: EventCorrelator, from: number, to: number, at = 0) =>
    Array.from({ length: to - from }, (_, index) => {
      const note = `try ${from + index}`;
      return correlator.observe(event({ note }), at).record;
    });

  it('are told by themselves up to nine, and together from the tenth on', () => {
    const correlator = new EventCorrelator();
    const records = notes(correlator, 0, 20);
    expect(new Set(records).size).toBe(10);
    expect(records[8]?.object.note).toBe('try 8');
    expect(records[9]?.object).toMatchObject({
      note: '(combined from similar events): try 19',
      series: { count: 11 },
    });
  });

  it('go on by themselves for a note that was among the first nine', () => {
    const correlator = new EventCorrelator();
    const [first] = notes(correlator, 0, 20);
    expect(correlator.observe(event({ note: 'try 0' }), 0).record).toBe(first);
    expect(first?.count).toBe(2);
  });

  it('start over more than 600 seconds after the last one', () => {
    for (const [pause, own] of [
      [600 * SECOND, false],
      [600 * SECOND + 1, true],
    ] as const) {
      const correlator = new EventCorrelator();
      notes(correlator, 0, 12);
      const [record] = notes(correlator, 12, 13, pause);
      expect(record?.object.note?.startsWith('(combined')).toBe(!own);
    }
  });

  it('have a note that is cut', () => {
    const correlator = new EventCorrelator();
    notes(correlator, 0, 9);
    const { record } = correlator.observe(event({ note: 'x'.repeat(1_024) }), 0);
    expect(record?.object.note).toHaveLength(1_024);
    expect(record?.object.note).toMatch(/^\(combined from similar events\): x+\.\.\.$/);
  });
});

describe('the spam filter', () => {
  const different = (correlator: EventCorrelator, count: number, at: number, told: Told = {}) =>
    Array.from(
      { length: count },
      (_, index) => correlator.observe(event({ ...told, reason: `R${at}-${index}` }), at).record,
    ).filter((record) => record !== undefined).length;

  it('lets 25 of a source and object through, and one more each 300 seconds', () => {
    const correlator = new EventCorrelator();
    expect(different(correlator, 30, 0)).toBe(25);
    expect(different(correlator, 2, 300 * SECOND - 1)).toBe(0);
    expect(different(correlator, 2, 300 * SECOND)).toBe(1);
    expect(different(correlator, 9, 900 * SECOND)).toBe(2);
    expect(different(correlator, 99, 900_000 * SECOND)).toBe(25);
  });

  it('counts each source and each object by itself', () => {
    const correlator = new EventCorrelator();
    expect(different(correlator, 30, 0)).toBe(25);
    expect(different(correlator, 30, 0, { object: 'b' })).toBe(25);
    expect(different(correlator, 30, 0, { controller: 'other' })).toBe(25);
  });

  it('takes nothing for repetitions', () => {
    const correlator = new EventCorrelator();
    for (let turn = 0; turn < 100; turn += 1) correlator.observe(event({}), 0);
    expect(different(correlator, 30, 0)).toBe(24);
  });
});

describe('the memory', () => {
  it('is bounded, and a record that makes room is due', () => {
    const correlator = new EventCorrelator(3);
    const records = ['a', 'b', 'c'].map((object) => correlator.observe(event({ object }), 0).record);
    for (const record of records) record?.wrote(1, 0);
    correlator.observe(event({ object: 'a' }), 1);
    records[0]?.wrote(2, 1);
    for (const object of ['a', 'c', 'b', 'c']) correlator.observe(event({ object }), 2);
    const { ended } = correlator.observe(event({ object: 'd' }), 3);
    expect(ended).toBe(records[0]);
    expect(ended?.unwritten).toBe(1);
    expect(ended?.dueAt).toBe(Number.NEGATIVE_INFINITY);
    expect([...correlator.records]).toHaveLength(3);
  });

  it('forgets a record on demand, and no newer one of the same key', () => {
    const correlator = new EventCorrelator();
    const { record: old } = correlator.observe(event({}), 0);
    const { record: young } = correlator.observe(event({}), 10 * MINUTE);
    correlator.forget(old as EventRecord);
    expect(correlator.observe(event({}), 10 * MINUTE).record).toBe(young);
    correlator.forget(young as EventRecord);
    expect(correlator.observe(event({}), 10 * MINUTE).record).not.toBe(young);
  });
});

/**
 * The rules, said once more and as plainly as can be: it keeps everything, and looks at all of it each time.
 *
 * `observe` answers with the number of the record that tells of the event and its count; undefined for spam.
 */
class Model {
  readonly #history: { readonly similar: string; readonly note: string; readonly at: number }[] = [];
  readonly #records: { key: string; count: number; lastAt: number }[] = [];
  readonly #taken: { source: string; at: number }[] = [];

  observe(told: Required<Told>, at: number): { record: number; count: number } | undefined {
    const similarTo = JSON.stringify({ ...told, note: '' });
    this.#history.push({ similar: similarTo, note: told.note, at });
    const similar = this.#history.filter((entry) => entry.similar === similarTo);
    let notes: string[] = [];
    similar.forEach(({ note, at: then }, index) => {
      if (index > 0 && then - (similar[index - 1]?.at ?? 0) > 600 * SECOND) notes = [];
      if (!notes.includes(note) && notes.length < 9) notes.push(note);
    });
    const key = JSON.stringify({ ...told, note: notes.includes(told.note) ? [told.note] : 'combined' });
    const index = this.#records.findLastIndex((record) => record.key === key);
    const known = this.#records[index];
    if (known !== undefined && at - known.lastAt < 6 * MINUTE) {
      known.count += 1;
      known.lastAt = at;
      return { record: index, count: known.count };
    }
    const source = `${told.controller} ${told.object}`;
    if (this.#tokens(source, at) < 1) return undefined;
    this.#taken.push({ source, at });
    this.#records.push({ key, count: 1, lastAt: at });
    return { record: this.#records.length - 1, count: 1 };
  }

  /** How many tokens there are, from the first one taken on. */
  #tokens(source: string, at: number): number {
    let tokens = 25;
    let before = 0;
    for (const taken of this.#taken.filter((entry) => entry.source === source)) {
      tokens = Math.min(25, tokens + (taken.at - before) / (300 * SECOND)) - 1;
      before = taken.at;
    }
    // a sum of fractions may be a little less than it should
    return Math.min(25, tokens + (at - before) / (300 * SECOND)) + 1e-9;
  }
}

it('does what the plain model of the rules does', () => {
  const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values);
  const step = fc.record({
    told: fc.record({
      object: pick('a', 'a', 'a', 'b'),
      controller: pick('lamps', 'lamps', 'lamps', 'lamps', 'other'),
      reason: pick('Lit', 'Lit', 'Lit', 'Lit', 'Lit', 'Lit', 'Lit', 'Broken', 'Gone', 'Moved'),
      note: fc.oneof(
        pick('one', 'two'),
        fc.nat(15).map((number) => `try ${number}`),
      ),
    }),
    pause: fc.oneof(
      { weight: 30, arbitrary: pick(0, 0, 0, 1, 30 * SECOND) },
      {
        weight: 2,
        arbitrary: pick(300 * SECOND, 6 * MINUTE - 1, 6 * MINUTE, 600 * SECOND, 600 * SECOND + 1),
      },
    ),
  });
  const seen = { events: 0, together: 0, spam: 0, repeated: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 100, maxLength: 200, size: 'max' }), (steps) => {
      const correlator = new EventCorrelator();
      const model = new Model();
      const records: EventRecord[] = [];
      let at = 0;
      for (const { told, pause } of steps) {
        at += pause;
        const expected = model.observe(told, at);
        const { record } = correlator.observe(event(told, at), at);
        seen.events += 1;
        if (expected === undefined || record === undefined) {
          seen.spam += 1;
          expect(record).toBe(expected);
          continue;
        }
        if (expected.count === 1) records.push(record);
        else seen.repeated += 1;
        if (record.object.note?.startsWith('(combined')) seen.together += 1;
        expect(records.indexOf(record)).toBe(expected.record);
        expect(record.count).toBe(expected.count);
        if (record.count > 1) expect(record.object.series?.lastObservedTime).toBe(`at ${at}`);
      }
    }),
    { seed: 20_261_121, numRuns: 60 },
  );
  // the histories reach every rule
  expect(Math.min(seen.together, seen.spam, seen.repeated)).toBeGreaterThan(seen.events / 100);
});
