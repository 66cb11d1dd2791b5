import { type Client } from 'keelson';
import { Node } from 'keelson/kinds';

interface Machine {
  readonly name: string;
  readonly disk: 'ssd' | 'hdd';
  readonly capacity: { readonly cpu: string; readonly memory: string; readonly pods: string };
}

const MACHINES: readonly Machine[] = [
  { name: 'oak', disk: 'ssd', capacity: { cpu: '2', memory: '4Gi', pods: '20' } },
  { name: 'birch', disk: 'hdd', capacity: { cpu: '1500m', memory: '2Gi', pods: '20' } },
  { name: 'maple', disk: 'hdd', capacity: { cpu: '1', memory: '2Gi', pods: '20' } },
];

/** Registers the machines of the example as Nodes, as their kubelets would; answers with their names. */
export async function createNodes(client: Client): Promise<readonly string[]> {
  for (const { name, disk, capacity } of MACHINES) {
    await client.create(Node, {
      metadata: { name, labels: { 'kubernetes.io/hostname': name, disktype: disk } },
      spec: {},
    });
    const conditions = [{ type: 'Ready', status: 'True' }];
    const status = { capacity, allocatable: capacity, conditions };
    await client.patch(Node, { name }, { type: 'merge', patch: { status } }, { subresource: 'status' });
  }
  return MACHINES.map(({ name }) => name);
}
