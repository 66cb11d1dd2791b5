import type { ObjectMeta } from '../core/index.js';
import {
  HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerSpec,
  type HorizontalPodAutoscalerStatus,
  type MetricSpec,
  type MetricStatus,
} from './kinds/autoscaling-v2.js';
import type { Resource } from './resource.js';
import { defineVersions, type Versions } from './versions.js';

/** An object of autoscaling/v1: what autoscaling/v2 has, but a percentage for all metrics, no behavior and no conditions. */
interface OldScaler {
  readonly metadata: ObjectMeta<'Namespaced'>;
  readonly spec: OldSpec;
  readonly status?: OldStatus;
}

type OldSpec = Omit<HorizontalPodAutoscalerSpec, 'behavior' | 'metrics'> & {
  readonly targetCPUUtilizationPercentage?: number;
};

type OldStatus = Omit<HorizontalPodAutoscalerStatus, 'conditions' | 'currentMetrics'> & {
  readonly currentCPUUtilizationPercentage?: number;
};

/**
 * HorizontalPodAutoscalers as Kubernetes has them: stored as autoscaling/v2, and served as autoscaling/v1 too.
 *
 * - `targetCPUUtilizationPercentage` is the first metric that wants a utilization of the resource `cpu`. A writer in v1 changes it in its
 *   place, adds it behind the other metrics, or removes it; `currentCPUUtilizationPercentage` in the same way.
 * - All else that v1 cannot say (other metrics, the behavior, the conditions) stays as it is stored. Kubernetes shows it to readers of v1
 *   in annotations, `autoscaling.alpha.kubernetes.io/metrics` and the like, and takes it from there when they write: its conversions know
 *   no stored object. Here they do, so there are no such annotations, a writer of v1 need not send them back, and the order of the
 *   metrics stays; who writes them in v1 sets annotations like any other.
 *
 * Source: pkg/apis/autoscaling/v1/conversion.go of Kubernetes.
 *
 * @param old - The resource of autoscaling/v1.
 */
export function horizontalPodAutoscalerVersions(
  old: Resource<OldScaler>,
): Versions<typeof HorizontalPodAutoscaler, Resource<OldScaler>> {
  return defineVersions({
    storage: HorizontalPodAutoscaler,
    served: [
      {
        resource: old,
        toStorage: ({ spec, status }, before) => ({
          spec: specToStorage(spec, before?.spec),
          status: status && statusToStorage(status, before?.status),
        }),
        fromStorage: ({ spec, status }) => ({
          spec: specFromStorage(spec),
          status: status && statusFromStorage(status),
        }),
      },
    ],
  });
}

function specToStorage(
  { targetCPUUtilizationPercentage, ...spec }: OldSpec,
  before: HorizontalPodAutoscalerSpec | undefined,
): HorizontalPodAutoscalerSpec {
  const metrics = withPercentage(before?.metrics, TARGET, targetCPUUtilizationPercentage);
  return {
    ...spec,
    ...(metrics === undefined ? {} : { metrics }),
    ...(before?.behavior === undefined ? {} : { behavior: before.behavior }),
  };
}

function specFromStorage({ metrics, behavior: _, ...spec }: HorizontalPodAutoscalerSpec): OldSpec {
  const target = percentageIn(metrics, TARGET);
  return { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) };
}

function statusToStorage(
  { currentCPUUtilizationPercentage, ...status }: OldStatus,
  before: HorizontalPodAutoscalerStatus | undefined,
): HorizontalPodAutoscalerStatus {
  return {
    ...status,
    currentMetrics: withPercentage(before?.currentMetrics, CURRENT, currentCPUUtilizationPercentage) ?? [],
    ...(before?.conditions === undefined ? {} : { conditions: before.conditions }),
  };
}

function statusFromStorage({
  currentMetrics,
  conditions: _,
  ...status
}: HorizontalPodAutoscalerStatus): OldStatus {
  const current = percentageIn(currentMetrics, CURRENT);
  return { ...status, ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }) };
}

/** How a percentage of v1 stands in a list of v2. */
interface Percentage<T> {
  /** The percentage that an item has; undefined for an item that says something else. */
  readonly of: (item: T) => number | undefined;
  readonly make: (percentage: number) => T;
}

const TARGET: Percentage<MetricSpec> = {
  of: ({ type, resource }) =>
    type === 'Resource' && resource?.name === 'cpu' && resource.target.type === 'Utilization'
      ? resource.target.averageUtilization
      : undefined,
  make: (averageUtilization) => ({
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
  }),
};

const CURRENT: Percentage<MetricStatus> = {
  // nobody insists on what the type of a status promises
  of: ({ type, resource }) =>
    type === 'Resource' && resource?.name === 'cpu' ? resource.current?.averageUtilization : undefined,
  // without the raw value of before, which is not that of this percentage
  make: (averageUtilization) => ({
    type: 'Resource',
    resource: { name: 'cpu', current: { averageUtilization } },
  }),
};

function percentageIn<T>(items: readonly T[] = [], { of }: Percentage<T>): number | undefined {
  return items.map(of).find((percentage) => percentage !== undefined);
}

/** The items with this percentage as the first one that they have, or with none. */
function withPercentage<T>(
  items: readonly T[] | undefined,
  { of, make }: Percentage<T>,
  percentage: number | undefined,
): readonly T[] | undefined {
  if (percentage === undefined) return items?.filter((item) => of(item) === undefined);
  if (items === undefined) return [make(percentage)];
  const index = items.findIndex((item) => of(item) !== undefined);
  if (index === -1) return [...items, make(percentage)];
  return of(items[index] as T) === percentage ? items : items.with(index, make(percentage));
}
