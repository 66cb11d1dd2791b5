import type { Client } from '../../client/index.js';
import type { ApiObject, Lane, Logger } from '../../core/index.js';
import type { Cluster, HostSlot, PlacedWorkload } from '../cluster/index.js';
import type { Choice } from '../engine/choice.js';
import type { Verdict } from '../framework/index.js';
import type { Attempt, SchedulingQueue } from '../queue/index.js';
import { messageOf, objectionsIn, type Objections } from './attempt-end.js';
import type { BindResult } from './binding.js';
import type { Bindings } from './bindings.js';
import type { Intake } from './intake.js';
import type { KeptRoom } from './kept-room.js';
import type { Pace } from './pace.js';
import type { Profiles, WorkingProfile } from './profiles.js';
import type { Reporter } from './reporter.js';
import { giveBack, permit, reserve } from './reservation.js';
import type { SchedulerMetrics } from './scheduler-metrics.js';

/** What a loop works with. */
export interface LoopParts<W extends ApiObject, H extends ApiObject> {
  readonly cluster: Cluster<W, H>;
  readonly queue: SchedulingQueue<W, H>;
  readonly profiles: Profiles<W, H>;
  readonly bindings: Bindings<W, H>;
  readonly kept: KeptRoom<W, H>;
  readonly intake: Intake<W, H>;
  readonly reporter: Reporter<W, H>;
  readonly metrics: SchedulerMetrics;
  readonly pace: Pace;
  readonly logger: Logger;
  /** There may be nothing to do at the moment. */
  readonly onQuiet: () => void;
}

/** An attempt under way. */
interface Try<W extends ApiObject, H extends ApiObject> {
  readonly attempt: Attempt<W>;
  readonly workload: PlacedWorkload<W, H>;
  readonly profile: WorkingProfile<W, H>;
  /** When it began, by the monotonic clock. */
  readonly start: number;
}

/** No more workloads than so many are decided about ahead of the answers of the server. */
const MOST_SENT = 500;

/**
 * Takes one workload after another from the queue, decides, and has it bound; in slices, so that other work of the process has its turn.
 *
 * A decision and all that it changes are one synchronous step. Bindings go on beside it: a workload that is being bound is
 * taken to be on its host already.
 */
export class SchedulingLoop<W extends ApiObject, H extends ApiObject> {
  readonly #parts: LoopParts<W, H>;
  readonly #lane: Lane = { kind: 'worker', name: 'scheduler' };
  // writes for the loop; undefined while it does not run
  #client: Client | undefined;
  // whether a slice is going to run
  #isComing = false;
  // whether it has stopped as the server has too much to answer
  #isFull = false;

  constructor(parts: LoopParts<W, H>) {
    this.#parts = parts;
  }

