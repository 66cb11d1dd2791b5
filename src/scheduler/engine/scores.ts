import { type ApiObject, preview } from '../../core/index.js';
import { SKIP } from '../framework/index.js';
import type { Cluster, HostSlot, PlacedWorkload } from '../cluster/index.js';
import { checkPlan } from './check-plan.js';
import { PluginError } from './plugin-error.js';
import type { Member } from './profile.js';

/** The highest score, and the lowest is 0. */
const HIGHEST = 100;

/** What one plugin thinks of hosts. */
export interface PluginScores<W extends ApiObject, H extends ApiObject> {
  readonly member: Member<W, H>;
  /** As the plugin gave them, in the order of the hosts. */
  readonly raw: readonly number[];
  /** 0 to 100. */
  readonly normalized: readonly number[];
}

/** Runs `preScore` of one plugin. @throws PluginError */
export function prepareScore<W extends ApiObject, H extends ApiObject>(
  { plugin, name }: Member<W, H>,
  workload: PlacedWorkload<W, H>,
  cluster: Cluster<W, H>,
  hosts: () => readonly HostSlot<W, H>[],
): { readonly state?: unknown } | typeof SKIP {
  try {
    const plan = plugin.preScore?.(workload, cluster, hosts);
    if (plan === undefined) return {};
    if (plan !== SKIP) checkPlan(plan, 'preScore');
    return plan;
  } catch (error) {
    throw new PluginError(name, 'preScore', error);
  }
}

/** What one plugin thinks of hosts; undefined where it has nothing to say. @throws PluginError */
export function scoresOf<W extends ApiObject, H extends ApiObject>(
  member: Member<W, H>,
  workload: PlacedWorkload<W, H>,
  cluster: Cluster<W, H>,
  hosts: readonly HostSlot<W, H>[],
): PluginScores<W, H> | undefined {
  // a plugin that looks at one host at a time is given none beforehand
  const plan = prepareScore(member, workload, cluster, () => (member.isLocal ? [] : hosts));
  if (plan === SKIP) return undefined;
  const raw = rawScores(member, workload, hosts, plan.state);
  const normalized = [...raw];
  normalize(member, normalized, workload, hosts, plan.state);
  return { member, raw, normalized };
}

/** What a plugin thinks of one host, before it is normalised. @throws PluginError */
export function rawScore<W extends ApiObject, H extends ApiObject>(
  { plugin, name }: Member<W, H>,
  workload: PlacedWorkload<W, H>,
  host: HostSlot<W, H>,
  state: unknown,
): number {
  try {
    const score = plugin.score?.(workload, host, state) ?? Number.NaN;
    if (!Number.isSafeInteger(score) || (plugin.normalize === undefined && !isNormalized(score))) {
      throw badScore(score, host, plugin.normalize === undefined);
    }
    return score;
  } catch (error) {
    throw new PluginError(name, 'score', error);
  }
}

/**
 * The same of many hosts, in their order, written to `scores` in place of what is there.
 *
 * @param indexes - Those of the hosts, where the plugin may look at all of them at once. @throws PluginError
 */
export function rawScores<W extends ApiObject, H extends ApiObject>(
  { plugin, name }: Member<W, H>,
  workload: PlacedWorkload<W, H>,
  hosts: readonly HostSlot<W, H>[],
  state: unknown,
  scores: number[] = [],
  indexes?: Int32Array,
): number[] {
  scores.length = hosts.length;
  const isFinal = plugin.normalize === undefined;
  try {
    if (indexes !== undefined && plugin.scoreAll !== undefined) {
      plugin.scoreAll(workload, indexes, state, scores);
      for (let at = 0; at < hosts.length; at += 1) {
        checkScore(scores[at] as number, hosts[at] as HostSlot<W, H>, isFinal);
      }
      return scores;
    }
    // read once and not for each host: there are many hosts, and plugins of many shapes
    const scoreOf = plugin.score?.bind(plugin);
    for (let at = 0; at < hosts.length; at += 1) {
      const host = hosts[at] as HostSlot<W, H>;
      const score = scoreOf?.(workload, host, state) ?? Number.NaN;
      checkScore(score, host, isFinal);
      scores[at] = score;
    }
  } catch (error) {
    throw new PluginError(name, 'score', error);
  }
  return scores;
}

/** Brings the scores of a plugin to 0 to 100, where they are not yet. @throws PluginError */
export function normalize<W extends ApiObject, H extends ApiObject>(
  { plugin, name }: Member<W, H>,
  scores: number[],
  workload: PlacedWorkload<W, H>,
  hosts: readonly HostSlot<W, H>[],
  state: unknown,
): void {
  if (plugin.normalize === undefined) return;
  try {
    if (typeof plugin.normalize === 'function') plugin.normalize(scores, workload, hosts, state);
    else {
      let highest = 0;
      for (const score of scores) if (score > highest) highest = score;
      for (let at = 0; at < scores.length; at += 1) {
        scores[at] = byHighest(scores[at] as number, highest, plugin.normalize === 'reverse');
      }
    }
    if (scores.length !== hosts.length) {
      throw new RangeError(`expected ${hosts.length} scores, got ${scores.length}`);
    }
    for (let at = 0; at < scores.length; at += 1) {
      const score = scores[at] as number;
      if (!isNormalized(score)) throw badScore(score, hosts[at] as HostSlot<W, H>, true);
    }
  } catch (error) {
    throw new PluginError(name, 'normalize', error);
  }
}

/** A score as a share of the highest one, in whole hundredths. Source: `DefaultNormalizeScore` of kube-scheduler. */
export function byHighest(score: number, highest: number, isReverse: boolean): number {
  if (highest === 0) return isReverse ? HIGHEST : score;
  const share = Math.trunc((score * HIGHEST) / highest);
  return isReverse ? HIGHEST - share : share;
}

function isNormalized(score: number): boolean {
  return Number.isSafeInteger(score) && score >= 0 && score <= HIGHEST;
}

function checkScore<W extends ApiObject, H extends ApiObject>(
  score: number,
  host: HostSlot<W, H>,
  isFinal: boolean,
): void {
  if (isFinal ? !isNormalized(score) : !Number.isSafeInteger(score)) throw badScore(score, host, isFinal);
}

function badScore<W extends ApiObject, H extends ApiObject>(
  score: unknown,
  host: HostSlot<W, H>,
  isFinal: boolean,
): RangeError {
  const range = isFinal ? ` from 0 to ${HIGHEST}` : '';
  return new RangeError(
    `expected a whole number${range} for the host ${preview(host.name)}, got ${preview(score)}`,
  );
}
