import { performance } from 'node:perf_hooks';
import type { MetricsProvider } from '../src/core/index.js';
import { Node, Pod } from '../src/resources/kinds/index.js';
import { defaultPlugins, Scheduler } from '../src/scheduler/index.js';
import { ObjectStore } from '../src/store/index.js';

/** The largest cluster that Kubernetes supports. */
const NODES = 5_000;
const PODS = 150_000;

/** Creates this many Pods before it lets others have their turn. */
const WAVE = 500;

/** Places the Pods of the largest cluster through store, watch, queue and bind in one process; prints what it took. */
export async function measureLargestCluster(): Promise<void> {
  const decisions: number[] = [];
  const store = new ObjectStore({ resources: [Node, Pod] });
  const client = store.client();
  for (let at = 0; at < NODES; at += 1) {
    const node = await client.create(Node, {
      metadata: {
        name: `node-${at}`,
        labels: { 'kubernetes.io/hostname': `node-${at}`, 'topology.kubernetes.io/zone': `zone-${at % 3}` },
      },
    });
    await client.update(
      Node,
      { ...node, status: { allocatable: { cpu: '4', memory: '32Gi', pods: '110' } } },
      { subresource: 'status' },
    );
  }
  const scheduler = new Scheduler({
    client,
    profiles: [{ schedulerName: 'default-scheduler', plugins: defaultPlugins() }],
    seed: 1,
    metrics: timesOf('scheduler_scheduling_algorithm_duration_seconds', decisions),
  });
  await scheduler.start();
  const cpu = process.cpuUsage();
  const start = performance.now();
  let longest = 0;
  let last = start;
  // how long timers have to wait: what a server in this process would feel
  const pulse = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 1);
    last = now;
  }, 1);
  for (let at = 0; at < PODS; at += 1) {
    await client.create(Pod, {
      metadata: { name: `pod-${at}`, namespace: 'default', labels: { app: `app-${at % 50}` } },
      spec: {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            resources: { requests: { cpu: `${80 + (at % 50)}m`, memory: '200Mi' } },
          },
        ],
      },
    });
    if (at % WAVE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const created = performance.now() - start;
  await scheduler.idle();
  const wall = performance.now() - start;
  clearInterval(pulse);
  const used = process.cpuUsage(cpu);
  const { items } = await client.list(Pod);
  const bound = items.filter(({ spec }) => spec.nodeName !== undefined).length;
  decisions.sort((a, b) => a - b);
  const p99 = (decisions[Math.floor(0.99 * decisions.length)] ?? 0) * 1_000;
  const memory = process.memoryUsage();
  console.log(
    `the largest cluster: ${bound} of ${PODS} pods on ${NODES} nodes in ${(wall / 1_000).toFixed(1)} s (goal 60; created in ` +
      `${(created / 1_000).toFixed(1)} s; CPU ${((used.user + used.system) / 1_000_000).toFixed(1)} s), decisions p99 ${p99.toFixed(2)} ms (goal 2), ` +
      `longest pause ${longest.toFixed(0)} ms, memory ${(memory.rss / 2 ** 20).toFixed(0)} MiB resident, ${(memory.heapUsed / 2 ** 20).toFixed(0)} MiB heap`,
  );
  await scheduler.stop();
  await store.close();
}

/** Metrics of which one histogram is kept, value by value. */
function timesOf(name: string, times: number[]): MetricsProvider {
  const ignore = (): void => undefined;
  return {
    counter: () => ({ add: ignore }),
    gauge: () => ({ set: ignore }),
    histogram: (definition) => ({
      observe: definition.name === name ? (value) => void times.push(value) : ignore,
    }),
  };
}
