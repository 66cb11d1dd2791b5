import { describe, expect, it } from 'vitest';
import type { Taint, Toleration } from '../../../src/resources/kinds/index.js';
import { NodeTaints } from '../../../src/scheduler/pods/node-taints.js';
import { Tolerations } from '../../../src/scheduler/pods/tolerations.js';
import { nodeOf } from '../plugins/try-plugin.js';

const taint: Taint = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' };

describe('Tolerations', () => {
  it.each<[Toleration, boolean]>([
    [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }, true],
    [{ key: 'dedicated', operator: 'Equal', value: 'gpu' }, true],
    [{ key: 'dedicated', operator: 'Equal', value: 'web' }, false],
    [{ key: 'dedicated' }, false],
    [{ key: 'dedicated', operator: 'Exists' }, true],
    [{ operator: 'Exists' }, true],
    [{ operator: 'Exists', effect: 'NoExecute' }, false],
    [{ key: 'other', operator: 'Exists' }, false],
    [{ key: 'dedicated', operator: 'Gt', value: 'gpu' }, false],
  ])('%j tolerates the taint: %s', (toleration, answer) => {
    expect(new Tolerations([toleration]).tolerate(taint)).toBe(answer);
  });

  it('finds the first hard taint and counts the soft ones that are not tolerated', () => {
    const soft = (key: string): Taint => ({ key, effect: 'PreferNoSchedule' });
    const taints = [soft('a'), taint, { key: 'down', effect: 'NoExecute' }, soft('b'), soft('c')];
    const list = new NodeTaints().of(nodeOf('n1', { spec: { taints } }));
    const tolerations = new Tolerations([
      { key: 'dedicated', operator: 'Exists' },
      { key: 'b', operator: 'Exists' },
    ]);
    expect(tolerations.untolerated(list)).toEqual({ key: 'down', effect: 'NoExecute' });
    expect(tolerations.disliked(list)).toBe(2);
    expect(new Tolerations([]).untolerated(list)).toBe(taint);
    expect(new Tolerations([{ operator: 'Exists' }]).untolerated(list)).toBeUndefined();
  });
});

describe('NodeTaints', () => {
  it('has one list for nodes with equal taints', () => {
    const taints = new NodeTaints();
    const [one, two] = [
      nodeOf('n1', { spec: { taints: [taint] } }),
      nodeOf('n2', { spec: { taints: [{ ...taint }] } }),
    ];
    expect(taints.of(one)).toBe(taints.of(two));
    expect(taints.of(nodeOf('n3'))).toBe(taints.of(nodeOf('n4', { spec: { taints: [] } })));
  });
});
