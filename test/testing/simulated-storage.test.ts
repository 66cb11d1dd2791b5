import { describe, expect, it } from 'vitest';
import { ApiError, noopLogger, SeededRandom, VirtualClock } from '../../src/core/index.js';
import type { StorageSession, StorageTransaction } from '../../src/store/index.js';
import { SimulatedStorage, type SimulatedStorageOptions } from '../../src/testing/index.js';

interface Opened {
  readonly session: StorageSession;
  /** What the listener was told and the calls were answered, in order. */
  readonly events: string[];
  readonly commit: (key: string, value?: string, revision?: number) => Promise<void>;
}

interface Setup {
  readonly storage: SimulatedStorage;
  readonly clock: VirtualClock;
  readonly open: () => Promise<Opened>;
}

function setUp(options: SimulatedStorageOptions = {}, seed = 1): Setup {
  const clock = new VirtualClock();
  const random = new SeededRandom(seed);
  const storage = new SimulatedStorage({ clock, random, ...options });
  const open = async (): Promise<Opened> => {
    const events: string[] = [];
    const opening = storage.open({
      clock,
      random,
      logger: noopLogger,
      listener: {
        changed: ({ revision, writes }) =>
          void events.push(
            `changed ${revision} ${writes.map(({ key, value }) => `${key}=${value ?? ''}`).join(' ')}`,
          ),
        lost: () => void events.push('lost'),
        failed: (error) => void events.push(`failed ${error.message.slice(0, 6)}`),
      },
    });
    opening.catch(() => undefined);
    await clock.advance(1_000);
    const session = await opening;
    const commit = async (key: string, value?: string, revision?: number): Promise<void> => {
      const transaction: StorageTransaction = {
        compares: revision === undefined ? [] : [{ collection: 'pods', key, revision }],
        writes: [{ collection: 'pods', key, value }],
      };
      try {
        const outcome = await session.commit(transaction);
        events.push(`${outcome.committed ? 'committed' : 'refused'} ${outcome.revision}`);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        events.push(`${error.ambiguous ? 'ambiguous' : 'not done'} ${error.reason}`);
      }
    };
    const loading = session.load(() => undefined);
    await clock.advance(1_000);
    await loading;
    return { session, events, commit };
  };
  return { storage, clock, open };
}

/** How often each of several results comes up over many seeds. */
async function tally(work: (seed: number) => Promise<string>): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let seed = 1; seed <= 60; seed += 1) {
    const result = await work(seed);
    counts.set(result, (counts.get(result) ?? 0) + 1);
  }
  return counts;
}

