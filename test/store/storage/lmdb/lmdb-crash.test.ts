import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { buildDisk } from '../../../../scripts/torture/disk-shim.js';
import { look, runCycles, startChild } from '../../../../scripts/torture/lmdb-cycles.js';
import { findFaults, parseLog } from '../../../../scripts/torture/lmdb-history.js';
import { freshPath, listing, openFolder, put, temporaryFolder, write } from './kit.js';

/** Cycles, half as many where the power fails; `npx tsx scripts/torture-lmdb.ts` makes as many as one likes. */
const CYCLES = 50;

const LONG = 120_000;

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
});

/** Starts a child that opens a folder and keeps it; resolves with what it says. */
async function hold(path: string): Promise<{ readonly child: ChildProcess; readonly says: string }> {
  const child = startChild(['hold', path]);
  children.push(child);
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [chunk] = (await Promise.race([
    once(child.stdout as NodeJS.ReadableStream, 'data'),
    once(child, 'close'),
  ])) as [unknown];
  if (!(chunk instanceof Buffer)) throw new Error(`the child ended: ${errors}`);
  return { child, says: chunk.toString() };
}

async function killed(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

describe('a folder that another process has open', () => {
  it('is refused with the pid of that process, until it is killed', { timeout: LONG }, async () => {
    const path = freshPath();
    const { child, says } = await hold(path);
    expect(says).toBe('open\n');
    for (let turn = 0; turn < 3; turn += 1) {
      await expect(openFolder(path)).rejects.toMatchObject({
        reason: 'ServiceUnavailable',
        message: expect.stringContaining(`in use by process ${child.pid}`) as unknown,
      });
    }
    await killed(child);
    expect(readdirSync(path)).toContain('owner.json');
    const { session } = await openFolder(path);
    expect(await put(session, write('pods/a', 'x'))).toEqual({ committed: true, revision: 2 });

    const refused = await hold(path);
    expect(refused.says).toContain(`in use by process ${process.pid}`);
  });

  it('is refused too where only LMDB knows that it lives, as from another container', {
    timeout: LONG,
  }, async () => {
    const path = freshPath();
    const { child } = await hold(path);
    const file = join(path, 'owner.json');
    const elsewhere = { ...(JSON.parse(readFileSync(file, 'utf8')) as object), namespace: 'pid:[1]' };
    writeFileSync(file, JSON.stringify(elsewhere));
    await expect(openFolder(path)).rejects.toThrow(`in use by process ${child.pid}`);
    await killed(child);
    const { session } = await openFolder(path);
    expect(await listing(session)).toEqual([]);
  });

  it('that died goes to exactly one of those who come for it at once', { timeout: LONG }, async () => {
    const path = freshPath();
    await killed((await hold(path)).child);
    const answers = await Promise.all(Array.from({ length: 4 }, () => hold(path)));
    expect(answers.filter(({ says }) => says === 'open\n')).toHaveLength(1);
    expect(answers.filter(({ says }) => says.includes('in use by process'))).toHaveLength(3);
  });
});

describe('a process that is killed while it writes', () => {
  it('has left all that was acknowledged, and every transaction wholly or not at all', {
    timeout: LONG,
  }, async () => {
    const result = await runCycles({ cycles: CYCLES, seed: 20_261_121, disaster: { kind: 'kill' } });
    expect(result.faults).toEqual([]);
    expect(result.acknowledged).toBeGreaterThan(CYCLES * 20);
  });
});

// made when the file is read, since tests are skipped without it
const library = mkdtempSync(join(tmpdir(), 'keelson-shim-'));
const shim = buildDisk(library);
if (shim === undefined)
  process.stderr.write('LMDB is not tested against power that fails: no gcc, or not Linux\n');
afterAll(() => rmSync(library, { recursive: true, force: true }));

describe.skipIf(shim === undefined)('a machine whose power fails (needs Linux and gcc)', () => {
  const power = (written: number): { kind: 'power'; shim: string; written: number } => ({
    kind: 'power',
    shim: shim ?? '',
    written,
  });

  it('keeps all that was acknowledged, whatever else the disk has of it', { timeout: LONG }, async () => {
    const result = await runCycles({ cycles: CYCLES / 5, seed: 20_261_121, disaster: power(30) });
    expect(result.faults).toEqual([]);
    expect(result.acknowledged).toBeGreaterThan(CYCLES * 4);
  });

  it('loses acknowledged commits without sync, which shows that this test would notice', {
    timeout: LONG,
  }, async () => {
    const result = await runCycles({ cycles: 2, seed: 20_261_121, disaster: power(0), sync: false });
    expect(result.broken).toBe(2);
    expect(result.faults.join('\n')).toContain('was acknowledged');
  });
});

describe('a disk that fails', () => {
  /** Lets a writer run until its commits fail; what it said, and what is left. */
  async function runUntilFailure(
    env: Readonly<Record<string, string>>,
    path: string,
    blocks?: number,
  ): Promise<readonly string[]> {
    const log = join(temporaryFolder(), 'log');
    const child = startChild(['write', path, log, '3', 'true'], env, blocks);
    children.push(child);
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(child, 'close');
    expect(child.signalCode).toBeNull();
    expect(child.exitCode).toBe(0);

    const { intents, acknowledged } = parseLog(readFileSync(log, 'utf8'));
    const left = await look(path, true);
    if ('error' in left) throw new Error(left.error);
    expect(findFaults(intents, acknowledged, left.revision, left.entries)).toEqual([]);
    expect(acknowledged).toBeGreaterThan(1);
    return Buffer.concat(chunks).toString().replaceAll('.', '').split('\n');
  }

  /** What a writer says when its commits fail. */
  function expectFailure(lines: readonly string[], name: string): void {
    const failed = lines.filter((line) => line.startsWith('failed'));
    expect(failed).toHaveLength(1);
    expect(failed[0]).toContain(name);
    const rejected = lines.filter((line) => line.startsWith('rejected'));
    expect(rejected.filter((line) => line.includes(' true ')).length).toBeGreaterThan(0);
    for (const line of rejected) expect(line).toContain(name);
    expect(lines.slice(-3)).toEqual(['refused ambiguous=false', 'closed', '']);
  }

  it.skipIf(process.platform === 'win32')('when a file cannot grow any more', { timeout: LONG }, async () => {
    expectFailure(await runUntilFailure({}, freshPath(), 600), 'writing failed: E');
  });

  const cases = [
    ['cannot write', 'pwrite:40:28'],
    ['cannot synchronise', 'fdatasync:6:5'],
    ['cannot write the last page of a transaction', 'dsync:6:5'],
  ] as const;
  it.skipIf(shim === undefined).each(cases)('when it %s', { timeout: LONG }, async (_, plan) => {
    const path = temporaryFolder();
    const env = { LD_PRELOAD: shim ?? '', DISK_FILE: join(path, 'data.mdb'), DISK_FAIL: plan };
    expectFailure(await runUntilFailure(env, path), 'EIO');
  });
});
