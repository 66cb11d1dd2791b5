import { type ApiObject, type Logger, preview } from '../../../core/index.js';
import type { Cluster, HostSlot, PlacedWorkload } from '../../cluster/index.js';
import { PluginError } from '../../engine/plugin-error.js';
import type { Member } from '../../engine/profile.js';
import { isRejection, type Verdict } from '../../framework/index.js';

/** Lets each plugin take what it needs; the first no. @throws PluginError */
export function reserve<W extends ApiObject, H extends ApiObject>(
  members: readonly Member<W, H>[],
  workload: PlacedWorkload<W, H>,
  host: HostSlot<W, H>,
  cluster: Cluster<W, H>,
): Verdict | undefined {
  for (const { plugin, name } of members) {
    try {
      const answer: unknown = plugin.reserve?.(workload, host, cluster);
      if (isRejection(answer, 'reserve')) return { ...answer, plugin: name };
    } catch (error) {
      throw new PluginError(name, 'reserve', error);
    }
  }
  return undefined;
}

/** Asks each plugin for its permission; the first no. `waits` gets those that hold the workload back. @throws PluginError */
export function permit<W extends ApiObject, H extends ApiObject>(
  members: readonly Member<W, H>[],
  workload: PlacedWorkload<W, H>,
  host: HostSlot<W, H>,
  cluster: Cluster<W, H>,
  waits: Map<string, number>,
): Verdict | undefined {
  for (const { plugin, name } of members) {
    try {
      const answer = plugin.permit?.(workload, host, cluster);
      if (typeof answer === 'object' && answer !== null && 'wait' in answer) {
        waits.set(name, checkWait(answer.wait));
      } else if (isRejection(answer, 'permit')) {
        return { ...answer, plugin: name };
      }
    } catch (error) {
      throw new PluginError(name, 'permit', error);
    }
  }
  return undefined;
}

/** Lets every plugin give back what it took, the last one first. */
export function giveBack<W extends ApiObject, H extends ApiObject>(
  members: readonly Member<W, H>[],
  workload: PlacedWorkload<W, H>,
  host: string,
  cluster: Cluster<W, H>,
  logger: Logger,
): void {
  for (const { plugin, name } of members.toReversed()) {
    try {
      plugin.unreserve?.(workload, host, cluster);
    } catch (error) {
      logger.error(
        { plugin: name, workload: workload.key, error },
        'a plugin failed to give back what it had reserved',
      );
    }
  }
}

function checkWait(wait: unknown): number {
  if (typeof wait === 'number' && wait >= 0) return wait;
  throw new TypeError(`expected wait to be a number of milliseconds from 0 up, got ${preview(wait)}`);
}
