import { LabelSelector, type Quantity } from '../../../core/index.js';
import type { CSINode, PersistentVolume, PersistentVolumeClaim } from '../../../resources/kinds/index.js';
import type { NodeIdentity } from '../../pods/node-requirement.js';
import { classNameOf, refersTo, requestedBy } from './claim.js';
import { Pinned } from './pinned.js';
import type { VolumeFacts } from './volume-facts.js';
import type { VolumeIndex } from './volume-index.js';

/** A volume with its place among all candidates. */
interface Candidate {
  readonly facts: VolumeFacts;
  readonly rank: number;
}

/**
 * The volumes that an unbound claim could get, as far as this does not depend on the node.
 *
 * A volume that is kept for the claim goes before all others, of which the smallest is best, equal ones by name.
 *
 * Source: `FindMatchingVolume` of k8s.io/component-helpers, where the first of equal ones is as good.
 */
export class VolumeCandidates {
  // kept for the claim, the best first
  readonly #kept: VolumeFacts[] = [];
  // anybody's, the best first, with its place in that order
  readonly #free = new Pinned<Candidate>();

  /** @throws ApiError BadRequest where the claim's selector makes no sense. */
  constructor(claim: PersistentVolumeClaim, index: VolumeIndex) {
    const requested = requestedBy(claim);
    const { selector: asked } = claim.spec ?? {};
    const selector = asked === undefined ? LabelSelector.everything : LabelSelector.from(asked);
    for (const [rank, facts] of index.ofClass(classNameOf(claim)).entries()) {
      const { volume } = facts;
      const owner = index.assumed.claimOf(volume);
      if (owner !== undefined && !refersTo(owner, claim)) continue;
      if (!isAlike(claim, volume) || !isEnough(facts, requested)) continue;
      if (owner !== undefined) this.#kept.push(facts);
      else if (isAvailable(claim, volume) && selector.matches(volume.metadata.labels)) {
        this.#free.add({ facts, rank }, facts.pin);
      }
    }
  }

  /** The best volume for a node of those that are not taken; undefined where there is none. */
  bestFor(
    node: NodeIdentity,
    csiNode: CSINode | undefined,
    taken: ReadonlySet<PersistentVolume>,
  ): PersistentVolume | undefined {
    const kept = this.#kept.find(({ volume }) => !taken.has(volume));
    if (kept !== undefined) return kept.isReachable(node, csiNode) ? kept.volume : undefined;
    let best: Candidate | undefined;
    for (const list of this.#free.listsFor(node.labels)) {
      for (const candidate of list) {
        if (best !== undefined && candidate.rank > best.rank) break;
        const { facts } = candidate;
        if (taken.has(facts.volume) || !facts.isReachable(node, csiNode)) continue;
        best = candidate;
        break;
      }
    }
    return best?.facts.volume;
  }
}

/** Whether a volume is what the claim asks for in kind, and stays. */
function isAlike(
  { spec: claim }: PersistentVolumeClaim,
  { spec: volume, metadata }: PersistentVolume,
): boolean {
  return (
    (claim?.volumeMode ?? 'Filesystem') === (volume?.volumeMode ?? 'Filesystem') &&
    (claim?.volumeAttributesClassName ?? '') === (volume?.volumeAttributesClassName ?? '') &&
    metadata.deletionTimestamp === undefined
  );
}

function isEnough({ capacity }: VolumeFacts, requested: Quantity | undefined): boolean {
  return requested === undefined || capacity.cmp(requested) >= 0;
}

/** Whether a volume that is nobody's can be had in the ways that the claim asks for. */
function isAvailable(
  { spec: claim }: PersistentVolumeClaim,
  { spec: volume, status }: PersistentVolume,
): boolean {
  const modes = volume?.accessModes ?? [];
  return status?.phase === 'Available' && (claim?.accessModes ?? []).every((mode) => modes.includes(mode));
}
