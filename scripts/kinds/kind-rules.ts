/**
 * The rules of kinds that the data does not have: from the strategies and REST tables in pkg/registry of Kubernetes.
 *
 * Keyed by `group/version/Kind` as the data is; the generator fails on an entry that the data no longer has.
 */

/** Where a kind keeps what its `scale` subresource shows. */
export interface ScaleRule {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  readonly labelSelector: string;
}

/** Never stored: create-only, or the body of a subresource. */
export const VIRTUAL_KINDS: ReadonlySet<string> = new Set([
  'authentication.k8s.io/v1/SelfSubjectReview',
  'authentication.k8s.io/v1/TokenReview',
  'authorization.k8s.io/v1/LocalSubjectAccessReview',
  'authorization.k8s.io/v1/SelfSubjectAccessReview',
  'authorization.k8s.io/v1/SelfSubjectRulesReview',
  'authorization.k8s.io/v1/SubjectAccessReview',
  'policy/v1/Eviction',
]);

/** Kinds whose strategy's `AllowUnconditionalUpdate` says no: an update must name the resourceVersion it read. */
export const CONDITIONAL_UPDATES: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration',
  'coordination.k8s.io/v1/Lease',
  'flowcontrol.apiserver.k8s.io/v1/FlowSchema',
  'flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration',
  'node.k8s.io/v1/RuntimeClass',
  'policy/v1/PodDisruptionBudget',
  'storage.k8s.io/v1/CSIDriver',
  'storage.k8s.io/v1/CSINode',
  'storage.k8s.io/v1/CSIStorageCapacity',
  'storage.k8s.io/v1/VolumeAttachment',
  'storage.k8s.io/v1/VolumeAttributesClass',
]);

/** How names look, where they are not DNS subdomains. Certificate requests take any name that a path can hold. */
export const NAME_RULES: Readonly<Record<string, string>> = {
  'certificates.k8s.io/v1/CertificateSigningRequest': 'path-segment',
  'rbac.authorization.k8s.io/v1/ClusterRole': 'path-segment',
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': 'path-segment',
  'rbac.authorization.k8s.io/v1/Role': 'path-segment',
  'rbac.authorization.k8s.io/v1/RoleBinding': 'path-segment',
  'v1/Namespace': 'dns1123label',
  'v1/Service': 'dns1035label',
};

const REPLICAS: ScaleRule = {
  specReplicas: 'spec.replicas',
  statusReplicas: 'status.replicas',
  labelSelector: 'spec.selector',
};

export const SCALE_RULES: Readonly<Record<string, ScaleRule>> = {
  'apps/v1/Deployment': REPLICAS,
  'apps/v1/ReplicaSet': REPLICAS,
  'apps/v1/StatefulSet': REPLICAS,
  'v1/ReplicationController': REPLICAS,
};

/**
 * Kinds that are stored in another version, and the file of `src/resources` that declares both, with a function of its name.
 *
 * The kind's own file imports it, so it must not import the kind.
 */
export const VERSIONS: Readonly<Record<string, { readonly file: string; readonly name: string }>> = {
  'autoscaling/v1/HorizontalPodAutoscaler': {
    file: 'horizontal-pod-autoscaler-versions',
    name: 'horizontalPodAutoscalerVersions',
  },
};

const reference = (field: string): readonly string[] =>
  ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
    (part) => `${field}.${part}`,
  );

/** How many milliseconds objects live after their last change. Source: kube-apiserver's `--event-ttl`, one hour. */
export const TIMES_TO_LIVE: Readonly<Record<string, number>> = {
  'events.k8s.io/v1/Event': 3_600_000,
  'v1/Event': 3_600_000,
};

/** Field paths that field selectors may name. Job's `status.successful` is left out: no field has that path. */
export const SELECTABLE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'apps/v1/ReplicaSet': ['status.replicas'],
  'certificates.k8s.io/v1/CertificateSigningRequest': ['spec.signerName'],
  'events.k8s.io/v1/Event': [...reference('regarding'), 'reason', 'reportingController', 'type'],
  'resource.k8s.io/v1/ResourceSlice': ['spec.nodeName', 'spec.driver'],
  'v1/Event': [...reference('involvedObject'), 'reason', 'reportingComponent', 'type'],
  'v1/Namespace': ['status.phase'],
  'v1/Node': ['spec.unschedulable'],
  'v1/Pod': [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  'v1/ReplicationController': ['status.replicas'],
  'v1/Secret': ['type'],
};