  /** Whether there is nothing to decide at the moment: what waits for an event or its backoff does not count. */
  get isQuiet(): boolean {
    return (this.#client === undefined || this.#parts.queue.counts().active === 0) && !this.#isComing;
  }

  /** Works from now on, through a client. */
  start(client: Client): void {
    this.#client = client;
    this.wake();
  }

  /** Makes no more attempts. */
  stop(): void {
    this.#client = undefined;
  }

  /** There may be something in the queue. */
  wake(): void {
    if (this.#isComing || this.#client === undefined) return;
    this.#isComing = true;
    this.#client.executor.execute(this.#lane, () => this.#slice());
  }

  /** The server has answered. */
  goOn(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.wake();
  }

  #slice(): void {
    this.#isComing = false;
    const { queue, bindings, pace, onQuiet } = this.#parts;
    for (let client = this.#client; client !== undefined; client = this.#client) {
      this.#isFull = bindings.sent >= MOST_SENT;
      if (this.#isFull) break;
      const pause = pace.pause();
      if (pause !== undefined) {
        this.#isComing = true;
        const { executor } = client;
        void pause.then(() => executor.execute(this.#lane, () => this.#slice()));
        return;
      }
      const attempt = queue.pop();
      if (attempt === undefined) break;
      this.#try(client, attempt);
    }
    onQuiet();
  }

  #try(client: Client, attempt: Attempt<W>): void {
    const { cluster, profiles, metrics, queue } = this.#parts;
    const workload = profiles.describe(attempt.workload);
    const profile = profiles.of(workload.object);
    if (profile === undefined || cluster.workload(workload.key) !== undefined) {
      queue.done(attempt);
      return;
    }
    const start = client.clock.monotonic();
    const tried: Try<W, H> = { attempt, workload, profile, start };
    let choice: Choice<W, H>;
    try {
      choice = profile.engine.decide(workload);
    } catch (error) {
      this.#error(tried, error);
      return;
    }
    metrics.decided((client.clock.monotonic() - start) / 1_000);
    if (choice.host === undefined) this.#unschedulable(tried, choice);
    else this.#assume(client, tried, choice.host);
  }

  /** The workload is taken to be on the host from here on. */
  #assume(client: Client, tried: Try<W, H>, host: HostSlot<W, H>): void {
    const { cluster, bindings } = this.#parts;
    const { workload, profile } = tried;
    const { members } = profile;
    cluster.place(workload, host.name);
    const waits = new Map<string, number>();
    let verdict: Verdict | undefined;
    try {
      verdict = reserve(members, workload, host, cluster) ?? permit(members, workload, host, cluster, waits);
    } catch (error) {
      this.#giveBack(tried, host.name, workload.object);
      this.#error(tried, error);
      return;
    }
    if (verdict !== undefined) {
      this.#giveBack(tried, host.name, workload.object);
      this.#rejected(tried, verdict);
      return;
    }
    const onEnd = (result: BindResult<W>, latest: W): void =>
      this.#bindingEnded(tried, host.name, result, latest);
    bindings.start({ client, workload, host: host.name, members, waits, onEnd });
  }

  #bindingEnded(tried: Try<W, H>, host: string, result: BindResult<W>, latest: W): void {
    if (result.end === 'bound') {
      this.#bound(tried, host);
    } else {
      this.#giveBack(tried, host, latest);
      if (result.end === 'rejected') this.#rejected(tried, result.verdict);
      else if (result.end === 'failed') this.#error(tried, result.error);
      else this.#dropped(tried, result.found);
    }
    this.#parts.onQuiet();
  }

  #bound({ attempt, workload, profile, start }: Try<W, H>, host: string): void {
    const { cluster, queue, metrics, reporter, logger } = this.#parts;
    queue.done(attempt);
    metrics.attempted('scheduled', profile.name, start);
    metrics.placed(attempt.attempts, attempt.since);
    for (const { plugin, name } of profile.members) {
      try {
        plugin.postBind?.(workload, host, cluster);
      } catch (error) {
        logger.error({ plugin: name, workload: workload.key, error }, 'a plugin failed after the binding');
      }
    }
    reporter.bound(workload, host, profile.name);
  }

