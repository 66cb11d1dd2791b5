import type { Client } from '../../client/index.js';
import type { ApiObject, Lane, Logger } from '../../core/index.js';
import type { Cluster, HostSlot, PlacedWorkload } from '../cluster/index.js';
import { fitMessage, fitMessageForAll, NO_HOSTS } from '../engine/fit-message.js';
import type { Choice } from '../engine/choice.js';
import { PluginError } from '../engine/plugin-error.js';
import type { Verdict } from '../framework/index.js';
import type { Attempt, SchedulingQueue } from '../queue/index.js';
import type { Bindings } from './bindings.js';
import type { Profiles, WorkingProfile } from './profiles.js';
import type { SchedulerMetrics } from './scheduler-metrics.js';

/** What a loop tells of. */
export interface LoopListener<W extends ApiObject, H extends ApiObject> {
  bound(workload: PlacedWorkload<W, H>, host: string, profile: string): void;
  /** An attempt came to nothing: `message` says why; `victims` have to go for the workload to go to `host`. */
  failed(
    workload: PlacedWorkload<W, H>,
    profile: string,
    why: {
      readonly message: string;
      readonly isError: boolean;
      readonly host?: string | undefined;
      readonly victims?: readonly W[] | undefined;
    },
  ): void;
  /** There is nothing to do at the moment. */
  quiet(): void;
}

/** What a loop works with. */
export interface LoopParts<W extends ApiObject, H extends ApiObject> {
  readonly cluster: Cluster<W, H>;
  readonly queue: SchedulingQueue<W, H>;
  readonly profiles: Profiles<W, H>;
  readonly bindings: Bindings<W, H>;
  readonly metrics: SchedulerMetrics;
  readonly listener: LoopListener<W, H>;
  readonly logger: Logger;
  readonly slice: number;
}

