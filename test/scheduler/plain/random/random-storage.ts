import type { Random } from '../../../../src/core/index.js';
import type { NodeSelector, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../types.js';
import { chance, maybe, pick, some } from './pick.js';
import { CSI_DRIVERS, NAMESPACES, ZONE, ZONES } from './vocabulary.js';

export interface Storage {
  readonly storageClasses: readonly StorageClass[];
  readonly persistentVolumeClaims: readonly PersistentVolumeClaim[];
  readonly persistentVolumes: readonly PersistentVolume[];
}

const CLASSES: readonly StorageClass[] = [
  {
    metadata: { name: 'local' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  },
  { metadata: { name: 'now' }, provisioner: 'csi.example.com', volumeBindingMode: 'Immediate' },
  {
    metadata: { name: 'zonal' },
    provisioner: 'csi.example.com',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ['z1', 'z2'] }] }],
  },
  {
    metadata: { name: 'anywhere' },
    provisioner: 'other.example.com',
    volumeBindingMode: 'WaitForFirstConsumer',
  },
];

/** Claims, most of them bound, and volumes that are free. No two of either are of the same size. */
export function randomStorage(random: Random, claimCount: number): Storage {
  const claims: PersistentVolumeClaim[] = [];
  const volumes: PersistentVolume[] = [];
  for (let index = 0; index < claimCount; index += 1) {
    const bound = chance(random, 0.7);
    const claim = randomClaim(random, index, bound);
    claims.push(claim);
    if (bound) volumes.push(boundVolume(random, claim));
  }
  for (let index = 0; index < claimCount; index += 1) {
    if (chance(random, 0.5)) volumes.push(freeVolume(random, index, claims));
  }
  return { storageClasses: CLASSES, persistentVolumeClaims: claims, persistentVolumes: volumes };
}

function randomClaim(random: Random, index: number, bound: boolean): PersistentVolumeClaim {
  const name = `c${index}`;
  const accessMode = pick(random, ['ReadWriteOnce', 'ReadWriteOnce', 'ReadWriteOncePod']);
  const annotations = bound
    ? { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }
    : maybe(random, 0.08, () => ({ annotations: { 'volume.kubernetes.io/selected-node': 'n01' } }));
  return {
    metadata: { name, namespace: pick(random, NAMESPACES), uid: `claim-${name}`, ...annotations },
    spec: {
      accessModes: [accessMode],
      storageClassName: pick(random, ['local', 'zonal', 'zonal', 'anywhere', 'anywhere', 'now']),
      resources: { requests: { storage: `${1000 + index * 7}Mi` } },
      ...(bound ? { volumeName: `pv-${name}` } : {}),
    },
    status: { phase: bound ? 'Bound' : 'Pending' },
  };
}

function boundVolume(random: Random, claim: PersistentVolumeClaim): PersistentVolume {
  const { name, namespace, uid = '' } = claim.metadata;
  return {
    metadata: {
      name: `pv-${name}`,
      ...maybe(random, 0.2, () => ({ labels: { [ZONE]: pick(random, ['z1', 'z2', 'z1__z2']) } })),
    },
    spec: {
      ...contents(random, claim, `pv-${name}`),
      capacity: claim.spec.resources?.requests ?? {},
      claimRef: { namespace, name, uid },
    },
    status: { phase: 'Bound' },
  };
}

/** Now and then one is kept for a claim that is not bound yet. */
function freeVolume(
  random: Random,
  index: number,
  claims: readonly PersistentVolumeClaim[],
): PersistentVolume {
  const name = `free-${index}`;
  const like = pick(random, claims);
  const isKept = like.spec.volumeName === undefined && chance(random, 0.2);
  return {
    metadata: { name },
    spec: {
      ...contents(random, like, name),
      capacity: { storage: `${900 + index * 11}Mi` },
      ...(isKept ? { claimRef: { namespace: like.metadata.namespace, name: like.metadata.name } } : {}),
    },
    status: { phase: isKept || chance(random, 0.9) ? 'Available' : 'Released' },
  };
}

function contents(
  random: Random,
  { spec }: PersistentVolumeClaim,
  name: string,
): Pick<PersistentVolume['spec'], 'storageClassName' | 'accessModes' | 'csi' | 'nodeAffinity'> {
  return {
    storageClassName: spec.storageClassName ?? '',
    accessModes: spec.accessModes ?? [],
    csi: { driver: pick(random, CSI_DRIVERS), volumeHandle: `h-${name}` },
    ...maybe(random, 0.4, () => ({ nodeAffinity: { required: inZones(random) } })),
  };
}

function inZones(random: Random): NodeSelector {
  const values = some(random, ZONES, 3);
  return { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values }] }] };
}
