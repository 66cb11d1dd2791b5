import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { open } from 'lmdb';
import type { StorageCompare, StorageSession, StorageWrite } from '../../../../src/store/storage/storage.js';
import { contents, freshPath, listing, openFolder, put, write } from './kit.js';

describe('a fresh folder', () => {
  it('is at revision 1, has nothing, and its first commit is 2', async () => {
    const { session } = await openFolder(freshPath());
    expect(await contents(session)).toEqual({ revision: 1, entries: new Map() });
    expect(await put(session, write('pods/a', 'x'))).toEqual({ committed: true, revision: 2 });
    expect(await contents(session)).toEqual({
      revision: 2,
      entries: new Map([['pods/a', { collection: 'pods', key: 'a', value: 'x', revision: 2 }]]),
    });
  });

  it('has no newest to ask for, since nobody else writes', async () => {
    const { session } = await openFolder(freshPath());
    expect(session.newest).toBeUndefined();
  });
});

describe('a transaction', () => {
  it('writes all of its objects at one revision', async () => {
    const { session, changes } = await openFolder(freshPath());
    const first = [write('pods/a', '1'), write('pods/b', '2'), write('nodes/a', '3')];
    const second = [write('pods/a', undefined), write('pods/c', '4')];
    await put(session, ...first);
    await put(session, ...second);
    expect(await listing(session)).toEqual(['nodes/a@2=3', 'pods/b@2=2', 'pods/c@3=4']);
    expect(changes).toEqual([
      { revision: 2, writes: first },
      { revision: 3, writes: second },
    ]);
  });

  it('keeps any text, of any length', async () => {
    const path = freshPath();
    const { session } = await openFolder(path);
    const values = [
      '',
      'é€😀',
      '\ud800',
      '\0',
      'x'.repeat(3_000),
      '"'.repeat(2_000_000),
      '€'.repeat(100_000),
    ];
    await put(session, ...values.map((value, index) => write(`notes/${index}`, value)));
    await session.close();
    const { entries } = await contents((await openFolder(path)).session);
    expect(values.map((value, index) => entries.get(`notes/${index}`)?.value === value)).not.toContain(false);
  });

  it('keeps apart what only looks alike', async () => {
    const { session } = await openFolder(freshPath());
    const names = ['a/b/c', 'a.b/c', 'a/', '__proto__/constructor', 'A/b', `a/${'k'.repeat(1_023)}`, 'a/ ~'];
    await put(session, ...names.map((name) => write(name, name)));
    const { entries } = await contents(session);
    expect([...entries.keys()].toSorted()).toEqual(names.toSorted());
  });

  it('that writes nothing takes no revision, and nobody is told', async () => {
    const { session, changes } = await openFolder(freshPath());
    void put(session, write('pods/a', 'x'));
    expect(await put(session)).toEqual({ committed: true, revision: 2 });
    expect(changes).toHaveLength(1);
    expect(await put(session)).toEqual({ committed: true, revision: 2 });
    expect(await put(session, write('pods/a', 'y'))).toEqual({ committed: true, revision: 3 });
  });

  it('is refused as it is where it has a name that cannot be or the same one twice, and leaves nothing', async () => {
    const { session, changes } = await openFolder(freshPath());
    const good = write('pods/a', 'x');
    await expect(put(session, good, write('pods/é', 'x'))).rejects.toThrow(TypeError);
    await expect(put(session, good, write('pods/b', 'x'), good)).rejects.toThrow(TypeError);
    await expect(put(session, good, write(`pods/${'k'.repeat(1_021)}`, 'x'))).rejects.toThrow(RangeError);
    const compares = [{ collection: '', key: 'a', revision: 0 }];
    await expect(session.commit({ compares, writes: [good] })).rejects.toThrow(TypeError);
    expect(changes).toEqual([]);
    expect(await put(session, good)).toEqual({ committed: true, revision: 2 });
  });
});

