import type { Client } from '../../../src/client/index.js';
import type { Node, Pod } from '../../../src/resources/kinds/index.js';
import { PodGroup, podGroupOf, type Scheduler, type SchedulerOptions } from '../../../src/scheduler/index.js';
import { createPod, podOf, schedulerOf } from './cluster.js';

export function groupScheduler(
  client: Client,
  options: Partial<SchedulerOptions<Pod, Node>> = {},
): Scheduler {
  return schedulerOf(client, { groupOf: podGroupOf, ...options });
}

export async function createGroup(client: Client, name: string, spec: PodGroup['spec']): Promise<void> {
  await client.create(PodGroup, { metadata: { name, namespace: 'default' }, spec });
}

export async function createMember(
  client: Client,
  group: string,
  name: string,
  cpu = '1',
  spec: Partial<Pod['spec']> = {},
): Promise<void> {
  await createPod(client, podOf(name, cpu, { schedulingGroup: { podGroupName: group }, ...spec }));
}

/** Members `<group>-0` and so on. */
export async function createMembers(client: Client, group: string, count: number, cpu = '1'): Promise<void> {
  for (let at = 0; at < count; at += 1) await createMember(client, group, `${group}-${at}`, cpu);
}
