import { describe, expect, it } from 'vitest';
import { Cluster } from '../../../src/scheduler/cluster/index.js';
import { ProfileEngine } from '../../../src/scheduler/engine/profile-engine.js';
import {
  pending,
  type Plugin,
  type Rejection,
  unresolvable,
  unschedulable,
} from '../../../src/scheduler/framework/index.js';
import { type Job, job, machine, Machine, model } from './machines.js';

type P = Plugin<Job, Machine>;

const FULL: P = { name: 'Full', filter: () => unschedulable('full') };
const answering = (name: string, answer: Rejection | undefined): P => ({ name, postFilter: () => answer });

function engineWith(...plugins: readonly P[]): {
  cluster: Cluster<Job, Machine>;
  engine: ProfileEngine<Job, Machine>;
} {
  const cluster = new Cluster(model);
  cluster.set(Machine, machine('a', 4));
  return { cluster, engine: new ProfileEngine(cluster, plugins, 0) };
}

describe('the answer of several plugins that cannot make room', () => {
  const no = unschedulable('not me');
  const hopeless = unresolvable('nobody helps');
  const going = pending('somebody goes');

  it.each<[string, readonly (Rejection | undefined)[], object | undefined]>([
    ['none of which tries', [undefined, undefined], undefined],
    ['one of which tries', [undefined, no], { code: 'Unschedulable', reasons: ['not me'] }],
    [
      'one of which is sure',
      [no, hopeless, no],
      { code: 'UnschedulableAndUnresolvable', reasons: ['not me', 'nobody helps', 'not me'] },
    ],
    [
      'one of which has done so before',
      [going, hopeless],
      { code: 'Pending', reasons: ['somebody goes', 'nobody helps'] },
    ],
  ])('is that of all: %s', (_, answers, expected) => {
    const { cluster, engine } = engineWith(FULL, ...answers.map((answer, at) => answering(`P${at}`, answer)));
    expect(engine.makeRoom(cluster.describe(job('x', { cpu: 1 })))).toEqual(expected);
  });

  it('names the plugin that failed, and not the one that asked it', () => {
    const filter: P = {
      name: 'Fails',
      filter: (_, { workloads }) => {
        if (workloads.length === 0) return unschedulable('empty');
        throw new Error('out of order');
      },
    };
    const asks: P = {
      name: 'Asks',
      postFilter: (workload, cluster, _, dryRun) =>
        dryRun.trial((trial) => {
          trial.place({ ...workload, key: 'default/y', object: job('y', { cpu: 1 }) }, 'a');
          return dryRun.verdict([...cluster.hosts()][0] as never);
        }),
    };
    const { cluster, engine } = engineWith(filter, asks);
    expect(() => engine.makeRoom(cluster.describe(job('x', { cpu: 1 })))).toThrow(
      'running filter of the plugin "Fails": out of order',
    );
  });
});

describe('isMakingRoom', () => {
  it('asks the plugins about a host that is there', () => {
    const asked: string[] = [];
    const plugin: P = {
      name: 'P',
      isMakingRoom: ({ key, priority }, { name }) => {
        asked.push(`${key} ${name}`);
        return priority > 0;
      },
    };
    const { cluster, engine } = engineWith(FULL, plugin);
    expect(engine.isMakingRoom(cluster.describe(job('x', { cpu: 1 })), 'a')).toBe(false);
    expect(engine.isMakingRoom(cluster.describe(job('y', { cpu: 1, priority: 1 })), 'a')).toBe(true);
    expect(engine.isMakingRoom(cluster.describe(job('y', { cpu: 1, priority: 1 })), 'gone')).toBe(false);
    expect(asked).toEqual(['default/x a', 'default/y a']);
  });

  it('names the plugin that fails', () => {
    const plugin: P = {
      name: 'P',
      isMakingRoom: () => {
        throw new Error('out of order');
      },
    };
    const { cluster, engine } = engineWith(plugin);
    expect(() => engine.isMakingRoom(cluster.describe(job('x', { cpu: 1 })), 'a')).toThrow(
      'running isMakingRoom of the plugin "P": out of order',
    );
  });
});
