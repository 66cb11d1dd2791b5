import type { ObjectMeta } from '../core/index.js';
import type { OwnMetadata } from './metadata.js';
import type { UnsealedObject } from './stored-object.js';

type UnsealedMetadata = UnsealedObject['metadata'];

/** What the system says of an object from its creation on. */
export interface SystemMetadata {
  readonly name: string;
  readonly generateName?: string | undefined;
  readonly namespace?: string | undefined;
  readonly uid: string;
  /** Undefined for a kind whose desired state is not counted. */
  readonly generation?: number | undefined;
  /** RFC 3339. */
  readonly creationTimestamp: string;
}

/** The metadata of a new object, without a revision. */
export function newMetadata(system: SystemMetadata, own: OwnMetadata): UnsealedMetadata {
  return addOwn(systemMetadata(system), own);
}

/** The metadata of the next state of an object, without a revision: what the system said stays, but for the generation. */
export function nextMetadata(
  previous: ObjectMeta,
  own: OwnMetadata = previous as OwnMetadata,
  generation: number | undefined = previous.generation,
): UnsealedMetadata {
  const { name, generateName, namespace, uid, creationTimestamp } = previous;
  const { deletionTimestamp, deletionGracePeriodSeconds, managedFields } = previous;
  const metadata = systemMetadata({ name, generateName, namespace, uid, generation, creationTimestamp });
  if (deletionTimestamp !== undefined) metadata.deletionTimestamp = deletionTimestamp;
  if (deletionGracePeriodSeconds !== undefined)
    metadata.deletionGracePeriodSeconds = deletionGracePeriodSeconds;
  if (managedFields !== undefined) metadata.managedFields = managedFields;
  return addOwn(metadata, own);
}

/** The literals are those of most objects: made at their size, they take less room than an object that grows, or a copy of a frozen one. */
function systemMetadata(system: SystemMetadata): UnsealedMetadata {
  const { name, generateName, namespace, uid, generation, creationTimestamp } = system;
  const resourceVersion = '';
  if (generateName === undefined && namespace !== undefined) {
    return generation === undefined
      ? { name, namespace, uid, resourceVersion, creationTimestamp }
      : { name, namespace, uid, resourceVersion, generation, creationTimestamp };
  }
  return {
    name,
    ...(generateName === undefined ? undefined : { generateName }),
    ...(namespace === undefined ? undefined : { namespace }),
    uid,
    resourceVersion,
    ...(generation === undefined ? undefined : { generation }),
    creationTimestamp,
  } as UnsealedMetadata;
}

function addOwn(metadata: UnsealedMetadata, own: OwnMetadata): UnsealedMetadata {
  const { labels, annotations, finalizers, ownerReferences } = own;
  if (labels !== undefined) metadata.labels = labels;
  if (annotations !== undefined) metadata.annotations = annotations;
  if (finalizers !== undefined) metadata.finalizers = finalizers;
  if (ownerReferences !== undefined) metadata.ownerReferences = ownerReferences;
  return metadata;
}