/** No more than so many attempts are made in one go, however fast the clock says they are. */
const MOST_IN_A_SLICE = 1_000;

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

  constructor(parts: LoopParts<W, H>) {
    this.#parts = parts;
  }

  /** Whether there is nothing to do at the moment: what waits for an event or its backoff does not count. */
  get isQuiet(): boolean {
    const { active, 'in hand': inHand } = this.#parts.queue.counts();
    return (this.#client === undefined || active === 0) && inHand === 0 && !this.#isComing;
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

  #slice(): void {
    this.#isComing = false;
    const client = this.#client;
    if (client === undefined) return;
    const { clock, executor } = client;
    const start = clock.monotonic();
    for (let attempts = 0; this.#client === client; attempts += 1) {
      if (attempts === MOST_IN_A_SLICE || clock.monotonic() - start >= this.#parts.slice) {
        this.#isComing = true;
        const goOn = (): void => executor.execute(this.#lane, () => this.#slice());
        if (executor.breathe === undefined) goOn();
        else void executor.breathe().then(goOn);
        return;
      }
      const attempt = this.#parts.queue.pop();
      if (attempt === undefined) break;
      this.#try(client, attempt);
    }
    if (this.isQuiet) this.#parts.listener.quiet();
  }

  #try(client: Client, attempt: Attempt<W>): void {
    const { cluster, profiles, metrics } = this.#parts;
    const workload = profiles.describe(attempt.workload);
    const profile = profiles.of(workload.object);
    const start = client.clock.monotonic();
    if (profile === undefined || cluster.workload(workload.key) !== undefined) {
      this.#parts.queue.done(attempt);
      return;
    }
    let choice: Choice<W, H>;
    try {
      choice = profile.engine.decide(workload);
    } catch (error) {
      this.#error(attempt, profile, start, error);
      return;
    }
    metrics.decided((client.clock.monotonic() - start) / 1_000);
    if (choice.host === undefined) this.#unschedulable(attempt, profile, choice, start);
    else this.#assume(client, attempt, profile, choice.host, start);
  }

  /** The workload is taken to be on the host from here on. */
  #assume(
    client: Client,
    attempt: Attempt<W>,
    profile: WorkingProfile<W, H>,
    host: HostSlot<W, H>,
    start: number,
  ): void {
    const { cluster, profiles, bindings } = this.#parts;
    const workload = profiles.describe(attempt.workload);
    cluster.place(workload, host.name);
    const waits = new Map<string, number>();
    let step = 'reserve';
    let name = '';
    try {
      for (const { plugin, name: of } of profile.members) {
        name = of;
        const rejection = plugin.reserve?.(workload, host, cluster);
        if (rejection === undefined) continue;
        this.#giveBack(workload, profile, host.name);
        this.#rejected(attempt, profile, [[{ ...rejection, plugin: of }, 1]], start);
        return;
      }
      step = 'permit';
      for (const { plugin, name: of } of profile.members) {
        name = of;
        const answer = plugin.permit?.(workload, host, cluster);
        if (answer === undefined) continue;
        if ('wait' in answer) {
          waits.set(of, answer.wait);
          continue;
        }
        this.#giveBack(workload, profile, host.name);
        this.#rejected(attempt, profile, [[{ ...answer, plugin: of }, 1]], start);
        return;
      }
    } catch (error) {
      this.#giveBack(workload, profile, host.name);
      this.#error(attempt, profile, start, new PluginError(name, step, error));
      return;
    }
    const { members } = profile;
    void bindings
      .bind(client, { workload, host: host.name, members, waits })
      .then((result) => {
        if (result.end === 'bound') {
          this.#bound(attempt, profile, host.name, start);
          return;
        }
        this.#giveBack(workload, profile, host.name);
        if (result.end === 'rejected') this.#rejected(attempt, profile, [[result.verdict, 1]], start);
        else this.#error(attempt, profile, start, result.error);
      })
      .finally(() => {
        if (this.isQuiet) this.#parts.listener.quiet();
      });
  }

  #bound(attempt: Attempt<W>, profile: WorkingProfile<W, H>, host: string, start: number): void {
    const { cluster, queue, metrics, listener, logger } = this.#parts;
    const workload = this.#parts.profiles.describe(attempt.workload);
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
    listener.bound(workload, host, profile.name);
  }

  /** The workload does not go there after all. */
  #giveBack(workload: PlacedWorkload<W, H>, profile: WorkingProfile<W, H>, host: string): void {
    const { cluster, logger } = this.#parts;
    for (const { plugin, name } of profile.members.toReversed()) {
      try {
        plugin.unreserve?.(workload, host, cluster);
      } catch (error) {
        logger.error(
          {
            plugin: name,
            workload: workload.key,
            error,
          },
          'a plugin failed to give back what it had reserved',
        );
      }
    }
    // it may be gone, or be bound elsewhere meanwhile
    if (cluster.workload(workload.key) === workload) cluster.forget(workload);
  }

  /** No host will do: somebody may have to go. */
  #unschedulable(
    attempt: Attempt<W>,
    profile: WorkingProfile<W, H>,
    choice: Choice<W, H>,
    start: number,
  ): void {
    const { cluster, profiles } = this.#parts;
    const workload = profiles.describe(attempt.workload);
    let room: ReturnType<typeof profile.engine.makeRoomFor>;
    try {
      room = profile.engine.makeRoomFor(workload, choice);
    } catch (error) {
      this.#error(attempt, profile, start, error);
      return;
    }
    const message = messageOf(cluster.size, choice);
    if (room === undefined) this.#rejected(attempt, profile, choice.counts, start, message);
    else if (!('host' in room)) {
      this.#rejected(attempt, profile, choice.counts, start, `${message} ${room.reasons.join(', ')}`);
    } else {
      const { host, victims } = room;
      // those of lower priority that wait for the same room do not get it any more
      for (const other of cluster.nominatedOn(host)) {
        if (other.priority < workload.priority) cluster.unnominate(other.key);
      }
      cluster.nominate(workload, host);
      this.#parts.metrics.preempted(victims.length);
      const objects = victims.map(({ object }) => object);
      this.#rejected(attempt, profile, choice.counts, start, message, { host, victims: objects });
    }
  }

  #rejected(
    attempt: Attempt<W>,
    profile: WorkingProfile<W, H>,
    counts: Iterable<readonly [Verdict, number]>,
    start: number,
    said?: string,
    room: { readonly host?: string; readonly victims?: readonly W[] } = {},
  ): void {
    const { queue, metrics, listener, profiles } = this.#parts;
    const rejectedBy = new Set<string>();
    const pendingPlugins = new Set<string>();
    const reasons: string[] = [];
    for (const [{ plugin, code, reasons: more }] of counts) {
      reasons.push(...more);
      if (plugin === '') continue;
      (code === 'Pending' ? pendingPlugins : rejectedBy).add(plugin);
    }
    queue.failed(attempt, { rejectedBy, pendingPlugins });
    metrics.attempted('unschedulable', profile.name, start);
    metrics.rejected(rejectedBy, profile.name);
    const message = said ?? reasons.join(', ');
    listener.failed(profiles.describe(attempt.workload), profile.name, { message, isError: false, ...room });
  }

  #error(attempt: Attempt<W>, profile: WorkingProfile<W, H>, start: number, error: unknown): void {
    const { queue, metrics, listener, profiles, logger } = this.#parts;
    queue.failed(attempt, { error: true });
    metrics.attempted('error', profile.name, start);
    const message = error instanceof Error ? error.message : String(error);
    logger.error({ workload: attempt.workload.key, error }, 'an attempt to schedule failed');
    listener.failed(profiles.describe(attempt.workload), profile.name, { message, isError: true });
  }
}

function messageOf<W extends ApiObject, H extends ApiObject>(hosts: number, choice: Choice<W, H>): string {
  if (hosts === 0) return NO_HOSTS;
  return choice.rejection === undefined
    ? fitMessage(hosts, choice.counts)
    : fitMessageForAll(hosts, choice.rejection);
}
