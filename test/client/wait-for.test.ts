import { describe, expect, it } from 'vitest';
import { failedWatch, intercept, namespaced, waitFor } from '../../src/client/index.js';
import { ApiError } from '../../src/core/index.js';
import { at, failure, Region, setUp, Website, website } from '../store/kit.js';
import { recording } from './wrappers.js';

const scale = (replicas: number): { type: 'merge'; patch: unknown } => ({
  type: 'merge',
  patch: { spec: { replicas } },
});

describe('waitFor', () => {
  it('answers at once where the object is as wanted', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    const { client: recorded, calls } = recording(client);
    expect(await waitFor(recorded, Website, at('a'), (found) => found?.spec.replicas === 1)).toBe(site);
    expect(calls.map(([verb]) => verb)).toEqual(['list']);
  });

  it('waits until the object becomes as wanted, seeing every state in order', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    const seen: (number | undefined)[] = [];
    const waiting = waitFor(client, Website, at('a'), (site) => {
      seen.push(site?.spec.replicas);
      return site?.spec.replicas === 4;
    });
    await client.barrier();
    for (const replicas of [2, 3, 4, 5]) await client.patch(Website, at('a'), scale(replicas));
    expect((await waiting)?.spec.replicas).toBe(4);
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('waits for an object that is not there yet, and looks at no other', async () => {
    const { client } = setUp();
    const seen: unknown[] = [];
    const waiting = waitFor(client, Website, at('a'), (site) => {
      seen.push(site?.metadata.name);
      return site !== undefined;
    });
    await client.barrier();
    await client.create(Website, website('b'));
    await client.create(Website, website('a', {}, { namespace: 'other' }));
    const site = await client.create(Website, website('a'));
    expect(await waiting).toBe(site);
    expect(seen).toEqual([undefined, 'a']);
  });

  it('waits for an object to be gone, and answers with undefined', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    const waiting = waitFor(client, Website, at('a'), (site) => site === undefined);
    await client.barrier();
    await client.delete(Website, at('a'));
    expect(await waiting).toBeUndefined();
    expect(await waitFor(client, Website, at('never'), (site) => site === undefined)).toBeUndefined();
  });

  it('waits for cluster objects', async () => {
    const { client } = setUp();
    const waiting = waitFor(client, Region, { name: 'eu' }, (region) => region !== undefined);
    await client.barrier();
    const region = await client.create(Region, { metadata: { name: 'eu' } });
    expect(await waiting).toBe(region);
  });

  it('takes the watch up again where it expires, and misses no state', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    let watches = 0;
    const expiring = intercept(client, {
      watch(next, resource, options) {
        watches += 1;
        return watches <= 3 ? failedWatch(ApiError.expired('too old')) : next(resource, options);
      },
    });
    const waiting = waitFor(expiring, Website, at('a'), (site) => site?.spec.replicas === 2);
    await client.barrier();
    await client.patch(Website, at('a'), scale(2));
    expect((await waiting)?.spec.replicas).toBe(2);
    expect(watches).toBeLessThanOrEqual(4);
    expect(watches).toBeGreaterThan(0);
  });

  it('takes the watch up again where it ends', async () => {
    const { client } = setUp();
    let watches = 0;
    const ending = intercept(client, {
      watch(next, resource, options) {
        watches += 1;
        const watch = next(resource, options);
        if (watches < 3) watch.stop();
        else void client.create(Website, website('a'));
        return watch;
      },
    });
    const found = await waitFor(ending, Website, at('a'), (site) => site !== undefined);
    expect(found?.metadata.name).toBe('a');
    expect(watches).toBe(3);
  });

  it('rejects with every other failure of the watch', async () => {
    const { client } = setUp();
    const denied = intercept(client, {
      watch: () => failedWatch(ApiError.forbidden(Website, 'a', 'not yours')),
    });
    await failure(
      waitFor(denied, Website, at('a'), () => false),
      'Forbidden',
    );
  });

  it('rejects with the reason of the signal, before and while it waits', async () => {
    const { client } = setUp();
    const reason = new Error('enough');
    const never = (): boolean => false;
    const { client: recorded, calls } = recording(client);
    const aborted = AbortSignal.abort(reason);
    await expect(waitFor(recorded, Website, at('a'), never, { signal: aborted })).rejects.toBe(reason);
    expect(calls).toEqual([]);
    const abort = new AbortController();
    const waiting = waitFor(client, Website, at('a'), never, { signal: abort.signal });
    await client.barrier();
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  it('rejects with what the predicate throws, at once or later, and ends its watch', async () => {
    const { client } = setUp();
    const error = new Error('no');
    const signals: boolean[] = [];
    const observed = intercept(client, {
      watch(next, resource, options) {
        const watch = next(resource, options);
        const end = watch.return.bind(watch);
        watch.return = () => (signals.push(true), end());
        return watch;
      },
    });
    const fail = (): never => {
      throw error;
    };
    await expect(waitFor(observed, Website, at('a'), fail)).rejects.toBe(error);
    const waiting = waitFor(observed, Website, at('a'), (site) => (site === undefined ? false : fail()));
    await client.barrier();
    await client.create(Website, website('a'));
    await expect(waiting).rejects.toBe(error);
    expect(signals).toEqual([true]);
  });

  it('refuses a key that the client would refuse', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    const error = await failure(
      waitFor(client, Website, { name: 'a' }, () => true),
      'BadRequest',
    );
    expect(error.message).toContain('metadata.namespace');
    await failure(
      waitFor(client, Region, at('eu'), () => true),
      'BadRequest',
    );
  });

  it('takes a key without a namespace where the client fills it in', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', {}, { namespace: 'other' }));
    const own = namespaced(client, 'default');
    expect(await waitFor(own, Website, { name: 'a' }, (site) => site === undefined)).toBeUndefined();
    const site = await client.create(Website, website('a'));
    expect(await waitFor(own, Website, { name: 'a' }, (found) => found !== undefined)).toBe(site);
  });

  it('takes a name for a name, whatever is in it', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    for (const name of ['a,metadata.namespace=default', 'a,', 'x=a']) {
      expect(await waitFor(client, Website, at(name), (site) => site === undefined)).toBeUndefined();
    }
  });

  it('passes on an Expired error that the predicate throws', async () => {
    const { client } = setUp();
    const error = ApiError.expired('thrown by the predicate');
    const waiting = waitFor(client, Website, at('a'), (site) => {
      if (site === undefined) return false;
      throw error;
    });
    await client.barrier();
    await client.create(Website, website('a'));
    await expect(waiting).rejects.toBe(error);
  });
});
