import { describe, expect, it } from 'vitest';
import { failedWatch } from '../../src/client/index.js';
import { ApiError } from '../../src/core/index.js';

const error = ApiError.expired('too old');
const done = { value: undefined, done: true };

describe('failedWatch', () => {
  it('says once why it could not begin, and then that it is over', async () => {
    const watch = failedWatch(error);
    await expect(watch.next()).rejects.toBe(error);
    expect(await watch.next()).toEqual(done);
  });

  it('throws from for await', async () => {
    const reading = async (): Promise<void> => {
      for await (const _event of failedWatch(error)) throw new Error('it told something');
    };
    await expect(reading()).rejects.toBe(error);
  });

  it('says nothing once it was stopped or returned', async () => {
    const stopped = failedWatch(error);
    stopped.stop();
    expect(await stopped.next()).toEqual(done);
    const returned = failedWatch(error);
    expect(await returned.return()).toEqual(done);
    expect(await returned.next()).toEqual(done);
  });
});
