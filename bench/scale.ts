import { getHeapStatistics } from 'node:v8';
import { type Client, deepFreeze, ObjectStore } from 'keelson';
import { ConfigMap } from 'keelson/kinds';

const WATCHERS = 100_000;
const SIZES = [1_000, 100_000, 1_000_000] as const;
const WRITES = 10_000;
const SAMPLES = 7;
const NAMESPACES = 10;

/** One figure that is no rate: memory, or how a cost grows. */
interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'MB' | 'ns' | 'times';
  readonly goal?: number;
}

/** What grows with the number of watchers and of objects; prints a JSON line for each figure. */
export async function measureScale(): Promise<void> {
  const limit = Math.round(getHeapStatistics().heap_size_limit / 2 ** 20);
  console.log(JSON.stringify({ heapLimitMB: limit, flags: process.execArgv.join(' ') }));
  for (const figure of [...(await idleWatchers()), ...(await costOfWrites())])
    console.log(JSON.stringify(figure));
}

/** The memory of watches that nothing happens to, each of one namespace. */
async function idleWatchers(): Promise<readonly Figure[]> {
  const store = new ObjectStore({ resources: [ConfigMap] });
  const client = store.client();
  const before = memory();
  const readers: Promise<unknown>[] = [];
  for (let index = 0; index < WATCHERS; index += 1) {
    const watch = client.watch(ConfigMap, { namespace: `team-${index}` });
    readers.push(watch.next());
  }
  // a turn of the loop, so that all that is under way has happened
  await new Promise((resolve) => setImmediate(resolve));
  const after = memory();
  const name = `${WATCHERS.toLocaleString('en')} idle watchers`;
  const figures: Figure[] = [
    { name: `${name}: heap`, value: after.heap - before.heap, unit: 'MB', goal: 250 },
    { name: `${name}: resident`, value: after.resident - before.resident, unit: 'MB', goal: 250 },
  ];
  await store.close();
  await Promise.allSettled(readers);
  return figures;
}

/** What a write costs in a store of so many small ConfigMaps, next to a bare Map of as many frozen objects. */
async function costOfWrites(): Promise<readonly Figure[]> {
  const store = new ObjectStore({ resources: [ConfigMap] });
  const client = store.client();
  const map = new Map<string, unknown>();
  const figures: Figure[] = [];
  const first = { store: 0, map: 0 };
  let size = 0;
  let turn = 0;
  for (const wanted of SIZES) {
    for (; size < wanted; size += 1) {
      const object = small(size, 0);
      map.set(`${object.metadata.namespace}/${object.metadata.name}`, deepFreeze(object));
      await client.create(ConfigMap, small(size, 0));
    }
    const cost = { store: Number.POSITIVE_INFINITY, map: Number.POSITIVE_INFINITY };
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      turn += 1;
      cost.map = Math.min(
        cost.map,
        time(() => writeMap(map, size, turn)),
      );
      cost.store = Math.min(cost.store, await timeAsync(() => writeStore(client, size, turn)));
    }
    if (wanted === SIZES[0]) Object.assign(first, cost);
    const of = `of ${wanted.toLocaleString('en')} ConfigMaps`;
    figures.push(
      { name: `update in a store ${of}`, value: Math.round(cost.store / WRITES), unit: 'ns' },
      { name: `set in a Map ${of}`, value: Math.round(cost.map / WRITES), unit: 'ns' },
      {
        name: `store ${of}, against the first`,
        value: rounded(cost.store / first.store),
        unit: 'times',
        goal: 4,
      },
      { name: `Map ${of}, against the first`, value: rounded(cost.map / first.map), unit: 'times' },
    );
  }
  figures.push({ name: 'heap with both', value: memory().heap, unit: 'MB' });
  await store.close();
  return figures;
}

async function writeStore(client: Client, size: number, turn: number): Promise<void> {
  for (let write = 0; write < WRITES; write += 1)
    await client.update(ConfigMap, small(placeOf(write, size), turn));
}

function writeMap(map: Map<string, unknown>, size: number, turn: number): void {
  for (let write = 0; write < WRITES; write += 1) {
    const object = small(placeOf(write, size), turn);
    map.set(`${object.metadata.namespace}/${object.metadata.name}`, deepFreeze(object));
  }
}

/** Writes go all over the objects, as far apart as they can, so that no cache of the processor helps. */
function placeOf(write: number, size: number): number {
  return (write * 7919) % size;
}

/** A small ConfigMap, as create and an unconditional update take it. */
function small(index: number, turn: number): ConfigMap {
  const object = {
    metadata: { name: `config-${index}`, namespace: `team-${index % NAMESPACES}` },
    data: { turn: String(turn) },
  };
  return object as unknown as ConfigMap;
}

/** In MB, of what is in use. */
function memory(): { readonly heap: number; readonly resident: number } {
  if (globalThis.gc === undefined) throw new Error('expected node --expose-gc');
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: Math.round(heapUsed / 1e6), resident: Math.round(rss / 1e6) };
}

function time(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start);
}

async function timeAsync(work: () => Promise<void>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start);
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
