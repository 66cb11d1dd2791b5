import { type Client, isControlledBy } from 'keelson';
import { type Job, Pod, type ReplicaSet } from 'keelson/kinds';

/** A Pod that has run to its end, well or badly. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** A Pod that does its work, or will: neither at its end nor on its way out. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

export function isReady({ status }: Pod): boolean {
  const conditions = status?.phase === 'Running' ? (status.conditions ?? []) : [];
  return conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
}

/**
 * The Pods that an owner controls, as the server has them now.
 *
 * Who makes Pods by counting them must not count in a cache: what it made a moment ago may be missing there.
 */
export async function podsOf(client: Client, owner: ReplicaSet | Job): Promise<readonly Pod[]> {
  const { items } = await client.listAll(Pod, { namespace: owner.metadata.namespace });
  return items.filter((pod) => isControlledBy(pod, owner));
}

/** The names that `count` new Pods get: `web-0`, `web-1`, ..., without those that are taken. */
export function freeNames(base: string, taken: readonly Pod[], count: number): readonly string[] {
  const used = new Set(taken.map((pod) => pod.metadata.name));
  const names: string[] = [];
  for (let ordinal = 0; names.length < count; ordinal += 1) {
    const name = `${base}-${ordinal}`;
    if (!used.has(name)) names.push(name);
  }
  return names;
}
