import { describe, expect, it } from 'vitest';
import { type ApiObject, VirtualClock } from '../../../src/core/index.js';
import { SchedulingQueue } from '../../../src/scheduler/queue/index.js';
import { alike, change, NO_CLUSTER, sized, type Task, task, type TaskPlugin, zoned } from './fixture.js';

const MANY = 100_000;

/** A plugin whose questions are counted. */
function counted(plugin: TaskPlugin): { plugin: TaskPlugin; asked: () => number } {
  let asked = 0;
  return {
    plugin: {
      ...plugin,
      wakes(event, workload) {
        asked += 1;
        return plugin.wakes?.(event, workload) === true;
      },
    },
    asked: () => asked,
  };
}

describe('many workloads that wait', () => {
  it('cost a question for each no that differs, not for each workload', () => {
    const parted = counted(sized());
    const whole = counted(zoned());
    const gates = counted({
      name: 'Gates',
      preEnqueue: ({ object }) =>
        object.spec.gate === undefined ? undefined : { code: 'Unschedulable', reasons: [] },
      wakes: () => false,
    });
    const queue = new SchedulingQueue<Task, ApiObject>({
      clock: new VirtualClock(),
      pluginsOf: () => [gates.plugin, parted.plugin, whole.plugin],
      cluster: NO_CLUSTER,
      alike,
      onReady: () => undefined,
      onError: (error) => expect.fail(String(error)),
    });
    for (let index = 0; index < MANY; index += 1) {
      // three sizes in two zones
      queue.add(task(`p${index}`, { size: `${index % 3}`, zone: `${index % 2}` }));
      queue.add(task(`g${index}`, { gate: 'g' }));
      const attempt = queue.pop();
      if (attempt !== undefined) queue.failed(attempt, { rejectedBy: ['Sized', 'Zoned'] });
    }
    expect(queue.counts()).toMatchObject({ unschedulable: MANY, gated: MANY });

    const asked = (): number[] => [parted, whole, gates].map((one) => one.asked());
    expect(asked()).toEqual([0, 0, 0]);
    queue.event(change({ size: 'none' }));
    // three sizes; six kinds of workloads; one gate
    expect(asked()).toEqual([3, 6, 1]);
    // the sized one looks at each host alone
    queue.event({ type: 'host gone', name: 'n' });
    expect(asked()).toEqual([3, 12, 2]);
    expect(queue.counts()).toMatchObject({ unschedulable: MANY, gated: MANY });

    queue.event(change({ size: '1' }));
    expect(queue.counts()).toMatchObject({ backoff: Math.floor((MANY + 1) / 3), gated: MANY });
  });
});
