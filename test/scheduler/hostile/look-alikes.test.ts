import { expect, test } from 'vitest';
import { definePlugin, type Plugin, SchedulingEngine, unschedulable } from '../../../src/scheduler/index.js';
import { Node, type Pod } from '../../../src/resources/kinds/index.js';
import { defaultPlugins } from '../../../src/scheduler/plugins/default-plugins.js';
import { job, type Job, Machine, machine, model } from '../engine/machines.js';

type Container = Pod['spec']['containers'][number];

const META = { uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

const node: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { ...META, name: 'n', namespace: undefined },
  status: { allocatable: { cpu: '2', memory: '1Gi', pods: '10' } },
};

function pod(name: string, container: Omit<Container, 'name'>): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...META, name, namespace: 'default' },
    spec: { containers: [{ name: 'main', ...container }] },
  };
}

test.each([
  ['of requests', 'app{"requests":{"cpu":"4"}}'],
  ['of the next part', 'app|resources{"requests":{"cpu":"4"}}'],
  ['of the next part as a text is written', '"app"|resources{"requests":{"cpu":"4"}}'],
])('the name of an image that looks like %s requests nothing, and hides nothing', (_, image) => {
  const requests = { cpu: '4' };
  for (const inTurn of [true, false]) {
    const engine = new SchedulingEngine({ plugins: defaultPlugins() });
    engine.set(Node, node);
    const disguised = (): void => expect(engine.schedule(pod('disguised', { image })).node).toBe('n');
    const honest = (): void =>
      expect(engine.schedule(pod('honest', { image: 'app', resources: { requests } })).node).toBeUndefined();
    for (const look of inTurn ? [disguised, honest] : [honest, disguised]) look();
  }
});

test('what plugins see of workloads does not run into each other', () => {
  const wants = (name: string, field: 'rack' | 'near', wish: string): Plugin<Job, Machine> =>
    definePlugin<Job, Machine>({
      name,
      reads: { part: ({ object }) => object.spec[field] ?? '', placed: false },
      filter: ({ object }) => (object.spec[field] === wish ? undefined : unschedulable(`not ${wish}`)),
    });
  const engine = new SchedulingEngine({
    model,
    plugins: [wants('A', 'rack', 'a\nb'), wants('B', 'near', 'c')],
  });
  engine.set(Machine, machine('m', 4));
  expect(engine.schedule(job('x', { cpu: 1, rack: 'a\nb', near: 'c' })).node).toBe('m');
  expect(engine.schedule(job('y', { cpu: 1, rack: 'a', near: 'b\nc' })).node).toBeUndefined();
});
