/**
 * Three processes share the work on one etcd: each has its shards, and when one of them dies the others take over.
 *
 * Run it with `npx tsx examples/sharded.ts`. It needs `etcd` on the PATH, which it starts itself, and takes some seconds of real time.
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import process, { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { Manager, ObjectStore, processSignals } from 'keelson';
import { etcdStorage } from 'keelson/storage/etcd';
import { Counter, counterController } from './sharded/counter.js';
import { Ledger } from './sharded/ledger.js';
import { startEtcd } from './sharded/start-etcd.js';

const PROGRAM = fileURLToPath(import.meta.url);
const WORKERS = ['a', 'b', 'c'];
const COUNTERS = 24;
const SECOND = 1_000;

/** What a process of its own does: this is all that there is to sharing work. It ends in order when its parent lets go of it. */
async function work(endpoint: string, identity: string): Promise<void> {
  const stop = new AbortController();
  process.once('disconnect', () => stop.abort());
  if (!process.connected) stop.abort(); // it has let go already
  const store = openStore(endpoint);
  const manager = new Manager({
    client: store.client(),
    controllers: [counterController(identity)],
    leaderElection: {
      namespace: 'kube-system',
      name: 'counters',
      identity,
      // every key belongs to one of eight shards, each shard to one process
      shards: 8,
      // shorter than anybody should have it: a process that dies is missed after three seconds
      leaseDuration: 3 * SECOND,
      renewDeadline: 2 * SECOND,
      retryPeriod: SECOND / 2,
    },
  });
  await manager.run({ signal: stop.signal });
  await store.close();
}

/** Starts an etcd and the processes, kills one, lets another go, and prints who works on what. */
export async function sharded(print: (line: string) => void, signal: AbortSignal): Promise<void> {
  if (spawnSync('etcd', ['--version']).status !== 0) {
    print('there is no etcd on the PATH');
    return;
  }
  const etcd = await startEtcd();
  const store = openStore(etcd.endpoint);
  const workers = new Map<string, ChildProcess>();
  // those of them that are to go on: it is a failure where one ends
  const wanted = new Set(WORKERS);
  const failed = new AbortController();
  try {
    const client = store.client();
    for (let number = 1; number <= COUNTERS; number += 1) {
      const metadata = { name: `number-${number}`, namespace: 'default' };
      await client.create(Counter, { metadata, count: 0 });
    }
    const ledger = await Ledger.begin(client, AbortSignal.any([signal, failed.signal]));

    for (const identity of WORKERS) {
      const worker = fork(PROGRAM, [etcd.endpoint, identity], { execArgv: ['--import', 'tsx'] });
      worker.once('exit', (code) => {
        if (wanted.has(identity)) failed.abort(new Error(`${identity} ended with ${code}`));
      });
      workers.set(identity, worker);
    }
    /** Does something to a worker that ends it, and tells how the others make up for it. */
    const lose = async (identity: string, end: (worker?: ChildProcess) => void): Promise<void> => {
      wanted.delete(identity);
      const start = client.clock.monotonic();
      end(workers.get(identity));
      await ledger.round();
      const seconds = (client.clock.monotonic() - start) / SECOND;
      print(`after ${seconds.toFixed(1)} s all counters are counted again: ${sharesOf(ledger)}`);
    };

    // until all have their share, and nothing moves any more
    for (let moved = -1; ledger.shares.size < WORKERS.length || ledger.handOvers !== moved; ) {
      moved = ledger.handOvers;
      await ledger.round();
    }
    print(`three processes count ${COUNTERS} counters: ${sharesOf(ledger)}`);

    print('b is killed, and cannot tell anybody');
    await lose('b', (worker) => worker?.kill('SIGKILL'));

    print('c is let go, and gives its shards up itself');
    await lose('c', (worker) => worker?.disconnect());

    const { counts, handOvers } = ledger;
    print(`${counts} counts and ${handOvers} hand-overs, and never was a counter in two hands`);
  } finally {
    wanted.clear();
    await Promise.all(Array.from(workers.values(), letGo));
    await store.close();
    await etcd.stop();
  }
}

/** Lets a worker end in order, if it runs; resolves when it has. */
async function letGo(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const ended = once(worker, 'exit');
  if (worker.connected) worker.disconnect();
  await ended;
}

function openStore(endpoint: string): ObjectStore {
  return new ObjectStore({ resources: [Counter], storage: etcdStorage({ endpoints: [endpoint] }) });
}

function sharesOf({ shares }: Ledger): string {
  return Array.from(shares, ([identity, counters]) => `${identity} has ${counters}`).join(', ');
}

if (argv[1] === PROGRAM) {
  const [, , endpoint, identity] = argv;
  if (endpoint !== undefined && identity !== undefined) {
    await work(endpoint, identity);
  } else {
    const stop = processSignals();
    await sharded((line) => console.log(line), stop.signal);
    stop[Symbol.dispose]();
  }
}