describe('a compare', () => {
  const at = (key: string, revision: number): StorageCompare => ({ collection: 'pods', key, revision });

  it('of an object holds at its revision, and at 0 where there is none', async () => {
    const { session } = await openFolder(freshPath());
    await put(session, write('pods/a', 'x'));
    await put(session, write('pods/b', 'x'), write('pods/c', 'x'));
    await put(session, write('pods/c', undefined));
    const holds = async (...compares: readonly StorageCompare[]): Promise<boolean> =>
      (await session.commit({ compares, writes: [] })).committed;
    expect(await holds(at('a', 2))).toBe(true);
    expect(await holds(at('a', 1))).toBe(false);
    expect(await holds(at('a', 3))).toBe(false);
    expect(await holds(at('a', 0))).toBe(false);
    expect(await holds(at('c', 0))).toBe(true);
    expect(await holds(at('c', 4))).toBe(false);
    expect(await holds(at('d', 0))).toBe(true);
    expect(await holds(at('a', 2), at('b', 3), at('c', 0))).toBe(true);
    expect(await holds(at('a', 2), at('b', 2), at('c', 0))).toBe(false);
  });

  it('of a collection holds unless something of it was written or deleted since', async () => {
    const path = freshPath();
    const { session } = await openFolder(path);
    await put(session, write('pods/a', 'x'));
    await put(session, write('nodes/a', 'x'));
    await put(session, write('pods/a', undefined));
    const holds = async (on: StorageSession, collection: string, revision: number): Promise<boolean> =>
      (await on.commit({ compares: [{ collection, revision }], writes: [] })).committed;
    expect(await holds(session, 'pods', 4)).toBe(true);
    expect(await holds(session, 'pods', 3)).toBe(false);
    expect(await holds(session, 'nodes', 3)).toBe(true);
    expect(await holds(session, 'nodes', 2)).toBe(false);
    expect(await holds(session, 'jobs', 1)).toBe(true);
    await session.close();
    // what changed before it was opened is not known any more, so everything may have
    const again = (await openFolder(path)).session;
    expect(await holds(again, 'nodes', 4)).toBe(true);
    expect(await holds(again, 'nodes', 3)).toBe(false);
    await put(again, write('pods/a', 'y'));
    expect(await holds(again, 'nodes', 4)).toBe(true);
    expect(await holds(again, 'pods', 4)).toBe(false);
  });

  it('is decided in the call, against what is not durable yet', async () => {
    const { session, changes } = await openFolder(freshPath());
    const create = (value: string): ReturnType<StorageSession['commit']> =>
      session.commit({ compares: [at('a', 0)], writes: [write('pods/a', value)] });
    const outcomes = await Promise.all([
      create('first'),
      create('second'),
      session.commit({ compares: [at('a', 2)], writes: [write('pods/a', undefined)] }),
      create('third'),
      session.commit({ compares: [{ collection: 'pods', revision: 3 }], writes: [write('pods/b', 'x')] }),
      session.commit({ compares: [{ collection: 'pods', revision: 4 }], writes: [write('pods/b', 'x')] }),
    ]);
    expect(outcomes).toEqual([
      { committed: true, revision: 2 },
      { committed: false, revision: 2 },
      { committed: true, revision: 3 },
      { committed: true, revision: 4 },
      { committed: false, revision: 4 },
      { committed: true, revision: 5 },
    ]);
    expect(changes.map(({ revision }) => revision)).toEqual([2, 3, 4, 5]);
    expect(await listing(session)).toEqual(['pods/a@4=third', 'pods/b@5=x']);
  });

  it('that does not hold is told of once everything that shows why has been', async () => {
    const { session, changes } = await openFolder(freshPath());
    const created = put(session, write('pods/a', 'x'));
    let told = -1;
    const refused = session.commit({ compares: [at('a', 0)], writes: [] }).then((outcome) => {
      told = changes.length;
      return outcome;
    });
    expect(await refused).toEqual({ committed: false, revision: 2 });
    expect(told).toBe(1);
    await created;
  });
});

