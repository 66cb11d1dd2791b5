/**
 * What the data does not say and Kubernetes' code does.
 *
 * Each table is keyed by `package/version.Type`; the generator fails on an entry that the data no longer has.
 */

/** Fields by type. */
type FieldTable = Readonly<Record<string, readonly string[]>>;

/** Which type has the plain name where several share one; the others take their package in front, or their version behind. */
export const PLAIN_NAMES: Readonly<Record<string, string>> = {
  CrossVersionObjectReference: 'autoscaling/v2',
  EndpointPort: 'discovery/v1',
  Event: 'events/v1',
  EventSeries: 'events/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  HorizontalPodAutoscalerSpec: 'autoscaling/v2',
  HorizontalPodAutoscalerStatus: 'autoscaling/v2',
  ResourceClaim: 'resource/v1',
  Subject: 'rbac/v1',
};

/** Types that `core` of this library declares by hand: their schemas are generated, their interfaces are not. */
export const HAND_WRITTEN: readonly string[] = [
  'meta/v1.ManagedFieldsEntry',
  'meta/v1.ObjectMeta',
  'meta/v1.OwnerReference',
];

/** Fields of Go type `metav1.MicroTime`, which the data shows as `time`. Source: types.go of each package in k8s.io/api. */
export const MICRO_TIMES: FieldTable = {
  'coordination/v1.LeaseSpec': ['acquireTime', 'renewTime'],
  'core/v1.Event': ['eventTime'],
  'core/v1.EventSeries': ['lastObservedTime'],
  'events/v1.Event': ['eventTime'],
  'events/v1.EventSeries': ['lastObservedTime'],
};

/**
 * Fields that OpenAPI calls required only because Go writes them always; the server takes objects without them.
 *
 * Source: the fields without `omitempty` in k8s.io/api whose zero value validation takes or defaulting replaces.
 */
export const NOT_REQUIRED: FieldTable = {
  'apps/v1.StatefulSetSpec': ['serviceName'],
  'batch/v1.PodFailurePolicyOnPodConditionsPattern': ['status'],
  'core/v1.AzureFilePersistentVolumeSource': ['secretNamespace'],
  'core/v1.Event': ['reportingComponent', 'reportingInstance'],
  'core/v1.GRPCAction': ['service'],
  'core/v1.TypedLocalObjectReference': ['apiGroup'],
  'core/v1.TypedObjectReference': ['apiGroup'],
  'discovery/v1.EndpointSlice': ['endpoints', 'ports'],
  'flowcontrol/v1.FlowSchemaSpec': ['matchingPrecedence'],
  'flowcontrol/v1.LimitedPriorityLevelConfiguration': ['nominalConcurrencyShares'],
  'flowcontrol/v1.QueuingConfiguration': ['handSize', 'queueLengthLimit', 'queues'],
  'flowcontrol/v1.ResourcePolicyRule': ['namespaces'],
  'networking/v1.NetworkPolicySpec': ['podSelector'],
  'rbac/v1.ClusterRole': ['rules'],
  'rbac/v1.Role': ['rules'],
  'rbac/v1.RoleRef': ['apiGroup'],
  'storage/v1.CSINodeDriver': ['topologyKeys'],
  'storage/v1.CSINodeSpec': ['drivers'],
};

/**
 * Lists merged by key whose items are owned as a whole: their type is atomic, which the data says of single fields alone.
 *
 * Source: `+structType=atomic` of LocalObjectReference, ObjectReference, OwnerReference and Variable in k8s.io/api.
 */
export const ATOMIC_ITEMS: FieldTable = {
  'admissionregistration/v1.ValidatingAdmissionPolicySpec': ['variables'],
  'core/v1.PodSpec': ['imagePullSecrets'],
  'core/v1.ServiceAccount': ['secrets'],
  'meta/v1.ObjectMeta': ['ownerReferences'],
};

/** Fields of an atomic type that are owned field by field all the same. Source: `+structType=granular` in k8s.io/api. */
export const GRANULAR: FieldTable = { 'core/v1.PersistentVolumeSpec': ['claimRef'] };

