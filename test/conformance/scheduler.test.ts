import { describe, expect, test } from 'vitest';
import type { Pod } from '../../src/resources/kinds/index.js';
import { engineOf } from '../scheduler/engine/vector-engine.js';
import { readVectors } from './read-vectors.js';

interface Answer {
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

interface Case {
  readonly op: 'schedule' | 'preempt';
  readonly id: string;
  readonly note: string;
  readonly pod: Pod;
  readonly expect: Answer;
}

/** The same answer with what is a set in order. */
function comparable(result: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(result), (key, value: unknown) =>
    (key === 'reasons' || key === 'best') && Array.isArray(value) ? value.map(String).toSorted() : value,
  ) as Record<string, unknown>;
}

function answerOf(each: Case): { result?: object; error?: string } {
  const engine = engineOf(each);
  try {
    const { preemption, ...evaluation } = engine.evaluate(each.pod);
    if (each.op === 'preempt') return { result: { ...evaluation, preemption } };
    // these were answered without trying to make room, of which the message would tell as well
    const { message } = evaluation;
    const plain = message?.slice(0, message.length - ` ${preemption?.message ?? ''}`.length);
    return {
      result: message?.endsWith(` ${preemption?.message}`) ? { ...evaluation, message: plain } : evaluation,
    };
  } catch (error) {
    return { error: String(error) };
  }
}

describe.each(['scheduler', 'scheduler-preemption'])('%s', (name) => {
  test.each(readVectors<Case>(name).map((each) => [each.id, each.note, each] as const))(
    '%s: %s',
    (_, __, each) => {
      const answer = answerOf(each);
      if (each.expect.result === undefined) {
        expect(answer.error).toBeDefined();
        return;
      }
      expect(answer.error).toBeUndefined();
      expect(comparable({ ...answer.result })).toEqual(comparable(each.expect.result));
    },
  );
});
