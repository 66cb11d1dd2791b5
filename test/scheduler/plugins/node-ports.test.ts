import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Container, Node, Pod } from '../../../src/resources/kinds/index.js';
import { nodePorts } from '../../../src/scheduler/plugins/node-ports.js';
import { clusterOf, filterAll, isWokenByRemoval, nodeOf, podOf, remedyFor } from './try-plugin.js';

interface Port {
  readonly hostPort?: number;
  readonly protocol?: string;
  readonly hostIP?: string;
}

const REASON = "Unschedulable: node(s) didn't have free ports for the requested pod ports";

function container(ports: readonly Port[], rest: Partial<Container> = {}): Container {
  return { name: 'c', ports: ports.map((port) => ({ containerPort: 80, ...port })), ...rest };
}

function wanting(...ports: Port[]): Pod {
  return podOf('p', { containers: [container(ports)] });
}

function having(name: string, node: string, ...ports: Port[]): Pod {
  return podOf(name, { nodeName: node, containers: [container(ports)] });
}

describe('nodePorts', () => {
  it('has nothing to say of Pods that want no port of the node', () => {
    expect(filterAll(nodePorts(), clusterOf([nodeOf('n1')]), wanting({}, { hostPort: 0 }))).toBe('skipped');
    const initContainers = [container([{ hostPort: 80 }])];
    expect(filterAll(nodePorts(), clusterOf([nodeOf('n1')]), podOf('p', { initContainers }))).toBe('skipped');
  });

  it.each<[Port, Port, boolean]>([
    [{ hostPort: 80 }, { hostPort: 80 }, true],
    [{ hostPort: 80 }, { hostPort: 81 }, false],
    [{ hostPort: 80 }, { hostPort: 80, protocol: 'TCP', hostIP: '0.0.0.0' }, true],
    [{ hostPort: 80 }, { hostPort: 80, protocol: 'UDP' }, false],
    [{ hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80 }, true],
    [{ hostPort: 80 }, { hostPort: 80, hostIP: '10.0.0.1' }, true],
    [{ hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80, hostIP: '10.0.0.1' }, true],
    [{ hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80, hostIP: '10.0.0.2' }, false],
  ])('%j and %j are in conflict: %s', (taken, wanted, answer) => {
    const cluster = clusterOf([nodeOf('n1'), nodeOf('n2')], [having('a', 'n1', taken)]);
    expect(filterAll(nodePorts(), cluster, wanting(wanted))).toEqual({
      n1: answer ? REASON : 'ok',
      n2: 'ok',
    });
    expect(isWokenByRemoval(nodePorts(), wanting(wanted), having('a', 'n1', taken))).toBe(answer);
    expect(remedyFor(nodePorts(), cluster, wanting(wanted), 'n1') !== undefined).toBe(answer);
  });

  it('counts the ports of sidecars', () => {
    const initContainers = [container([{ hostPort: 80 }], { restartPolicy: 'Always' })];
    const cluster = clusterOf([nodeOf('n1')], [podOf('a', { nodeName: 'n1', initContainers })]);
    expect(filterAll(nodePorts(), cluster, wanting({ hostPort: 80 }))).toEqual({ n1: REASON });
  });

  it('names the port that is to be freed', () => {
    const cluster = clusterOf([nodeOf('n1')], [having('a', 'n1', { hostPort: 80 })]);
    expect(remedyFor(nodePorts(), cluster, wanting({ hostPort: 80 }, { hostPort: 81 }), 'n1')).toEqual({
      text: 'free the host port 0.0.0.0:80/TCP',
      of: 'host',
    });
  });

  it('answers as one that is made anew after any changes', () => {
    const nodes = ['n1', 'n2', 'n3'];
    const port = fc.record({
      hostPort: fc.constantFrom(80, 81),
      protocol: fc.constantFrom('TCP', 'UDP'),
      hostIP: fc.constantFrom('', '10.0.0.1', '10.0.0.2'),
    });
    const change = fc.oneof(
      fc.record({
        type: fc.constant('place'),
        pod: fc.nat(5),
        node: fc.constantFrom(...nodes),
        ports: fc.array(port),
      }),
      fc.record({ type: fc.constant('remove'), pod: fc.nat(5) }),
      fc.record({ type: fc.constant('node'), node: fc.constantFrom(...nodes), generation: fc.nat(9) }),
      fc.record({ type: fc.constant('node gone'), node: fc.constantFrom(...nodes) }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), port, (changes, wanted) => {
        const cluster = clusterOf(nodes.map((name) => nodeOf(name)));
        filterAll(nodePorts(), cluster, wanting(wanted));
        const there = new Map(nodes.map((name) => [name, nodeOf(name)]));
        const placed = new Map<string, Pod>();
        for (const step of changes) {
          const name = 'pod' in step ? `pod${step.pod}` : '';
          if ('ports' in step) {
            placed.set(name, having(name, step.node, ...step.ports));
            cluster.set(Pod, placed.get(name) as Pod);
          } else if ('pod' in step) {
            placed.delete(name);
            cluster.unset(Pod, { namespace: 'default', name });
          } else if ('generation' in step) {
            there.set(step.node, nodeOf(step.node, { labels: { generation: String(step.generation) } }));
            cluster.set(Node, there.get(step.node) as Node);
          } else {
            there.delete(step.node);
            cluster.unset(Node, { name: step.node });
          }
        }
        const anew = clusterOf([...there.values()], [...placed.values()]);
        expect(filterAll(nodePorts(), cluster, wanting(wanted))).toEqual(
          filterAll(nodePorts(), anew, wanting(wanted)),
        );
      }),
      { seed: 20_260_102, numRuns: 200 },
    );
  });
});
