/**
 * A scheduler of kinds of your own: GpuJobs go to Machines, by rules of a page. Then the same rules are asked what if.
 *
 * Run it with `npx tsx examples/gpu-jobs.ts`.
 */
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Client, defineResource, keyOf, type ObjectOf, ObjectStore } from 'keelson';
import {
  type Plugin,
  Scheduler,
  SchedulingEngine,
  type SchedulingModel,
  unresolvable,
  unschedulable,
} from 'keelson/scheduler';
import * as z from 'zod';
import { table } from './shop/table.js';

const amount = z.number().int().min(0);

/** Work for some GPUs: `machine` is where it runs, once that is decided. */
export const GpuJob = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'GpuJob',
  spec: z.object({
    gpus: amount,
    gpuMemory: amount.describe('Gigabytes, of all its GPUs together.'),
    cpus: amount.default(1),
    driver: z.number().default(0).describe('The oldest driver that will do.'),
    data: z.string().optional().describe('The rack where its data is.'),
    priority: z.number().int().default(0),
    machine: z.string().optional(),
  }),
});
export type GpuJob = ObjectOf<typeof GpuJob>;

/** Where jobs run; the label `rack` says where it stands. */
export const Machine = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Machine',
  scope: 'Cluster',
  spec: z.object({ gpus: amount, gpuMemory: amount, cpus: amount, driver: z.number() }),
});
export type Machine = ObjectOf<typeof Machine>;

const amounts = ({ gpus, gpuMemory, cpus }: GpuJob['spec'] | Machine['spec']): ReadonlyMap<string, number> =>
  new Map([
    ['gpus', gpus],
    ['gpuMemory', gpuMemory],
    ['cpus', cpus],
  ]);

/** How the scheduler reads both kinds. */
const model: SchedulingModel<GpuJob, Machine> = {
  workload: GpuJob,
  host: Machine,
  hostOf: (job) => job.spec.machine,
  priorityOf: (job) => job.spec.priority,
  requestsOf: (job) => amounts(job.spec),
  capacityOf: (machine) => amounts(machine.spec),
};

type GpuPlugin = Plugin<GpuJob, Machine>;

/** A predicate: there must be enough left of everything. */
const room: GpuPlugin = {
  name: 'Room',
  reads: { part: (job) => [...job.requests.values()].join() },
  filter(job, machine) {
    const short = [...job.requests].filter(
      ([name, wanted]) => wanted > machine.capacity(name) - machine.used(name),
    );
    if (short.length === 0) return undefined;
    const reasons = short.map(([name]) => `too few ${name}`);
    const isHopeless = short.some(([name, wanted]) => wanted > machine.capacity(name));
    return isHopeless ? unresolvable(...reasons) : unschedulable(...reasons);
  },
  // what it rejected is tried again when a machine comes or changes, or a job goes, and not when one is placed
  wakes: ({ type }) => type === 'host' || type === 'removed',
};

const TOO_OLD = unresolvable('driver too old');

/** Another: the driver must be new enough. What is placed on the machine does not matter to it. */
const recentDriver: GpuPlugin = {
  name: 'RecentDriver',
  reads: { part: (job) => String(job.object.spec.driver), placed: false },
  filter: (job, machine) => (machine.object.spec.driver < job.object.spec.driver ? TOO_OLD : undefined),
  remedy: (job) => ({ text: `update the driver to ${job.object.spec.driver}`, of: 'host' }),
};

/** A priority: as few GPUs as possible are left over, so that large jobs find whole machines. */
const bestFit: GpuPlugin = {
  name: 'BestFit',
  reads: { part: (job) => String(job.requests.get('gpus')) },
  score(job, machine) {
    const used = machine.used('gpus') + (job.requests.get('gpus') ?? 0);
    return Math.floor((100 * used) / Math.max(1, machine.capacity('gpus')));
  },
};

/** Another: near to the data, which counts twice as much. */
const nearData: GpuPlugin = {
  name: 'NearData',
  weight: 2,
  reads: { part: (job) => job.object.spec.data ?? '', placed: false },
  score: (job, machine) => (machine.labels['rack'] === job.object.spec.data ? 100 : 0),
};

/** Writes down where a job goes, on condition that it is still the one that was decided about. */
const binder: GpuPlugin = {
  name: 'Binder',
  async bind({ object }, machine, { client, signal }) {
    const { resourceVersion } = object.metadata;
    const patch = { metadata: { resourceVersion }, spec: { machine } };
    await client.patch(GpuJob, keyOf(object), { type: 'merge', patch }, { signal });
  },
};

const plugins: readonly GpuPlugin[] = [room, recentDriver, bestFit, nearData, binder];

