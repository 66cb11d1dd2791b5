import { expect, test } from 'vitest';
import { Cluster } from '../../../src/scheduler/cluster/index.js';
import type { WorkloadInfo } from '../../../src/scheduler/framework/index.js';
import { GangBook, type PodGroup, wholeGroups } from '../../../src/scheduler/gangs/index.js';
import { type Job, job, model } from '../engine/machines.js';

const cluster = new Cluster(model);

function podGroup(name: string, minMember: number): PodGroup {
  const metadata = { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '' };
  return { apiVersion: 'scheduling.x-k8s.io/v1alpha1', kind: 'PodGroup', metadata, spec: { minMember } };
}

/** A book in which jobs `<letter>-<number>` are members of groups: some are placed, and some groups are known with what they need. */
function bookOf(names: readonly string[], needs: Readonly<Record<string, number>>): GangBook<Job> {
  const book = new GangBook<Job>(({ key }) => {
    const [group, at] = key.split('-');
    return at === undefined ? undefined : group;
  });
  for (const [group, minMember] of Object.entries(needs)) book.setGroup(podGroup(group, minMember));
  for (const name of names) book.set(info(name), 'm0');
  return book;
}

function info(name: string): WorkloadInfo<Job> {
  return cluster.describe(job(name, { cpu: 1 }));
}

/** The names of those who go, by party. */
function going(book: GangBook<Job>, chosen: readonly string[], preemptor = 'x'): string[] {
  return wholeGroups(chosen.map(info), info(preemptor), book, (key) => info(key.slice(8))).map((party) =>
    party.map(({ workload: { key }, why }) => `${key.slice(8)}${why === undefined ? '' : '!'}`).join(' '),
  );
}
const members = ['g-0', 'g-1', 'g-2', 'h-0', 'h-1', 'h-2', 'u-0', 'u-1'];
const needs = { g: 2, h: 3 };

test('a group goes as a whole where fewer than it needs would be left, those that were chosen last', () => {
  const book = bookOf(members, needs);
  expect(going(book, ['g-0', 'h-1', 'single', 'u-0'])).toEqual(['g-0', 'h-0! h-2! h-1', 'single', 'u-0']);
  expect(going(book, ['single', 'g-0', 'u-0', 'g-2', 'g-1'])).toEqual(['single', 'g-0', 'u-0', 'g-2', 'g-1']);
  expect(going(book, ['g-0', 'single', 'g-1'])).toEqual(['g-2! g-0 g-1', 'single']);
});

test('the others are told who was chosen', () => {
  const book = bookOf(['g-0', 'g-1', 'g-2', 'g-3'], { g: 3 });
  const reasons = (chosen: readonly string[]): unknown[] =>
    wholeGroups(chosen.map(info), info('x'), book, (key) => info(key.slice(8)))
      .flat()
      .flatMap(({ why }) => why ?? []);
  expect(reasons(['g-0'])).toEqual([]);
  expect(new Set(reasons(['g-3', 'g-1']))).toEqual(
    new Set(['its group default/g is too small without default/g-3 and 1 more']),
  );
});

test('nobody goes along of the own group of who pushes others off, nor for one that holds no place any more', () => {
  const book = bookOf(members, { g: 3, h: 3 });
  expect(going(book, ['g-0', 'h-0'], 'g-9')).toEqual(['g-0', 'h-1! h-2! h-0']);
  book.unset('default/g-0');
  book.leaves('default/h-0');
  expect(going(book, ['g-0', 'h-0'])).toEqual(['g-0', 'h-0']);
  expect(going(book, ['g-0', 'h-1'])).toEqual(['g-0', 'h-2! h-1']);
  expect(going(book, ['g-1'])).toEqual(['g-2! g-1']);
});

test('those who are not where their group believes are left alone', () => {
  const book = bookOf(members, needs);
  const parties = wholeGroups([info('h-0')], info('x'), book, (key) =>
    key === 'default/h-1' ? info('h-1') : undefined,
  );
  expect(parties.map((party) => party.map(({ workload: { key } }) => key))).toEqual([
    ['default/h-1', 'default/h-0'],
  ]);
});
