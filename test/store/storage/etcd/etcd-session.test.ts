import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StorageSession } from '../../../../src/store/storage/storage.js';
import { failureOf, loaded, open, type Opened, put, textOf } from './kit.js';
import { hasEtcd, RealEtcd } from './real-etcd.js';

describe.skipIf(!hasEtcd())('a session on etcd', () => {
  let etcd: RealEtcd;
  let spaces = 0;
  const sessions: Opened[] = [];

  beforeAll(async () => {
    etcd = await RealEtcd.start();
  });
  afterAll(async () => {
    await Promise.all(sessions.map(({ session }) => session.close()));
    await etcd.remove();
  });

  /** Opens a session under a prefix that nobody else uses, or one that was used. */
  const openAt = async (prefix = `/test/${(spaces += 1)}`): Promise<Opened & { readonly prefix: string }> => {
    const opened = await open({ endpoints: [etcd.endpoint], prefix });
    sessions.push(opened);
    return { ...opened, prefix };
  };

  it('begins with nothing, at a revision of at least 1', async () => {
    const { session, recorder } = await openAt();
    const { revision, entries } = await loaded(session);
    expect(revision).toBeGreaterThanOrEqual(1);
    expect(entries.size).toBe(0);
    expect(recorder.changes).toEqual([]);
  });

  it('decides a transaction, tells of it as one change in its order, and loads it', async () => {
    const { session, recorder, prefix } = await openAt();
    const { revision } = await loaded(session);
    const writes = [
      { collection: 'pods', key: 'default/b', value: '{"b":"ü"}' },
      { collection: 'apps', key: 'z', value: '' },
      { collection: 'pods', key: 'default/a', value: '{"a":1}' },
    ];
    const outcome = await session.commit({
      compares: [
        { collection: 'pods', key: 'default/a', revision: 0 },
        { collection: 'pods', revision },
      ],
      writes,
    });
    expect(outcome.committed).toBe(true);
    expect(outcome.revision).toBeGreaterThan(revision);
    await recorder.reached(outcome.revision);
    expect(recorder.changes).toEqual([{ revision: outcome.revision, writes }]);

    const again = await loaded((await openAt(prefix)).session);
    expect(again.revision).toBeGreaterThanOrEqual(outcome.revision);
    expect([...again.entries.values()].map(textOf).sort()).toEqual(writes.map(textOf).sort());
    expect([...again.entries.values()].map((entry) => entry.revision)).toEqual(
      writes.map(() => outcome.revision),
    );
  });

  it('refuses with the revision that shows why', async () => {
    const { session, recorder } = await openAt();
    await loaded(session);
    const first = await put(session, 'a', '1');
    const second = await put(session, 'a', '2');
    const other = await session.commit({
      compares: [],
      writes: [{ collection: 'apps', key: 'a', value: '1' }],
    });
    const write = { collection: 'pods', key: 'a', value: '3' };
    for (const compare of [
      { collection: 'pods', key: 'a', revision: first },
      { collection: 'pods', key: 'a', revision: 0 },
      { collection: 'pods', key: 'b', revision: second },
      { collection: 'pods', revision: first },
    ]) {
      const outcome = await session.commit({ compares: [compare], writes: [write] });
      expect(outcome).toEqual({ committed: false, revision: second });
    }
    const both = await session.commit({
      compares: [
        { collection: 'pods', revision: second },
        { collection: 'apps', key: 'a', revision: 0 },
      ],
      writes: [write],
    });
    expect(both).toEqual({ committed: false, revision: other.revision });
    await recorder.reached(other.revision);
    expect(recorder.writes).toEqual([
      `${first} pods/a=1`,
      `${second} pods/a=2`,
      `${other.revision} apps/a=1`,
    ]);
  });

  it('is bound by collections also in what was deleted', async () => {
    const { session } = await openAt();
    await loaded(session);
    const written = await put(session, 'a', '1');
    const deleted = await put(session, 'a', undefined);
    const write = { collection: 'apps', key: 'b', value: '1' };
    const early = await session.commit({
      compares: [{ collection: 'pods', revision: written }],
      writes: [write],
    });
    expect(early).toEqual({ committed: false, revision: deleted });
    const late = await session.commit({
      compares: [{ collection: 'pods', revision: deleted }],
      writes: [write],
    });
    expect(late.committed).toBe(true);
  });

  it('knows the newest transaction of a collection, and of all, deletions included', async () => {
    const { session } = await openAt();
    const other = (await openAt()).session;
    const { revision } = await loaded(session);
    expect(await session.newest?.()).toBeLessThanOrEqual(revision);
    await put(session, 'a', '1');
    const deleted = await put(session, 'a', undefined);
    const apps = await session.commit({
      compares: [],
      writes: [{ collection: 'apps', key: 'a', value: '1' }],
    });
    // what is outside of the prefix does not count
    await put(other, 'a', '1');
    expect(await session.newest?.('pods')).toBe(deleted);
    expect(await session.newest?.('apps')).toBe(apps.revision);
    expect(await session.newest?.()).toBe(apps.revision);
    expect(await session.newest?.('never')).toBeLessThanOrEqual(revision);
    const asked = await Promise.all([
      session.newest?.('pods'),
      session.newest?.('pods'),
      put(session, 'b', '1'),
    ]);
    expect(asked[0]).toBe(asked[1]);
    expect(await session.newest?.('pods')).toBe(asked[2]);
  });

  it('tells of transactions that change nothing, and answers such as write nothing', async () => {
    const { session, recorder } = await openAt();
    await loaded(session);
    const revision = await put(session, 'absent', undefined);
    await recorder.reached(revision);
    expect(recorder.changes).toEqual([{ revision, writes: [] }]);
    expect(await session.newest?.('pods')).toBe(revision);
    const nothing = { compares: [{ collection: 'pods', key: 'absent', revision: 0 }], writes: [] };
    expect(await session.commit(nothing)).toEqual({ committed: true, revision });
    const wrong = { compares: [{ collection: 'pods', revision: revision - 1 }], writes: [] };
    expect(await session.commit(wrong)).toEqual({ committed: false, revision });
  });

  it('shares a prefix: both tell of all, in the same order', async () => {
    const first = await openAt();
    const second = await openAt(first.prefix);
    await Promise.all([loaded(first.session), loaded(second.session)]);
    const writers = [first.session, second.session];
    const revisions = await Promise.all(
      Array.from({ length: 200 }, (_, turn) =>
        put(writers[turn % 2] as StorageSession, `${turn % 7}`, turn % 5 === 0 ? undefined : `${turn}`),
      ),
    );
    expect(new Set(revisions).size).toBe(200);
    const newest = Math.max(...revisions);
    await Promise.all([first.recorder.reached(newest), second.recorder.reached(newest)]);
    expect(first.recorder.changes.map(({ revision }) => revision)).toEqual(revisions.sort((a, b) => a - b));
    expect(second.recorder.changes).toEqual(first.recorder.changes);
  });

  it('lets one of many writers win each turn', async () => {
    const first = await openAt();
    const others = await Promise.all([openAt(first.prefix), openAt(first.prefix)]);
    const rivals = [first, ...others];
    for (const { session } of rivals) await loaded(session);
    let won = 0;
    const writer = async ({ session }: Opened): Promise<void> => {
      for (let turn = 0; turn < 30; turn += 1) {
        const { entries } = await loaded(session);
        const entry = entries.get('pods/counter');
        const outcome = await session.commit({
          compares: [{ collection: 'pods', key: 'counter', revision: entry?.revision ?? 0 }],
          writes: [{ collection: 'pods', key: 'counter', value: `${Number(entry?.value ?? 0) + 1}` }],
        });
        if (outcome.committed) won += 1;
      }
    };
    await Promise.all(rivals.map(writer));
    const { entries } = await loaded(first.session);
    expect(entries.get('pods/counter')?.value).toBe(`${won}`);
    expect(won).toBeGreaterThan(0);
  });

  it('loads many objects at one revision, while others write', async () => {
    const { session, recorder, prefix } = await openAt();
    await loaded(session);
    for (let part = 0; part < 26; part += 1) {
      await session.commit({
        compares: [],
        writes: Array.from({ length: 100 }, (_, index) => ({
          collection: 'pods',
          key: `${part}/${index}`,
          value: `${part}`,
        })),
      });
    }
    const watching = await openAt(prefix);
    const writing = (async () => {
      const revisions: number[] = [];
      for (let turn = 0; turn < 40; turn += 1) {
        // both ends of the order of names, in one transaction
        const writes = ['0/0', '9/99'].map((key) => ({ collection: 'pods', key, value: `turn ${turn}` }));
        revisions.push((await session.commit({ compares: [], writes })).revision);
      }
      return revisions;
    })();
    const { revision, entries } = await loaded(watching.session);
    const revisions = await writing;
    expect(entries.size).toBe(2_600);
    expect(entries.get('pods/0/0')?.value === '0').toBe(entries.get('pods/9/99')?.value === '9');
    const newest = revisions.at(-1) as number;
    if (newest > revision) await watching.recorder.reached(newest);
    expect(watching.recorder.changes.map((change) => change.revision)).toEqual(
      revisions.filter((one) => one > revision),
    );
    await recorder.reached(newest);
  });

  it('takes as many operations as etcd does, and refuses more before it sends anything', async () => {
    const { session, recorder } = await openAt();
    await loaded(session);
    const before = await session.newest?.();
    const writes = Array.from({ length: 127 }, (_, index) => ({
      collection: 'pods',
      key: `${index}`,
      value: '1',
    }));
    const compares = writes.map(({ collection, key }) => ({ collection, key, revision: 0 }));
    const more = { collection: 'apps', key: 'a', value: '1' };
    const error = await failureOf(session.commit({ compares, writes: [...writes, more] }));
    expect(error).toMatchObject({ reason: 'RequestEntityTooLarge', ambiguous: false });
    expect(error.message).toContain('at most 128 operations');
    const compare = { collection: 'apps', key: 'a', revision: 0 };
    expect(
      await failureOf(session.commit({ compares: [...compares, compare], writes: [more] })),
    ).toMatchObject({
      reason: 'RequestEntityTooLarge',
    });
    expect(await session.newest?.()).toBe(before);
    const outcome = await session.commit({ compares, writes });
    expect(outcome.committed).toBe(true);
    await recorder.reached(outcome.revision);
    expect(recorder.changes).toEqual([{ revision: outcome.revision, writes }]);
  });

  it('takes values of more than a megabyte, and refuses what etcd refuses', async () => {
    const { session, recorder } = await openAt();
    await loaded(session);
    const revision = await put(session, 'a', 'a'.repeat(1_500_000));
    for (const size of [1_572_864, 2_500_000]) {
      const error = await failureOf(put(session, 'b', 'b'.repeat(size)));
      expect(error).toMatchObject({ reason: 'RequestEntityTooLarge', ambiguous: false });
    }
    await recorder.reached(revision);
    expect(recorder.changes[0]?.writes[0]?.value).toHaveLength(1_500_000);
  });

  it('puts a transaction that a response cannot hold together again', async () => {
    // a transaction of less than 1.5 MiB is more than that in a watch, by what etcd says of each key
    const { session, recorder } = await openAt();
    await loaded(session);
    const writes = Array.from({ length: 120 }, (_, index) => ({
      collection: 'pods',
      key: `${'k'.repeat(600)}${index}`,
      value: 'v'.repeat(12_000),
    }));
    const revisions: number[] = [];
    for (let turn = 0; turn < 3; turn += 1)
      revisions.push((await session.commit({ compares: [], writes })).revision);
    await recorder.reached(revisions[2] as number);
    expect(recorder.changes.map(({ revision }) => revision)).toEqual(revisions);
    for (const change of recorder.changes) expect(change.writes).toEqual(writes);
  });

  it('goes on after a compaction, and forgets no more than it was told', async () => {
    const { session, recorder } = await openAt();
    await loaded(session);
    await put(session, 'a', '1');
    const revision = await put(session, 'a', '2');
    await session.compact(revision);
    // a second time is as good
    await session.compact(revision);
    const last = await put(session, 'a', '3');
    await recorder.reached(last);
    expect(recorder.changes).toHaveLength(3);
    expect(recorder.lostCount).toBe(0);
    expect((await loaded(session)).entries.get('pods/a')?.value).toBe('3');
  });

  it('is over when it is closed: what is on its way is answered, and nothing is told or taken after', async () => {
    const { session, recorder } = await openAt();
    await loaded(session);
    const pending = Array.from({ length: 20 }, (_, index) => put(session, `${index}`, '1'));
    const closing = session.close();
    expect(session.close()).toBe(closing);
    expect(await failureOf(put(session, 'late', '1'))).toMatchObject({
      reason: 'ServiceUnavailable',
      ambiguous: false,
    });
    await closing;
    const settled = await Promise.all(
      pending.map((one) =>
        Promise.race([
          one,
          new Promise((resolve) => {
            setImmediate(() => resolve('pending'));
          }),
        ]),
      ),
    );
    expect(settled).not.toContain('pending');
    const told = recorder.changes.length;
    expect(await failureOf(session.newest?.() ?? Promise.resolve())).toMatchObject({
      reason: 'ServiceUnavailable',
    });
    expect(recorder.changes).toHaveLength(told);
  });
});
