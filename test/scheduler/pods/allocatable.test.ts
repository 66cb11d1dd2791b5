import { describe, expect, it } from 'vitest';
import { allocatableOf } from '../../../src/scheduler/pods/allocatable.js';
import { nodeOf } from '../plugins/try-plugin.js';

describe('allocatableOf', () => {
  it('reads what a Node has, CPU in thousandths', () => {
    const allocatable = { cpu: '1500m', memory: '1Ki', pods: '110', 'example.com/gpu': '2', storage: '1Gi' };
    expect(Object.fromEntries(allocatableOf(nodeOf('n1', { status: { allocatable } })))).toEqual({
      cpu: 1_500,
      memory: 1_024,
      pods: 110,
      'example.com/gpu': 2,
    });
  });

  it('has nothing where a Node says nothing', () => {
    expect(allocatableOf(nodeOf('n1')).size).toBe(0);
  });

  it('names the Node and the field of what makes no sense', () => {
    const read = (cpu: string) => () => allocatableOf(nodeOf('n1', { status: { allocatable: { cpu } } }));
    expect(read('lots')).toThrow(
      new TypeError(
        'Node "n1": status.allocatable.cpu: expected a quantity such as "100m" or "512Mi", got "lots"',
      ),
    );
    expect(read('-1')).toThrow(
      'Node "n1": status.allocatable.cpu: expected an amount of at least 0, got "-1"',
    );
  });
});
