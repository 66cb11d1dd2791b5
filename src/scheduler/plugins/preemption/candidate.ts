import type { Node, Pod } from '../../../resources/kinds/index.js';
import type { HostInfo } from '../../framework/index.js';
import type { Occupant } from './occupants.js';
import { RANK_SIZE, type Rank } from './rank.js';
import type { Reprieve } from './reprieve.js';

/** A node on which a Pod fits once others have gone. */
export interface Candidate {
  readonly host: HostInfo<Pod, Node>;
  /** Those that have to go, the most important first. */
  readonly victims: readonly Occupant[];
  /** How many of them exceed a PodDisruptionBudget by going. */
  readonly violations: number;
  readonly rank: Rank;
}

/** What a reprieve on a node has led to. */
export function candidateOf(host: HostInfo<Pod, Node>, reprieve: Reprieve): Candidate {
  const rank = new Float64Array(RANK_SIZE);
  reprieve.writeRank(rank, 0);
  return { host, victims: reprieve.victims(), violations: reprieve.violations, rank };
}