describe('the order of things', () => {
  it('tells changes in the order of revisions, each before its commit resolves, and answers in that order too', async () => {
    const log: string[] = [];
    const { session } = await openFolder(freshPath(), {}, ({ revision }) => log.push(`told ${revision}`));
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const { revision } = await put(session, write(`pods/${index}`, 'x'));
        log.push(`resolved ${revision}`);
      }),
    );
    const revisions = (what: string): readonly number[] =>
      log.filter((line) => line.startsWith(what)).map((line) => Number(line.split(' ')[1]));
    const expected = Array.from({ length: 50 }, (_, index) => index + 2);
    expect(revisions('told')).toEqual(expected);
    expect(revisions('resolved')).toEqual(expected);
    for (const revision of expected) {
      expect(log.indexOf(`told ${revision}`)).toBeLessThan(log.indexOf(`resolved ${revision}`));
    }
  });

  it('takes commits from inside the listener', async () => {
    const commits: Promise<unknown>[] = [];
    const opened = await openFolder(freshPath(), {}, ({ revision }) => {
      if (revision < 10) commits.push(put(opened.session, write(`pods/${revision}`, 'x')));
    });
    await put(opened.session, write('pods/first', 'x'));
    for (const commit of commits) await commit;
    expect(opened.changes.map(({ revision }) => revision)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('goes on when the listener throws, and says so', async () => {
    const { session, changes, logged } = await openFolder(freshPath(), {}, () => {
      throw new Error('no');
    });
    await Promise.all([put(session, write('pods/a', 'x')), put(session, write('pods/b', 'x'))]);
    expect(changes).toHaveLength(2);
    expect(logged).toHaveLength(2);
  });

  it('loads what was committed before the call, and tells what comes after it', async () => {
    const { session, changes } = await openFolder(freshPath());
    const commits: Promise<unknown>[] = [];
    const loads: Promise<void>[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      commits.push(put(session, write('pods/a', String(turn))), put(session, write(`pods/b${turn}`, 'x')));
      loads.push(
        contents(session).then(({ revision, entries }) => {
          expect(revision).toBe(turn * 2 + 3);
          expect(entries.get('pods/a')?.value).toBe(String(turn));
          expect(entries.size).toBe(turn + 2);
        }),
      );
    }
    await Promise.all([...commits, ...loads]);
    expect(changes.map(({ revision }) => revision)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 2),
    );
  });

  it('hands on what the taker of a load throws, and can load again', async () => {
    const { session } = await openFolder(freshPath());
    await put(session, write('pods/a', 'x'), write('pods/b', 'x'));
    const broken = session.load(() => {
      throw new Error('no room');
    });
    await expect(broken).rejects.toThrow('no room');
    expect(await listing(session)).toHaveLength(2);
  });
});

describe('a flush', () => {
  /** How many transactions LMDB has made in a folder that is closed. */
  function transactions(path: string): number {
    const db = open({ path, noSubdir: false, overlappingSync: false, readOnly: true });
    const { lastTxnId } = db.getStats() as { readonly lastTxnId: number };
    void db.close();
    return lastTxnId;
  }

  it('takes all that wait: 1,000 commits at once make one transaction of LMDB', async () => {
    const path = freshPath();
    await (await openFolder(path)).session.close();
    const before = transactions(path);
    const { session } = await openFolder(path);
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => put(session, write(`pods/${index}`, 'x'))));
    await session.close();
    // one to claim the folder, one for the commits
    expect(transactions(path) - before).toBeLessThanOrEqual(3);
  });

  it('is shared by 100 callers who each wait for their own, turn after turn', async () => {
    const path = freshPath();
    await (await openFolder(path)).session.close();
    const before = transactions(path);
    const { session } = await openFolder(path);
    await Promise.all(
      Array.from({ length: 100 }, async (_, caller) => {
        for (let turn = 0; turn < 20; turn += 1) {
          // not all callers take as many turns between two commits
          for (let wait = 0; wait < caller % 5; wait += 1) await Promise.resolve();
          await put(session, write(`pods/${caller}`, String(turn)));
        }
      }),
    );
    await session.close();
    expect(transactions(path) - before).toBeLessThanOrEqual(30);
  });
});

describe('opening again', () => {
  it('finds the same objects and goes on with the same counter', async () => {
    const path = freshPath();
    for (let round = 0; round < 5; round += 1) {
      const { session, changes } = await openFolder(path);
      expect(await listing(session)).toHaveLength(round);
      expect(await put(session, write(`pods/${round}`, 'x'))).toEqual({
        committed: true,
        revision: round * 2 + 2,
      });
      await put(session, write('pods/gone', undefined));
      expect(changes).toHaveLength(2);
      await session.close();
    }
    const { session } = await openFolder(path);
    expect(await listing(session)).toEqual([
      'pods/0@2=x',
      'pods/1@4=x',
      'pods/2@6=x',
      'pods/3@8=x',
      'pods/4@10=x',
    ]);
  });
});

describe('a commit before anything was loaded', () => {
  it('knows what is there', async () => {
    const path = freshPath();
    const { session } = await openFolder(path);
    await put(session, write('pods/a', 'x'));
    await put(session, write('pods/b', 'x'));
    await put(session, write('pods/b', undefined));
    await session.close();
    for (const [key, revision, holds] of [
      ['a', 2, true],
      ['a', 4, false],
      ['b', 0, true],
      ['b', 3, false],
    ] as const) {
      const again = (await openFolder(path)).session;
      const compares = [{ collection: 'pods', key, revision }];
      expect(await again.commit({ compares, writes: [] })).toEqual({ committed: holds, revision: 4 });
      await again.close();
    }
  });
});

