import { describe, expect, it } from 'vitest';
import { EventNames } from '../../../src/controller/events/event-names.js';
import { SeededRandom, validateName, VirtualClock } from '../../../src/index.js';

const names = (seed = 1) => new EventNames(new VirtualClock(), new SeededRandom(seed));

describe('the name of an Event', () => {
  it('is that of the object, and the time in hexadecimal nanoseconds', () => {
    const name = names().next('web');
    expect(name).toMatch(/^web\.[0-9a-f]{16}$/);
    const time = BigInt(`0x${name.slice(4)}`) / 1_000_000n;
    expect(Number(time)).toBe(Date.UTC(2026, 0, 1));
  });

  it('is unique while the clock stands still', () => {
    const source = names();
    expect(new Set(Array.from({ length: 1_000 }, () => source.next('a'))).size).toBe(1_000);
  });

  it('goes on upwards where the clock goes back', () => {
    const times = [5, 3, 9];
    class JumpingClock extends VirtualClock {
      override now(): number {
        return times.shift() ?? 0;
      }
    }
    const source = new EventNames(new JumpingClock(), new SeededRandom(1));
    const [a, b, c] = [source.next('a'), source.next('a'), source.next('a')];
    expect(BigInt(`0x${b.slice(2)}`) - BigInt(`0x${a.slice(2)}`)).toBe(1n);
    expect(BigInt(`0x${c.slice(2)}`) > BigInt(`0x${b.slice(2)}`)).toBe(true);
  });

  it('differs between two processes that tell of one object in one millisecond', () => {
    expect(names(1).next('a')).not.toBe(names(2).next('a'));
  });

  it.each([
    ['a name of 253 characters', 'a'.repeat(253)],
    ['a cut that would end in a dot', `${'a'.repeat(234)}-.${'b'.repeat(17)}`],
    ['a name that is no DNS subdomain', 'system:Admin'],
    ['a name of dots', '...'],
  ])('is valid for %s', (_what, object) => {
    const name = names().next(object);
    expect(validateName('dns1123subdomain', name)).toEqual([]);
    expect(name.length).toBeLessThanOrEqual(253);
  });
});
