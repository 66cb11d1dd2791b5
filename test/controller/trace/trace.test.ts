import { describe, expect, it } from 'vitest';
import { Trace } from '../../../src/controller/trace/index.js';
import { Diary, updated } from './runs.js';

describe('Trace', () => {
  it('keeps the newest runs, and what came of them', () => {
    const diary = new Diary(3);
    const runs = Array.from({ length: 5 }, () => diary.began('website'));
    for (const run of runs) diary.trace.ended(run, 'success', 1_003);
    expect(Array.from(diary.trace.runs(), ({ id }) => id)).toEqual(['website#5', 'website#4', 'website#3']);
    expect(diary.trace.size).toBe(3);
    const error = new Error('no');
    const run = diary.began('website');
    expect(run).toMatchObject({ outcome: undefined, endedAt: undefined, writes: [] });
    diary.trace.ended(run, 'error', 1_007, error);
    expect([...diary.trace.runs()][0]).toMatchObject({ outcome: 'error', endedAt: 1_007, error });
  });

  it('knows whose writes were the reasons, each run once', () => {
    const diary = new Diary();
    const [one, two] = [diary.began('deployment'), diary.began('deployment')];
    diary.wrote(one, '7');
    diary.wrote(two, '8');
    diary.wrote(one, '9');
    const reasons = [updated('7'), updated('9'), updated('8'), updated('10'), { type: 'retry' } as const];
    expect(diary.trace.causesOf(reasons)).toEqual(['deployment#1', 'deployment#2']);
  });

  it('keeps stores apart', () => {
    const diary = new Diary();
    diary.wrote(diary.began('deployment'), '7', { store: 'eu' });
    expect(diary.trace.causesOf([updated('7'), updated('7', { store: 'us' })])).toEqual([]);
    expect(diary.trace.causesOf([updated('7', { store: 'eu' })])).toEqual(['deployment#1']);
  });

  it('takes no write for a reason that is about something else with the same revision', () => {
    const diary = new Diary();
    diary.wrote(diary.began('deployment'), '7');
    expect(diary.trace.causesOf([updated('7', { kind: 'Pod' })])).toEqual([]);
    expect(diary.trace.causesOf([updated('7', { key: { name: 'a' } })])).toEqual([]);
    expect(diary.trace.causesOf([{ type: 'update', revision: '7' }])).toEqual(['deployment#1']);
  });

  it('takes no write that changed nothing, or failed, for a reason', () => {
    const diary = new Diary();
    const run = diary.began('deployment');
    diary.wrote(run, '7', { outcome: 'unchanged' });
    diary.wrote(run, '8', { outcome: 'failed', error: new Error('no') });
    diary.wrote(run, undefined);
    expect(run.writes).toHaveLength(3);
    expect(diary.trace.causesOf([updated('7'), updated('8')])).toEqual([]);
  });

  it('forgets the writes of a run with it', () => {
    const diary = new Diary(2);
    const run = diary.began('deployment');
    diary.wrote(run, '7');
    diary.began('website');
    expect(diary.trace.causesOf([updated('7')])).toHaveLength(1);
    diary.began('website');
    expect(diary.trace.causesOf([updated('7')])).toEqual([]);
    // it goes on for longer than it is remembered
    diary.wrote(run, '8');
    diary.trace.ended(run, 'success', 1_001);
    diary.wrote(run, '9');
    expect(run.writes).toHaveLength(1);
    expect(diary.trace.causesOf([updated('8'), updated('9')])).toEqual([]);
  });

  it('keeps no more than 10,000 writes: the oldest runs make room', () => {
    const diary = new Diary();
    const runs = [diary.began('deployment'), diary.began('deployment')];
    for (let count = 0; count < 10_000; count += 1) diary.wrote(runs[count % 2]!, `${count}`);
    expect(diary.trace.size).toBe(2);
    diary.wrote(runs[1]!, '10000');
    expect(diary.trace.size).toBe(1);
    expect(diary.trace.causesOf([updated('0'), updated('1'), updated('10000')])).toEqual(['deployment#2']);
    // one alone with more than there is room for is forgotten
    for (let count = 0; count < 10_000; count += 1) diary.wrote(runs[1]!, `more ${count}`);
    expect(diary.trace.size).toBe(0);
    expect(diary.trace.causesOf([updated('10000')])).toEqual([]);
  });

  it('refuses a number of runs that makes no sense', () => {
    for (const runs of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => new Trace({ runs })).toThrow(`Trace: runs: expected a whole number above 0, got ${runs}`);
  });
});
