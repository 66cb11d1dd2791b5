import { createJobs, Job, jobKey, startCircle, stopCircle } from './controller.js';

const WRITES = 20_000;
const OBJECTS = 100_000;
const RECONCILES = 1_000_000;

/** What a rate does not say of the controller runtime; prints a JSON line for each figure. */
export async function measureRuntime(): Promise<void> {
  await latency();
  await memoryOfWatched();
  await growth();
}

/** From a write to the beginning of its reconcile, one after another. */
async function latency(): Promise<void> {
  let began: (() => void) | undefined;
  const circle = await startCircle(async () => began?.());
  await createJobs(circle, 1_000);
  const times: number[] = [];
  for (let index = 0; index < WRITES; index += 1) {
    const reconciled = new Promise<void>((resolve) => {
      began = resolve;
    });
    const start = process.hrtime.bigint();
    const written = circle.client.patch(Job, jobKey(index % 1_000), {
      type: 'merge',
      patch: { spec: { turn: index + 1 } },
    });
    await reconciled;
    times.push(Number(process.hrtime.bigint() - start) / 1_000);
    await written;
  }
  await stopCircle(circle);
  times.sort((a, b) => a - b);
  const at = (part: number): number => Number((times[Math.floor(times.length * part)] ?? 0).toFixed(1));
  print({ name: 'from a write to its reconcile: median', value: at(0.5), unit: 'microseconds', goal: 100 });
  print({ name: 'from a write to its reconcile: 99 %', value: at(0.99), unit: 'microseconds' });
}

/** What a controller takes for each object that it watches, beside the object, which it shares with the store. */
async function memoryOfWatched(): Promise<void> {
  const circle = await startCircle(async () => undefined);
  const other = await startCircle(async () => undefined);
  await other.manager.stop();
  const before = heap();
  for (let index = 0; index < OBJECTS; index += 1) {
    await other.client.create(Job, { metadata: jobKey(index), spec: { turn: 0 } });
  }
  const alone = heap() - before;
  await createJobs(circle, OBJECTS);
  const watched = heap() - before - alone;
  await stopCircle(circle);
  await other.store.close();
  const value = Math.round((watched - alone) / OBJECTS);
  print({ name: 'memory of a watched object, over the object', value, unit: 'bytes', goal: 200 });
}

/** The heap after a million reconciles, against that after the first hundred thousand. */
async function growth(): Promise<void> {
  const circle = await startCircle(async () => undefined);
  await createJobs(circle, 1_000);
  let first = 0;
  let turn = 0;
  for (let done = 0; done < RECONCILES; done += 1_000) {
    turn += 1;
    for (let index = 0; index < 1_000; index += 1) {
      await circle.client.patch(Job, jobKey(index), { type: 'merge', patch: { spec: { turn } } });
    }
    await circle.manager.idle();
    if (done === 100_000) first = heap();
  }
  const value = Math.round((heap() - first) / 1_000);
  await stopCircle(circle);
  print({ name: 'growth of the heap from 100,000 to 1,000,000 reconciles', value, unit: 'kB' });
}

function heap(): number {
  if (globalThis.gc === undefined) throw new Error('expected node --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function print(figure: {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: number;
}): void {
  console.log(JSON.stringify(figure));
}
