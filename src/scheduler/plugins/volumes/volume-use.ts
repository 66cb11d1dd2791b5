import { formatKey, type ObjectKey } from '../../../core/index.js';
import type { Pod } from '../../../resources/kinds/index.js';
import type { WorkloadInfo } from '../../framework/index.js';
import { type InTreePlugin, inTreePluginOf } from './in-tree-plugin.js';
import { claimsOf, volumesOf } from './pod-volumes.js';

/** A volume as a CSI driver knows it. */
export interface CsiVolume {
  readonly driver: string;
  readonly handle: string;
  /** The plugin that it was made for, where that has become the driver. */
  readonly plugin?: InTreePlugin | undefined;
}

/** A volume that a Pod uses and that has to be attached: by a claim, or named in the Pod. Equal keys, equal volumes. */
export type VolumeUse =
  | {
      readonly key: string;
      readonly claim: ObjectKey /** Who has to own the claim. */;
      readonly owner?: Pod | undefined;
    }
  | { readonly key: string; readonly volume: CsiVolume };

const NONE: readonly VolumeUse[] = /* @__PURE__ */ Object.freeze([]);
const NO_LABELS: Readonly<Record<string, string>> = /* @__PURE__ */ Object.freeze({});

/** The volumes that a Pod uses and that have to be attached, each once. */
export function usesOf(pod: WorkloadInfo<Pod>): readonly VolumeUse[] {
  const { claims, inTree } = volumesOf(pod);
  if (claims.length === 0 && inTree.length === 0) return NONE;
  const uses = new Map<string, VolumeUse>();
  for (const { name, ephemeral } of claimsOf(pod)) {
    const claim = { namespace: pod.namespace, name };
    // a claim that is made for a Pod is that Pod's alone, whoever else has one of that name
    const key = `${ephemeral ? `own ${pod.object.metadata.uid} ` : 'claim '}${formatKey(claim)}`;
    uses.set(key, { key, claim, owner: ephemeral ? pod.object : undefined });
  }
  for (const source of inTree) {
    const plugin = inTreePluginOf(source);
    const handle = plugin?.handleOf(source, NO_LABELS);
    if (plugin === undefined || plugin.counted === 'never' || !handle) continue;
    const key = `disk ${plugin.driver} ${handle}`;
    uses.set(key, { key, volume: { driver: plugin.driver, handle, plugin } });
  }
  return [...uses.values()];
}
