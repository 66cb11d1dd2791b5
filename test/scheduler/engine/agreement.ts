import { expect } from 'vitest';
import type { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import type { Input } from '../plain/cluster.js';
import { plainEvaluate, type Result } from '../plain/plain-evaluate.js';

type Json = Readonly<Record<string, unknown>>;

/** Expects an engine to say of the pod what counting everything anew from the lists says: all of it, and the same in short. */
export function expectAgreement(engine: SchedulingEngine, input: Input): void {
  const plain = plainEvaluate(input, { preempt: true });
  // the lists have what rules read of the objects, and nothing else
  const pod = input.pod as never;
  if ('error' in plain) {
    expect(() => engine.evaluate(pod)).toThrow();
    expect(() => engine.schedule(pod)).toThrow();
    return;
  }
  const result = withOneObjector(plain.result);
  expect(comparable(engine.evaluate(pod))).toEqual(comparable(result));
  // the first of its sort is decided in another way than those that are known
  for (let at = 0; at < 2; at += 1) expectDecision(engine.schedule(pod), result);
}

/** A plugin that rejects all nodes at once is the only one that is named, as in kube-scheduler: not those that had named nodes before. */
function withOneObjector(result: Result): Result {
  return result.preFilter === undefined
    ? result
    : { ...result, unschedulablePlugins: [result.preFilter.plugin] };
}

/** Expects a decision to be one of those that an evaluation leaves open. */
function expectDecision(decision: ReturnType<SchedulingEngine['schedule']>, result: Result): void {
  expect(decision.feasible).toBe(result.feasible.length);
  expect(Object.fromEntries(decision.rejections)).toEqual(countReasons(result));
  if (decision.node === undefined) {
    expect(result.feasible).toEqual([]);
    expect([...decision.unschedulablePlugins].sort()).toEqual(result.unschedulablePlugins ?? []);
    expect(decision.message).toBe(messageOf(result));
    return;
  }
  expect(result.best).toContain(decision.node);
  expect(decision.message).toBeUndefined();
  const at = result.feasible.indexOf(decision.node);
  expect(decision.total).toBe(result.totals?.[at]);
  const scores = Object.entries(result.scores ?? {}).map(([plugin, all]) => [plugin, all[at]]);
  expect(Object.fromEntries(decision.scores)).toEqual(Object.fromEntries(scores));
}

/** The message without what came of trying to make room, which a decision does not do. */
function messageOf({ message, preemption }: Result): string | undefined {
  const tail = ` ${preemption?.message}`;
  return message?.endsWith(tail) === true ? message.slice(0, -tail.length) : message;
}

function countReasons({ rejected }: Result): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { reasons } of Object.values(rejected)) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** The same answer whatever order the nodes are in: scores by node, and sets in order. */
function comparable(result: object): Json {
  const { feasible, scores, totals, ...rest } = result as Result;
  const byNode = (values: readonly number[]): Json =>
    Object.fromEntries(feasible.map((node, at) => [node, values[at]]));
  const whole = {
    ...rest,
    // what came of trying to make room is in `preemption`
    message: messageOf(result as Result),
    feasible: feasible.toSorted(),
    ...(totals === undefined ? {} : { totals: byNode(totals) }),
    ...(scores === undefined
      ? {}
      : { scores: Object.fromEntries(Object.entries(scores).map(([name, all]) => [name, byNode(all)])) }),
  };
  return JSON.parse(JSON.stringify(whole), (key, value: unknown) =>
    SETS.includes(key) ? (value as readonly string[]).toSorted() : value,
  ) as Json;
}

const SETS: readonly string[] = ['reasons', 'best', 'potentialNodes', 'preFilterNodes'];
