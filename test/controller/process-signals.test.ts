import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { processSignals } from '../../src/controller/process-signals.js';

/** A process that can be told to end, and says with which codes. */
class FakeProcess extends EventEmitter {
  readonly codes: number[] = [];

  exit(code: number): void {
    this.codes.push(code);
  }
}

describe('processSignals', () => {
  it('aborts on the first signal, and ends the process on the second', () => {
    const process = new FakeProcess();
    const { signal } = processSignals({ process });
    expect(signal.aborted).toBe(false);
    process.emit('SIGINT');
    expect(signal.reason).toEqual(new Error('the process got SIGINT'));
    expect(process.codes).toEqual([]);
    process.emit('SIGTERM');
    expect(process.codes).toEqual([1]);
  });

  it('heeds the signals that it is told to, and no others', () => {
    const process = new FakeProcess();
    const { signal } = processSignals({ process, signals: ['SIGHUP'] });
    process.emit('SIGTERM');
    expect(signal.aborted).toBe(false);
    process.emit('SIGHUP');
    expect(signal.aborted).toBe(true);
  });

  it('takes its listeners off', () => {
    const process = new FakeProcess();
    const signals = processSignals({ process });
    signals[Symbol.dispose]();
    signals[Symbol.dispose]();
    expect(process.eventNames()).toEqual([]);
    expect(signals.signal.aborted).toBe(false);
  });

  it('listens to the process of the program unless told otherwise', () => {
    const before = process.listenerCount('SIGTERM');
    const signals = processSignals();
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    signals[Symbol.dispose]();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
