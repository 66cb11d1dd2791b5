import { type Plugin, unschedulable, type WorkloadInfo } from '../../../src/scheduler/framework/index.js';
import { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import { type Job, job, type Machine, machine, model, plugins } from '../engine/machines.js';

type Found = { readonly host: string; readonly victims: readonly WorkloadInfo<Job>[] };

/** Pushes jobs of a lower priority off the machine where the fewest have to go, the least important ones. */
const evict: Plugin<Job, Machine> = {
  name: 'Evict',
  postFilter(wish, cluster, verdictOf, dryRun) {
    let best: Found | undefined;
    for (const host of cluster.hosts()) {
      if (verdictOf(host)?.code !== 'Unschedulable') continue;
      const lower = host.workloads
        .filter(({ priority }) => priority < wish.priority)
        .sort((a, b) => a.priority - b.priority || (a.key < b.key ? -1 : 1));
      const victims = dryRun.trial((trial) => {
        const gone: WorkloadInfo<Job>[] = [];
        for (const victim of lower) {
          trial.remove(victim);
          gone.unshift(victim);
          if (dryRun.verdict(host) === undefined) return gone;
        }
        return undefined;
      });
      if (victims !== undefined && victims.length < (best?.victims.length ?? Number.POSITIVE_INFINITY)) {
        best = { host: host.name, victims };
      }
    }
    return best ?? unschedulable('nobody to evict');
  },
};

/** All rules of these tests. */
export const rules: readonly Plugin<Job, Machine>[] = [...plugins, evict];

export function engineWith(...machines: readonly Machine[]): SchedulingEngine<Job, Machine> {
  const engine = new SchedulingEngine({ plugins: rules, model, seed: 7 });
  for (const each of machines) engine.set(model.host, each);
  return engine;
}

/** Machines of one size, `m0` and so on, in the racks that are named. */
export function racked(cpu: number, ...racks: readonly string[]): Machine[] {
  return racks.map((rack, at) => machine(`m${at}`, cpu, 0, rack));
}

/** Jobs `g-0` and so on. */
export function group(size: number, spec: Partial<Job['spec']> & { readonly cpu: number }): Job[] {
  return Array.from({ length: size }, (_, at) => job(`g-${at}`, spec));
}

/** What an engine says of jobs of all kinds, and where it would put them. */
export function opinion(engine: SchedulingEngine<Job, Machine>): unknown {
  return [
    job('x', { cpu: 1 }),
    job('x', { cpu: 2, apart: 'g1' }),
    job('x', { cpu: 1, only: ['m1', 'm2', 'm9'], near: 'g1' }),
    job('x', { cpu: 1, priority: 2 }),
  ].map((probe) => [
    engine.evaluate(probe),
    // in a fork, as each decision makes the next draw another one
    engine.whatIf(() => [engine.schedule(probe).node, engine.makeRoom(probe)]),
  ]);
}
