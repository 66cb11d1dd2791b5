import type { Pod, PodSpec, Volume } from '../../../resources/kinds/index.js';
import type { WorkloadInfo } from '../../framework/index.js';
import { factsOf } from '../../pods/pod-facts.js';
import { inTreePluginOf } from './in-tree-plugin.js';

/** A volume of a Pod that is a PersistentVolumeClaim. */
interface ClaimVolume {
  readonly volume: string;
  /** The claim that it names; undefined where the claim is made for the Pod (a generic ephemeral volume). */
  readonly claim: string | undefined;
}

/** What matters of the volumes of a Pod. */
interface PodVolumes {
  readonly claims: readonly ClaimVolume[];
  /** Those of which nobody else may write to the disk on the same node. */
  readonly disks: readonly Volume[];
  /** Those of a plugin that has become a CSI driver. */
  readonly inTree: readonly Volume[];
}

const NONE: PodVolumes = /* @__PURE__ */ Object.freeze({ claims: [], disks: [], inTree: [] });

/** A claim that a Pod uses. */
export interface UsedClaim {
  readonly name: string;
  /** Whether it is made for the Pod, and has to be owned by it. */
  readonly ephemeral: boolean;
}

/** What matters of the volumes of a Pod: read once for all Pods with such volumes. */
export function volumesOf(pod: WorkloadInfo<Pod>): PodVolumes {
  return factsOf(pod).spec.of(readVolumes);
}

/** The claims that a Pod uses, each once, in the order of its volumes. */
export function claimsOf(pod: WorkloadInfo<Pod>): readonly UsedClaim[] {
  const claims = new Map<string, UsedClaim>();
  for (const { volume, claim } of volumesOf(pod).claims) {
    const name = claim ?? `${pod.object.metadata.name}-${volume}`;
    if (!claims.has(name)) claims.set(name, { name, ephemeral: claim === undefined });
  }
  return [...claims.values()];
}

/** Whether a Pod uses a claim. */
export function usesClaim(
  pod: WorkloadInfo<Pod>,
  claim: { metadata: { name: string; namespace?: string | undefined } },
): boolean {
  if (pod.namespace !== claim.metadata.namespace || volumesOf(pod).claims.length === 0) return false;
  return claimsOf(pod).some(({ name }) => name === claim.metadata.name);
}

function readVolumes({ volumes = [] }: PodSpec): PodVolumes {
  const claims: ClaimVolume[] = [];
  const disks: Volume[] = [];
  const inTree: Volume[] = [];
  for (const volume of volumes) {
    const { name, persistentVolumeClaim, ephemeral, gcePersistentDisk, awsElasticBlockStore, rbd, iscsi } =
      volume;
    if (persistentVolumeClaim !== undefined)
      claims.push({ volume: name, claim: persistentVolumeClaim.claimName });
    else if (ephemeral !== undefined) claims.push({ volume: name, claim: undefined });
    else if (inTreePluginOf(volume) !== undefined) inTree.push(volume);
    if (gcePersistentDisk ?? awsElasticBlockStore ?? rbd ?? iscsi) disks.push(volume);
  }
  const isNothing = claims.length === 0 && disks.length === 0 && inTree.length === 0;
  return isNothing ? NONE : { claims, disks, inTree };
}
