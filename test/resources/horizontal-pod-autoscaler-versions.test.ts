import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../src/core/index.js';
import {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
  type MetricSpec,
  type MetricStatus,
} from '../../src/resources/kinds/index.js';
import {
  type AnyResource,
  checkRoundTrip,
  type Conversion,
  Scheme,
  type VersionedObject,
  type Versions,
} from '../../src/resources/index.js';

const [versions] = new Scheme([HorizontalPodAutoscaler, HorizontalPodAutoscalerV1]).versions as readonly [
  Versions,
];
const [conversion] = versions.conversions as readonly [Conversion];

const metadata = {
  name: 'a',
  namespace: 'default',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2026-01-02T03:04:05Z',
};
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' };

type Shown = Pick<HorizontalPodAutoscalerV1, 'spec' | 'status'>;
type Stored = Pick<HorizontalPodAutoscaler, 'spec' | 'status'>;

function objectOf({ apiVersion, kind }: AnyResource, fields: object): VersionedObject {
  return deepFreeze({ apiVersion, kind, metadata: { ...metadata }, ...fields });
}

/** What version 1 shows of a stored object. */
function shown(stored: object): Shown {
  return conversion.fromStorage(objectOf(HorizontalPodAutoscaler, stored)) as unknown as Shown;
}

/** What is stored after a write in version 1, where `before` was. */
function storedAfter(written: object, before?: object): Stored {
  const old = before && objectOf(HorizontalPodAutoscaler, before);
  return conversion.toStorage(objectOf(HorizontalPodAutoscalerV1, written), old) as unknown as Stored;
}

function cpu(averageUtilization: number): MetricSpec {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

const memory: MetricSpec = {
  type: 'Resource',
  resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 70 } },
};
const cores: MetricSpec = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '500m' } },
};
const queue: MetricSpec = {
  type: 'External',
  external: { metric: { name: 'queue' }, target: { type: 'Value', value: '30' } },
};
const behavior = { scaleDown: { stabilizationWindowSeconds: 60, selectPolicy: 'Min' } };
const limits = { scaleTargetRef, maxReplicas: 5, minReplicas: 2 };

