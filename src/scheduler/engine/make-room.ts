import type { ApiObject } from '../../core/index.js';
import type { Cluster, PlacedWorkload } from '../cluster/index.js';
import { isRejection, type Placement, type Rejection, unschedulable } from '../framework/index.js';
import type { Choice } from './choice.js';
import { ClusterDryRun } from './cluster-dry-run.js';
import { PluginError } from './plugin-error.js';
import type { Profile } from './profile.js';
import type { VerdictTable } from './verdict-table.js';

/**
 * Asks each plugin in turn to make room: the first that can decides. Where none can it is a rejection with the reasons of all;
 * undefined where no plugin tries.
 *
 * @throws PluginError
 */
export function makeRoom<W extends ApiObject, H extends ApiObject>(
  profile: Profile<W, H>,
  cluster: Cluster<W, H>,
  workload: PlacedWorkload<W, H>,
  choice: Choice<W, H>,
  verdicts: VerdictTable,
): Placement<W> | Rejection | undefined {
  const dryRun = new ClusterDryRun(profile, cluster, workload, verdicts);
  const reasons: string[] = [];
  for (const { plugin, name } of profile.members) {
    if (plugin.postFilter === undefined) continue;
    try {
      const answer = plugin.postFilter(
        workload,
        cluster,
        (host) => {
          const slot = cluster.at(host.index);
          return slot === undefined ? undefined : choice.verdictOf(slot);
        },
        dryRun,
      );
      if (answer === undefined) continue;
      if ('host' in answer) return answer;
      if (isRejection(answer, 'postFilter')) reasons.push(...answer.reasons);
    } catch (error) {
      throw new PluginError(name, 'postFilter', error);
    }
  }
  return reasons.length === 0 ? undefined : unschedulable(...reasons);
}
