import {
  type Client,
  type Clock,
  type Controller,
  controller,
  formatTime,
  type New,
  setControllerReference,
} from 'keelson';
import { Job, type JobCondition, Pod } from 'keelson/kinds';
import { freeNames, isActive, podsOf } from './pods.js';

/** How many Pods of a Job may fail unless it says. */
const BACKOFF_LIMIT = 6;

/**
 * Runs Pods until as many as a Job asks for have succeeded, or too many have failed.
 *
 * It counts on the server and names Pods by number, as {@link replicaSetController} does. A finished Job is never touched again.
 *
 * Source: the Job controller of Kubernetes, without indexes, policies, deadlines and suspension.
 */
export const jobController: Controller = controller('job')
  .for(Job)
  .owns(Pod)
  .reconcile(async ({ object: job, client, clock, log }) => {
    if (!job || job.metadata.deletionTimestamp !== undefined || endOf(job) !== undefined) return;
    const { completions = 1, parallelism = 1, backoffLimit = BACKOFF_LIMIT } = job.spec;
    const pods = await podsOf(client, job);
    const succeeded = pods.filter((pod) => pod.status?.phase === 'Succeeded').length;
    const failed = pods.filter((pod) => pod.status?.phase === 'Failed').length;
    const active = pods.filter(isActive);

    if (succeeded >= completions || failed > backoffLimit) {
      const end = succeeded >= completions ? 'Complete' : 'Failed';
      for (const { metadata } of active) {
        await client.delete(Pod, metadata, { preconditions: { uid: metadata.uid } });
      }
      log.info({}, `${job.metadata.name} is ${end.toLowerCase()}`);
      await writeStatus(client, job, { active: 0, succeeded, failed, ...endedNow(end, clock) });
      return;
    }
    const missing = Math.min(parallelism, completions - succeeded) - active.length;
    for (const name of freeNames(job.metadata.name, pods, missing)) {
      await client.create(Pod, podOf(job, name));
      log.info({}, `made ${name}`);
    }
    const startTime = job.status?.startTime ?? formatTime(clock.now());
    await writeStatus(client, job, {
      startTime,
      active: active.length + Math.max(0, missing),
      succeeded,
      failed,
    });
  });

/** The condition that says how the Job ended, once it has. */
export function endOf(job: Job): JobCondition | undefined {
  return job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
}

function endedNow(
  type: 'Complete' | 'Failed',
  clock: Clock,
): Pick<NonNullable<Job['status']>, 'conditions' | 'completionTime'> {
  const now = formatTime(clock.now());
  const conditions: readonly JobCondition[] = [{ type, status: 'True', lastTransitionTime: now }];
  return type === 'Complete' ? { conditions, completionTime: now } : { conditions };
}

function podOf(job: Job, name: string): New<typeof Pod> {
  const { metadata: { labels = {}, annotations = {} } = {}, spec = { containers: [] } } = job.spec.template;
  const { namespace } = job.metadata;
  const ownLabels = {
    'batch.kubernetes.io/job-name': job.metadata.name,
    'batch.kubernetes.io/controller-uid': job.metadata.uid,
  };
  return setControllerReference(job, {
    metadata: { name, namespace, labels: { ...labels, ...ownLabels }, annotations },
    spec,
  });
}

async function writeStatus(client: Client, job: Job, status: NonNullable<Job['status']>): Promise<void> {
  await client.patch(Job, job.metadata, { type: 'merge', patch: { status } }, { subresource: 'status' });
}
