import { expect, test } from 'vitest';
import { Node, Pod, Service } from '../../../src/resources/kinds/index.js';
import { engineWith, expectRefusal, node, opinion, pod } from './bystanders.js';

test.each(['commit', 'rollback'] as const)('%s without a fork is refused', (call) => {
  const engine = engineWith();
  expectRefusal(engine, () => engine[call](), new RegExp(`${call}: expected a fork before it`));
  engine.fork();
  engine[call]();
  expectRefusal(engine, () => engine[call](), new RegExp(`${call}: expected a fork before it`));
});

test('a fork that is left open is a cluster like any other', () => {
  const engine = engineWith();
  const before = opinion(engine);
  engine.fork();
  expect(engine.place(pod('p')).node).toBeDefined();
  expect(engine.placed).toBe(3);
  expect(opinion(engine)).not.toEqual(before);
  engine.rollback();
  expect(opinion(engine)).toEqual(before);
});

test('what a what-if leaves open is taken back, and so is what it did before it failed', () => {
  const engine = engineWith();
  const before = opinion(engine);
  engine.whatIf(() => {
    engine.fork();
    engine.place(pod('p'));
    engine.fork();
    engine.unset(Node, { name: 'a' });
  });
  expect(opinion(engine)).toEqual(before);
  expect(() =>
    engine.whatIf(() => {
      engine.unset(Node, { name: 'a' });
      engine.set(Node, node('b', { status: { allocatable: { cpu: 'none' } } }));
    }),
  ).toThrow('status.allocatable.cpu');
  expect(opinion(engine)).toEqual(before);
});

test('1,000 forks within one another are taken back one by one', () => {
  const engine = engineWith();
  const before = opinion(engine);
  const opinions: unknown[] = [];
  for (let depth = 0; depth < 1_000; depth += 1) {
    if (depth % 250 === 0) opinions.push(opinion(engine));
    engine.fork();
    change(engine, depth);
  }
  for (let depth = 999; depth >= 0; depth -= 1) {
    engine.rollback();
    if (depth % 250 === 0) expect(opinion(engine)).toEqual(opinions.pop());
  }
  expect(opinion(engine)).toEqual(before);
});

test('1,000 forks within one another are kept one by one, and taken back at once', () => {
  const engine = engineWith();
  const before = opinion(engine);
  engine.fork();
  for (let depth = 0; depth < 1_000; depth += 1) {
    engine.fork();
    change(engine, depth);
  }
  const after = opinion(engine);
  for (let depth = 0; depth < 1_000; depth += 1) engine.commit();
  expect(opinion(engine)).toEqual(after);
  engine.rollback();
  expect(opinion(engine)).toEqual(before);
});

test('a node that was changed, gone and back again is as it was after a rollback', () => {
  const engine = engineWith();
  const before = opinion(engine);
  engine.fork();
  engine.set(Node, node('a', { spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } }));
  engine.unset(Node, { name: 'a' });
  engine.set(Node, node('a', { spec: { unschedulable: true } }));
  engine.set(Node, node('new'));
  engine.unset(Node, { name: 'new' });
  engine.rollback();
  expect(opinion(engine)).toEqual(before);
});

/** One of the changes that there are. */
function change(engine: ReturnType<typeof engineWith>, at: number): void {
  const name = `p${at % 7}`;
  switch (at % 6) {
    case 0:
      engine.set(Pod, pod(name, { nodeName: 'b' }));
      break;
    case 1:
      engine.place(pod(name));
      break;
    case 2:
      engine.set(Node, node('a', { spec: { unschedulable: at % 4 === 0 } }));
      break;
    case 3:
      if (at % 12 === 3) engine.unset(Node, { name: 'c' });
      else engine.set(Node, node('c'));
      break;
    case 4:
      engine.unset(Pod, { name, namespace: 'default' });
      break;
    default:
      engine.set(Service, {
        metadata: { name, namespace: 'default' },
        spec: { selector: { app: 'web' } },
      } as never);
  }
}
