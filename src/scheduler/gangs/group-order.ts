import type { WorkloadInfo } from '../framework/index.js';

/**
 * The members of a group as they are tried: the higher priority first, then the larger, as it is harder to find room for, then as given.
 *
 * How large one is, is the sum over all resources of what it asks for, measured by the most that a member asks for.
 */
export function inOrder<I extends WorkloadInfo>(members: readonly I[]): readonly I[] {
  const most = new Map<string, number>();
  for (const { requests } of members) {
    for (const [resource, amount] of requests) most.set(resource, Math.max(amount, most.get(resource) ?? 0));
  }
  const sizes = new Map(members.map((member) => [member, sizeOf(member, most)]));
  const size = (member: I): number => sizes.get(member) ?? 0;
  return [...members].sort((a, b) => b.priority - a.priority || size(b) - size(a));
}

function sizeOf({ requests }: WorkloadInfo, most: ReadonlyMap<string, number>): number {
  let size = 0;
  for (const [resource, amount] of requests) size += amount / Math.max(1, most.get(resource) ?? 1);
  return size;
}
