import { expect } from 'vitest';
import { ApiError } from '../../../src/core/index.js';
import { Node, Pod } from '../../../src/resources/kinds/index.js';
import { PluginError } from '../../../src/scheduler/engine/plugin-error.js';
import { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import type { Plugin } from '../../../src/scheduler/framework/index.js';
import { defaultPlugins } from '../../../src/scheduler/plugins/default-plugins.js';

/** An object that the types do not allow. */
type Malformed = Readonly<Record<string, unknown>>;

export type PodPlugin = Plugin<Pod, Node, never, never>;

const HOSTNAME = 'kubernetes.io/hostname';
const SELECTOR = { labelSelector: { matchLabels: { app: 'web' } } };

export function node(name: string, change: Malformed = {}): Node {
  return {
    metadata: { name, labels: { [HOSTNAME]: name, zone: name < 'b' ? 'z1' : 'z2' } },
    spec: {},
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '10' } },
    ...change,
  } as never;
}

export function pod(name: string, spec: Malformed = {}, change: Malformed = {}): Pod {
  return {
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }], ...spec },
    ...change,
  } as never;
}

/** The default plugins, and some more. */
export function pluginsAnd(...more: readonly PodPlugin[]): readonly Plugin<Pod, Node>[] {
  return [...defaultPlugins(), ...(more as readonly unknown[] as readonly Plugin<Pod, Node>[])];
}

/** An engine with three nodes and some Pods; all that it counts has been asked for. */
export function engineWith(...more: readonly PodPlugin[]): SchedulingEngine {
  const engine = new SchedulingEngine({ plugins: pluginsAnd(...more) });
  for (const name of ['a', 'b', 'c']) engine.set(Node, node(name));
  engine.set(Pod, pod('one', { nodeName: 'a' }));
  engine.set(Pod, pod('two', { nodeName: 'b', affinity: antiAffinity() }));
  return engine;
}

function antiAffinity(): Malformed {
  const term = { topologyKey: HOSTNAME, ...SELECTOR };
  return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
}

/** What an engine says of Pods that have no fault. */
export function opinion(engine: SchedulingEngine): unknown {
  const spread = { topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', ...SELECTOR };
  const probes = [
    pod('probe'),
    pod('probe', { affinity: antiAffinity() }),
    pod('probe', { topologySpreadConstraints: [spread] }),
    pod('probe', { priority: 10, containers: [{ name: 'c', resources: { requests: { cpu: '3500m' } } }] }),
  ];
  return [
    engine.hosts,
    engine.placed,
    // a decision is among the best, and they are compared in detail elsewhere
    ...probes.map((probe) => [engine.evaluate(probe), engine.schedule(probe).feasible]),
  ];
}

/** Expects `work` to fail with an error that says what is wrong, and the engine to be as it was. */
export function expectRefusal(engine: SchedulingEngine, work: () => unknown, message: RegExp): void {
  const before = opinion(engine);
  expect(work).toThrow(message);
  expect(opinion(engine)).toEqual(before);
}

/** Expects `work` to fail in a way that is told, or not at all; answers with the error. */
export function attempt(work: () => unknown): Error | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    expect([TypeError, RangeError, PluginError, ApiError].some((kind) => error instanceof kind)).toBe(true);
    return error as Error;
  }
}

/** Expects every use of a Pod to be answered or refused, others to be decided about meanwhile, and no trace of it afterwards. */
export function expectSurvival(engine: SchedulingEngine, name: string, make: (spec: Malformed) => Pod): void {
  const before = opinion(engine);
  const expectUnharmed = (work: () => unknown): void => {
    const error = attempt(work);
    if (error === undefined || error instanceof PluginError) return;
    // told by who reads the object, and not by the machine
    expect(error.message).not.toMatch(/^Cannot read|is not a function|is not iterable/);
    expect(opinion(engine)).toEqual(before);
  };
  expectUnharmed(() => engine.evaluate(make({})));
  expectUnharmed(() => engine.schedule(make({})).explain());
  expectUnharmed(() => engine.makeRoom(make({})));
  const changes: readonly (() => unknown)[] = [
    () => engine.place(make({})),
    () => engine.assume(make({}), 'a'),
    () => engine.set(Pod, make({ nodeName: 'c' })),
    () => engine.set(Pod, { ...make({}), status: { nominatedNodeName: 'c' } }),
  ];
  for (const change of changes) {
    expectUnharmed(change);
    // others are decided about
    engine.schedule(pod('probe'));
    engine.evaluate(pod('probe', { affinity: antiAffinity() }));
    engine.unset(Pod, { name, namespace: 'default' });
    expect(opinion(engine)).toEqual(before);
  }
}
