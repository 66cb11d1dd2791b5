import { expect, test } from 'vitest';
import type { Input } from '../scheduler/plain/cluster.js';
import { plainEvaluate } from '../scheduler/plain/plain-evaluate.js';
import { readVectors } from './read-vectors.js';

interface Case extends Input {
  readonly op: string;
  readonly id: string;
  readonly note: string;
  readonly expect: { readonly result: unknown } | { readonly error: string };
}

test.each([...readVectors<Case>('scheduler'), ...readVectors<Case>('scheduler-preemption')])(
  '$id ($note) is decided as in kube-scheduler',
  ({ op, id: _, note: __, expect: expected, ...input }) => {
    const answer = plainEvaluate(input, { preempt: op === 'preempt' });
    if ('error' in expected) expect(answer).toHaveProperty('error');
    else expect(answer).toEqual(expected);
  },
);
