import {
  chmodSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { lmdbStorage } from '../../../../src/store/storage/lmdb/index.js';
import { RecordEncoder } from '../../../../src/store/storage/lmdb/record.js';
import { contents, freshPath, listing, openFolder, put, recorder, temporaryFolder, write } from './kit.js';

/** As a session writes it. */
function encode(name: string, revision: number, text: string): Buffer {
  return new RecordEncoder().encode(name, revision, text);
}

/** Opens the files of a folder with LMDB alone. */
function rawDatabase(path: string): ReturnType<typeof open<Buffer, string>> {
  return open<Buffer, string>({
    path,
    noSubdir: false,
    encoding: 'binary',
    useVersions: true,
    overlappingSync: false,
  });
}

describe('the options', () => {
  it('say what they should be', () => {
    expect(() => lmdbStorage({ path: '' })).toThrow(TypeError);
    expect(() => lmdbStorage({ path: undefined as unknown as string })).toThrow(TypeError);
    expect(() => lmdbStorage({ path: 'a', sync: 1 as unknown as boolean })).toThrow('true or false');
  });

  it('do nothing before the storage is opened', () => {
    const path = freshPath();
    expect(lmdbStorage({ path }).name).toBe('lmdb');
    expect(() => statSync(path)).toThrow('ENOENT');
  });
});

describe('opening', () => {
  it('makes the folder and those above it, for nobody else to read', async () => {
    const path = join(temporaryFolder(), 'a', 'b.c', 'd');
    const { session } = await openFolder(path);
    await put(session, write('secrets/a', 'x'));
    expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(path)) expect(statSync(join(path, file)).mode & 0o077).toBe(0);
    expect(readdirSync(path).toSorted()).toEqual(['data.mdb', 'lock.mdb', 'owner.json']);
  });

  it('takes a folder that is there, also by another name', async () => {
    const path = temporaryFolder();
    const other = join(temporaryFolder(), 'link');
    symlinkSync(path, other);
    const { session } = await openFolder(other);
    await put(session, write('pods/a', 'x'));
    await expect(openFolder(path)).rejects.toThrow('in use');
    await session.close();
    expect(await listing((await openFolder(path)).session)).toEqual(['pods/a@2=x']);
  });

  it('fails where there is a file, saying so', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    await expect(openFolder(path)).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringContaining(path) as unknown,
    });
  });

  it.skipIf(process.getuid?.() === 0)('fails where it may not write, saying so', async () => {
    const path = temporaryFolder();
    chmodSync(path, 0o500);
    await expect(openFolder(path)).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  });

  it('fails where the file is no database, and leaves it alone', async () => {
    const path = temporaryFolder();
    writeFileSync(join(path, 'data.mdb'), Buffer.alloc(65_536, 'x'));
    await expect(openFolder(path)).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringMatching(/cannot be opened: data\.mdb is no LMDB database/) as unknown,
    });
    expect(readdirSync(path)).not.toContain('owner.json');
  });

  it('fails where the file has been cut off at its root', async () => {
    const path = freshPath();
    const { session } = await openFolder(path);
    for (let turn = 0; turn < 5; turn += 1) await put(session, write(`pods/${turn}`, 'x'.repeat(9_000)));
    await session.close();
    for (const size of [8_192, 8_191, 4_096, 100, 1]) {
      truncateSync(join(path, 'data.mdb'), size);
      await expect(openFolder(path)).rejects.toMatchObject({
        reason: 'ServiceUnavailable',
        message: expect.stringMatching(/data\.mdb (has been cut off|is no LMDB database)/) as unknown,
      });
    }
  });

  it('fails where the database is of something else, and leaves it alone', async () => {
    const path = temporaryFolder();
    const db = rawDatabase(path);
    await db.put('theirs', Buffer.from('x'), 1);
    await db.close();
    await expect(openFolder(path)).rejects.toThrow(
      'the folder has data of something else, under the key "theirs"',
    );
    const again = rawDatabase(path);
    expect([...again.getKeys()]).toEqual(['theirs']);
    await again.close();
    expect(readdirSync(path)).not.toContain('owner.json');
  });

  it('fails where the folder is of a later format, and leaves it alone', async () => {
    const path = freshPath();
    const { session } = await openFolder(path);
    await put(session, write('pods/a', 'x'));
    await session.close();
    const db = rawDatabase(path);
    await db.put('/', encode('/', 2, '{"format":2,"incarnation":"x","more":[]}'), 2);
    await db.close();
    await expect(openFolder(path)).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringContaining(
        'the folder has format 2, and this version of keelson reads 1',
      ) as unknown,
    });
    expect(readdirSync(path)).not.toContain('owner.json');
  });

  it('fails where what the folder says of itself is damaged', async () => {
    const path = freshPath();
    await (await openFolder(path)).session.close();
    const db = rawDatabase(path);
    await db.put('/', encode('/', 7, '{"format":1,"incarnation":"x"}'), 8);
    await db.close();
    await expect(openFolder(path)).rejects.toThrow('damaged');
  });

  it('lets go of the folder when it fails, so that it can be tried again', async () => {
    const path = temporaryFolder();
    mkdirSync(join(path, 'data.mdb'));
    await expect(openFolder(path)).rejects.toThrow('cannot be opened');
    await expect(openFolder(path)).rejects.toThrow('cannot be opened');
  });

  it('names the package where it cannot be loaded', async () => {
    vi.doMock('lmdb', () => {
      throw new Error("Cannot find package 'lmdb'");
    });
    const { context } = recorder();
    await expect(lmdbStorage({ path: freshPath() }).open?.(context)).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringContaining(
        'the package lmdb cannot be loaded; install it (npm install lmdb)',
      ) as unknown,
    });
  });
  afterEach(() => {
    vi.doUnmock('lmdb');
  });
});

