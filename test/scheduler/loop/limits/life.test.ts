import { describe, expect, test } from 'vitest';
import { Life } from '../../../../src/scheduler/loop/limits/life.js';

describe('a life', () => {
  test('ends once, for the first reason', () => {
    const life = new Life();
    const told: unknown[] = [];
    life.listen((reason) => told.push(reason));
    expect(life.hasEnded).toBe(false);
    life.throwIfEnded();
    life.end('first');
    life.end('second');
    expect(life.hasEnded).toBe(true);
    expect(told).toEqual(['first']);
    expect(() => life.throwIfEnded()).toThrow('first');
  });

  test('ends without a reason, too', () => {
    const life = new Life();
    const told: unknown[] = [];
    life.listen((reason) => told.push(reason));
    life.end(undefined);
    expect(life.hasEnded).toBe(true);
    expect(told).toEqual([undefined]);
  });

  test('tells those who listen, in the order in which they came, and none who left', () => {
    const life = new Life();
    const told: string[] = [];
    const left = (): void => void told.push('left');
    life.listen(() => told.push('a'));
    life.listen(left);
    life.listen(() => told.push('b'));
    life.leave(left);
    life.end('over');
    expect(told).toEqual(['a', 'b']);
  });

  test('tells none who leaves while it ends, and at once who comes then', () => {
    const life = new Life();
    const told: string[] = [];
    const leaves = (): void => void told.push('leaves');
    life.listen(() => {
      life.leave(leaves);
      life.listen((reason) => told.push(`late: ${String(reason)}`));
      told.push('first');
    });
    life.listen(leaves);
    life.end('over');
    expect(told).toEqual(['late: over', 'first']);
    life.leave(leaves);
  });

  test.each([
    ['before it ends', true],
    ['after it has ended', false],
  ])('has a signal for who asks %s', (_, isBefore) => {
    const life = new Life();
    if (isBefore) expect(life.signal.aborted).toBe(false);
    const reason = new Error('over');
    life.end(reason);
    expect(life.signal.aborted).toBe(true);
    expect(life.signal.reason).toBe(reason);
    expect(life.signal).toBe(life.signal);
  });
});
