import * as z from 'zod';
import { defineResource, type ObjectOf } from '../../../src/resources/index.js';
import {
  type ClusterIndex,
  type HostInfo,
  type Plugin,
  type SchedulingModel,
  SKIP,
  unresolvable,
  unschedulable,
} from '../../../src/scheduler/framework/index.js';

/** What is placed in these tests: it is not a Pod. */
export const Job = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Job',
  spec: z.object({
    cpu: z.number(),
    rack: z.string().optional(),
    bears: z.number().default(0),
    apart: z.string().optional(),
    near: z.string().optional(),
    only: z.array(z.string()).optional(),
    priority: z.number().default(0),
    machine: z.string().optional(),
    keep: z.string().optional(),
  }),
});
export type Job = ObjectOf<typeof Job>;

export const Machine = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Machine',
  scope: 'Cluster',
  spec: z.object({ cpu: z.number(), dirt: z.number().default(0) }),
});
export type Machine = ObjectOf<typeof Machine>;

export const model: SchedulingModel<Job, Machine> = {
  workload: Job,
  host: Machine,
  hostOf: (wish) => wish.spec.machine,
  nominatedHostOf: (wish) => wish.spec.keep,
  priorityOf: (wish) => wish.spec.priority,
  requestsOf: (wish) => new Map([['cpu', wish.spec.cpu]]),
  capacityOf: (on) => new Map([['cpu', on.spec.cpu]]),
};

type P<F = unknown, S = unknown> = Plugin<Job, Machine, F, S>;

const TOO_SMALL = unresolvable('too small');
const FULL = unschedulable('full');
const room: P = {
  name: 'Room',
  reads: { part: (wish) => String(wish.object.spec.cpu) },
  filter(wish, on) {
    const { cpu } = wish.object.spec;
    if (cpu > on.capacity('cpu')) return TOO_SMALL;
    return cpu > on.capacity('cpu') - on.used('cpu') ? FULL : undefined;
  },
  score: (wish, on) =>
    Math.trunc(
      ((on.capacity('cpu') - on.used('cpu') - wish.object.spec.cpu) * 100) / Math.max(1, on.capacity('cpu')),
    ),
};

const WRONG_RACK = unresolvable('wrong rack');
const rack: P = {
  name: 'Rack',
  reads: { part: (wish) => wish.object.spec.rack ?? '', placed: false },
  preFilter: (wish) => (wish.object.spec.rack === undefined ? SKIP : {}),
  filter: (wish, on) => (on.labels['rack'] === wish.object.spec.rack ? undefined : WRONG_RACK),
};

const only: P = {
  name: 'Only',
  reads: { part: (wish) => JSON.stringify(wish.object.spec.only ?? null), placed: false },
  preFilter: (wish) =>
    wish.object.spec.only === undefined ? SKIP : { hosts: new Set(wish.object.spec.only) },
};

/** The dirtier a on, the worse: by the dirtiest of those that will do. */
const clean: P = {
  name: 'Clean',
  weight: 3,
  reads: { part: (wish) => String(wish.object.spec.bears), placed: false },
  normalize: 'reverse',
  score: (wish, on) => Math.max(0, on.object.spec.dirt - wish.object.spec.bears),
};

/** How many jobs of each group are in each rack. */
class Racks implements ClusterIndex<Job, Machine> {
  readonly counts = new Map<string, number>();

  placed(wish: { readonly object: Job }, on: HostInfo<Job, Machine>): void {
    this.#add(wish.object, on, 1);
  }

  removed(wish: { readonly object: Job }, on: HostInfo<Job, Machine>): void {
    this.#add(wish.object, on, -1);
  }

  hostEntered(on: HostInfo<Job, Machine>): void {
    for (const wish of on.workloads) this.#add(wish.object, on, 1);
  }

  hostLeaving(on: HostInfo<Job, Machine>): void {
    for (const wish of on.workloads) this.#add(wish.object, on, -1);
  }

  #add(wish: Job, on: HostInfo<Job, Machine>, by: number): void {
    if (wish.spec.apart === undefined) return;
    const key = `${on.labels['rack'] ?? ''}/${wish.spec.apart}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + by);
  }
}

const racks = {
  make(cluster: { hosts(): Iterable<HostInfo<Job, Machine>> }): Racks {
    const index = new Racks();
    for (const on of cluster.hosts()) index.hostEntered(on);
    return index;
  },
};

const OCCUPIED = unschedulable('rack is taken');
/** Two of a group are never in one rack. */
const apart: P<Racks> = {
  name: 'Apart',
  preFilter: (wish, cluster) =>
    wish.object.spec.apart === undefined ? SKIP : { state: cluster.index(racks) },
  filter: (wish, on, { counts }) =>
    (counts.get(`${on.labels['rack'] ?? ''}/${wish.object.spec.apart}`) ?? 0) > 0 ? OCCUPIED : undefined,
};

/** The more of a group there are in the rack, the better. */
const near: P<unknown, Racks> = {
  name: 'Near',
  weight: 2,
  preScore: (wish, cluster) => (wish.object.spec.near === undefined ? SKIP : { state: cluster.index(racks) }),
  score: (wish, on, { counts }) => counts.get(`${on.labels['rack'] ?? ''}/${wish.object.spec.near}`) ?? 0,
  normalize(scores) {
    const highest = Math.max(...scores);
    for (let at = 0; at < scores.length; at += 1) {
      scores[at] = highest === 0 ? 0 : Math.trunc(((scores[at] as number) * 100) / highest);
    }
  },
};

const DIRTY = unresolvable('too dirty');
/** Comes after the plugins that look further, and looks at one host. */
const tidy: P = {
  name: 'Tidy',
  reads: { part: (wish) => String(wish.object.spec.bears), placed: false },
  filter: (wish, on) => (on.object.spec.dirt > wish.object.spec.bears + 3 ? DIRTY : undefined),
};

export const plugins: readonly P[] = [rack, only, room, clean, apart, near, tidy];

export function machine(name: string, cpu: number, dirt = 0, rackName?: string): Machine {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Machine',
    metadata: {
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      namespace: undefined,
      ...(rackName === undefined ? {} : { labels: { rack: rackName } }),
    },
    spec: { cpu, dirt },
  };
}

export function job(name: string, spec: Partial<Job['spec']> & { cpu: number }): Job {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { bears: 0, priority: 0, ...spec },
  };
}
