import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { ObjectStore } from '../../../src/store/index.js';
import { etcdStorage } from '../../../src/store/storage/etcd/index.js';
import { hasEtcd, RealEtcd } from '../../store/storage/etcd/real-etcd.js';
import { Counter, deposedWrites, readCounter, REFUSED } from '../fencing.js';

const PROGRAM = fileURLToPath(new URL('leader.ts', import.meta.url));

/** A process that stands for election, and what it said. */
class Leader {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  // those who wait for something to be said
  #waiting: (() => void)[] = [];

  constructor(etcd: RealEtcd, identity: string) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, etcd.endpoint, identity], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let rest = '';
    this.#child.stdout?.on('data', (text: Buffer) => {
      const lines = (rest + text.toString()).split('\n');
      rest = lines.pop() as string;
      this.lines.push(...lines);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when a line was said after the first `after` lines. */
  async says(line: RegExp, after = 0): Promise<void> {
    while (!this.lines.slice(after).some((said) => line.test(said))) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Tells it to end; its exit code. */
  async end(): Promise<number | null> {
    const closed = once(this.#child, 'close');
    this.signal('SIGTERM');
    await closed;
    return this.#child.exitCode;
  }

  kill(): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.signal('SIGCONT');
    this.signal('SIGKILL');
  }
}

/** The values that were acknowledged for a counter, by all of them. */
function acknowledged(leaders: readonly Leader[], name: string): readonly number[] {
  const prefix = `${name} is `;
  return leaders.flatMap(({ lines }) =>
    lines.filter((line) => line.startsWith(prefix)).map((line) => Number(line.slice(prefix.length))),
  );
}

describe.skipIf(!hasEtcd())('an election on a real etcd', { timeout: 90_000 }, () => {
  // undone after each test, last first
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const one of undo.splice(0).reverse()) await one();
  });

  const startEtcd = async (): Promise<RealEtcd> => {
    const etcd = await RealEtcd.start();
    undo.push(() => etcd.remove());
    return etcd;
  };
  const open = (etcd: RealEtcd): ObjectStore => {
    const storage = etcdStorage({ endpoints: [etcd.endpoint], compactionInterval: 0 });
    const store = new ObjectStore({ resources: [Counter], storage });
    undo.push(() => store.close());
    return store;
  };
  const start = (etcd: RealEtcd, identity: string): Leader => {
    const leader = new Leader(etcd, identity);
    undo.push(() => leader.kill());
    return leader;
  };

  it('refuses every write of a deposed leader, with the same error as the other engines', async () => {
    const etcd = await startEtcd();
    const [mine, theirs] = [open(etcd).client(), open(etcd).client()];
    expect(await deposedWrites(mine, theirs)).toEqual(REFUSED);
    expect(await readCounter(theirs)).toBe(1);
  });

  it('loses nothing where the leader stands still past its lease; without the fence something is lost', async () => {
    const etcd = await startEtcd();
    const client = open(etcd).client();
    for (const name of ['fenced', 'control']) {
      await client.create(Counter, { metadata: { namespace: 'default', name }, count: 0 });
    }
    const a = start(etcd, 'a');
    await a.says(/^fenced is 3$/);
    const b = start(etcd, 'b');
    await b.says(/^leader a$/);

    // it has read both, and will write both when it goes on
    const before = a.lines.length;
    await a.says(/^control will be/, before);
    a.signal('SIGSTOP');
    await b.says(/^leading \d+$/);
    await b.says(/^control is/);
    const first = acknowledged([b], 'control')[0] ?? 0;
    await b.says(new RegExp(`^control is ${first + 5}$`));
    const asleep = a.lines.length;
    a.signal('SIGCONT');
    await a.says(/^ended lost$/, asleep);
    await a.says(/^fenced refused$/, asleep);
    await a.says(/^control is/, asleep);
    const later = b.lines.length;
    await b.says(/^fenced is/, later);

    expect(await b.end()).toBe(0);
    await a.says(/^leading \d+$/, asleep);
    expect(await a.end()).toBe(0);
    const fenced = acknowledged([a, b], 'fenced');
    expect(new Set(fenced).size, 'no value of the fenced counter was written twice').toBe(fenced.length);
    expect((await client.get(Counter, { namespace: 'default', name: 'fenced' })).count).toBe(fenced.length);
    const control = acknowledged([a, b], 'control');
    expect(new Set(control).size, 'the control lost nothing').toBeLessThan(control.length);
  });
});