describe('a folder', () => {
  it('is opened once at a time in a process, also when two begin at once', async () => {
    const path = freshPath();
    const both = await Promise.allSettled([openFolder(path), openFolder(path)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const [refused] = both.filter((one) => one.status === 'rejected');
    expect(refused?.reason).toMatchObject({
      reason: 'ServiceUnavailable',
      ambiguous: false,
      message: expect.stringContaining(`in use by this process, ${process.pid}`) as unknown,
    });
    const [opened] = both.filter((one) => one.status === 'fulfilled');
    await opened?.value.session.close();
    await (await openFolder(path)).session.close();
  });

  it('keeps its session in the table of readers, where other containers look for it', async () => {
    const path = freshPath();
    const { session } = await openFolder(path);
    const expectListed = async (): Promise<void> => {
      const db = rawDatabase(path);
      expect(db.readerList()).toMatch(new RegExp(`^ *${process.pid} `, 'm'));
      await db.close();
    };
    await expectListed();
    for (let turn = 0; turn < 50; turn += 1) {
      await put(session, write(`pods/${turn}`, 'x'));
      if (turn % 10 === 0) await contents(session);
    }
    await expectListed();
  });

  it('is not written to when somebody else has, however that came about', async () => {
    const path = freshPath();
    const { session, failures, changes } = await openFolder(path);
    await put(session, write('pods/a', 'x'));
    const db = rawDatabase(path);
    await db.put('/', encode('/', 9, '{"format":1,"incarnation":"x"}'), 9);
    await db.close();
    const commits = await Promise.allSettled([
      put(session, write('pods/b', 'x')),
      put(session, write('pods/c', 'x')),
    ]);
    for (const commit of commits) {
      expect(commit).toMatchObject({
        status: 'rejected',
        reason: { reason: 'ServiceUnavailable', ambiguous: false },
      });
    }
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toContain('somebody else has written to the folder');
    await expect(put(session, write('pods/d', 'x'))).rejects.toBe(failures[0]);
    await expect(session.load(() => {})).rejects.toBe(failures[0]);
    await expect(session.replace([], 0)).rejects.toBe(failures[0]);
    expect(changes).toHaveLength(1);
    await session.close();
    const again = await openFolder(path);
    expect((await contents(again.session)).revision).toBe(9);
    expect(await listing(again.session)).toEqual(['pods/a@2=x']);
  });

  it('that fails while it is replaced fails what waits for that too', async () => {
    const path = freshPath();
    const { session, failures } = await openFolder(path);
    const db = rawDatabase(path);
    await db.put('/', encode('/', 9, '{"format":1,"incarnation":"x"}'), 9);
    await db.close();
    const calls = await Promise.allSettled([
      session.replace([write('pods/a', 'x')], 5),
      put(session, write('pods/b', 'x')),
      session.load(() => {}),
      session.replace([], 5),
    ]);
    expect(calls.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    expect(failures).toHaveLength(1);
    await session.close();
  });

  it('with a damaged record is not loaded', async () => {
    const path = freshPath();
    const { session } = await openFolder(path);
    await put(session, write('pods/a', 'x'), write('pods/b', 'x'));
    await session.close();
    const db = rawDatabase(path);
    await db.put('pods/b', encode('pods/c', 2, 'x'), 2);
    await db.close();
    const again = await openFolder(path);
    await expect(again.session.load(() => {})).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringContaining('the record "pods/b" is damaged') as unknown,
    });
  });
});
