/** How many nodes were rejected, and by what: each reason with the number of nodes that gave it, sorted as text. */
export function countedMessage(nodeCount: number, reasonsByNode: readonly (readonly string[])[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasonsByNode.flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted();
  const head = `0/${nodeCount} nodes are available:`;
  return reasons.length === 0 ? head : `${head} ${reasons.join(', ')}.`;
}
