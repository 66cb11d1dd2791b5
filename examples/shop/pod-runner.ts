import { type Client, type Controller, controller, formatKey, formatTime } from 'keelson';
import { Pod, type PodStatus } from 'keelson/kinds';
import { isFinished } from './pods.js';

/** How fast the world of the example turns. */
export interface PodRunnerOptions {
  /** Milliseconds that a second of a manifest takes here, such as those of `initialDelaySeconds`. */
  readonly second: number;
}

type Stage = 'creating' | 'running' | 'ready' | 'succeeded';

/** How a Pod on a node gets on. Moments are milliseconds of the clock's monotonic time. */
interface Course {
  readonly uid: string;
  readonly begun: number;
  /** What the wall clock said when it had begun, in milliseconds since 1970. */
  readonly wallTime: number;
  /** The images are there, and the containers start. */
  readonly started: number;
  /** Ready; or at its end, where the Pod is one that ends. */
  readonly arrived: number;
  /** The last stage that the server was told of. */
  told: Stage | undefined;
}

/**
 * Stands in for the kubelets: a Pod on a node starts after its images were pulled, and is ready after its probe's initial delay.
 *
 * A Pod whose restartPolicy is not Always runs for a while and succeeds. As a kubelet does, it keeps what runs in memory: a new runner
 * starts every Pod anew. A Pod that is to go is stopped at once, and its deletion finished.
 */
export function podRunner({ second }: PodRunnerOptions): Controller {
  // by key: the Pods on nodes that are neither gone nor finished, once they were seen
  const courses = new Map<string, Course>();
  return controller('pod-runner')
    .for(Pod)
    .options({ concurrency: 4 })
    .reconcile(async ({ key, object: pod, client, log }) => {
      if (!pod || isFinished(pod)) {
        courses.delete(formatKey(key));
        return;
      }
      if (pod.spec.nodeName === undefined) return;
      if (pod.metadata.deletionTimestamp !== undefined) {
        const { uid } = pod.metadata;
        await client.delete(Pod, key, { gracePeriodSeconds: 0, preconditions: { uid } });
        return;
      }
      let course = courses.get(formatKey(key));
      if (course?.uid !== pod.metadata.uid) {
        course = begin(pod, client, second);
        courses.set(formatKey(key), course);
      }
      const now = client.clock.monotonic();
      const stage = stageAt(now, pod, course);
      const patch = { metadata: { uid: course.uid }, status: statusOf(pod, course, stage) };
      await client.patch(Pod, key, { type: 'merge', patch }, { subresource: 'status' });
      if (stage !== course.told && stage !== 'creating') log.info({}, `${key.name} ${WORDS[stage]}`);
      course.told = stage;
      const next = now < course.started ? course.started : course.arrived;
      return next > now ? { requeueAfter: next - now } : undefined;
    });
}

const WORDS: Readonly<Record<Exclude<Stage, 'creating'>, string>> = {
  running: 'is running',
  ready: 'is ready',
  succeeded: 'has succeeded',
};

function begin(pod: Pod, { clock, random }: Client, second: number): Course {
  const begun = clock.monotonic();
  const started = begun + (4 + random.integer(6)) * second;
  const delay = endsByItself(pod) ? 8 : (pod.spec.containers[0]?.readinessProbe?.initialDelaySeconds ?? 0);
  const { uid } = pod.metadata;
  return { uid, begun, wallTime: clock.now(), started, arrived: started + delay * second, told: undefined };
}

function endsByItself(pod: Pod): boolean {
  return (pod.spec.restartPolicy ?? 'Always') !== 'Always';
}

function stageAt(now: number, pod: Pod, course: Course): Stage {
  if (now < course.started) return 'creating';
  if (now < course.arrived) return 'running';
  return endsByItself(pod) ? 'succeeded' : 'ready';
}

/** The same for the same course and stage, so that writing it twice changes nothing. */
function statusOf(pod: Pod, course: Course, stage: Stage): PodStatus {
  const timeOf = (moment: number): string => formatTime(course.wallTime + moment - course.begun);
  const ready = stage === 'ready';
  const state = {
    creating: { waiting: { reason: 'ContainerCreating' } },
    running: { running: { startedAt: timeOf(course.started) } },
    ready: { running: { startedAt: timeOf(course.started) } },
    succeeded: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: timeOf(course.arrived) } },
  }[stage];
  return {
    phase: { creating: 'Pending', running: 'Running', ready: 'Running', succeeded: 'Succeeded' }[stage],
    startTime: timeOf(course.begun),
    conditions: [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: timeOf(course.begun) },
      {
        type: 'Ready',
        status: ready ? 'True' : 'False',
        lastTransitionTime: timeOf(ready ? course.arrived : course.begun),
      },
    ],
    containerStatuses: pod.spec.containers.map(({ name, image = '' }) => ({
      name,
      image,
      imageID: '',
      ready,
      restartCount: 0,
      state,
    })),
  };
}