/** Schedules some jobs, and asks what would be if; prints what comes of it. */
export async function gpuJobs(print: (line: string) => void): Promise<void> {
  const store = new ObjectStore({ resources: [GpuJob, Machine] });
  const client = store.client();
  await createMachines(client);
  await createJobs(client);

  const profiles = [{ schedulerName: 'gpu', plugins }];
  const scheduler = new Scheduler({ client, model, profiles, seed: 1 });
  await scheduler.start();
  await scheduler.idle();
  print('The jobs, and where they went:');
  await printJobs(client, print);
  print('');
  print('When train-llm has ended:');
  await client.delete(GpuJob, { name: 'train-llm', namespace: 'default' });
  await scheduler.idle();
  await printJobs(client, print);
  const waiting = scheduler.inspect({ name: 'new-kernel', namespace: 'default' });
  print(`new-kernel is ${waiting?.place}, because of ${waiting?.rejectedBy.join(', ')}`);
  await scheduler.stop();

  await askWhatIf(client, print);
  await store.close();
}

/** The same model and rules without a store: nothing of this changes anything. */
async function askWhatIf(client: Client, print: (line: string) => void): Promise<void> {
  const engine = new SchedulingEngine({ model, plugins, seed: 1 });
  for (const machine of (await client.list(Machine)).items) engine.set(Machine, machine);
  for (const job of (await client.list(GpuJob)).items) engine.set(GpuJob, job);

  // objects as they would be, stored nowhere
  const dryRun = true;
  const metadata = { name: 'next', namespace: 'default' };
  const spec = { gpus: 2, gpuMemory: 40, data: 'b' };
  const next = await client.create(GpuJob, { metadata, spec }, { dryRun });
  const b1 = await client.get(Machine, { name: 'b1' });
  const another = await client.create(Machine, { metadata: { name: 'b3' }, spec: b1.spec }, { dryRun });
  const { node, hosts, margin } = engine.schedule(next).explain();
  print('');
  print(`A job of 2 GPUs with data in rack b would go to ${node}, which is better by ${margin}:`);
  const rows = hosts.map(({ host, rejections, scores = [], total }) => [
    host,
    ...(total === undefined
      ? [rejections.flatMap(({ reasons }) => reasons).join(', ')]
      : [scores.map(({ plugin, weighted }) => `${plugin} ${weighted}`).join(' + '), `= ${total}`]),
  ]);
  for (const line of table(rows)) print(`  ${line}`);

  const kernel = await client.get(GpuJob, { name: 'new-kernel', namespace: 'default' });
  const [nearest] = engine.schedule(kernel).explain().wouldFit ?? [];
  print(`new-kernel would fit on ${nearest?.host}: ${nearest?.changes.map(({ text }) => text).join(', ')}`);

  print(`${engine.howManyMoreFit(next).count} more jobs of 2 GPUs fit`);
  const count = engine.whatIf((fork) => {
    fork.set(Machine, another);
    return fork.howManyMoreFit(next).count;
  });
  print(`with another machine like b1 it would be ${count}`);
  const { moves, stuck } = engine.drain('b1');
  for (const [job, machine] of moves) print(`if b1 went away, ${job} could go to ${machine}`);
  for (const [job, why] of stuck) print(`if b1 went away, ${job} would wait: ${why}`);
}

async function createMachines(client: Client): Promise<void> {
  for (const [name, rack, gpus, gpuMemory, driver] of [
    ['a1', 'a', 8, 640, 550],
    ['a2', 'a', 8, 640, 535],
    ['b1', 'b', 4, 96, 550],
    ['b2', 'b', 4, 96, 550],
  ] as const) {
    await client.create(Machine, {
      metadata: { name, labels: { rack } },
      spec: { gpus, gpuMemory, cpus: 64, driver },
    });
  }
}

async function createJobs(client: Client): Promise<void> {
  for (const [name, spec] of Object.entries({
    'train-llm': { gpus: 8, gpuMemory: 600, driver: 550, priority: 10 },
    'train-vision': { gpus: 8, gpuMemory: 500, driver: 550, priority: 5 },
    'fine-tune': { gpus: 2, gpuMemory: 48, data: 'b' },
    embed: { gpus: 1, gpuMemory: 20, data: 'b' },
    render: { gpus: 4, gpuMemory: 80, data: 'a' },
    'new-kernel': { gpus: 1, gpuMemory: 10, driver: 560 },
  })) {
    await client.create(GpuJob, { metadata: { name, namespace: 'default' }, spec });
  }
}

async function printJobs(client: Client, print: (line: string) => void): Promise<void> {
  const rows = (await client.list(GpuJob)).items.map(({ metadata, spec }) => [
    metadata.name,
    String(spec.gpus),
    spec.machine ?? '(waits)',
  ]);
  for (const line of table([['job', 'gpus', 'machine'], ...rows])) print(`  ${line}`);
}

if (argv[1] === fileURLToPath(import.meta.url)) await gpuJobs((line) => console.log(line));
