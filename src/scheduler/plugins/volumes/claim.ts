import { edit, formatKey, Quantity } from '../../../core/index.js';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../resources/kinds/index.js';
import { annotationOf } from './annotation.js';

/** The node for which a volume is to be made, as an annotation of the claim. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
const STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** `namespace/name`. */
export function claimKey(claim: PersistentVolumeClaim): string {
  return formatKey(claim.metadata);
}

/** The name of the storage class, `''` where there is none; an older annotation goes before the field. */
export function classNameOf(object: PersistentVolume | PersistentVolumeClaim): string {
  return annotationOf(object, STORAGE_CLASS) ?? object.spec?.storageClassName ?? '';
}

/** The name of the volume that a claim has, or is to have; `''` where it has none. */
export function volumeNameOf(claim: PersistentVolumeClaim): string {
  return claim.spec?.volumeName ?? '';
}

/** Whether a claim has its volume, and both sides know. */
export function isBound(claim: PersistentVolumeClaim): boolean {
  return volumeNameOf(claim) !== '' && annotationOf(claim, BIND_COMPLETED) !== undefined;
}

/** How much a claim asks for; undefined where it does not say. */
export function requestedBy(claim: PersistentVolumeClaim): Quantity | undefined {
  const requests = claim.spec?.resources?.requests;
  if (requests === undefined || !Object.hasOwn(requests, 'storage')) return undefined;
  return Quantity.parse(requests['storage'] as string);
}

/** Whose a volume is: a claim as a volume refers to it. */
export interface ClaimReference {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
}

/** Whether a reference is to a claim; one without a uid goes by the name alone. */
export function refersTo(reference: ClaimReference, { metadata }: PersistentVolumeClaim): boolean {
  const { namespace, name, uid = '' } = reference;
  return name === metadata.name && namespace === metadata.namespace && (uid === '' || uid === metadata.uid);
}

/** A volume that is kept for a claim; the volume itself where it is already. */
export function withClaim(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const before = volume.spec?.claimRef;
  const isKept = before !== undefined && refersTo(before, claim);
  if (isKept && before.uid === uid) return volume;
  return edit(volume, (draft) => {
    const claimRef = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace,
      name,
      uid,
      resourceVersion,
    };
    draft.spec = { ...draft.spec, claimRef };
    // tells that nobody had bound the two by hand
    if (!isKept) draft.metadata.annotations = { ...draft.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
  });
}

/** A claim whose volume is to be made for a node; the claim itself where it is already. */
export function withSelectedNode(claim: PersistentVolumeClaim, node: string): PersistentVolumeClaim {
  if (annotationOf(claim, SELECTED_NODE) === node) return claim;
  return edit(claim, (draft) => {
    draft.metadata.annotations = { ...draft.metadata.annotations, [SELECTED_NODE]: node };
  });
}