describe('a HorizontalPodAutoscaler in autoscaling/v1', () => {
  it('shows the utilization of the CPU that is wanted, and none of the other metrics', () => {
    const spec = { ...limits, behavior };
    expect(shown({ spec })).toMatchObject({ apiVersion: 'autoscaling/v1', spec: limits });
    expect(shown({ spec }).spec).toEqual(limits);
    expect(shown({ spec: { ...spec, metrics: [memory, cores, queue] } }).spec).toEqual(limits);
    expect(shown({ spec: { ...spec, metrics: [memory, cpu(40), queue, cpu(50)] } }).spec).toEqual({
      ...limits,
      targetCPUUtilizationPercentage: 40,
    });
  });

  it('shows the utilization of the CPU that there is, however much of a status there is', () => {
    const spec = limits;
    expect(shown({ spec })).not.toHaveProperty('status');
    expect(shown({ spec, status: {} }).status).toEqual({});
    const status = { desiredReplicas: 3, observedGeneration: 1, lastScaleTime: '2026-01-02T03:04:05Z' };
    const currentMetrics = [
      {},
      { type: 'Resource', resource: { name: 'memory', current: { averageUtilization: 9 } } },
      { type: 'Resource', resource: { name: 'cpu' } },
      { type: 'Resource', resource: { name: 'cpu', current: { averageValue: '2' } } },
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 0, averageValue: '2' } } },
    ];
    const conditions = [{ type: 'AbleToScale', status: 'True' }];
    expect(shown({ spec, status: { ...status, currentMetrics, conditions } }).status).toEqual({
      ...status,
      currentCPUUtilizationPercentage: 0,
    });
  });

  it('is stored with a metric for the CPU, if it wants a utilization', () => {
    expect(storedAfter({ spec: limits }).spec).toEqual(limits);
    const written = { spec: { ...limits, targetCPUUtilizationPercentage: 60 } };
    expect(storedAfter(written).spec).toEqual({ ...limits, metrics: [cpu(60)] });
    expect(storedAfter(written, { spec: limits }).spec.metrics).toEqual([cpu(60)]);
  });

  it('changes that metric in its place, and keeps what it cannot say', () => {
    const spec = { ...limits, behavior, metrics: [memory, cpu(40), queue, cpu(50)] };
    const written = { ...limits, maxReplicas: 9, targetCPUUtilizationPercentage: 41 };
    expect(storedAfter({ spec: written }, { spec }).spec).toEqual({
      ...spec,
      maxReplicas: 9,
      metrics: [memory, cpu(41), queue, cpu(50)],
    });
    expect(
      storedAfter({ spec: written }, { spec: { ...spec, metrics: [cores, queue] } }).spec.metrics,
    ).toEqual([cores, queue, cpu(41)]);
    // none wanted is none left, or it would be read back
    expect(storedAfter({ spec: limits }, { spec }).spec.metrics).toEqual([memory, queue]);
    const { minReplicas: _, ...fewer } = limits;
    expect(storedAfter({ spec: fewer }, { spec }).spec).not.toHaveProperty('minReplicas');
  });

  it('keeps the conditions and the other current metrics', () => {
    const spec = limits;
    const conditions = [{ type: 'AbleToScale', status: 'True' }];
    const current = (more: object): object => ({
      type: 'Resource',
      resource: { name: 'cpu', current: more },
    });
    const queued = { type: 'External', external: { metric: { name: 'queue' }, current: { value: '3' } } };
    const currentMetrics = [queued, current({ averageUtilization: 40, averageValue: '200m' })];
    const before = { spec, status: { currentReplicas: 1, desiredReplicas: 1, currentMetrics, conditions } };
    const status = { currentReplicas: 2, desiredReplicas: 3 };
    expect(
      storedAfter({ spec, status: { ...status, currentCPUUtilizationPercentage: 40 } }, before).status,
    ).toEqual({ ...status, currentMetrics, conditions });
    // the raw value was that of another percentage
    expect(
      storedAfter({ spec, status: { ...status, currentCPUUtilizationPercentage: 41 } }, before).status,
    ).toEqual({ ...status, currentMetrics: [queued, current({ averageUtilization: 41 })], conditions });
    expect(storedAfter({ spec, status }, before).status).toEqual({
      ...status,
      currentMetrics: [queued],
      conditions,
    });
    expect(storedAfter({ spec, status }).status).toEqual({ ...status, currentMetrics: [] });
  });

  it('has the annotations that are stored, those of Kubernetes too', () => {
    const annotations = { 'autoscaling.alpha.kubernetes.io/metrics': 'no JSON' };
    const written = objectOf(HorizontalPodAutoscalerV1, {
      metadata: { ...metadata, annotations },
      spec: limits,
    });
    const stored = conversion.toStorage(written);
    expect(stored.metadata).toBe(written.metadata);
    expect(conversion.fromStorage(stored)).toEqual(written);
  });
});

const seed = 20_260_103;

/** Objects with any of these fields; what a status lacks nobody minds. */
function someOf(model: Readonly<Record<string, fc.Arbitrary<unknown>>>, ...required: readonly string[]) {
  return fc.record(model, { requiredKeys: [...required] });
}

