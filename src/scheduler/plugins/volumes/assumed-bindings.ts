import { formatKey } from '../../../core/index.js';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../resources/kinds/index.js';
import { annotationOf } from './annotation.js';
import { type ClaimReference, claimKey, SELECTED_NODE } from './claim.js';
import type { VolumeBindings } from './volume-bindings.js';

/** Something that is assumed, by so many. */
interface Assumed<T> {
  readonly what: T;
  holders: number;
}

/**
 * What is decided about volumes for Pods that have a node, and is not written yet: it counts as if it were.
 *
 * Where the objects themselves say something else, they are right.
 */
export class AssumedBindings {
  // by the name of a volume, the claim that is to have it; by the key of a claim, the node for which its volume is to be made
  readonly #claims = new Map<string, Assumed<ClaimReference>>();
  readonly #nodes = new Map<string, Assumed<string>>();

  /**
   * Counts bindings from now on, as often as they are assumed.
   *
   * Answers with what takes exactly this back, in any order with others and once: to be called when the binding has failed, or the
   * cluster shows the claims as bound.
   */
  assume({ node, bind, provision }: VolumeBindings): () => void {
    for (const { claim, volume } of bind) hold(this.#claims, volume.metadata.name, referenceTo(claim));
    for (const claim of provision) hold(this.#nodes, claimKey(claim), node.name);
    // false once it is taken back
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      for (const { volume } of bind) release(this.#claims, volume.metadata.name);
      for (const claim of provision) release(this.#nodes, claimKey(claim));
    };
  }

  /** Whose a volume is, or is assumed to be. */
  claimOf({ metadata, spec }: PersistentVolume): ClaimReference | undefined {
    return spec?.claimRef ?? this.#claims.get(metadata.name)?.what;
  }

  /** The node for which the volume of a claim is to be made, or assumed to be. */
  nodeOf(claim: PersistentVolumeClaim): string | undefined {
    return annotationOf(claim, SELECTED_NODE) ?? this.#nodes.get(formatKey(claim.metadata))?.what;
  }
}

function referenceTo({ metadata }: PersistentVolumeClaim): ClaimReference {
  const { namespace, name, uid } = metadata;
  return { namespace, name, uid };
}

function hold<T>(all: Map<string, Assumed<T>>, key: string, what: T): void {
  const assumed = all.get(key);
  if (assumed === undefined) all.set(key, { what, holders: 1 });
  else assumed.holders += 1;
}

function release<T>(all: Map<string, Assumed<T>>, key: string): void {
  const assumed = all.get(key) as Assumed<T>;
  assumed.holders -= 1;
  if (assumed.holders === 0) all.delete(key);
}
