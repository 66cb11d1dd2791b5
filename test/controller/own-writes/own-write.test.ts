import { describe, expect, it } from 'vitest';
import { OwnWrite } from '../../../src/controller/own-writes/own-write.js';
import { Thing } from './world.js';

const ANSWER = { revision: '7', object: undefined, isGone: false, isEmpty: false };

function sent(): OwnWrite {
  const key = { name: 'a', namespace: 'default' };
  return new OwnWrite({ verb: 'patch', resource: Thing, key, request: 'q', dryRun: false });
}

describe('OwnWrite', () => {
  it('is sent, answered, shown by every informer, and told by every informer', () => {
    const write = sent();
    const states = [write.state];
    write.answered(ANSWER, 2);
    for (const turn of ['shown', 'shown', 'told', 'told'] as const) {
      states.push(write.state);
      write[turn]();
    }
    states.push(write.state);
    expect(states).toEqual(['sent', 'answered', 'answered', 'shown', 'shown', 'told']);
  });

  it('makes an echo from its answer on until it is told', () => {
    const write = sent();
    expect(write.makesEcho).toBe(false);
    write.answered(ANSWER, 1);
    expect(write.makesEcho).toBe(true);
    write.shown();
    expect(write.makesEcho).toBe(true);
    write.told();
    expect([write.makesEcho, write.isKnown, write.isOver]).toEqual([false, true, true]);
  });

  it('is told at once where no informer sees it', () => {
    const write = sent();
    write.answered(ANSWER, 0);
    expect(write.state).toBe('told');
  });

  it('makes no echo once it is refused or forgotten, whatever comes later', () => {
    const refused = sent();
    refused.failed();
    refused.forget();
    const forgotten = sent();
    forgotten.answered(ANSWER, 1);
    forgotten.forget();
    forgotten.shown();
    forgotten.told();
    expect([refused.state, forgotten.state]).toEqual(['failed', 'unknown']);
    expect([refused.isKnown, forgotten.isKnown]).toEqual([false, false]);
  });

  it('is answered once', () => {
    const write = sent();
    write.failed();
    expect(() => write.answered(ANSWER, 1)).toThrow('own write: expected sent, was failed');
  });
});
