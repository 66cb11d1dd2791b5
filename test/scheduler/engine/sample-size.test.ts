import { describe, expect, test } from 'vitest';
import { ObjectStore } from '../../../src/store/index.js';
import { sampleSize } from '../../../src/scheduler/engine/sample-size.js';
import { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import { Scheduler } from '../../../src/scheduler/loop/scheduler.js';

describe('how many hosts are enough', () => {
  test('is what kube-scheduler says', () => {
    const adaptive = [0, 99, 100, 200, 1_000, 5_000, 15_000].map((hosts) => sampleSize(hosts, 'adaptive'));
    expect(adaptive).toEqual([0, 99, 100, 100, 420, 500, 750]);
    const thirty = [99, 100, 333, 334, 1_001].map((hosts) => sampleSize(hosts, 30));
    expect(thirty).toEqual([99, 100, 100, 100, 300]);
  });

  test('is all of them unless a percentage is given, and with all of them', () => {
    for (const hosts of [0, 1, 99, 100, 5_000]) {
      expect(sampleSize(hosts, undefined)).toBe(hosts);
      expect(sampleSize(hosts, 100)).toBe(hosts);
    }
  });

  test.each([
    [0, RangeError],
    [101, RangeError],
    [-1, RangeError],
    [12.5, RangeError],
    [Number.NaN, RangeError],
    ['50', TypeError],
    [null, TypeError],
  ] as const)('cannot be %o percent', (percentage, kind) => {
    const percentageOfNodesToScore = percentage as number;
    const { message } = new kind(
      `percentageOfNodesToScore: expected a whole number from 1 to 100 or "adaptive", got ${JSON.stringify(percentage)}`,
    );
    const make = (): unknown => new SchedulingEngine({ plugins: [], percentageOfNodesToScore });
    expect(make).toThrow(kind);
    if (!Number.isNaN(percentage)) expect(make).toThrow(message);
    const client = new ObjectStore({ resources: [] }).client();
    const profiles = [{ schedulerName: 'some', plugins: [], percentageOfNodesToScore }];
    expect(() => new Scheduler({ client, profiles })).toThrow(kind);
  });
});
