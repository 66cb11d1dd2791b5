import type { Client } from '../../../client/index.js';
import { formatTime, isNotFound, keyOf } from '../../../core/index.js';
import { Pod } from '../../../resources/kinds/index.js';
import type { AttemptReport, WorkloadWriter } from './workload-writer.js';

/** Writes to Pods as kube-scheduler does: the condition `PodScheduled`, `nominatedNodeName`, and `DisruptionTarget` before a deletion. */
export const podWriter: WorkloadWriter<Pod> = /* @__PURE__ */ Object.freeze({
  async report(client: Client, pod: Pod, report: AttemptReport, signal: AbortSignal): Promise<void> {
    const reason = report.isError ? 'SchedulerError' : 'Unschedulable';
    const before = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const nominated = pod.status?.nominatedNodeName ?? '';
    const isSaid =
      before?.status === 'False' && before.reason === reason && before.message === report.message;
    if (isSaid && nominated === (report.nominated ?? '')) return;
    const now = formatTime(client.clock.now());
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason,
      message: report.message,
      lastProbeTime: null,
      lastTransitionTime: before?.status === 'False' ? (before.lastTransitionTime ?? now) : now,
    };
    await unlessGone(
      client.patch(
        Pod,
        keyOf(pod),
        {
          type: 'strategic',
          patch: {
            metadata: { uid: pod.metadata.uid },
            status: { conditions: [condition], nominatedNodeName: report.nominated ?? null },
          },
        },
        { subresource: 'status', signal },
      ),
    );
  },

  async evict(client: Client, victim: Pod, preemptor: Pod, signal: AbortSignal): Promise<void> {
    const { uid } = victim.metadata;
    const schedulerName = preemptor.spec.schedulerName ?? 'default-scheduler';
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${schedulerName}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: formatTime(client.clock.now()),
    };
    const patch = { metadata: { uid }, status: { conditions: [condition] } };
    await unlessGone(
      client.patch(Pod, keyOf(victim), { type: 'strategic', patch }, { subresource: 'status', signal }),
    );
    await unlessGone(client.delete(Pod, keyOf(victim), { preconditions: { uid }, signal }));
  },
});

/** What is gone needs no writing. */
async function unlessGone(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
