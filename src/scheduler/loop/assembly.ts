import { type EventRecorder, EventSink } from '../../controller/index.js';
import { type ApiObject, noopLogger, noopMetrics, preview } from '../../core/index.js';
import { Cluster } from '../cluster/index.js';
import type { SchedulingModel } from '../framework/index.js';
import { GangBook, gangScheduling } from '../gangs/index.js';
import { podModel } from '../pods/pod-model.js';
import { SchedulingQueue } from '../queue/index.js';
import { Bindings } from './bindings/bindings.js';
import { deletingWriter } from './reports/deleting-writer.js';
import { Feed } from './feed.js';
import { GroupAttempts, type GroupAttemptsParts } from './attempts/group-attempts.js';
import { GroupBindings, type GroupBindingsParts } from './bindings/group-bindings.js';
import { Intake } from './intake.js';
import { KeptRoom } from './kept-room.js';
import { News } from './news.js';
import { Outcomes } from './attempts/outcomes.js';
import { Pace } from './pace.js';
import { podWriter } from './reports/pod-writer.js';
import { Profiles } from './profiles.js';
import { Reporter } from './reports/reporter.js';
import { SchedulerMetrics } from './scheduler-metrics.js';
import type { SchedulerOptions, SchedulerProfile } from './scheduler-options.js';
import { SchedulingLoop } from './scheduling-loop.js';
import { SingleAttempts } from './attempts/single-attempts.js';
import { WaitingRoom } from './bindings/waiting-room.js';
import type { WorkloadWriter } from './reports/workload-writer.js';

/** What the options are unless given, in milliseconds. */
const SLICE = 2;
const BIND_TIMEOUT = 600_000;

/** What a scheduler is made of, beside its election. */
export interface SchedulerParts<W extends ApiObject, H extends ApiObject> {
  readonly cluster: Cluster<W, H>;
  readonly queue: SchedulingQueue<W, H>;
  readonly profiles: Profiles<W, H>;
  readonly room: WaitingRoom<W>;
  readonly bindings: Bindings<W, H>;
  readonly kept: KeptRoom<W, H>;
  readonly intake: Intake<W, H>;
  readonly reporter: Reporter<W, H>;
  readonly loop: SchedulingLoop<W, H>;
  readonly feed: Feed<W, H>;
  readonly events: EventSink;
  readonly metrics: SchedulerMetrics;
}

/**
 * Puts a scheduler together: what is watched goes from the feed through the intake into the cluster and the queue; what the loop decides goes to the
 * bindings and the reporter.
 *
 * @param onRest - There may be nothing to do at the moment. @throws TypeError or RangeError for options that make no sense, naming them.
 */
