import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ApiError } from '../../../../src/core/index.js';
import type { StorageSession } from '../../../../src/store/storage/storage.js';
import { COMPACT } from '../../../../src/store/storage/etcd/compact.js';
import type { EtcdStorageOptions } from '../../../../src/store/storage/etcd/index.js';
import { CuttableProxy } from './cuttable-proxy.js';
import { eventually, failureOf, loaded, open, type Opened, put, rawClient, rawPut } from './kit.js';
import { hasEtcd, RealEtcd } from './real-etcd.js';

describe.skipIf(!hasEtcd())('a session on an etcd that fails', { timeout: 60_000 }, () => {
  // undone after each test, last first
  const undo: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const one of undo.splice(0).reverse()) await one();
  });

  const startEtcd = async (args: readonly string[] = []): Promise<RealEtcd> => {
    const etcd = await RealEtcd.start({ args });
    undo.push(() => etcd.remove());
    return etcd;
  };
  const openAt = async (endpoint: string, options: Partial<EtcdStorageOptions> = {}): Promise<Opened> => {
    const opened = await open({ endpoints: [endpoint], requestTimeout: 10_000, ...options });
    undo.push(() => opened.session.close());
    return opened;
  };
  const startProxy = async (etcd: RealEtcd): Promise<CuttableProxy> => {
    const proxy = await CuttableProxy.to(etcd.port);
    undo.push(() => proxy.close());
    return proxy;
  };
  /** Puts as soon as it can be. */
  const putSoon = (session: StorageSession, key: string, value: string): Promise<number> =>
    eventually(
      () => put(session, key, value).catch(() => 0),
      (revision) => revision > 0,
    );

  it('resumes after restarts and crashes of etcd: tells of every transaction once, in order', async () => {
    const etcd = await startEtcd();
    const reader = await openAt(etcd.endpoint);
    const writer = await openAt(etcd.endpoint);
    await loaded(writer.session);
    const { revision: start } = await loaded(reader.session);
    const acknowledged: number[] = [];
    let unknown = 0;
    const over = new AbortController();
    const write = async (worker: number): Promise<void> => {
      for (let turn = 0; !over.signal.aborted; turn += 1) {
        const key = `${worker}/${turn % 3}`;
        try {
          acknowledged.push(await put(writer.session, key, turn % 4 === 3 ? undefined : `${turn}`));
        } catch (error) {
          if ((error as { ambiguous?: boolean }).ambiguous) unknown += 1;
          else await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    };
    const workers = Promise.all(Array.from({ length: 8 }, (_, worker) => write(worker)));
    for (const signal of ['SIGTERM', 'SIGKILL', 'SIGKILL', 'SIGTERM'] as const) {
      const before = acknowledged.length;
      await eventually(
        async () => acknowledged.length,
        (length) => length > before + 50,
      );
      await etcd.stop(signal);
      await etcd.resume();
    }
    const before = acknowledged.length;
    await eventually(
      async () => acknowledged.length,
      (length) => length > before + 50,
    );
    over.abort();
    await workers;
    const last = await put(writer.session, 'last', '1');
    await Promise.all([reader.recorder.reached(last), writer.recorder.reached(last)]);
    const told = reader.recorder.changes.map(({ revision }) => revision);
    expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
    expect(told[0]).toBeGreaterThan(start);
    const all = new Set(told);
    expect(acknowledged.filter((revision) => !all.has(revision))).toEqual([]);
    // nothing was told that nobody did
    expect(told.length).toBeLessThanOrEqual(acknowledged.length + unknown + 1);
    expect(writer.recorder.changes).toEqual(reader.recorder.changes);
    expect(reader.recorder.lostCount + writer.recorder.lostCount).toBe(0);

    // what was told, put together, is what is there
    const objects = new Map<string, string>();
    for (const { writes } of reader.recorder.changes) {
      for (const { key, value } of writes) {
        if (value === undefined) objects.delete(key);
        else objects.set(key, value);
      }
    }
    const { entries } = await loaded(reader.session);
    expect(new Map([...entries.values()].map(({ key, value }) => [key, value]))).toEqual(objects);
  });

  it('does not know what became of a write that an etcd at a standstill does not answer', async () => {
    const etcd = await startEtcd();
    const { session, recorder } = await openAt(etcd.endpoint, { requestTimeout: 1_000 });
    await loaded(session);
    await put(session, 'a', '1');
    etcd.pause();
    const error = await failureOf(put(session, 'a', '2'));
    expect(error).toMatchObject({ reason: 'Timeout', ambiguous: true });
    expect(error.message).toBe(`etcd at ${etcd.endpoint}: no answer within 1000 ms`);
    expect(await failureOf(session.newest?.() ?? Promise.resolve())).toMatchObject({
      reason: 'Timeout',
      ambiguous: false,
    });
    etcd.unpause();
    const last = await putSoon(session, 'b', '1');
    await recorder.reached(last);
    const told = recorder.changes.map(({ revision }) => revision);
    expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
    expect(recorder.writes.at(-1)).toBe(`${last} pods/b=1`);
    expect(recorder.lostCount).toBe(0);
  });

  it('knows of a write that it could not send, and not of one that lost its connection', async () => {
    const etcd = await startEtcd();
    const proxy = await startProxy(etcd);
    const { session, recorder } = await openAt(proxy.endpoint);
    await loaded(session);
    etcd.pause();
    const pending = failureOf(put(session, 'a', '1'));
    // it is on its way before the connection ends
    await new Promise((resolve) => setImmediate(resolve));
    proxy.cut();
    expect(await pending).toMatchObject({ reason: 'ServiceUnavailable', ambiguous: true });
    etcd.unpause();
    const refused = await eventually(
      () => failureOf(put(session, 'a', '2')),
      ({ ambiguous }) => !ambiguous,
    );
    expect(refused).toMatchObject({ reason: 'ServiceUnavailable', ambiguous: false });
    expect(refused.message).toContain('No connection established');
    proxy.mend();
    const last = await putSoon(session, 'b', '1');
    await recorder.reached(last);
    expect(recorder.writes.some((write) => write.includes('pods/a=2'))).toBe(false);
  });

  it('says that changes are lost where etcd has forgotten them', async () => {
    const etcd = await startEtcd();
    const proxy = await startProxy(etcd);
    const cut = await openAt(proxy.endpoint);
    const other = await openAt(etcd.endpoint);
    await loaded(cut.session);
    await cut.recorder.reached(await put(other.session, 'a', '1'));
    proxy.cut();
    await put(other.session, 'a', '2');
    await other.session.compact(await put(other.session, 'a', '3'));
    proxy.mend();
    await cut.recorder.until(() => cut.recorder.lostCount > 0);
    expect(cut.recorder.writes).toHaveLength(1);
    const { entries } = await loaded(cut.session);
    expect(entries.get('pods/a')?.value).toBe('3');
    const last = await put(other.session, 'a', '4');
    await cut.recorder.reached(last);
    expect(cut.recorder.writes.at(-1)).toBe(`${last} pods/a=4`);
    expect(cut.recorder.lostCount).toBe(1);
    expect(cut.recorder.failure).toBeUndefined();
  });

  it('has lost nothing where all that etcd has forgotten was done by others', async () => {
    const etcd = await startEtcd();
    const proxy = await startProxy(etcd);
    const raw = rawClient(etcd);
    const { session, recorder } = await openAt(proxy.endpoint);
    await loaded(session);
    await recorder.reached(await put(session, 'a', '1'));
    proxy.cut();
    await rawPut(raw, '/elsewhere', '1');
    await raw.call(COMPACT, { revision: await rawPut(raw, '/elsewhere', '2') }, true);
    raw.close();
    proxy.mend();
    await recorder.until(() => recorder.logged.includes('the watch on etcd was resumed'));
    await recorder.reached(await putSoon(session, 'a', '2'));
    expect(recorder.lostCount).toBe(0);
    expect(recorder.changes).toHaveLength(2);
  });

  it.each([
    {
      sameCluster: false,
      says: /^etcd is another cluster than before: expected id [0-9a-f]+, got [0-9a-f]+$/,
    },
    { sameCluster: true, says: /^etcd went back in time: expected revision \d+ or a later one, got 1$/ },
  ])(
    'is over where etcd was replaced by an empty one, by its id: $sameCluster',
    async ({ sameCluster, says }) => {
      const etcd = await startEtcd();
      const { session, recorder } = await openAt(etcd.endpoint);
      await loaded(session);
      await recorder.reached(await put(session, 'a', '1'));
      await etcd.replaceByEmpty({ sameCluster });
      await recorder.until(() => recorder.failure !== undefined);
      expect(recorder.failure).toMatchObject({
        reason: 'ServiceUnavailable',
        message: expect.stringMatching(says),
      });
      for (const refused of [
        put(session, 'a', '2'),
        loaded(session),
        session.newest?.() ?? Promise.resolve(),
      ]) {
        expect(await failureOf(refused)).toBe(recorder.failure);
      }
      expect(recorder.lostCount).toBe(0);
    },
  );

  it('finds out by a write that etcd was replaced by an empty one', async () => {
    const etcd = await startEtcd();
    const { session, recorder } = await openAt(etcd.endpoint);
    await etcd.replaceByEmpty();
    // it has not loaded, so it does not watch
    const error = await eventually(
      () => failureOf(put(session, 'a', '1')),
      ({ message }) => message.includes('another cluster'),
    );
    expect(error).toMatchObject({ reason: 'ServiceUnavailable', ambiguous: false });
    expect(recorder.failure).toBe(error);
  });

  it.each([
    { by: 'others', told: true },
    { by: 'a store', told: true },
    { by: 'a store', told: false },
  ])(
    'is over where etcd is an older copy of itself that was written to by $by, told: $told',
    async ({ by, told }) => {
      const etcd = await startEtcd();
      const proxy = await startProxy(etcd);
      const writer = await openAt(etcd.endpoint);
      const cut = await openAt(proxy.endpoint);
      await put(writer.session, 'a', '1');
      await etcd.copy();
      // the newest transaction is one that was told, or was there when it loaded
      if (told) await loaded(cut.session);
      const last = await putSoon(writer.session, 'a', '2');
      if (told) await cut.recorder.reached(last);
      else await loaded(cut.session);
      await writer.session.close();
      proxy.cut();
      await etcd.restoreCopy();
      const raw = rawClient(etcd);
      for (let turn = 0; turn < 5; turn += 1) await rawPut(raw, '/elsewhere', '1');
      raw.close();
      if (by === 'a store') {
        const other = await openAt(etcd.endpoint);
        await loaded(other.session);
        await put(other.session, 'a', 'not what it was');
      }
      proxy.mend();
      await cut.recorder.until(() => cut.recorder.failure !== undefined);
      expect(cut.recorder.failure?.message).toMatch(/^etcd has lost transactions of the storage/);
      expect(cut.recorder.writes.every((write) => write.endsWith('pods/a=2'))).toBe(true);
    },
  );

  it('goes on with another member where one cannot be reached', async () => {
    const etcd = await startEtcd();
    const [first, second] = [await startProxy(etcd), await startProxy(etcd)];
    first.cut();
    const { session, recorder } = await openAt('', { endpoints: [first.endpoint, second.endpoint] });
    await loaded(session);
    await recorder.reached(await put(session, 'a', '1'));
    first.mend();
    second.cut();
    await recorder.reached(await putSoon(session, 'a', '2'));
    second.mend();
    first.cut();
    await recorder.reached(await putSoon(session, 'a', '3'));
    const told = recorder.writes.map((write) => write.split(' ')[1]);
    expect(told.filter((write, place) => write !== told[place - 1])).toEqual([
      'pods/a=1',
      'pods/a=2',
      'pods/a=3',
    ]);
    expect(recorder.lostCount).toBe(0);
  });

  it('is opened where another member takes connections and does not answer', async () => {
    const etcd = await startEtcd();
    const mute = createServer();
    await new Promise<void>((resolve) => {
      mute.listen(0, '127.0.0.1', resolve);
    });
    const sockets = new Set<Socket>();
    mute.on('connection', (socket) => sockets.add(socket));
    undo.push(async () => {
      for (const socket of sockets) socket.destroy();
      mute.close();
    });
    const address = mute.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { session, recorder } = await openAt('', {
      endpoints: [`127.0.0.1:${port}`, etcd.endpoint],
      requestTimeout: 1_000,
    });
    await loaded(session);
    await recorder.reached(await putSoon(session, 'a', '1'));
    expect(sockets.size).toBeGreaterThan(0);
  });

  it('reads on where etcd has no space left, and does not know what became of a write', async () => {
    const etcd = await startEtcd(['--quota-backend-bytes', '1000000']);
    const { session, recorder } = await openAt(etcd.endpoint);
    await loaded(session);
    let last = 0;
    const error = await eventually(
      async () => {
        const outcome = await put(session, 'a', 'x'.repeat(100_000)).catch((failure: ApiError) => failure);
        if (typeof outcome !== 'number') return outcome;
        last = outcome;
        return undefined;
      },
      (outcome) => outcome !== undefined,
    );
    expect(error).toMatchObject({ reason: 'ServiceUnavailable', ambiguous: true });
    expect(error?.message).toContain('database space exceeded');
    await recorder.reached(last);
    // the write that failed may have happened
    const newest = await session.newest?.();
    expect([last, last + 1]).toContain(newest);
    expect((await loaded(session)).entries.get('pods/a')?.revision).toBe(newest);
  });

  it('closes while etcd is at a standstill, or gone', async () => {
    const etcd = await startEtcd();
    const still = await openAt(etcd.endpoint, { requestTimeout: 500 });
    await loaded(still.session);
    etcd.pause();
    const pending = failureOf(put(still.session, 'a', '1'));
    await still.session.close();
    expect(await pending).toMatchObject({ reason: 'Timeout', ambiguous: true });
    etcd.unpause();

    const gone = await openAt(etcd.endpoint, { requestTimeout: 500 });
    await loaded(gone.session);
    await etcd.stop('SIGKILL');
    await gone.session.close();
    expect(gone.recorder.failure).toBeUndefined();
    expect(gone.recorder.lostCount).toBe(0);
  });
});
