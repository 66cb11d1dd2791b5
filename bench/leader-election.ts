import { type Client, intercept, ObjectStore, SeededRandom, VirtualClock } from 'keelson';
import { LeaderElector, LeaseLock, type Term } from 'keelson/leader-election';
import { etcdStorage } from 'keelson/storage/etcd';
import { hasEtcd, RealEtcd } from '../test/store/storage/etcd/real-etcd.js';

const CANDIDATES = 3;
const VIRTUAL_ROUNDS = 500;
const REAL_ROUNDS = 40;
const RETRY_PERIOD = 2_000;

/** How long it took until another led, over all rounds, in milliseconds. */
interface Figure {
  readonly name: string;
  readonly unit: 'virtual ms' | 'ms';
  readonly rounds: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Of the worst round, or of the median. */
  readonly goal: { readonly max: number } | { readonly p50: number };
  /** What client-go takes on a machine of this kind. */
  readonly clientGo: { readonly p50: number; readonly max?: number };
}

/** What a round is about: the leader dies, or it is told to stop. */
type Way = 'crash' | 'release';

const AFTER = {
  crash: { goal: { max: 16_000 }, clientGo: { p50: 16_800, max: 19_700 } },
  release: { goal: { p50: 500 }, clientGo: { p50: 1_400 } },
} as const;

/** Hand-over at 15/10/2 seconds among three candidates; prints a JSON line for each figure. */
export async function measureElection(): Promise<void> {
  for (const way of ['crash', 'release'] as const) {
    const times: number[] = [];
    for (let round = 0; round < VIRTUAL_ROUNDS; round += 1) times.push(await virtualRound(way, round));
    print(`hand-over after a ${way}, the algorithm alone`, 'virtual ms', times, way);
  }
  const store = new ObjectStore({ resources: [] });
  print('hand-over after a release, in memory', 'ms', await realRounds([store]), 'release');
  await store.close();
  if (!hasEtcd()) return;
  const etcd = await RealEtcd.start();
  try {
    const storage = () => etcdStorage({ endpoints: [etcd.endpoint] });
    const stores = Array.from(
      { length: CANDIDATES },
      () => new ObjectStore({ resources: [], storage: storage() }),
    );
    print('hand-over after a release, etcd and a store each', 'ms', await realRounds(stores), 'release');
    for (const each of stores) await each.close();
  } finally {
    await etcd.remove();
  }
}

/** One hand-over in a world of its own, at some time between two renewals. */
async function virtualRound(way: Way, seed: number): Promise<number> {
  const clock = new VirtualClock();
  const random = new SeededRandom(seed);
  const store = new ObjectStore({ resources: [], clock, random });
  const dead = new Set<string>();
  const election = stand(
    Array.from({ length: CANDIDATES }, () => store.client()),
    dead,
  );
  await clock.advance(60_000 + random.next() * RETRY_PERIOD);
  const { leader } = election;
  const start = clock.monotonic();
  if (way === 'crash') dead.add(leader.identity);
  else void election.electors.get(leader.identity)?.stop();
  await clock.advance(30_000);
  const time = election.since - start;
  dead.clear();
  const stopping = Promise.all([...election.electors.values()].map((elector) => elector.stop()));
  await clock.advance(30_000);
  await stopping;
  await store.close();
  return time;
}

/** Hand-overs by the real clock, one after another: whoever leads gives up, and stands for election again. */
async function realRounds(stores: readonly ObjectStore[]): Promise<readonly number[]> {
  const clients = Array.from({ length: CANDIDATES }, (_, index) =>
    (stores[index] ?? (stores[0] as ObjectStore)).client(),
  );
  const election = stand(clients, new Set());
  await election.next();
  const times: number[] = [];
  for (let round = 0; round < REAL_ROUNDS; round += 1) {
    const { identity } = election.leader;
    await election.known();
    const start = performance.now();
    const next = election.next();
    await election.electors.get(identity)?.stop();
    await next;
    times.push(performance.now() - start);
    election.run(identity);
  }
  await Promise.all([...election.electors.values()].map((elector) => elector.stop()));
  return times;
}

/** Candidates that stand for one election; those whose names are in `dead` are cut off. */
function stand(clients: readonly Client[], dead: ReadonlySet<string>) {
  const electors = new Map<string, LeaderElector>();
  let leader: Term | undefined;
  let since = Number.NaN;
  let wake = (): void => undefined;
  let heard = (): void => undefined;
  const run = (identity: string): void => {
    void electors.get(identity)?.run((term) => {
      leader = term;
      since = term.client.clock.monotonic();
      wake();
      return new Promise((resolve) => term.signal.addEventListener('abort', () => resolve(), { once: true }));
    });
  };
  clients.forEach((client, index) => {
    const identity = `candidate-${index}`;
    const mortal = intercept(client, {
      update: (next, resource, object, options) =>
        dead.has(identity) ? new Promise(() => undefined) : next(resource, object, options),
    });
    const lock = new LeaseLock({ client: mortal, namespace: 'kube-system', name: 'bench', identity });
    const elector = new LeaderElector({ lock });
    elector.events.on('newLeader', () => heard());
    electors.set(identity, elector);
    run(identity);
  });
  return {
    electors,
    run,
    get leader(): Term {
      if (leader === undefined) throw new Error('Expected a leader, got none');
      return leader;
    },
    /** When the term of the leader began, by the monotonic clock. */
    get since(): number {
      return since;
    },
    /** Resolves when every candidate has heard of the leader. */
    known: (): Promise<void> =>
      new Promise((resolve) => {
        heard = () => {
          if ([...electors.values()].every((elector) => elector.leader === leader?.identity)) resolve();
        };
        heard();
      }),
    /** Resolves when the next term begins. */
    next: (): Promise<void> =>
      new Promise((resolve) => {
        wake = resolve;
      }),
  };
}

function print(name: string, unit: Figure['unit'], times: readonly number[], way: Way): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN);
  const figure: Figure = {
    name,
    unit,
    rounds: times.length,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    ...AFTER[way],
  };
  console.log(JSON.stringify(figure));
}