describe('replace', () => {
  const restored = [write('pods/b', 'restored'), write('nodes/n', 'restored')];

  it('puts other content in the place of all there is, at a revision that is not lower', async () => {
    const path = freshPath();
    const { session, changes } = await openFolder(path);
    await put(session, write('pods/a', 'x'), write('pods/b', 'x'));
    await session.replace(restored, 100);
    expect((await contents(session)).revision).toBe(100);
    expect(await listing(session)).toEqual(['nodes/n@100=restored', 'pods/b@100=restored']);
    expect(changes).toHaveLength(1);
    await session.replace([], 7);
    expect(await contents(session)).toEqual({ revision: 101, entries: new Map() });
    expect(await put(session, write('pods/c', 'x'))).toEqual({ committed: true, revision: 102 });
    await session.close();
    expect(await listing((await openFolder(path)).session)).toEqual(['pods/c@102=x']);
  });

  it('comes after what was committed before it and before what is committed after it', async () => {
    const { session, changes } = await openFolder(freshPath());
    const create = (name: string): ReturnType<StorageSession['commit']> => {
      const [compare] = [write(name, undefined)].map(({ collection, key }) => ({
        collection,
        key,
        revision: 0,
      }));
      return session.commit({ compares: compare === undefined ? [] : [compare], writes: [write(name, 'x')] });
    };
    const [before, , gone, kept, , last] = await Promise.all([
      create('pods/a'),
      session.replace(restored, 10),
      create('pods/a'),
      create('pods/b'),
      session.replace([write('pods/z', 'z')], 0),
      create('pods/a'),
    ]);
    expect(before).toEqual({ committed: true, revision: 2 });
    expect(gone).toEqual({ committed: true, revision: 11 });
    expect(kept).toEqual({ committed: false, revision: 11 });
    expect(last).toEqual({ committed: true, revision: 13 });
    expect(changes.map(({ revision }) => revision)).toEqual([2, 11, 13]);
    expect(await listing(session)).toEqual(['pods/a@13=x', 'pods/z@12=z']);
  });

  it('makes every collection changed at its revision', async () => {
    const { session } = await openFolder(freshPath());
    await put(session, write('pods/a', 'x'));
    await session.replace([], 50);
    const holds = async (revision: number): Promise<boolean> =>
      (await session.commit({ compares: [{ collection: 'pods', revision }], writes: [] })).committed;
    expect(await holds(49)).toBe(false);
    expect(await holds(50)).toBe(true);
  });

  it('changes nothing where what it is given cannot be', async () => {
    const { session } = await openFolder(freshPath());
    await put(session, write('pods/a', 'x'));
    const failing = function* (): Generator<StorageWrite> {
      yield write('pods/b', 'x');
      throw new Error('the backup ends here');
    };
    await expect(session.replace(failing(), 0)).rejects.toThrow('the backup ends here');
    await expect(session.replace([write('pods/b', undefined)], 0)).rejects.toThrow(TypeError);
    await expect(session.replace([write('pods/b', 'x'), write('pods/b', 'y')], 0)).rejects.toThrow(TypeError);
    await expect(session.replace([], 1.5)).rejects.toThrow(RangeError);
    expect(await listing(session)).toEqual(['pods/a@2=x']);
    expect(await put(session, write('pods/c', 'x'))).toEqual({ committed: true, revision: 3 });
  });

  it('takes a lot at once', async () => {
    const path = freshPath();
    const { session } = await openFolder(path);
    const many = Array.from({ length: 5_000 }, (_, index) => write(`pods/${index}`, String(index)));
    await session.replace(many, 0);
    await session.close();
    const { entries } = await contents((await openFolder(path)).session);
    expect(entries.size).toBe(5_000);
    expect(entries.get('pods/4711')).toEqual({ collection: 'pods', key: '4711', value: '4711', revision: 2 });
  });
});

