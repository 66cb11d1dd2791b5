import { afterEach, describe, expect, it } from 'vitest';
import { ApiError, isConflict, noopLogger } from '../../src/core/index.js';
import { intercept } from '../../src/client/index.js';
import { isLeadershipLost, LeaderElector, LeaseLock, type Term } from '../../src/leader-election/index.js';
import { Lease } from '../../src/resources/kinds/index.js';
import { ObjectStore, type Storage } from '../../src/store/index.js';
import { lmdbStorage } from '../../src/store/storage/lmdb/index.js';
import { SimulatedStorage } from '../../src/testing/index.js';
import { freshPath } from '../store/storage/lmdb/kit.js';
import { Counter, COUNTER, deposedWrites, readCounter, REFUSED } from './fencing.js';

const KEY = { namespace: 'kube-system', name: 'demo' };

const stores: ObjectStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

function open(storage?: Storage): ObjectStore {
  const store = new ObjectStore({ resources: [Counter], ...(storage === undefined ? {} : { storage }) });
  stores.push(store);
  return store;
}

describe('every write of a deposed leader is refused, with the same error', () => {
  it('in memory', async () => {
    const client = open().client();
    expect(await deposedWrites(client, client)).toEqual(REFUSED);
    expect(await readCounter(client)).toBe(1);
  });

  it('on LMDB', async () => {
    const client = open(lmdbStorage({ path: freshPath() })).client();
    expect(await deposedWrites(client, client)).toEqual(REFUSED);
    expect(await readCounter(client)).toBe(1);
  });

  it('on a storage that two stores share', async () => {
    const storage = new SimulatedStorage();
    const [mine, theirs] = [open(storage).client(), open(storage).client()];
    expect(await deposedWrites(mine, theirs)).toEqual(REFUSED);
    expect(await readCounter(theirs)).toBe(1);
  });
});

describe('a fenced client', () => {
  /** Leads once, with a client that may be changed. */
  async function lead(callback: (term: Term) => Promise<void>, client = open().client()): Promise<void> {
    const stop = new AbortController();
    const lock = new LeaseLock({ client, identity: 'a', ...KEY });
    await new LeaderElector({ lock, logger: noopLogger }).run(
      async (term) => {
        stop.abort();
        await callback(term);
      },
      { signal: stop.signal },
    );
  }

  it('leaves reads and other failures as they are, and keeps the guards of its caller', async () => {
    await lead(async ({ client }) => {
      await expect(client.get(Counter, COUNTER)).rejects.toMatchObject({ reason: 'NotFound' });
      const first = await client.create(Counter, { metadata: COUNTER, count: 1 });
      await client.patch(Counter, COUNTER, { type: 'merge', patch: { count: 2 } });
      await expect(client.update(Counter, first)).rejects.toSatisfy(isConflict);
      const guards = [{ apiVersion: 'example.com/v1', kind: 'Counter', ...COUNTER, fields: { count: 7 } }];
      await expect(client.delete(Counter, COUNTER, { guards })).rejects.toSatisfy(isConflict);
      expect((await client.list(Counter)).items).toHaveLength(1);
    });
  });

  it('tells a conflict over the lease itself from a lost lease', async () => {
    await lead(async ({ client, signal }) => {
      const lease = await client.get(Lease, KEY);
      await client.update(Lease, { ...lease, metadata: { ...lease.metadata, labels: { a: 'b' } } });
      await expect(client.update(Lease, lease)).rejects.toSatisfy(
        (error) => isConflict(error) && !isLeadershipLost(error),
      );
      expect((signal.reason as Error | undefined)?.name).not.toBe('LeadershipLostError');
    });
  });

  it('is refused where the lease was deleted and made anew, though it says the same', async () => {
    const client = open().client();
    await lead(async (term) => {
      const { spec = {} } = await client.get(Lease, KEY);
      await client.delete(Lease, KEY);
      await client.create(Lease, { metadata: KEY, spec });
      await expect(term.client.create(Counter, { metadata: COUNTER })).rejects.toMatchObject({
        name: 'LeadershipLostError',
        message: expect.stringContaining('the record was deleted and made anew') as string,
      });
    }, client);
  });

  it('passes the Conflict on where nobody can say who leads', async () => {
    const client = open().client();
    let isDeaf = false;
    const deaf = intercept(client, {
      get: (next, resource, key, options) => {
        if (isDeaf) throw ApiError.serviceUnavailable('not now');
        return next(resource, key, options);
      },
    });
    await lead(async (term) => {
      const lease = await client.get(Lease, KEY);
      await client.update(Lease, { ...lease, spec: { ...lease.spec, holderIdentity: 'b' } });
      isDeaf = true;
      await expect(term.client.create(Counter, { metadata: COUNTER })).rejects.toSatisfy(isConflict);
      isDeaf = false;
      await expect(term.client.create(Counter, { metadata: COUNTER })).rejects.toSatisfy(isLeadershipLost);
    }, deaf);
  });

  it('fences the eviction of a Pod and other subresources too', async () => {
    await lead(async (term) => {
      const lease = await term.client.get(Lease, KEY);
      await term.client.update(Lease, { ...lease, spec: { ...lease.spec, leaseTransitions: 9 } });
      await expect(term.client.create(Counter, { metadata: COUNTER })).rejects.toSatisfy(isLeadershipLost);
      await expect(term.client.subresource(Counter, COUNTER, 'scale')).rejects.toSatisfy(isLeadershipLost);
    });
  });
});