export function assemble<W extends ApiObject, H extends ApiObject>(
  options: SchedulerOptions<W, H>,
  onRest: () => void,
): SchedulerParts<W, H> {
  const { client, logger = noopLogger, metrics: provider = noopMetrics } = options;
  const { clock } = client;
  // the model and the writer are those of Pods exactly where no model was given
  const model = options.model ?? (podModel() as unknown as SchedulingModel<W, H>);
  const news = new News<W, H>((event) => queue.event(event));
  const cluster = new Cluster(model, (event) => news.event(event));
  const seed = options.seed ?? client.random.integer(2 ** 31);
  const book = options.groupOf === undefined ? undefined : new GangBook(options.groupOf);
  const profiles = new Profiles(cluster, profilesOf(options.profiles, book), seed);
  const queue: SchedulerParts<W, H>['queue'] = new SchedulingQueue({
    clock,
    pluginsOf: (workload) => profiles.pluginsOf(workload),
    cluster,
    sort: profiles.sort,
    alike: ({ facts, key }) => facts ?? key,
    initialBackoff: options.initialBackoff,
    maxBackoff: options.maxBackoff,
    onReady: () => loop.wake(),
    onError: (error, plugin, step) => logger.error({ plugin, step, error }, 'a plugin failed'),
  });
  const metrics = new SchedulerMetrics(provider, clock, () => queue.counts());
  const onQuiet = (): void => {
    metrics.settled();
    onRest();
  };
  const room = new WaitingRoom<W>(clock);
  const pace = new Pace(clock, client.executor, positive('slice', options.slice ?? SLICE));
  const bindings = new Bindings<W, H>({
    cluster,
    clock,
    room,
    metrics,
    pace,
    timeout: positive('bindTimeout', options.bindTimeout ?? BIND_TIMEOUT),
    onAnswer: () => loop.goOn(),
    onQuiet,
  });
  const kept = new KeptRoom(cluster);
  const feed = new Feed<W, H>(client, model, { pace, logger, metrics: provider });
  const events = new EventSink({ client, logger, metrics: provider });
  const recorders = recordersOf(profiles, events);
  const parts = { client, cluster, queue, profiles, bindings, kept, metrics, book, logger };
  const intake = new Intake({
    ...parts,
    onNonsense: (object, message) => recorders.first.warning(object, 'FailedScheduling', message),
  });
  const reporter = new Reporter({
    client,
    model,
    writer: options.writer ?? writerOf(options, model),
    kept,
    room,
    recorderOf: recorders.of,
    latest: (key) => feed.latest(key),
    onQuiet,
    logger,
  });
  const outcomes = new Outcomes({ ...parts, intake, reporter });
  const attempts = { ...parts, clock, news, outcomes, onQuiet };
  const loop: SchedulerParts<W, H>['loop'] = new SchedulingLoop({
    ...parts,
    single: new SingleAttempts(attempts),
    groups: book === undefined ? undefined : groupAttempts({ ...attempts, book }),
    pace,
    onQuiet,
  });
  return { cluster, queue, profiles, room, bindings, kept, intake, reporter, loop, feed, events, metrics };
}

/** Who tells of the workloads of each profile. */
function recordersOf<W extends ApiObject, H extends ApiObject>(
  { names }: Profiles<W, H>,
  events: EventSink,
): { readonly of: (profile: string) => EventRecorder; readonly first: EventRecorder } {
  const recorders = new Map(names.map((name) => [name, events.recorder(name)]));
  // there is a recorder for each profile, and a profile at least
  const of = (profile: string): EventRecorder => recorders.get(profile) as EventRecorder;
  return { of, first: of(names[0] as string) };
}

function groupAttempts<W extends ApiObject, H extends ApiObject>(
  parts: Omit<GroupAttemptsParts<W, H>, 'together'> & GroupBindingsParts<W, H>,
): GroupAttempts<W, H> {
  return new GroupAttempts({ ...parts, together: new GroupBindings(parts) });
}

/** The profiles with the plugin that keeps members of groups back until enough of them are there. */
function profilesOf<W extends ApiObject, H extends ApiObject>(
  profiles: readonly SchedulerProfile<W, H>[],
  book: GangBook<W> | undefined,
): readonly SchedulerProfile<W, H>[] {
  if (book === undefined || !Array.isArray(profiles)) return profiles;
  return (profiles as readonly SchedulerProfile<W, H>[]).map(({ schedulerName, plugins }) => ({
    schedulerName,
    plugins: Array.isArray(plugins) ? [...plugins, gangScheduling<W, H>(book)] : plugins,
  }));
}

function writerOf<W extends ApiObject, H extends ApiObject>(
  options: SchedulerOptions<W, H>,
  model: SchedulingModel<W, H>,
): WorkloadWriter<W> {
  return options.model === undefined
    ? (podWriter as unknown as WorkloadWriter<W>)
    : deletingWriter<W>(model.workload);
}

function positive(option: string, value: number): number {
  if (value > 0) return value;
  throw new RangeError(
    `Scheduler: ${option}: expected a number of milliseconds above 0, got ${preview(value)}`,
  );
}
