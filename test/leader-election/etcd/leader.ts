import { type Client, waitFor } from '../../../src/client/index.js';
import { sleep } from '../../../src/core/index.js';
import { isLeadershipLost, LeaderElector, LeaseLock, type Term } from '../../../src/leader-election/index.js';
import { ObjectStore } from '../../../src/store/index.js';
import { etcdStorage } from '../../../src/store/storage/etcd/index.js';
import { Counter } from '../fencing.js';

// a process that stands for election on an etcd and counts up two numbers while it leads, one of them without a fence; it says in lines what
// it does, and ends on SIGTERM: `node --import tsx leader.ts ENDPOINT IDENTITY`
const [, , endpoint = '', identity = ''] = process.argv;
const storage = etcdStorage({ endpoints: [endpoint], compactionInterval: 0 });
const store = new ObjectStore({ resources: [Counter], storage });
const client = store.client();
const lock = new LeaseLock({ client, namespace: 'kube-system', name: 'demo', identity });
const elector = new LeaderElector({ lock, leaseDuration: 3_000, renewDeadline: 2_000, retryPeriod: 500 });
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

elector.events.on('newLeader', (leader) => say(`leader ${leader}`));
elector.events.on('termEnded', (_term, why) => say(`ended ${why}`));
await elector.run(lead, { signal: stop.signal });
await store.close();

async function lead(term: Term): Promise<void> {
  say(`leading ${term.number}`);
  while (!term.signal.aborted) {
    await Promise.all([count('fenced', term.client), count('control', client)]);
  }
}

/** Reads a counter, and writes one more after a while. */
async function count(name: string, writer: Client): Promise<void> {
  const key = { namespace: 'default', name };
  const counter = await waitFor(client, Counter, key, (object) => object !== undefined);
  const next = (counter?.count ?? 0) + 1;
  say(`${name} will be ${next}`);
  await sleep(client.clock, 50);
  try {
    await writer.patch(Counter, key, { type: 'merge', patch: { count: next } });
    say(`${name} is ${next}`);
  } catch (error) {
    if (!isLeadershipLost(error)) throw error;
    say(`${name} refused`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
