import { getHeapStatistics } from 'node:v8';
import { type Client, deepFreeze, ObjectStore } from 'keelson';
import { ConfigMap } from 'keelson/kinds';

const WATCHERS = 100_000;
const SIZES = [1_000, 100_000, 1_000_000] as const;
const WRITES = 10_000;
const SAMPLES = 7;
/** Not measured, before the first: so that code and heap are what they will be. */
const WARM_UP_SAMPLES = 15;
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

/** What writes go to. */
interface Written {
  readonly name: string;
  readonly goal?: number;
  /** Puts an object that is new. */
  readonly add: (object: ConfigMap) => Promise<unknown> | undefined;
  /** Puts an object in the place of another. */
  readonly write: (object: ConfigMap) => Promise<unknown> | undefined;
}

/** What a write costs in a store of so many small ConfigMaps, and in a bare Map of as many frozen objects, one after the other. */
async function costOfWrites(): Promise<readonly Figure[]> {
  const map = new Map<string, unknown>();
  const put = (object: ConfigMap): undefined => {
    map.set(`${object.metadata.namespace}/${object.metadata.name}`, deepFreeze(object));
  };
  const ofMap = await costByNumber({ name: 'set in a Map', add: put, write: put });
  map.clear();
  const store = new ObjectStore({ resources: [ConfigMap] });
  const client: Client = store.client();
  const ofStore = await costByNumber({
    name: 'update in a store',
    goal: 4,
    add: (object) => client.create(ConfigMap, object),
    write: (object) => client.update(ConfigMap, object),
  });
  const heap: Figure = { name: 'heap with the store', value: memory().heap, unit: 'MB' };
  await store.close();
  return [...ofMap, ...ofStore, heap];
}

async function costByNumber({ name, goal, add, write }: Written): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  let first = 0;
  let size = 0;
  // counts the writes: each brings what no object has had before, for an update that changes nothing would not be a write
  let state = 0;
  for (const wanted of SIZES) {
    for (; size < wanted; size += 1) await add(small(size, 0));
    let cost = Number.POSITIVE_INFINITY;
    for (let sample = first === 0 ? -WARM_UP_SAMPLES : 0; sample < SAMPLES; sample += 1) {
      const start = process.hrtime.bigint();
      for (let index = 0; index < WRITES; index += 1) {
        state += 1;
        const done = write(small(placeOf(index, size), state));
        if (done !== undefined) await done;
      }
      if (sample >= 0) cost = Math.min(cost, Number(process.hrtime.bigint() - start));
    }
    if (first === 0) first = cost;
    const of = `of ${wanted.toLocaleString('en')} ConfigMaps`;
    const times = {
      name: `${name} ${of}, against the first`,
      value: rounded(cost / first),
      unit: 'times',
    } as const;
    figures.push(
      { name: `${name} ${of}`, value: Math.round(cost / WRITES), unit: 'ns' },
      goal === undefined ? times : { ...times, goal },
    );
  }
  return figures;
}

/** Writes go all over the objects, as far apart as they can, so that no cache of the processor helps. */
function placeOf(write: number, size: number): number {
  return (write * 7919) % size;
}

/** A small ConfigMap, as create and an unconditional update take it. */
function small(index: number, state: number): ConfigMap {
  const object = {
    metadata: { name: `config-${index}`, namespace: `team-${index % NAMESPACES}` },
    data: { state: String(state) },
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

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