/** Defaults of keys that the data lacks. Source: `+default` in k8s.io/api. */
export const DEFAULTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'core/v1.LocalObjectReference': { name: '' },
};

/**
 * The smallest value of integer fields.
 *
 * Source: `ValidateNonnegativeField`, port and range checks in pkg/apis/<group>/validation of Kubernetes. Where 0 stands for
 * "not given" (`nodePort`, probe thresholds), 0 is the minimum.
 */
export const MINIMA: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'admissionregistration/v1.MutatingWebhook': { timeoutSeconds: 1 },
  'admissionregistration/v1.ServiceReference': { port: 1 },
  'admissionregistration/v1.ValidatingWebhook': { timeoutSeconds: 1 },
  'apps/v1.ControllerRevision': { revision: 0 },
  'apps/v1.DaemonSetSpec': { minReadySeconds: 0, revisionHistoryLimit: 0 },
  'apps/v1.DaemonSetStatus': {
    collisionCount: 0,
    currentNumberScheduled: 0,
    desiredNumberScheduled: 0,
    numberAvailable: 0,
    numberMisscheduled: 0,
    numberReady: 0,
    numberUnavailable: 0,
    observedGeneration: 0,
    updatedNumberScheduled: 0,
  },
  'apps/v1.DeploymentSpec': {
    minReadySeconds: 0,
    progressDeadlineSeconds: 0,
    replicas: 0,
    revisionHistoryLimit: 0,
  },
  'apps/v1.DeploymentStatus': {
    availableReplicas: 0,
    collisionCount: 0,
    observedGeneration: 0,
    readyReplicas: 0,
    replicas: 0,
    terminatingReplicas: 0,
    unavailableReplicas: 0,
    updatedReplicas: 0,
  },
  'apps/v1.ReplicaSetSpec': { minReadySeconds: 0, replicas: 0 },
  'apps/v1.ReplicaSetStatus': {
    availableReplicas: 0,
    fullyLabeledReplicas: 0,
    observedGeneration: 0,
    readyReplicas: 0,
    replicas: 0,
    terminatingReplicas: 0,
  },
  'apps/v1.RollingUpdateStatefulSetStrategy': { partition: 0 },
  'apps/v1.StatefulSetOrdinals': { start: 0 },
  'apps/v1.StatefulSetSpec': { minReadySeconds: 0, replicas: 0, revisionHistoryLimit: 0 },
  'apps/v1.StatefulSetStatus': {
    availableReplicas: 0,
    collisionCount: 0,
    currentReplicas: 0,
    observedGeneration: 0,
    readyReplicas: 0,
    replicas: 0,
    updatedReplicas: 0,
  },
  'autoscaling/v1.HorizontalPodAutoscalerSpec': {
    maxReplicas: 1,
    minReplicas: 0,
    targetCPUUtilizationPercentage: 1,
  },
  'autoscaling/v2.HPAScalingPolicy': { periodSeconds: 1, value: 1 },
  'autoscaling/v2.HPAScalingRules': { stabilizationWindowSeconds: 0 },
  'autoscaling/v2.HorizontalPodAutoscalerSpec': { maxReplicas: 1, minReplicas: 0 },
  'autoscaling/v2.MetricTarget': { averageUtilization: 1 },
  'batch/v1.CronJobSpec': {
    failedJobsHistoryLimit: 0,
    startingDeadlineSeconds: 0,
    successfulJobsHistoryLimit: 0,
  },
  'batch/v1.JobSpec': {
    activeDeadlineSeconds: 0,
    backoffLimit: 0,
    backoffLimitPerIndex: 0,
    completions: 0,
    maxFailedIndexes: 0,
    parallelism: 0,
    ttlSecondsAfterFinished: 0,
  },
  'batch/v1.JobStatus': { active: 0, failed: 0, ready: 0, succeeded: 0, terminating: 0 },
  'batch/v1.SuccessPolicyRule': { succeededCount: 1 },
  'certificates/v1.CertificateSigningRequestSpec': { expirationSeconds: 600 },
  'coordination/v1.LeaseSpec': { leaseDurationSeconds: 1, leaseTransitions: 0 },
  'core/v1.AWSElasticBlockStoreVolumeSource': { partition: 0 },
  'core/v1.ClientIPConfig': { timeoutSeconds: 1 },
  'core/v1.ConfigMapVolumeSource': { defaultMode: 0 },
  'core/v1.ContainerPort': { containerPort: 1, hostPort: 0 },
  'core/v1.DownwardAPIVolumeFile': { mode: 0 },
  'core/v1.DownwardAPIVolumeSource': { defaultMode: 0 },
  'core/v1.EndpointPort': { port: 1 },
  'core/v1.FCVolumeSource': { lun: 0 },
  'core/v1.GCEPersistentDiskVolumeSource': { partition: 0 },
  'core/v1.GRPCAction': { port: 1 },
  'core/v1.ISCSIPersistentVolumeSource': { lun: 0 },
  'core/v1.ISCSIVolumeSource': { lun: 0 },
  'core/v1.KeyToPath': { mode: 0 },
  'core/v1.PodCertificateProjection': { maxExpirationSeconds: 3600 },
  'core/v1.PodSecurityContext': { fsGroup: 0, runAsGroup: 0, runAsUser: 0, supplementalGroups: 0 },
  'core/v1.PodSpec': { activeDeadlineSeconds: 1, terminationGracePeriodSeconds: 0 },
  'core/v1.PreferredSchedulingTerm': { weight: 1 },
  'core/v1.Probe': {
    failureThreshold: 0,
    initialDelaySeconds: 0,
    periodSeconds: 0,
    successThreshold: 0,
    terminationGracePeriodSeconds: 1,
    timeoutSeconds: 0,
  },
  'core/v1.ProjectedVolumeSource': { defaultMode: 0 },
  'core/v1.ReplicationControllerSpec': { minReadySeconds: 0, replicas: 0 },
  'core/v1.ReplicationControllerStatus': {
    availableReplicas: 0,
    fullyLabeledReplicas: 0,
    observedGeneration: 0,
    readyReplicas: 0,
    replicas: 0,
  },
  'core/v1.SecretVolumeSource': { defaultMode: 0 },
  'core/v1.SecurityContext': { runAsGroup: 0, runAsUser: 0 },
  'core/v1.ServiceAccountTokenProjection': { expirationSeconds: 600 },
  'core/v1.ServicePort': { nodePort: 0, port: 1 },
  'core/v1.ServiceSpec': { healthCheckNodePort: 0 },
  'core/v1.SleepAction': { seconds: 0 },
  'core/v1.TopologySpreadConstraint': { maxSkew: 1, minDomains: 1 },
  'core/v1.WeightedPodAffinityTerm': { weight: 1 },
  'flowcontrol/v1.ExemptPriorityLevelConfiguration': { lendablePercent: 0, nominalConcurrencyShares: 0 },
  'flowcontrol/v1.FlowSchemaSpec': { matchingPrecedence: 0 },
  'flowcontrol/v1.LimitedPriorityLevelConfiguration': {
    borrowingLimitPercent: 0,
    lendablePercent: 0,
    nominalConcurrencyShares: 0,
  },
  'flowcontrol/v1.QueuingConfiguration': { handSize: 0, queueLengthLimit: 0, queues: 0 },
  'networking/v1.NetworkPolicyPort': { endPort: 1 },
  'networking/v1.ServiceBackendPort': { number: 0 },
  'policy/v1.PodDisruptionBudgetStatus': {
    currentHealthy: 0,
    desiredHealthy: 0,
    disruptionsAllowed: 0,
    expectedPods: 0,
  },
  'resource/v1.DeviceSubRequest': { count: 0 },
  'resource/v1.ExactDeviceRequest': { count: 0 },
  'resource/v1.ResourcePool': { generation: 0, resourceSliceCount: 1 },
  'storage/v1.CSIDriverSpec': { nodeAllocatableUpdatePeriodSeconds: 10 },
  'storage/v1.TokenRequest': { expirationSeconds: 600 },
  'storage/v1.VolumeNodeResources': { count: 0 },
};
