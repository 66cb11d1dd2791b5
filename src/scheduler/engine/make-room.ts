import type { ApiObject } from '../../core/index.js';
import type { Cluster, PlacedWorkload } from '../cluster/index.js';
import { isRejection, type Placement, type Rejection, type RejectionCode } from '../framework/index.js';
import type { Choice } from './choice.js';
import { ClusterDryRun } from './cluster-dry-run.js';
import { PluginError } from './plugin-error.js';
import type { Profile } from './profile.js';
import type { VerdictTable } from './verdict-table.js';

/** Of several answers the first of these counts: who is going makes room, whatever others say. */
const CODES: readonly RejectionCode[] = /* @__PURE__ */ Object.freeze([
  'Pending',
  'UnschedulableAndUnresolvable',
  'Unschedulable',
]);

/**
 * Asks each plugin in turn to make room: the first that can decides. Where none can it is a rejection with the reasons of all, whose
 * code says what is to become of the room that is kept for the workload (see `Plugin.postFilter`); undefined where no plugin tries.
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
  const dryRun = new ClusterDryRun(profile, cluster, workload, verdicts, choice.counts.keys(), choice.among);
  const refusals: Rejection[] = [];
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
      if (isRejection(answer, 'postFilter')) refusals.push(answer);
    } catch (error) {
      throw error instanceof PluginError ? error : new PluginError(name, 'postFilter', error);
    }
  }
  const code = CODES.find((each) => refusals.some((refusal) => refusal.code === each));
  return code === undefined ? undefined : { code, reasons: refusals.flatMap(({ reasons }) => reasons) };
}

/** Whether somebody is still going from a host, as he was pushed off for a workload or for another of its priority. @throws PluginError */
export function isMakingRoom<W extends ApiObject, H extends ApiObject>(
  { members }: Profile<W, H>,
  cluster: Cluster<W, H>,
  workload: PlacedWorkload<W, H>,
  hostName: string,
): boolean {
  const host = cluster.host(hostName);
  if (host === undefined) return false;
  return members.some(({ plugin, name }) => {
    try {
      return plugin.isMakingRoom?.(workload, host) === true;
    } catch (error) {
      throw new PluginError(name, 'isMakingRoom', error);
    }
  });
}