describe('close', () => {
  it('waits for what was called, and refuses what is called after it', async () => {
    const path = freshPath();
    const { session, changes } = await openFolder(path);
    const called = Promise.all([
      put(session, write('pods/a', 'x')),
      session.replace([write('pods/r', 'x')], 0),
      put(session, write('pods/b', 'x')),
      session.load(() => {}),
    ]);
    const closed = session.close();
    for (const call of [
      () => put(session, write('pods/c', 'x')),
      () => session.load(() => {}),
      () => session.replace([], 0),
      () => session.compact(1),
    ]) {
      await expect(call()).rejects.toMatchObject({ reason: 'ServiceUnavailable', ambiguous: false });
    }
    await closed;
    expect(await called).toHaveLength(4);
    expect(changes.map(({ revision }) => revision)).toEqual([2, 4]);
    await session.close();
    expect(await listing((await openFolder(path)).session)).toEqual(['pods/b@4=x', 'pods/r@3=x']);
  });

  it('may be called from inside the listener', async () => {
    const closing: Promise<void>[] = [];
    const opened = await openFolder(freshPath(), {}, () => closing.push(opened.session.close()));
    const commits = [put(opened.session, write('pods/a', 'x')), put(opened.session, write('pods/b', 'x'))];
    expect(await Promise.all(commits)).toHaveLength(2);
    await Promise.all(closing);
    expect(opened.changes).toHaveLength(2);
  });
});

describe('compact', () => {
  it('has nothing to do', async () => {
    const { session } = await openFolder(freshPath());
    await put(session, write('pods/a', 'x'));
    await session.compact(2);
    expect(await listing(session)).toEqual(['pods/a@2=x']);
  });
});

describe('any sequence of calls', () => {
  const name = fc.constantFrom('a/1', 'a/2', 'b/1');
  const commit = fc.record({
    kind: fc.constant('commit' as const),
    compares: fc.array(fc.record({ name, whole: fc.boolean(), back: fc.integer({ min: -1, max: 3 }) }), {
      maxLength: 2,
    }),
    writes: fc.uniqueArray(
      fc.record({ name, value: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }) }),
      {
        maxLength: 3,
        selector: (item) => item.name,
      },
    ),
  });
  const step = fc.oneof(
    { weight: 10, arbitrary: commit },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('load' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('replace' as const),
        atLeast: fc.integer({ min: 0, max: 40 }),
      }),
    },
  );

  it('comes to what a plain map comes to', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const path = freshPath();
        let opened = await openFolder(path, { sync: false });
        const state = new Map<string, { readonly value: string; readonly revision: number }>();
        let changed = new Map<string, number>();
        let beginning = 1;
        let revision = 1;
        let expectedChanges: unknown[] = [];
        const pending: Promise<void>[] = [];
        const image = (): readonly string[] =>
          [...state].map(([key, entry]) => `${key}@${entry.revision}=${entry.value}`).toSorted();

        for (const next of steps) {
          const { session } = opened;
          if (next.kind === 'wait') await Promise.all(pending.splice(0));
          else if (next.kind === 'load') {
            const expected = image();
            pending.push(listing(session).then((found) => expect(found).toEqual(expected)));
          } else if (next.kind === 'reopen') {
            await session.close();
            await Promise.all(pending.splice(0));
            expect(opened.changes).toEqual(expectedChanges);
            expectedChanges = [];
            opened = await openFolder(path, { sync: false });
            changed = new Map();
            beginning = revision;
          } else if (next.kind === 'replace') {
            revision = Math.max(revision + 1, next.atLeast);
            state.clear();
            state.set('a/2', { value: 'r', revision });
            changed = new Map();
            beginning = revision;
            pending.push(session.replace([write('a/2', 'r')], next.atLeast));
          } else {
            const compares = next.compares.map(({ name: of, whole, back }): StorageCompare => {
              const { collection, key } = write(of, undefined);
              if (whole) return { collection, revision: revision - back };
              return { collection, key, revision: back < 0 ? 0 : Math.max(0, revision - back) };
            });
            const holds = compares.every(({ collection, key, revision: wanted }) =>
              key === undefined
                ? (changed.get(collection) ?? beginning) <= wanted
                : (state.get(`${collection}/${key}`)?.revision ?? 0) === wanted,
            );
            const writes = next.writes.map((item) => write(item.name, item.value));
            if (holds && writes.length > 0) {
              revision += 1;
              for (const { name: of, value } of next.writes) {
                if (value === undefined) state.delete(of);
                else state.set(of, { value, revision });
                changed.set(write(of, undefined).collection, revision);
              }
              expectedChanges.push({ revision, writes });
            }
            const expected = { committed: holds, revision };
            pending.push(
              session.commit({ compares, writes }).then((outcome) => expect(outcome).toEqual(expected)),
            );
          }
        }
        await Promise.all(pending);
        expect(opened.changes).toEqual(expectedChanges);
        expect(await listing(opened.session)).toEqual(image());
        expect((await contents(opened.session)).revision).toBe(revision);
        await opened.session.close();
      }),
      { seed: 20_261_121, numRuns: 100 },
    );
  });
});