  /** Others have placed the workload, as `found` says; or it is not to be bound now, and its attempt does not count. */
  #dropped({ attempt }: Try<W, H>, found: W | undefined): void {
    const { queue, intake } = this.#parts;
    if (found === undefined) queue.failed(attempt, { error: true });
    else intake.placedByOthers(found);
  }

  /** The workload does not go there after all. */
  #giveBack({ workload, profile }: Try<W, H>, host: string, latest: W): void {
    const { cluster, kept, logger } = this.#parts;
    giveBack(profile.members, workload, host, cluster, logger);
    // it may be gone, or be placed elsewhere meanwhile
    if (cluster.workload(workload.key) !== workload) return;
    cluster.forget(workload);
    kept.told(latest === workload.object ? workload : cluster.describe(latest));
  }

  /** No host will do: somebody may have to go. */
  #unschedulable(tried: Try<W, H>, choice: Choice<W, H>): void {
    const { cluster, kept, metrics, reporter, queue } = this.#parts;
    const { workload, profile, attempt } = tried;
    const isLost = this.#isRoomLost(workload.key, choice);
    let room: ReturnType<typeof profile.engine.makeRoomFor>;
    try {
      room = profile.engine.makeRoomFor(workload, choice);
    } catch (error) {
      this.#error(tried, error);
      return;
    }
    const message = messageOf(cluster.size, choice);
    const objections = objectionsIn(choice.counts.keys(), choice.narrowedBy);
    if (room === undefined || !('host' in room)) {
      if (isLost) kept.giveUp(workload.key);
      const why = room === undefined ? message : `${message} ${room.reasons.join(', ')}`;
      this.#count(tried, objections);
      queue.failed(attempt, cluster.size === 0 ? everyFilter(profile, objections) : objections);
      reporter.failed(workload, profile.name, { message: why, isError: false });
      return;
    }
    const { host } = room;
    this.#takeRoom(workload, host);
    const victims = room.victims.map(({ object }) => object);
    metrics.preempted(victims.length);
    this.#count(tried, objections);
    // it stays in hand until they are evicted, so that it does not push others off meanwhile
    const onEnd = (failed?: { readonly error: unknown }): void => {
      if (failed !== undefined) kept.giveUp(workload.key);
      queue.failed(attempt, failed === undefined ? objections : { error: true });
    };
    reporter.failed(workload, profile.name, { message, isError: false }, { host, victims, onEnd });
  }

  /** Those of lower priority that wait for the same room do not get it any more, and may look for other. */
  #takeRoom(workload: PlacedWorkload<W, H>, host: string): void {
    const { cluster, kept, queue } = this.#parts;
    const losers = [...cluster.nominatedOn(host)].filter(({ priority }) => priority < workload.priority);
    for (const { key } of losers) kept.giveUp(key);
    kept.keep(workload, host);
    queue.activate(losers.map(({ key }) => key));
  }

  /** Whether room is kept on a host where the workload cannot be, whoever goes. */
  #isRoomLost(key: string, choice: Choice<W, H>): boolean {
    const { cluster, kept } = this.#parts;
    const name = kept.hostOf(key);
    if (name === undefined) return false;
    const host = cluster.host(name);
    return host === undefined || choice.verdictOf(host)?.code === 'UnschedulableAndUnresolvable';
  }

  #rejected(tried: Try<W, H>, verdict: Verdict): void {
    const { queue, reporter } = this.#parts;
    // the no of somebody else than a plugin says nothing of what may help: it is tried again after a while
    const isKnown = tried.profile.members.some(({ name }) => name === verdict.plugin);
    const objections = objectionsIn(isKnown ? [verdict] : []);
    this.#count(tried, objections);
    queue.failed(tried.attempt, objections);
    const message = verdict.reasons.join(', ');
    reporter.failed(tried.workload, tried.profile.name, { message, isError: false });
  }

  #count({ profile, start }: Try<W, H>, { rejectedBy }: Objections): void {
    const { metrics } = this.#parts;
    metrics.attempted('unschedulable', profile.name, start);
    metrics.rejected(rejectedBy, profile.name);
  }

  #error({ attempt, workload, profile, start }: Try<W, H>, error: unknown): void {
    const { queue, metrics, reporter, logger } = this.#parts;
    queue.failed(attempt, { error: true });
    metrics.attempted('error', profile.name, start);
    const message = error instanceof Error ? error.message : String(error);
    logger.error({ workload: workload.key, error }, 'an attempt to schedule failed');
    reporter.failed(workload, profile.name, { message, isError: true });
  }
}

/** Where there are no hosts few say no, and whoever looks at hosts can tell whether one that comes will help. */
function everyFilter<W extends ApiObject, H extends ApiObject>(
  { members }: WorkingProfile<W, H>,
  { rejectedBy, pendingPlugins }: Objections,
): Objections {
  const names = members.filter(({ plugin }) => plugin.filter !== undefined).map(({ name }) => name);
  return { rejectedBy: new Set([...rejectedBy, ...names]), pendingPlugins };
}
