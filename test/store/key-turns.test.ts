import { describe, expect, it } from 'vitest';
import { KeyTurns } from '../../src/store/key-turns.js';
import { run, type Steps } from '../../src/store/steps.js';

describe('turns', () => {
  it('come one after another for a key, in the order in which they were asked for', async () => {
    const turns = new KeyTurns();
    const seen: string[] = [];
    function* turn(key: string, name: string): Steps<void> {
      const before = turns.begin(key);
      if (before !== undefined) yield before;
      seen.push(`${name} begins`);
      yield Promise.resolve();
      seen.push(`${name} ends`);
      turns.end(key);
    }
    const works = [run(turn('x', 'a')), run(turn('x', 'b')), run(turn('y', 'c')), run(turn('x', 'd'))];
    // the first of each key does not wait
    expect(seen).toEqual(['a begins', 'c begins']);
    for (const work of works) await work;
    expect(seen.filter((each) => !each.startsWith('c'))).toEqual(
      ['a', 'b', 'd'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
  });

  it('are free again once all are over', () => {
    const turns = new KeyTurns();
    for (let index = 0; index < 3; index += 1) {
      expect(turns.begin('x')).toBeUndefined();
      turns.end('x');
    }
  });
});
