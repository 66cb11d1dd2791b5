import type { JsonObject } from '../../../core/index.js';
import { labelsOfTemplate } from './core-defaults.js';
import { type DefaultTable, under } from './default-table.js';
import { CLAIM_SPEC, POD_SPEC } from './pod-defaults.js';

/** As often as a number of 32 bits can say. */
const FOR_EVER = 2_147_483_647;

const TEMPLATE: DefaultTable = under('template.spec', POD_SPEC);

const ON_POD_CONDITIONS: DefaultTable = { 'podFailurePolicy.rules[].onPodConditions[].status': 'True' };

const SCALE_UP = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};

const SCALE_DOWN = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

/**
 * The kinds that run Pods, and what scales them.
 *
 * Source: defaults.go in pkg/apis/apps/v1, pkg/apis/batch/v1, pkg/apis/autoscaling/v1 and v2.
 */
export const WORKLOAD_DEFAULTS: Readonly<Record<string, DefaultTable>> = {
  'apps/v1 DaemonSet': under('spec', {
    updateStrategy: {},
    revisionHistoryLimit: 10,
    'updateStrategy.type': 'RollingUpdate',
    'updateStrategy.rollingUpdate': ifRolling,
    'updateStrategy.rollingUpdate.maxUnavailable': 1,
    'updateStrategy.rollingUpdate.maxSurge': 0,
    ...TEMPLATE,
  }),
  'apps/v1 Deployment': under('spec', {
    replicas: 1,
    strategy: {},
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    'strategy.type': 'RollingUpdate',
    'strategy.rollingUpdate': ifRolling,
    'strategy.rollingUpdate.maxUnavailable': '25%',
    'strategy.rollingUpdate.maxSurge': '25%',
    ...TEMPLATE,
  }),
  'apps/v1 ReplicaSet': under('spec', { replicas: 1, ...TEMPLATE }),
  'apps/v1 StatefulSet': under('spec', {
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    // only a strategy that was not chosen gets its parameters
    updateStrategy: (_spec, value) =>
      isEmpty(value) ? { type: 'RollingUpdate', rollingUpdate: {} } : undefined,
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: {},
    'updateStrategy.rollingUpdate.partition': 0,
    'persistentVolumeClaimRetentionPolicy.whenDeleted': 'Retain',
    'persistentVolumeClaimRetentionPolicy.whenScaled': 'Retain',
    ...under('volumeClaimTemplates[].spec', CLAIM_SPEC),
    ...TEMPLATE,
  }),
  'autoscaling/v1 HorizontalPodAutoscaler': { 'spec.minReplicas': 1 },
  'autoscaling/v2 HorizontalPodAutoscaler': {
    'spec.minReplicas': 1,
    'spec.metrics': (_spec, value) =>
      isEmpty(value)
        ? [
            {
              type: 'Resource',
              resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
            },
          ]
        : undefined,
    'spec.behavior.scaleUp': (_behavior, value) => ({ ...SCALE_UP, ...(value as JsonObject | undefined) }),
    'spec.behavior.scaleDown': (_behavior, value) => ({
      ...SCALE_DOWN,
      ...(value as JsonObject | undefined),
    }),
  },
  'batch/v1 CronJob': under('spec', {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
    ...under('jobTemplate.spec', { ...ON_POD_CONDITIONS, ...TEMPLATE }),
  }),
  'batch/v1 Job': {
    'metadata.labels': labelsOfTemplate,
    ...under('spec', {
      completions: ({ parallelism }, value) =>
        value === undefined && parallelism === undefined ? 1 : undefined,
      parallelism: 1,
      backoffLimit: ({ backoffLimitPerIndex }, value) =>
        value === undefined ? (backoffLimitPerIndex === undefined ? 6 : FOR_EVER) : undefined,
      completionMode: 'NonIndexed',
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: ({ podFailurePolicy }, value) =>
        value === undefined ? (podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed') : undefined,
      ...ON_POD_CONDITIONS,
      ...TEMPLATE,
    }),
  },
};

function ifRolling({ type }: JsonObject, value: unknown): unknown {
  return type === 'RollingUpdate' && value === undefined ? {} : undefined;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || Object.keys(value as object).length === 0;
}
