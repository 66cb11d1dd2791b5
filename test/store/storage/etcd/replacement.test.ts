import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EtcdClient } from '../../../../src/store/storage/etcd/etcd-client.js';
import { RANGE } from '../../../../src/store/storage/etcd/range.js';
import type { StorageWrite } from '../../../../src/store/storage/storage.js';
import { failureOf, loaded, open, type Opened, put, rawClient, rawPut } from './kit.js';
import { hasEtcd, RealEtcd } from './real-etcd.js';

describe.skipIf(!hasEtcd())('the content of an etcd that is replaced', () => {
  let etcd: RealEtcd;
  let raw: EtcdClient;
  let spaces = 0;
  const sessions: Opened[] = [];

  beforeAll(async () => {
    etcd = await RealEtcd.start();
    raw = rawClient(etcd);
  });
  afterAll(async () => {
    await Promise.all(sessions.map(({ session }) => session.close()));
    raw.close();
    await etcd.remove();
  });

  const openAt = async (prefix = `/test/${(spaces += 1)}`): Promise<Opened & { readonly prefix: string }> => {
    const opened = await open({ endpoints: [etcd.endpoint], prefix });
    sessions.push(opened);
    return { ...opened, prefix };
  };
  const names = async (prefix: string): Promise<readonly string[]> => {
    const range = { key: `${prefix}/`, end: `${prefix}0`, keysOnly: true };
    return (await raw.call(RANGE, range, false)).items.map(({ key }) => key.slice(prefix.length + 1));
  };

  it('is other content at once, at the revision asked for or a later one', async () => {
    const { session, recorder, prefix } = await openAt();
    const other = await openAt(prefix);
    await loaded(other.session);
    await loaded(session);
    const old = await put(session, 'old', '1');
    await recorder.reached(old);
    const entries = Array.from({ length: 3_000 }, (_, index) => ({
      collection: 'pods',
      key: `new/${index}`,
      value: `${index}`.repeat(100),
    }));
    await session.replace(entries, 5_000_000);
    await other.recorder.until(() => other.recorder.lostCount > 0);

    for (const each of [session, other.session]) {
      const { revision, entries: found } = await loaded(each);
      expect(revision).toBeGreaterThan(5_000_000);
      expect(found.size).toBe(3_000);
      for (const { collection, key, value } of entries) {
        const entry = found.get(`${collection}/${key}`);
        expect(entry?.value).toBe(value);
        expect(entry?.revision).toBeGreaterThan(5_000_000);
        expect(entry?.revision).toBeLessThanOrEqual(revision);
      }
      expect(await each.newest?.('pods')).toBeLessThanOrEqual(revision);
      expect(await each.newest?.()).toBeGreaterThan(5_000_000);
    }
    expect(recorder.lostCount).toBe(0);
    expect(other.recorder.lostCount).toBe(1);
    // nothing is left of what was there
    const left = await names(prefix);
    expect(left).toHaveLength(3_001);
    expect(left.filter((name) => !/^2-[0-9a-f]{8}\/o\/pods\/new\/\d+$/.test(name))).toEqual(['meta']);
  });

  it('counts revisions on from where it was put, for compares and for what is told', async () => {
    const { session, recorder } = await openAt();
    await loaded(session);
    const old = await put(session, 'a', '1');
    await session.replace([{ collection: 'pods', key: 'a', value: 'restored' }], 2_000_000);
    const { revision, entries } = await loaded(session);
    const at = entries.get('pods/a')?.revision ?? 0;
    const write = { collection: 'pods', key: 'a', value: '2' };
    const attempt = (revisionOfKey: number, revisionOfAll: number): Promise<unknown> =>
      session.commit({
        compares: [
          { collection: 'pods', key: 'a', revision: revisionOfKey },
          { collection: 'pods', revision: revisionOfAll },
        ],
        writes: [write],
      });
    // what was before it is older than all of it
    for (const [key, all] of [
      [old, revision],
      [0, revision],
      [2_000_000, revision],
      [at, old],
      [at, 2_000_000],
    ] as const) {
      expect(await attempt(key, all)).toMatchObject({ committed: false });
    }
    expect(await attempt(at, revision)).toMatchObject({ committed: true });
    const last = await session.newest?.();
    expect(last).toBeGreaterThan(revision);
    await recorder.reached(last as number);
    expect(recorder.changes.at(-1)).toEqual({ revision: last, writes: [write] });
    await session.compact(last as number);
    // a second replacement does not go back, whatever is asked for
    await session.replace([], 1);
    const again = await loaded(session);
    expect(again.revision).toBeGreaterThan(last as number);
    expect(again.entries.size).toBe(0);
  });

  it('refuses transactions on the content that it was, until it is loaded anew', async () => {
    const { session, recorder, prefix } = await openAt();
    await loaded(session);
    await put(session, 'a', '1');
    const other = await openAt(prefix);
    await other.session.replace([{ collection: 'pods', key: 'b', value: '1' }], 1);
    const error = await failureOf(put(session, 'a', '2'));
    expect(error).toMatchObject({ reason: 'ServiceUnavailable', ambiguous: false });
    expect(error.message).toContain('replaced by somebody else');
    expect(await failureOf(session.newest?.() ?? Promise.resolve())).toMatchObject({
      reason: 'ServiceUnavailable',
    });
    expect(recorder.lostCount).toBe(1);
    // so does the session that replaced it
    expect(await failureOf(put(other.session, 'a', '2'))).toMatchObject({ reason: 'ServiceUnavailable' });
    expect(other.recorder.lostCount).toBe(0);
    for (const each of [session, other.session]) {
      expect([...(await loaded(each)).entries.keys()]).toEqual(['pods/b']);
    }
    await put(session, 'a', '3');
  });

  it('is what it was where an entry is too large, or there are none any more half way', async () => {
    const { session, recorder, prefix } = await openAt();
    await loaded(session);
    await put(session, 'a', '1');
    const before = await names(prefix);
    const good = Array.from({ length: 300 }, (_, index) => ({
      collection: 'pods',
      key: `${index}`,
      value: '1',
    }));
    const tooLarge = { collection: 'pods', key: 'large', value: 'x'.repeat(2_000_000) };
    expect(await failureOf(session.replace([...good, tooLarge], 1))).toMatchObject({
      reason: 'RequestEntityTooLarge',
      ambiguous: false,
    });
    const broken = new Error('broken off');
    function* breaking(): Generator<StorageWrite> {
      yield* good;
      throw broken;
    }
    expect(await failureOf(session.replace(breaking(), 1))).toBe(broken);
    expect(await names(prefix)).toEqual(before);
    // it goes on as if nothing had been
    const last = await put(session, 'a', '2');
    await recorder.reached(last);
    expect(recorder.lostCount).toBe(0);
    expect((await loaded(session)).entries.size).toBe(1);
  });

  it('is that of one of two who replace it at once, whole', async () => {
    const first = await openAt();
    const second = await openAt(first.prefix);
    const entriesOf = (name: string): readonly StorageWrite[] =>
      Array.from({ length: 1_000 }, (_, index) => ({
        collection: 'pods',
        key: `${name}/${index}`,
        value: name,
      }));
    const outcomes = await Promise.allSettled([
      first.session.replace(entriesOf('first'), 1),
      second.session.replace(entriesOf('second'), 1),
    ]);
    const lost = outcomes.filter(({ status }) => status === 'rejected');
    expect(lost).toHaveLength(1);
    expect(lost[0]).toMatchObject({ reason: { reason: 'Conflict', ambiguous: false } });
    const { entries } = await loaded(first.session);
    expect(entries.size).toBe(1_000);
    expect(new Set([...entries.values()].map(({ value }) => value)).size).toBe(1);
    expect(await names(first.prefix)).toHaveLength(1_001);
  });

  it('is cleared of what a replacement that was broken off has left', async () => {
    const { session, prefix } = await openAt();
    await rawPut(raw, `${prefix}/2-deadbeef/o/pods/a`, 'left');
    await rawPut(raw, `${prefix}/1-deadbeef/o/pods/a`, 'left');
    await rawPut(raw, `${prefix}/99/o/pods/a`, 'left');
    await session.replace([{ collection: 'pods', key: 'a', value: '1' }], 1);
    expect(await names(prefix)).toEqual([expect.stringMatching(/^2-[0-9a-f]{8}\/o\/pods\/a$/), 'meta']);
  });
});