const word = fc.oneof(fc.constantFrom('Resource', 'cpu', 'Utilization', '__proto__', ''), fc.string());
const quantity = fc.constantFrom('0', '500m', '1Gi', '3');
const percentage = fc.integer({ min: 1, max: 5 });
const replicas = fc.nat({ max: 9 });
const reference = someOf({ apiVersion: word, kind: word, name: word }, 'kind', 'name');
const metric = someOf({ name: word, selector: fc.constant({ matchLabels: { a: 'b' } }) }, 'name');
const target = someOf(
  {
    type: fc.constantFrom('Utilization', 'AverageValue', ''),
    averageUtilization: percentage,
    averageValue: quantity,
    value: quantity,
  },
  'type',
);
const metricSpec = fc.oneof(
  percentage.map(cpu),
  someOf(
    {
      type: fc.constantFrom('Resource', 'Pods', 'ContainerResource'),
      resource: someOf({ name: fc.constantFrom('cpu', 'memory'), target }, 'name', 'target'),
      pods: someOf({ metric, target }, 'metric', 'target'),
      external: someOf({ metric, target }, 'metric', 'target'),
      object: someOf({ describedObject: reference, metric, target }, 'describedObject', 'metric', 'target'),
      containerResource: someOf({ container: word, name: word, target }, 'container', 'name', 'target'),
    },
    'type',
  ),
);
const rules = someOf({
  policies: fc.array(fc.record({ type: word, value: percentage, periodSeconds: percentage })),
  selectPolicy: word,
  stabilizationWindowSeconds: replicas,
  tolerance: quantity,
});
const common = { scaleTargetRef: reference, maxReplicas: percentage, minReplicas: replicas };
const newSpec = someOf(
  {
    ...common,
    metrics: fc.array(metricSpec, { maxLength: 5 }),
    behavior: someOf({ scaleUp: rules, scaleDown: rules }),
  },
  'scaleTargetRef',
  'maxReplicas',
);
const oldSpec = someOf(
  { ...common, targetCPUUtilizationPercentage: percentage },
  'scaleTargetRef',
  'maxReplicas',
);
const current = someOf({ averageUtilization: fc.integer(), averageValue: quantity, value: quantity });
const metricStatus = someOf({
  type: fc.constantFrom('Resource', 'Pods'),
  resource: someOf({ name: fc.constantFrom('cpu', 'memory'), current }),
  pods: someOf({ metric: someOf({ name: word }), current }),
});
const commonStatus = {
  currentReplicas: replicas,
  desiredReplicas: replicas,
  lastScaleTime: fc.constant('2026-01-02T03:04:05Z'),
  observedGeneration: replicas,
};
const newStatus = someOf({
  ...commonStatus,
  currentMetrics: fc.array(metricStatus, { maxLength: 5 }),
  conditions: fc.uniqueArray(someOf({ type: word, status: word, reason: word }, 'type'), {
    selector: (condition) => (condition as { readonly type: string }).type,
  }),
});
const oldStatus = someOf({ ...commonStatus, currentCPUUtilizationPercentage: fc.integer() });
const annotations = fc.dictionary(
  fc.constantFrom('a', 'autoscaling.alpha.kubernetes.io/metrics', 'autoscaling.alpha.kubernetes.io/behavior'),
  fc.oneof(fc.string(), fc.constant('[{"type":"Pods"}]')),
);
const noted = annotations.map((notes) => ({ annotations: notes }));
const inV2 = someOf({ metadata: noted, spec: newSpec, status: newStatus }, 'metadata', 'spec');
const inV1 = someOf({ metadata: noted, spec: oldSpec, status: oldStatus }, 'metadata', 'spec');

function isCpu({ type, resource }: MetricSpec): boolean {
  const { averageUtilization, type: targetType } = resource?.target ?? {};
  return (
    type === 'Resource' &&
    resource?.name === 'cpu' &&
    targetType === 'Utilization' &&
    averageUtilization !== undefined
  );
}

function isCurrentCpu({ type, resource }: MetricStatus): boolean {
  return (
    type === 'Resource' && resource?.name === 'cpu' && resource.current?.averageUtilization !== undefined
  );
}

describe('any HorizontalPodAutoscaler', () => {
  it('comes back in v1 as it was written, and loses nothing in v2', () => {
    fc.assert(
      fc.property(inV1, inV2, (written, stored) => {
        checkRoundTrip(versions, HorizontalPodAutoscaler as AnyResource, stored);
        checkRoundTrip(versions, HorizontalPodAutoscalerV1 as AnyResource, written);
        checkRoundTrip(versions, HorizontalPodAutoscalerV1 as AnyResource, written, stored);
      }),
      { seed, numRuns: 1_000 },
    );
  });

  it('keeps all but the utilization of the CPU, whatever is written in v1', () => {
    fc.assert(
      fc.property(inV1, inV2, (written, stored) => {
        const after = storedAfter({ ...written, metadata }, { ...stored, metadata });
        const before = stored as unknown as Stored;
        const others = (metrics: readonly MetricSpec[] = []): unknown =>
          metrics.filter((each) => !isCpu(each));
        expect(others(after.spec.metrics)).toEqual(others(before.spec.metrics));
        expect(after.spec.behavior).toEqual(before.spec.behavior);
        if (after.status === undefined) return;
        const otherCurrent = (metrics: readonly MetricStatus[] = []): unknown =>
          metrics.filter((each) => !isCurrentCpu(each));
        expect(otherCurrent(after.status.currentMetrics)).toEqual(
          otherCurrent(before.status?.currentMetrics),
        );
        expect(after.status.conditions).toEqual(before.status?.conditions);
      }),
      { seed, numRuns: 500 },
    );
  });

  it('shows the same in v1 however often it is written back there', () => {
    fc.assert(
      fc.property(inV2, (stored) => {
        const first = shown({ ...stored, metadata });
        const after = storedAfter({ ...first }, { ...stored, metadata });
        expect(shown({ ...after })).toEqual(first);
        expect(storedAfter({ ...first }, { ...after })).toEqual(after);
      }),
      { seed, numRuns: 500 },
    );
  });
});