describe('a simulated storage', () => {
  it('tells of a transaction before its answer or after it, as it is told to, or as it happens', async () => {
    const run = async (order: SimulatedStorage['order'], seed: number): Promise<string> => {
      const { storage, clock, open } = setUp({}, seed);
      storage.order = order;
      const { commit, events } = await open();
      await commit('a', '1');
      await clock.advance(0);
      return events.join(', ');
    };
    const [first, last] = ['changed 2 a=1, committed 2', 'committed 2, changed 2 a=1'];
    expect([...(await tally((seed) => run('changed-first', seed))).keys()]).toEqual([first]);
    expect([...(await tally((seed) => run('answer-first', seed))).keys()]).toEqual([last]);
    const either = await tally((seed) => run('either', seed));
    expect(either.get(first)).toBeGreaterThan(10);
    expect(either.get(last)).toBeGreaterThan(10);
  });

  it('answers nothing and tells nothing while it is paused', async () => {
    const { storage, clock, open } = setUp();
    const { commit, events } = await open();
    storage.pause();
    const committed = commit('a', '1');
    await clock.advance(1_000_000);
    expect(events).toEqual([]);
    storage.resume();
    await committed;
    await clock.advance(0);
    expect(events.toSorted()).toEqual(['changed 2 a=1', 'committed 2']);
  });

  it('takes the time that it is told to', async () => {
    const { storage, clock, open } = setUp();
    const { commit, events } = await open();
    storage.setLatency('commit', { least: 100, most: 100 });
    const committed = commit('a', '1');
    await clock.advance(199);
    expect(events.filter((event) => event.startsWith('committed'))).toEqual([]);
    await clock.advance(1);
    await committed;
    expect(events).toContain('committed 2');
    expect(() => storage.setLatency('commit', { least: 2, most: 1 })).toThrow(
      'expected 0 <= least <= most, got 2 and 1',
    );
    expect(clock.timers).toBe(0);
  });

  it('gives up a call after the time that it is told, and knows whether it can have happened', async () => {
    const { storage, clock, open } = setUp({ timeout: 5_000 });
    const { commit, events, session } = await open();
    storage.pause();
    const ends = [commit('a', '1'), session.load(() => undefined).catch((error: unknown) => error)];
    await clock.advance(5_000);
    await ends[0];
    expect(events).toEqual(['ambiguous Timeout']);
    expect(await ends[1]).toMatchObject({ reason: 'Timeout', ambiguous: false });
    storage.resume();
    await clock.advance(0);
    expect(storage.log).toHaveLength(1);
  });

  it('fails what was sent ambiguously when the connection breaks, and it happened or did not', async () => {
    const results = await tally(async (seed) => {
      const { storage, clock, open } = setUp({ latency: { least: 10, most: 10 } }, seed);
      const { commit, events } = await open();
      const committed = commit('a', '1');
      // before the request arrives, or before the answer does
      await clock.advance(seed % 2 === 0 ? 5 : 15);
      storage.disconnect();
      await committed;
      expect(events).toEqual(['ambiguous ServiceUnavailable']);
      await clock.advance(100);
      expect(events).toHaveLength(1);
      storage.reconnect();
      await clock.advance(100);
      expect(events.slice(1)).toEqual(storage.log.length === 1 ? ['changed 2 a=1'] : []);
      return `${seed % 2 === 0 ? 'early' : 'late'}: ${storage.log.length}`;
    });
    expect([...results.keys()].toSorted()).toEqual(['early: 0', 'early: 1', 'late: 1']);
  });

  it('fails what cannot be sent without a doubt, and tells of everything since when it is connected again', async () => {
    const { storage, clock, open } = setUp();
    const [a, b] = [await open(), await open()];
    await a.commit('x', '1');
    await clock.advance(0);
    storage.disconnect(storage.sessions[0]);
    await a.commit('x', '2');
    await expect(a.session.newest?.()).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      ambiguous: false,
    });
    await b.commit('x', '3');
    await b.commit('y', '4');
    await clock.advance(0);
    expect(a.events.slice(2)).toEqual(['not done ServiceUnavailable']);
    storage.reconnect();
    await clock.advance(0);
    expect(a.events.slice(3)).toEqual(['changed 3 x=3', 'changed 4 y=4']);
  });

  it('tells that changes are missed where they are forgotten by the time it is connected again', async () => {
    const { storage, clock, open } = setUp();
    const [a, b] = [await open(), await open()];
    storage.disconnect(storage.sessions[0]);
    await b.commit('x', '1');
    storage.compact();
    await b.commit('x', '2');
    storage.reconnect();
    await clock.advance(0);
    await b.commit('x', '3');
    await clock.advance(0);
    expect(a.events).toEqual(['lost']);
    expect(await a.session.load(() => undefined)).toBe(4);
    await b.commit('x', '4');
    await clock.advance(0);
    expect(a.events).toEqual(['lost', 'changed 5 x=4']);
  });

  it('tells that changes are missed when it is told to, even where it is not connected', async () => {
    const { storage, clock, open } = setUp();
    const { commit, events } = await open();
    storage.lose();
    await clock.advance(0);
    await commit('a', '1');
    await clock.advance(0);
    expect(events).toEqual(['lost', 'committed 2']);
    const other = await open();
    storage.disconnect();
    storage.lose();
    await clock.advance(0);
    expect(other.events).toEqual([]);
    storage.reconnect();
    await clock.advance(0);
    expect(other.events).toEqual(['lost']);
  });

  it('fails the next transaction in each of the ways', async () => {
    const { storage, clock, open } = setUp();
    const { commit, events } = await open();
    for (const [failure, answer] of [
      ['refused', 'not done ServiceUnavailable'],
      ['vanishes', 'ambiguous ServiceUnavailable'],
      ['happens', 'ambiguous ServiceUnavailable'],
      ['late', 'ambiguous ServiceUnavailable'],
    ] as const) {
      const before = storage.log.length;
      storage.failNext('commit', failure);
      await commit('a', failure);
      const atOnce = storage.log.length - before;
      await clock.advance(0);
      expect([failure, events.filter((event) => !event.startsWith('changed')).at(-1)]).toEqual([
        failure,
        answer,
      ]);
      const happens = failure === 'happens' || failure === 'late' ? 1 : 0;
      expect([failure, atOnce]).toEqual([failure, failure === 'happens' ? 1 : 0]);
      expect([failure, storage.log.length - before]).toEqual([failure, happens]);
    }
    await commit('a', 'again');
    expect(events.at(-1)).toMatch(/^(committed|changed)/);
    expect(storage.log).toHaveLength(3);
  });

  it('fails other operations, and opening', async () => {
    const { storage, open } = setUp();
    const { session } = await open();
    for (const operation of ['load', 'newest', 'compact', 'replace'] as const) storage.failNext(operation);
    await expect(session.load(() => undefined)).rejects.toThrow('failed at load');
    await expect(session.newest?.()).rejects.toThrow('failed at newest');
    await expect(session.compact(1)).rejects.toThrow('failed at compact');
    await expect(session.replace([], 1)).rejects.toThrow('failed at replace');
    storage.failNext('open');
    await expect(open()).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    await open();
  });

  it('tells a session that was told of changes, and could not load, that changes are missed', async () => {
    const { storage, clock, open } = setUp();
    const { session, events, commit } = await open();
    storage.failNext('load');
    await expect(session.load(() => undefined)).rejects.toThrow('failed at load');
    await commit('a', '1');
    await clock.advance(0);
    expect(events.toSorted()).toEqual(['committed 2', 'lost']);
  });

  it('tells a session whose replacement happened without its knowing that changes are missed', async () => {
    for (const failure of ['happens', 'late'] as const) {
      const { storage, clock, open } = setUp();
      const { session, events } = await open();
      storage.failNext('replace', failure);
      await expect(session.replace([{ collection: 'pods', key: 'a', value: '1' }], 10)).rejects.toMatchObject(
        {
          ambiguous: true,
        },
      );
      await clock.advance(0);
      expect(events).toEqual(['lost']);
      expect(storage.entries).toEqual([{ collection: 'pods', key: 'a', value: '1', revision: 10 }]);
    }
  });

  it('refuses transactions when it is full, and says once that it failed', async () => {
    const { storage, clock, open } = setUp();
    const [a, b] = [await open(), await open()];
    await a.commit('x', '1');
    await clock.advance(0);
    storage.fill();
    await a.commit('x', '2');
    await a.commit('x', '3');
    await clock.advance(0);
    expect(a.events.slice(2)).toEqual(
      expect.arrayContaining(['not done ServiceUnavailable', 'failed ENOSPC']),
    );
    expect(a.events.filter((event) => event.startsWith('failed'))).toHaveLength(1);
    storage.free();
    await a.commit('x', '4');
    await b.commit('x', '5');
    await clock.advance(0);
    expect(a.events.at(-1)).toBe('not done ServiceUnavailable');
    expect(b.events).toContain('committed 3');
    expect(storage.log).toHaveLength(2);
  });

  it('says that it failed after everything that had happened, and even behind a load', async () => {
    const { storage, clock, open } = setUp();
    const { session, events, commit } = await open();
    storage.setLatency('changed', { least: 50, most: 50 });
    storage.order = 'answer-first';
    await commit('x', '1');
    storage.fail();
    storage.fail();
    await clock.advance(100);
    expect(events).toEqual(['committed 2', 'changed 2 x=1', 'failed EIO: t']);
    const other = await open();
    storage.fail();
    const loading = other.session.load(() => undefined);
    await clock.advance(100);
    await loading;
    expect(other.events).toEqual(['failed EIO: t']);
    await session.close();
  });

  it('lets a process crash in the middle, and another open what it left', async () => {
    const results = await tally(async (seed) => {
      const { storage, clock, open } = setUp({ shared: false, latency: { least: 10, most: 10 } }, seed);
      const first = await open();
      const commits = ['a', 'b', 'c'].map((key) => first.commit(key, '1'));
      await clock.advance(seed % 3 === 0 ? 5 : 15);
      storage.crash();
      await Promise.all(commits);
      expect(first.events.filter((event) => event !== 'ambiguous ServiceUnavailable')).toEqual([]);
      await first.commit('d', '1');
      expect(first.events.at(-1)).toBe('not done ServiceUnavailable');
      await clock.advance(100);
      const second = await open();
      const keys = storage.entries
        .map(({ key }) => key)
        .toSorted()
        .join('');
      const committed = second.commit('e', '1');
      await clock.advance(100);
      await committed;
      expect(second.events).toContain(`committed ${keys.length + 2}`);
      return keys;
    });
    // in the order in which they were asked for: none that follows one that was lost
    expect([...results.keys()].toSorted()).toEqual(['', 'a', 'ab', 'abc']);
  });

  it('is open for one at a time where it is not shared, in which case nobody has to be asked for the newest', async () => {
    const { open } = setUp({ shared: false });
    const { session } = await open();
    expect(session.newest).toBeUndefined();
    await expect(open()).rejects.toThrow('the storage is open already, and not shared');
    await session.close();
    await open();
  });

  it('ends every fault at once', async () => {
    const { storage, clock, open } = setUp();
    const { commit, events } = await open();
    storage.fill();
    storage.disconnect();
    storage.failNext('commit');
    storage.pause();
    storage.heal();
    await commit('a', '1');
    await clock.advance(0);
    expect(events.toSorted()).toEqual(['changed 2 a=1', 'committed 2']);
  });

  it('refuses transactions that no store may ask for', async () => {
    const { open } = setUp();
    const { session } = await open();
    const write = { collection: 'pods', key: 'a', value: 'x' };
    const tries: readonly [StorageTransaction, string][] = [
      [{ compares: [], writes: [write, write] }, 'expected each key once'],
      [{ compares: [], writes: [{ ...write, collection: 'a/b' }] }, "printable ASCII without '/'"],
      [{ compares: [], writes: [{ ...write, key: 'ä' }] }, 'expected printable ASCII'],
      [{ compares: [], writes: [{ ...write, key: 'x'.repeat(1_100) }] }, 'at most 1024 characters'],
      [{ compares: [{ collection: 'pods', revision: -1 }], writes: [write] }, 'expected a whole number'],
    ];
    for (const [transaction, message] of tries)
      await expect(session.commit(transaction)).rejects.toThrow(message);
  });

  it('repeats a run exactly from the same seed, and another from another', async () => {
    const run = async (seed: number): Promise<string> => {
      const { storage, clock, open } = setUp({ gaps: true, latency: { least: 0, most: 20 } }, seed);
      const [a, b] = [await open(), await open()];
      const ends: Promise<void>[] = [];
      for (let step = 0; step < 40; step += 1) {
        ends.push((step % 2 === 0 ? a : b).commit(`k${step % 3}`, String(step)));
        if (step % 11 === 5) storage.disconnect(storage.sessions[step % 2]);
        if (step % 11 === 8) storage.reconnect();
        await clock.advance(3);
      }
      storage.heal();
      await clock.advance(1_000);
      await Promise.all(ends);
      return [...a.events, ...b.events].join('\n');
    };
    const runs = await Promise.all([run(7), run(7), run(8)]);
    expect(runs[1]).toBe(runs[0]);
    expect(runs[2]).not.toBe(runs[0]);
  });
});
