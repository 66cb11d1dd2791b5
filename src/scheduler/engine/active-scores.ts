import type { ApiObject } from '../../core/index.js';
import type { Cluster, HostSlot, PlacedWorkload } from '../cluster/index.js';
import { SKIP } from '../framework/index.js';
import type { Member } from './profile.js';
import { prepareScore } from './scores.js';

/** A score that has something to say about a workload. */
export interface ActiveScore<W extends ApiObject, H extends ApiObject> {
  readonly member: Member<W, H>;
  readonly state: unknown;
}

/** Those of some scores that have something to say. @throws PluginError */
export function activeScores<W extends ApiObject, H extends ApiObject>(
  scorers: readonly Member<W, H>[],
  workload: PlacedWorkload<W, H>,
  cluster: Cluster<W, H>,
  hosts: () => readonly HostSlot<W, H>[],
): readonly ActiveScore<W, H>[] {
  const active: ActiveScore<W, H>[] = [];
  for (const member of scorers) {
    // a plugin that looks at one host at a time is given none beforehand
    const plan = prepareScore(member, workload, cluster, member.isLocal ? NO_HOSTS : hosts);
    if (plan !== SKIP) active.push({ member, state: plan.state });
  }
  return active;
}

const NO_HOSTS = (): readonly never[] => [];

/** Adds what one plugin thinks of hosts to their totals. */
export function addTo(totals: Float64Array, scores: readonly number[], weight: number): void {
  for (let at = 0; at < scores.length; at += 1) {
    totals[at] = (totals[at] as number) + weight * (scores[at] as number);
  }
}
