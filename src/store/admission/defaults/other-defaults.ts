import type { JsonObject } from '../../../core/index.js';
import { type DefaultTable, orZero, under } from './default-table.js';

const RBAC = 'rbac.authorization.k8s.io';

const MATCH: DefaultTable = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} };

const MATCH_RULES: DefaultTable = {
  ...MATCH,
  'resourceRules[].scope': '*',
  'excludeResourceRules[].scope': '*',
};

const WEBHOOK: DefaultTable = {
  failurePolicy: 'Fail',
  timeoutSeconds: 10,
  ...MATCH,
  'rules[].scope': '*',
  'clientConfig.service.port': 443,
};

const DEVICE_REQUEST: DefaultTable = {
  allocationMode: 'ExactCount',
  count: ({ allocationMode }, value) =>
    allocationMode === 'ExactCount' && (value === undefined || value === 0) ? 1 : undefined,
  'tolerations[].operator': 'Equal',
};

const DEVICES: DefaultTable = {
  ...under('devices.requests[].exactly', DEVICE_REQUEST),
  ...under('devices.requests[].firstAvailable[]', DEVICE_REQUEST),
};

const BINDING: DefaultTable = {
  'roleRef.apiGroup': RBAC,
  'subjects[].apiGroup': ({ kind }: JsonObject, value: unknown) =>
    value === undefined && (kind === 'User' || kind === 'Group') ? RBAC : undefined,
};

/**
 * The kinds of all other groups.
 *
 * Source: defaults.go in pkg/apis/admissionregistration/v1, discovery/v1, flowcontrol/v1, networking/v1, rbac/v1, resource/v1,
 * scheduling/v1 and storage/v1.
 */
export const OTHER_DEFAULTS: Readonly<Record<string, DefaultTable>> = {
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration': under('webhooks[]', {
    ...WEBHOOK,
    reinvocationPolicy: 'Never',
  }),
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy': under('spec', {
    failurePolicy: 'Fail',
    ...under('matchConstraints', MATCH_RULES),
  }),
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding': under(
    'spec.matchResources',
    MATCH_RULES,
  ),
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration': under('webhooks[]', WEBHOOK),
  'discovery.k8s.io/v1 EndpointSlice': { 'ports[].name': '', 'ports[].protocol': 'TCP' },
  'flowcontrol.apiserver.k8s.io/v1 FlowSchema': { 'spec.matchingPrecedence': orZero(1_000) },
  'flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration': under('spec', {
    'exempt.nominalConcurrencyShares': 0,
    'exempt.lendablePercent': 0,
    'limited.nominalConcurrencyShares': 30,
    'limited.lendablePercent': 0,
    'limited.limitResponse.queuing.queues': orZero(64),
    'limited.limitResponse.queuing.handSize': orZero(8),
    'limited.limitResponse.queuing.queueLengthLimit': orZero(50),
  }),
  'networking.k8s.io/v1 NetworkPolicy': under('spec', {
    policyTypes: ({ egress }: JsonObject, value: unknown) =>
      value === undefined || (value as readonly unknown[]).length === 0
        ? egress === undefined
          ? ['Ingress']
          : ['Ingress', 'Egress']
        : undefined,
    'ingress[].ports[].protocol': 'TCP',
    'egress[].ports[].protocol': 'TCP',
  }),
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': BINDING,
  'rbac.authorization.k8s.io/v1 RoleBinding': BINDING,
  'resource.k8s.io/v1 ResourceClaim': under('spec', DEVICES),
  'resource.k8s.io/v1 ResourceClaimTemplate': under('spec.spec', DEVICES),
  'scheduling.k8s.io/v1 PriorityClass': { preemptionPolicy: 'PreemptLowerPriority' },
  'storage.k8s.io/v1 CSIDriver': under('spec', {
    attachRequired: true,
    podInfoOnMount: false,
    storageCapacity: false,
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    volumeLifecycleModes: (_spec: JsonObject, value: unknown) =>
      value === undefined || (value as readonly unknown[]).length === 0 ? ['Persistent'] : undefined,
    requiresRepublish: false,
    seLinuxMount: false,
  }),
  'storage.k8s.io/v1 StorageClass': { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' },
};
