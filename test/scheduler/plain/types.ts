import type { LabelSelectorSpec } from '../../../src/core/index.js';

/** Loose views of the JSON of Kubernetes' objects: what the rules of scheduling read, and no more. */

export type Labels = Readonly<Record<string, string>>;
export type ResourceList = Readonly<Record<string, string>>;

export interface Meta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly Owner[];
}

export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

export interface Node {
  readonly metadata: Meta;
  readonly spec: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] };
  readonly status: {
    readonly allocatable?: ResourceList;
    readonly images?: readonly { readonly names: readonly string[]; readonly sizeBytes: number }[];
    readonly declaredFeatures?: readonly string[];
  };
}

export interface NodeRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

export interface NodeTerm {
  readonly matchExpressions?: readonly NodeRequirement[];
  readonly matchFields?: readonly NodeRequirement[];
}

export interface NodeSelector {
  readonly nodeSelectorTerms: readonly NodeTerm[];
}

export interface NodeAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {
    readonly weight: number;
    readonly preference: NodeTerm;
  }[];
}

export interface PodTerm {
  readonly topologyKey: string;
  readonly labelSelector?: LabelSelectorSpec;
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: LabelSelectorSpec;
  /** Merged into `labelSelector` already. */
  readonly matchLabelKeys?: readonly string[];
  /** Merged into `labelSelector` already. */
  readonly mismatchLabelKeys?: readonly string[];
}

export interface WeightedPodTerm {
  readonly weight: number;
  readonly podAffinityTerm: PodTerm;
}

export interface PodTerms {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodTerm[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodTerm[];
}

export interface Affinity {
  readonly nodeAffinity?: NodeAffinity;
  readonly podAffinity?: PodTerms;
  readonly podAntiAffinity?: PodTerms;
}

export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: string;
  readonly labelSelector?: LabelSelectorSpec;
  readonly matchLabelKeys?: readonly string[];
  readonly minDomains?: number;
  readonly nodeAffinityPolicy?: string;
  readonly nodeTaintsPolicy?: string;
}

export interface ContainerPort {
  readonly containerPort?: number;
  readonly hostPort?: number;
  readonly hostIP?: string;
  readonly protocol?: string;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly restartPolicy?: string;
  readonly restartPolicyRules?: readonly {
    readonly action: string;
    readonly exitCodes?: { readonly operator: string; readonly values: readonly number[] };
  }[];
  readonly ports?: readonly ContainerPort[];
  readonly resources?: { readonly requests?: ResourceList; readonly limits?: ResourceList };
}

export interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly emptyDir?: object;
  readonly image?: { readonly reference?: string; readonly pullPolicy?: string };
  readonly gcePersistentDisk?: { readonly pdName: string; readonly readOnly?: boolean };
  readonly awsElasticBlockStore?: { readonly volumeID: string };
  readonly iscsi?: {
    readonly targetPortal: string;
    readonly iqn: string;
    readonly lun: number;
    readonly readOnly?: boolean;
  };
  readonly rbd?: {
    readonly monitors: readonly string[];
    readonly pool: string;
    readonly image: string;
    readonly readOnly?: boolean;
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly resources?: { readonly requests?: ResourceList };
  readonly allocatedResources?: ResourceList;
}

interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

export interface PodSpec {
  readonly nodeName?: string;
  readonly priority?: number;
  readonly preemptionPolicy?: string;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly resources?: { readonly requests?: ResourceList };
  readonly overhead?: ResourceList;
  readonly nodeSelector?: Labels;
  readonly affinity?: Affinity;
  readonly tolerations?: readonly Toleration[];
  readonly topologySpreadConstraints?: readonly SpreadConstraint[];
  readonly volumes?: readonly Volume[];
  readonly schedulingGates?: readonly { readonly name: string }[];
  readonly hostNetwork?: boolean;
  readonly hostUsers?: boolean;
}

export interface Pod {
  readonly metadata: Meta & { readonly namespace: string };
  readonly spec: PodSpec;
  readonly status?: {
    readonly startTime?: string;
    readonly nominatedNodeName?: string;
    readonly conditions?: readonly PodCondition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface Namespace {
  readonly metadata: Meta;
}

/** A Service or a ReplicationController: both select by plain labels. */
export interface MapSelected {
  readonly metadata: Meta & { readonly namespace: string };
  readonly spec: { readonly selector?: Labels };
}

/** A ReplicaSet or a StatefulSet. */
export interface LabelSelected {
  readonly metadata: Meta & { readonly namespace: string };
  readonly spec: { readonly selector?: LabelSelectorSpec };
}

export interface DisruptionBudget {
  readonly metadata: Meta & { readonly namespace: string };
  readonly spec: { readonly selector?: LabelSelectorSpec };
  readonly status: {
    readonly disruptionsAllowed: number;
    readonly disruptedPods?: Readonly<Record<string, string>>;
  };
}

export interface PersistentVolume {
  readonly metadata: Meta;
  readonly spec: {
    readonly storageClassName?: string;
    readonly volumeMode?: string;
    readonly accessModes?: readonly string[];
    readonly capacity?: ResourceList;
    readonly claimRef?: { readonly namespace: string; readonly name: string; readonly uid?: string };
    readonly csi?: { readonly driver: string; readonly volumeHandle: string };
    readonly nodeAffinity?: { readonly required?: NodeSelector };
  };
  readonly status?: { readonly phase?: string };
}

export interface PersistentVolumeClaim {
  readonly metadata: Meta & { readonly namespace: string };
  readonly spec: {
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly volumeMode?: string;
    readonly accessModes?: readonly string[];
    readonly selector?: LabelSelectorSpec;
    readonly resources?: { readonly requests?: ResourceList };
  };
  readonly status?: { readonly phase?: string };
}

export interface StorageClass {
  readonly metadata: Meta;
  readonly provisioner: string;
  readonly volumeBindingMode: string;
  readonly allowedTopologies?: readonly {
    readonly matchLabelExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[];
  }[];
}

export interface CsiNode {
  readonly metadata: Meta;
  readonly spec: {
    readonly drivers: readonly {
      readonly name: string;
      readonly nodeID: string;
      readonly topologyKeys?: readonly string[] | null;
      readonly allocatable?: { readonly count?: number };
    }[];
  };
}
