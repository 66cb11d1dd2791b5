import type { JsonObject } from '../../../core/index.js';
import type { LimitRangeItem } from '../../../resources/kinds/index.js';
import { type DefaultTable, under } from './default-table.js';
import { CLAIM_SPEC, POD, POD_SPEC, SHARED_VOLUME } from './pod-defaults.js';
import { withItemDefaults } from './limit-range-item.js';

/** How long a client stays with one endpoint of a Service: three hours, in seconds. */
const AFFINITY_SECONDS = 10_800;

const SERVICE: DefaultTable = {
  type: 'ClusterIP',
  sessionAffinity: 'None',
  sessionAffinityConfig: ({ sessionAffinity }, value) =>
    sessionAffinity === 'ClientIP' && value === undefined ? {} : undefined,
  externalTrafficPolicy: ({ type }, value) =>
    isUnset(value) && (type === 'NodePort' || type === 'LoadBalancer') ? 'Cluster' : undefined,
  internalTrafficPolicy: ({ type }, value) =>
    isUnset(value) && type !== 'ExternalName' ? 'Cluster' : undefined,
  allocateLoadBalancerNodePorts: ({ type }, value) =>
    value === undefined && type === 'LoadBalancer' ? true : undefined,
  'sessionAffinityConfig.clientIP': (_config, value) => (value === undefined ? {} : undefined),
  'sessionAffinityConfig.clientIP.timeoutSeconds': AFFINITY_SECONDS,
  'ports[].protocol': 'TCP',
  'ports[].targetPort': ({ port }, value) => (isUnset(value) || value === 0 ? port : undefined),
};

/** The kinds of the core group. Source: pkg/apis/core/v1/defaults.go. */
export const CORE_DEFAULTS: Readonly<Record<string, DefaultTable>> = {
  'v1 Endpoints': { 'subsets[].ports[].protocol': 'TCP' },
  'v1 LimitRange': {
    'spec.limits': (_spec, limits) =>
      Array.isArray(limits) ? (limits as readonly LimitRangeItem[]).map(withItemDefaults) : undefined,
  },
  'v1 Namespace': {
    'metadata.labels': ({ name }, labels) => {
      const given = labels as JsonObject | undefined;
      return given !== undefined && Object.hasOwn(given, 'kubernetes.io/metadata.name')
        ? undefined
        : { ...given, 'kubernetes.io/metadata.name': name };
    },
  },
  'v1 PersistentVolume': {
    'spec.persistentVolumeReclaimPolicy': 'Retain',
    'spec.volumeMode': 'Filesystem',
    ...under('spec', SHARED_VOLUME),
  },
  'v1 PersistentVolumeClaim': under('spec', CLAIM_SPEC),
  'v1 Pod': POD,
  'v1 PodTemplate': under('template.spec', POD_SPEC),
  'v1 ReplicationController': {
    'metadata.labels': labelsOfTemplate,
    'spec.replicas': 1,
    'spec.selector': (_spec, value, root) => (isEmpty(value) ? templateLabels(root) : undefined),
    ...under('spec.template.spec', POD_SPEC),
  },
  'v1 Secret': { type: 'Opaque' },
  'v1 Service': under('spec', SERVICE),
};

/** An object without labels has those of its template. */
export function labelsOfTemplate(_metadata: JsonObject, labels: unknown, root: JsonObject): unknown {
  return isEmpty(labels) ? templateLabels(root) : undefined;
}

function templateLabels(root: JsonObject): unknown {
  const { template } = (root['spec'] ?? {}) as { readonly template?: { readonly metadata?: JsonObject } };
  const labels = template?.metadata?.['labels'];
  return isEmpty(labels) ? undefined : labels;
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === '';
}

function isEmpty(map: unknown): boolean {
  return map === undefined || Object.keys(map as object).length === 0;
}
