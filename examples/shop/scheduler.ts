import {
  type Controller,
  controller,
  formatKey,
  formatTime,
  LabelSelector,
  type ObjectKey,
  Quantity,
} from 'keelson';
import { Node, Pod } from 'keelson/kinds';
import { isFinished } from './pods.js';

/** An amount of what a node has and a Pod wants: thousandths of a CPU, and bytes. */
interface Room {
  readonly cpu: number;
  readonly memory: number;
}

/**
 * Binds each Pod to the feasible Node that then has the largest share of its cpu and memory left; of equals, to the first by name.
 *
 * It decides on what the server says now and decides about one Pod at a time, so no room is given away twice. A Pod that fits nowhere is
 * looked at again when a Node or another Pod changes.
 */
export function scheduler(): Controller {
  // the Pods that have no node as far as we know; they were asked about at least once
  const waiting = new Map<string, ObjectKey>();
  return controller('scheduler')
    .for(Pod)
    .watches(Node, { map: () => waiting.values() })
    .watches(Pod, { map: (pod) => (pod.spec.nodeName === undefined ? [] : waiting.values()) })
    .reconcile(async ({ key, object: pod, client, clock, log }) => {
      if (!pod || pod.spec.nodeName !== undefined || pod.metadata.deletionTimestamp !== undefined) {
        waiting.delete(formatKey(key));
        return;
      }
      waiting.set(formatKey(key), key);
      const [nodes, pods] = await Promise.all([client.listAll(Node), client.listAll(Pod)]);
      const best = choose(pod, nodes.items, pods.items);
      if (best !== undefined) {
        await client.subresource(Pod, key, 'binding', { target: { name: best.metadata.name } });
        waiting.delete(formatKey(key));
        log.info({}, `put ${key.name} on ${best.metadata.name}`);
        return;
      }
      if (pod.status?.conditions?.some(({ reason }) => reason === 'Unschedulable')) return;
      const { cpu, memory } = wantedBy(pod);
      const message = `none of ${nodes.items.length} nodes has ${cpu}m cpu and ${memory / 2 ** 20} MiB of memory to spare`;
      log.info({}, `${key.name} must wait: ${message}`);
      const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
      const conditions = [{ ...condition, lastTransitionTime: formatTime(clock.now()) }];
      const patch = { status: { phase: 'Pending', conditions } };
      await client.patch(Pod, key, { type: 'merge', patch }, { subresource: 'status' });
    });
}

function choose(pod: Pod, nodes: readonly Node[], pods: readonly Pod[]): Node | undefined {
  const wanted = wantedBy(pod);
  const labels = LabelSelector.from({ matchLabels: pod.spec.nodeSelector ?? {} });
  let best: { readonly node: Node; readonly score: number } | undefined;
  for (const node of nodes) {
    if (node.spec?.unschedulable === true || !labels.matches(node.metadata.labels ?? {})) continue;
    const capacity = roomOf(node.status?.allocatable ?? {});
    const taken = pods
      .filter((other) => other.spec.nodeName === node.metadata.name && !isFinished(other))
      .map(wantedBy);
    const free = [...taken, wanted].reduce(minus, capacity);
    if (free.cpu < 0 || free.memory < 0) continue;
    const score = free.cpu / capacity.cpu + free.memory / capacity.memory;
    if (best === undefined || score > best.score) best = { node, score };
  }
  return best?.node;
}

/** What the containers of a Pod request. */
function wantedBy(pod: Pod): Room {
  const requests = pod.spec.containers.map(({ resources }) => roomOf(resources?.requests ?? {}));
  return requests.reduce((sum, { cpu, memory }) => ({ cpu: sum.cpu + cpu, memory: sum.memory + memory }), {
    cpu: 0,
    memory: 0,
  });
}

function roomOf(amounts: Readonly<Record<string, string>>): Room {
  const { cpu = '0', memory = '0' } = amounts;
  return { cpu: Number(Quantity.parse(cpu).milliValue()), memory: Number(Quantity.parse(memory).value()) };
}

function minus(room: Room, taken: Room): Room {
  return { cpu: room.cpu - taken.cpu, memory: room.memory - taken.memory };
}
