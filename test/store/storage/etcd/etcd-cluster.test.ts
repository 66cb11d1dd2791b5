import { afterEach, describe, expect, it } from 'vitest';
import type { ApiError } from '../../../../src/core/index.js';
import { eventually, failureOf, loaded, open, put } from './kit.js';
import { hasEtcd, RealEtcd } from './real-etcd.js';

// short, so that the tests are; with room for a machine that is busy
const TIMES = ['--heartbeat-interval=50', '--election-timeout=1000'];

describe.skipIf(!hasEtcd())('a session on three members of etcd', { timeout: 90_000 }, () => {
  // undone after each test, last first
  const undo: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const one of undo.splice(0).reverse()) await one();
  });

  it('goes on without any one of them, tells of everything once, and stops where two are gone', async () => {
    const members = await RealEtcd.startCluster(3, { args: TIMES });
    undo.push(async () => {
      await Promise.all(members.map((member) => member.remove()));
    });
    const endpoints = members.map(({ endpoint }) => endpoint);
    const reader = await open({ endpoints: endpoints.toReversed(), requestTimeout: 5_000 });
    const writer = await open({ endpoints, requestTimeout: 5_000 });
    undo.push(async () => {
      await Promise.all([reader.session.close(), writer.session.close()]);
    });
    await loaded(reader.session);
    await loaded(writer.session);

    const acknowledged: number[] = [];
    let unknown = 0;
    const write = async (value: string): Promise<number> => {
      const revision = await put(writer.session, 'a', value).catch((error: ApiError) => {
        if (error.ambiguous) unknown += 1;
        return 0;
      });
      if (revision > 0) acknowledged.push(revision);
      return revision;
    };
    const writeOn = (value: string): Promise<number> =>
      eventually(
        () => write(value),
        (revision) => revision > 0,
      );
    for (const [index, member] of members.entries()) {
      // it dies, or stands still so that nobody is told, while writes are on their way
      const writing = Promise.all(Array.from({ length: 10 }, (_, turn) => write(`${index}/${turn}`)));
      if (index === 1) member.pause();
      else await member.stop('SIGKILL');
      await writing;
      const last = await writeOn(`${index}`);
      await reader.recorder.reached(last);
      if (index === 1) member.unpause();
      else await member.resume();
    }
    const last = await writeOn('last');
    await Promise.all([reader.recorder.reached(last), writer.recorder.reached(last)]);
    const told = reader.recorder.changes.map(({ revision }) => revision);
    expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
    expect(acknowledged.filter((revision) => !told.includes(revision))).toEqual([]);
    expect(told.length).toBeLessThanOrEqual(acknowledged.length + unknown);
    expect(writer.recorder.changes).toEqual(reader.recorder.changes);

    // one that is left alone knows that it has no leader, and takes nothing on
    await Promise.all(members.slice(1).map((member) => member.stop('SIGKILL')));
    const refused = await eventually(
      () => failureOf(put(writer.session, 'b', '1')),
      ({ ambiguous }) => !ambiguous,
    );
    expect(refused.reason).toBe('ServiceUnavailable');
    expect(await failureOf(writer.session.newest?.() ?? Promise.resolve())).toMatchObject({
      ambiguous: false,
    });
    await Promise.all(members.slice(1).map((member) => member.resume()));
    const again = await writeOn('again');
    await Promise.all([reader.recorder.reached(again), writer.recorder.reached(again)]);
    expect(writer.recorder.changes).toEqual(reader.recorder.changes);
    for (const { recorder } of [reader, writer]) {
      expect(recorder.lostCount).toBe(0);
      expect(recorder.failure).toBeUndefined();
    }
  });
});
