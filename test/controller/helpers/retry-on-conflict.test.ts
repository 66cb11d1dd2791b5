import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ApiError,
  type Client,
  edit,
  isConflict,
  type ObjectStore,
  retryOnConflict,
  type VirtualClock,
} from '../../../src/index.js';
import { makeWorld, Website } from '../website.js';

const KEY = { name: 'a', namespace: 'default' };

let store: ObjectStore;
let client: Client;
let clock: VirtualClock;
beforeEach(() => {
  ({ store, client, clock } = makeWorld());
});
afterEach(() => store.close());

const conflict = (): ApiError => ApiError.conflict(Website, 'a', 'changed');

describe('retryOnConflict', () => {
  it('tries again until there is no conflict, with what is there then', async () => {
    await client.create(Website, { metadata: KEY, spec: {} });
    let raced = false;
    const done = retryOnConflict(client, async () => {
      const site = await client.get(Website, KEY);
      if (!raced) {
        raced = true;
        await client.patch(Website, KEY, { type: 'merge', patch: { spec: { theme: 'dark' } } });
      }
      return client.update(
        Website,
        edit(site, (draft) => void (draft.spec.pages += 1)),
      );
    });
    await clock.advance(11);
    expect((await done).spec).toEqual({ pages: 2, theme: 'dark' });
  });

  it('tries 5 times, 10 to 11 ms apart by the clock, and then passes the conflict on', async () => {
    const times: number[] = [];
    const failed = retryOnConflict(client, async () => {
      times.push(clock.monotonic());
      throw conflict();
    });
    const rejected = expect(failed).rejects.toSatisfy(isConflict);
    await clock.advance(1_000);
    await rejected;
    expect(times).toHaveLength(5);
    for (const [index, time] of times.slice(1).entries()) {
      const pause = time - (times[index] as number);
      expect(pause).toBeGreaterThanOrEqual(10);
      expect(pause).toBeLessThan(11);
    }
    expect(clock.timers).toBe(0);
  });

  it('passes other errors on at once', async () => {
    let calls = 0;
    const failed = retryOnConflict(client, async () => {
      calls += 1;
      throw ApiError.notFound(Website, 'a');
    });
    await expect(failed).rejects.toMatchObject({ reason: 'NotFound' });
    expect(calls).toBe(1);
  });

  it('ends with the signal, leaving no timer', async () => {
    const abort = new AbortController();
    const failed = retryOnConflict(
      client,
      async () => {
        throw conflict();
      },
      { signal: abort.signal },
    );
    const rejected = expect(failed).rejects.toThrow('enough');
    await clock.advance(0);
    abort.abort(new Error('enough'));
    await rejected;
    expect(clock.timers).toBe(0);
  });
});
