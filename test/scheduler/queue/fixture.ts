import type { ApiObject } from '../../../src/core/index.js';
import { Service } from '../../../src/resources/kinds/index.js';
import type { ClusterEvent, ClusterView, WorkloadInfo } from '../../../src/scheduler/framework/index.js';
import type { QueuePlugin, SchedulingQueue } from '../../../src/scheduler/queue/index.js';

/** What the plugins of these tests look at. */
export interface TaskSpec {
  readonly size?: string | undefined;
  readonly zone?: string | undefined;
  readonly gate?: string | undefined;
}

export interface Task extends ApiObject {
  readonly spec: TaskSpec;
}

export type TaskPlugin = QueuePlugin<Task, ApiObject>;
export type TaskEvent = ClusterEvent<Task>;

/** A cluster that nobody looks at. */
export const NO_CLUSTER = { size: 0 } as ClusterView<Task>;

/** One state of a workload. */
export function task(
  name: string,
  spec: TaskSpec = {},
  { priority = 0, uid = 'u1' }: { priority?: number; uid?: string } = {},
): WorkloadInfo<Task> {
  const metadata = { name, namespace: 'ns', uid } as ApiObject['metadata'];
  const object: Task = { apiVersion: 'test/v1', kind: 'Task', metadata, spec };
  return {
    object,
    key: `ns/${name}`,
    namespace: 'ns',
    labels: {},
    priority,
    requests: new Map(),
    facts: undefined,
  };
}

/** All that plugins see of a task. */
export function alike({ object: { spec } }: WorkloadInfo<Task>): string {
  return JSON.stringify([spec.size, spec.zone, spec.gate]);
}

/** Something has changed; `what` is what it helps, by the field of the spec that plugins look at. */
export function change(what: TaskSpec): TaskEvent {
  const labels: Record<string, string> = {};
  for (const [field, value] of Object.entries(what)) labels[field] = value as string;
  const metadata = { name: 'change', namespace: 'ns', labels } as unknown as ApiObject['metadata'];
  return { type: 'object', resource: Service, after: { apiVersion: 'v1', kind: 'Service', metadata } };
}

/** Whether a change helps a value of a field. */
function helps(event: TaskEvent, field: keyof TaskSpec, value: string | undefined): boolean {
  if (event.type !== 'object') return false;
  const label = event.after?.metadata.labels?.[field];
  if (label === 'boom') throw new Error('boom');
  return label !== undefined && label === value;
}

/** Looks at each host alone, and at the size of a workload. */
export function sized(): TaskPlugin {
  return {
    name: 'Sized',
    reads: { part: ({ object }) => object.spec.size ?? '', kinds: [Service] },
    wakes: (event, { object }) => helps(event, 'size', object.spec.size),
  };
}

/** Says nothing of what it reads. */
export function zoned(): TaskPlugin {
  return { name: 'Zoned', wakes: (event, { object }) => helps(event, 'zone', object.spec.zone) };
}

/** Lets nothing pass whose gate is closed, and fails for the gate `boom`. */
export function gated(closed: ReadonlySet<string>): TaskPlugin {
  return {
    name: 'Gated',
    preEnqueue({ object: { spec } }) {
      if (spec.gate === 'boom' && closed.has('boom')) throw new Error('boom');
      const isClosed = spec.gate !== undefined && closed.has(spec.gate);
      return isClosed ? { code: 'UnschedulableAndUnresolvable', reasons: ['closed'] } : undefined;
    },
    wakes: (event, { object }) => helps(event, 'gate', object.spec.gate),
  };
}

/** The names of all that can be popped, in order; they stay in hand. */
export function popAll(queue: SchedulingQueue<Task, ApiObject>): string[] {
  const names: string[] = [];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) names.push(next.workload.key.slice(3));
  return names;
}
