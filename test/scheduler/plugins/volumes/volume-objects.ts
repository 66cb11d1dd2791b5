import type { ApiObject } from '../../../../src/core/index.js';
import type { AnyResource } from '../../../../src/resources/index.js';
import {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  type Node,
  PersistentVolume,
  PersistentVolumeClaim,
  type PersistentVolumeClaimSpec,
  type PersistentVolumeSpec,
  type Pod,
  StorageClass,
  VolumeAttachment,
} from '../../../../src/resources/kinds/index.js';
import type { Cluster } from '../../../../src/scheduler/cluster/index.js';

interface Meta {
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly [key: string]: unknown;
}

function objectOf<O extends ApiObject>(
  { group, version, kind }: AnyResource,
  name: string,
  meta: Meta,
  rest: object,
): O {
  const metadata = { name, uid: `uid-${name}`, resourceVersion: '1', ...meta };
  return {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    metadata,
    ...rest,
  } as unknown as O;
}

/** A volume of 1Gi of the class `wait` that can be had. */
export function volumeOf(name: string, spec: PersistentVolumeSpec = {}, meta: Meta = {}): PersistentVolume {
  const all = {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'wait',
    csi: { driver: 'csi.example.com', volumeHandle: `h-${name}` },
    ...spec,
  };
  return objectOf(PersistentVolume, name, meta, { spec: all, status: { phase: 'Available' } });
}

/** A volume in reach of nodes with a label. */
export function volumeAt(
  name: string,
  key: string,
  value: string,
  spec: PersistentVolumeSpec = {},
): PersistentVolume {
  const term = { matchExpressions: [{ key, operator: 'In', values: [value] }] };
  return volumeOf(name, { nodeAffinity: { required: { nodeSelectorTerms: [term] } }, ...spec });
}

/** A claim of 1Gi of the class `wait`, which has no volume. */
export function claimOf(
  name: string,
  spec: PersistentVolumeClaimSpec = {},
  meta: Meta = {},
): PersistentVolumeClaim {
  const all = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'wait',
    resources: { requests: { storage: '1Gi' } },
    ...spec,
  };
  return objectOf(
    PersistentVolumeClaim,
    name,
    { namespace: 'default', ...meta },
    { spec: all, status: { phase: 'Pending' } },
  );
}

/** A claim that has a volume. */
export function boundClaim(
  name: string,
  volume: string,
  spec: PersistentVolumeClaimSpec = {},
): PersistentVolumeClaim {
  const annotations = { 'pv.kubernetes.io/bind-completed': 'yes' };
  return claimOf(name, { volumeName: volume, ...spec }, { annotations });
}

/** A class whose claims wait for their Pods, and whose volumes nobody makes, unless told otherwise. */
export function classOf(name = 'wait', rest: Partial<StorageClass> = {}): StorageClass {
  const all = {
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
    ...rest,
  };
  return objectOf(StorageClass, name, {}, all);
}

/** What the driver `csi.example.com` can attach to a node. */
export function csiNodeOf(node: string, count: number, meta: Meta = {}, driver = 'csi.example.com'): CSINode {
  return objectOf(CSINode, node, meta, {
    spec: { drivers: [{ name: driver, nodeID: node, allocatable: { count } }] },
  });
}

export function csiDriverOf(name: string, storageCapacity: boolean): CSIDriver {
  return objectOf(CSIDriver, name, {}, { spec: { storageCapacity } });
}

export function capacityOf(
  name: string,
  rest: Omit<Partial<CSIStorageCapacity>, 'metadata'>,
): CSIStorageCapacity {
  return objectOf(CSIStorageCapacity, name, { namespace: 'default' }, { storageClassName: 'wait', ...rest });
}

export function attachmentOf(name: string, node: string, volume: string): VolumeAttachment {
  const spec = { attacher: 'csi.example.com', nodeName: node, source: { persistentVolumeName: volume } };
  return objectOf(VolumeAttachment, name, {}, { spec });
}

/** The volumes of a Pod that uses claims. */
export function usingClaims(...names: readonly string[]): { volumes: NonNullable<Pod['spec']['volumes']> } {
  return { volumes: names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) };
}

const KINDS: readonly AnyResource[] = [
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  CSINode,
  CSIDriver,
  CSIStorageCapacity,
  VolumeAttachment,
];

/** Sets objects of the kinds of storage. */
export function setAll(cluster: Cluster<Pod, Node>, objects: readonly ApiObject[]): Cluster<Pod, Node> {
  for (const object of objects) {
    const resource = KINDS.find(({ kind }) => kind === object.kind);
    if (resource === undefined) throw new Error(`no kind ${object.kind}`);
    cluster.set(resource, object);
  }
  return cluster;
}

/** How an event tells of an object. */
export function eventOf(
  before: ApiObject | undefined,
  after?: ApiObject,
): { type: 'object'; resource: AnyResource; before: ApiObject | undefined; after: ApiObject | undefined } {
  const resource = KINDS.find(({ kind }) => kind === (before ?? after)?.kind);
  if (resource === undefined) throw new Error('no object');
  return { type: 'object', resource, before, after };
}
