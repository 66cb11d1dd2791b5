import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderOwner } from '../../../../src/store/storage/lmdb/folder-owner.js';
import { temporaryFolder } from './kit.js';

/** How LMDB lists processes that read. */
function readers(...pids: readonly number[]): string {
  return `\t\tpid\t\t thread\t\t txnid\n${pids.map((pid) => `${String(pid).padStart(10)} 7f13d111cc80 -\n`).join('')}`;
}

const NOBODY = '(no active readers)\n';

/** A folder whose file says this of its owner; what is not given is as it is for this process. */
function ownedBy(changes: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder();
  const owner = new FolderOwner(folder);
  owner.claim(NOBODY);
  const file = join(folder, 'owner.json');
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...changes }));
  return folder;
}

/** Does all that opening does, with what LMDB says of its readers. */
function take(folder: string, before: string, inside = before): void {
  const owner = new FolderOwner(folder);
  owner.check(before);
  owner.claim(inside);
}

function ownerOf(folder: string): unknown {
  return (JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')) as { readonly pid: unknown }).pid;
}

// no process has this pid: it is above the most that Linux allows
const NO_PID = 4_194_305;

describe('the owner of a folder', () => {
  it('is nobody at first, then who claims it, and nobody when that gives it up', () => {
    const folder = temporaryFolder();
    const owner = new FolderOwner(folder);
    owner.claim(NOBODY);
    expect(ownerOf(folder)).toBe(process.pid);
    owner.release();
    expect(existsSync(join(folder, 'owner.json'))).toBe(false);
    owner.release();
  });

  it('is not robbed by the same process', () => {
    const folder = ownedBy({});
    expect(() => new FolderOwner(folder)).toThrow(`in use by this process, ${process.pid}`);
  });

  it('does not give up what became of somebody else', () => {
    const folder = temporaryFolder();
    const owner = new FolderOwner(folder);
    owner.claim(NOBODY);
    writeFileSync(join(folder, 'owner.json'), '{"pid":1}');
    owner.release();
    expect(ownerOf(folder)).toBe(1);
  });

  it('is dead when no process has its pid', () => {
    const folder = ownedBy({ pid: NO_PID });
    take(folder, NOBODY);
    expect(ownerOf(folder)).toBe(process.pid);
  });

  it('is dead when the machine has been started since', () => {
    const folder = ownedBy({ boot: 'of yesterday', pid: process.ppid });
    take(folder, readers(process.ppid));
    expect(ownerOf(folder)).toBe(process.pid);
  });

  it('is unknown where the file says nothing that can be read, and gives way', () => {
    for (const text of ['', '{', 'null', '{"pid":"1"}', '{"pid":-1}', '{"pid":0}']) {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'owner.json'), text);
      take(folder, NOBODY);
      expect(ownerOf(folder)).toBe(process.pid);
    }
  });

  it('in another container is alive as long as it is in the table of readers', () => {
    const changes = { namespace: 'pid:[1]', pid: NO_PID };
    expect(() => take(ownedBy(changes), readers(17, NO_PID))).toThrow(`in use by process ${NO_PID}`);
    expect(() => take(ownedBy(changes), NOBODY, readers(NO_PID))).toThrow(`in use by process ${NO_PID}`);
    const folder = ownedBy(changes);
    take(folder, readers(17), readers(17, process.pid));
    expect(ownerOf(folder)).toBe(process.pid);
  });

  it('in another container may have the same pid as this process, as the first of each has', () => {
    const changes = { namespace: 'pid:[1]' };
    expect(() => take(ownedBy(changes), readers(process.pid))).toThrow('in use by');
    const folder = ownedBy(changes);
    // by then this process is in the table itself
    take(folder, NOBODY, readers(process.pid));
    expect(ownerOf(folder)).toBe(process.pid);
  });

  it('is who came first, of two that find a dead one', () => {
    const folder = ownedBy({ namespace: 'pid:[1]' });
    const late = new FolderOwner(folder);
    late.check(NOBODY);
    writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: NO_PID, namespace: 'pid:[2]' }));
    expect(() => late.claim(NOBODY)).toThrow(`in use by process ${NO_PID}`);
  });

  describe.skipIf(!existsSync('/proc/self/stat'))('where the system has /proc', () => {
    const startOf = (pid: number): string | undefined =>
      readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];

    it('is alive when a process has its pid and its time of start', () => {
      const folder = ownedBy({ pid: process.ppid, started: startOf(process.ppid) });
      expect(() => new FolderOwner(folder)).toThrow(`in use by process ${process.ppid}`);
    });

    it('is dead when another process has got its pid, be it this one', () => {
      for (const pid of [process.ppid, process.pid]) {
        const folder = ownedBy({ pid, started: '1' });
        // whoever reads under that pid is not the owner
        take(folder, readers(pid));
        expect(ownerOf(folder)).toBe(process.pid);
      }
    });
  });
});
