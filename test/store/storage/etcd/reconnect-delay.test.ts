import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../src/core/index.js';
import { ReconnectDelay } from '../../../../src/store/storage/etcd/reconnect-delay.js';

describe('the delay before a reconnection', () => {
  it('doubles from 50 ms to 5 s, with up to half as much again by chance, and starts again after a success', () => {
    const delay = new ReconnectDelay(new SeededRandom(20_253));
    const expectRow = (): void => {
      for (const base of [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]) {
        const next = delay.next();
        expect(next).toBeGreaterThanOrEqual(base);
        expect(next).toBeLessThan(base * 1.5);
      }
    };
    expectRow();
    delay.reset();
    expectRow();
  });
});
