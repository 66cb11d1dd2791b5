import { describe, expect, it } from 'vitest';
import { WarnOnce } from '../../../src/controller/guard-rails/warn-once.js';
import { VirtualClock } from '../../../src/core/index.js';

describe('WarnOnce', () => {
  it('lets a warning through once a minute, and counts those in between', async () => {
    const clock = new VirtualClock();
    const warnings = new WarnOnce(clock);
    const pass = () => warnings.pass('hot loop', 'site', 'Website default/a');
    expect(pass()).toBe('');
    for (let count = 0; count < 12; count += 1) expect(pass()).toBeUndefined();
    await clock.advance(59_999);
    expect(pass()).toBeUndefined();
    await clock.advance(1);
    expect(pass()).toBe(', 13 more of this in the minute after the last warning');
    await clock.advance(60_000);
    expect(pass()).toBe('');
  });

  it('keeps rails, controllers and subjects apart', () => {
    const warnings = new WarnOnce(new VirtualClock());
    const told = ['a', 'b'].flatMap((rail) =>
      ['a', 'b'].flatMap((controller) =>
        ['a', 'a","b', 'b'].map((subject) => warnings.pass(rail, controller, subject)),
      ),
    );
    expect(told).toEqual(Array.from({ length: 12 }, () => ''));
  });

  it('leaves no timer, and forgets what was not warned of for longest', () => {
    const clock = new VirtualClock();
    const warnings = new WarnOnce(clock);
    for (let subject = 0; subject <= 1_000; subject += 1) warnings.pass('rail', 'site', `${subject}`);
    expect(clock.timers).toBe(0);
    expect(warnings.pass('rail', 'site', '1')).toBeUndefined();
    expect(warnings.pass('rail', 'site', '0')).toBe('');
  });
});
