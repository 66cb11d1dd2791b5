import type { ApiObject, Logger } from '../../../core/index.js';
import type { Cluster } from '../../cluster/index.js';
import type { Verdict } from '../../framework/index.js';
import type { GangBook } from '../../gangs/index.js';
import type { Failure, SchedulingQueue } from '../../queue/index.js';
import { activateGroup } from './activate-group.js';
import { objectionsIn, type Objections } from './attempt-end.js';
import type { BindFailure, BindResult } from '../bindings/binding.js';
import type { Intake } from '../intake.js';
import type { KeptRoom } from '../kept-room.js';
import { type ChosenRoom, Evictions } from './evictions.js';
import type { Reporter } from '../reports/reporter.js';
import { giveBack } from '../bindings/reservation.js';
import type { SchedulerMetrics } from '../scheduler-metrics.js';
import type { Try } from './try.js';

/** What {@link Outcomes} work with. */
export interface OutcomesParts<W extends ApiObject, H extends ApiObject> {
  readonly cluster: Cluster<W, H>;
  readonly queue: SchedulingQueue<W, H>;
  readonly kept: KeptRoom<W, H>;
  readonly intake: Intake<W, H>;
  readonly reporter: Reporter<W, H>;
  readonly metrics: SchedulerMetrics;
  /** Undefined where there are no groups. */
  readonly book: GangBook<W> | undefined;
  readonly logger: Logger;
}

/** Sees to what follows from the end of an attempt: in the queue, in the cluster, in metrics, and for people to read. */
export class Outcomes<W extends ApiObject, H extends ApiObject> {
  readonly #parts: OutcomesParts<W, H>;
  readonly #evictions: Evictions<W, H>;

  constructor(parts: OutcomesParts<W, H>) {
    this.#parts = parts;
    this.#evictions = new Evictions(parts);
  }

  /** The binding of a workload that is taken to be on a host has ended; `latest` is its newest state. */
  bindingEnded(tried: Try<W, H>, host: string, result: BindResult<W>, latest: W): void {
    if (result.end === 'bound') {
      this.#bound(tried, host);
      return;
    }
    this.giveBack(tried, host, latest);
    this.notBound(tried, result);
  }

  /** A binding has come to nothing, and what was taken for it is given back. @param own - What was given back with it, by key. */
  notBound(tried: Try<W, H>, result: BindFailure<W>, own?: ReadonlySet<string>): void {
    if (result.end === 'rejected') this.rejected(tried, result.verdict, own);
    else if (result.end === 'failed') this.error(tried, result.error);
    else this.#dropped(tried, result.found);
  }

  /** A workload that is taken to be on a host does not go there after all: plugins give back what they have reserved. */
  giveBack(tried: Try<W, H>, host: string, latest: W = tried.workload.object): void {
    const { cluster, logger } = this.#parts;
    giveBack(tried.profile.members, tried.workload, host, cluster, logger);
    this.forget(tried, latest);
  }

  /** The same for one for which nothing was reserved. */
  forget({ workload }: Try<W, H>, latest: W = workload.object): void {
    const { cluster, kept, book, queue } = this.#parts;
    // it may be gone, or be placed elsewhere meanwhile
    if (cluster.workload(workload.key) !== workload) return;
    const waiting = latest === workload.object ? workload : cluster.describe(latest);
    // one that was sent away held no place in its group, which may be complete with it again
    const isReady = book?.set(waiting) === true;
    cluster.forget(workload);
    kept.told(waiting);
    if (isReady) activateGroup(waiting, book, queue);
  }

  /** A plugin said no to a workload for which there is a host. @param own - What was given back with it, by key. */
  rejected(tried: Try<W, H>, { plugin, code, reasons }: Verdict, own?: ReadonlySet<string>): void {
    // the no of somebody else than a plugin says nothing of what may help: it is tried again after a while
    const isKnown = tried.profile.members.some(({ name }) => name === plugin);
    const objections = objectionsIn(isKnown ? [{ plugin, code, reasons }] : []);
    this.unschedulable(tried, { ...objections, own }, reasons.join(', '));
  }

  /** No host will do. */
  unschedulable(tried: Try<W, H>, objections: Objections & Failure, message: string): void {
    const { queue, reporter } = this.#parts;
    const { attempt, workload, profile } = tried;
    this.#count(tried, objections);
    queue.failed(attempt, objections);
    reporter.failed(workload, profile.name, { message, isError: false });
  }

  /** The workload has to be tried in another way, and has its turn again at once. */
  again({ attempt, workload }: Try<W, H>, objections: Objections): void {
    const { queue } = this.#parts;
    queue.activate([workload.key]);
    queue.failed(attempt, objections);
  }

  /**
   * No host will do, but others are on their way to make room.
   *
   * The workload stays in hand, so that it does not push others off meanwhile: `ended` is for when they have gone, or could not be evicted.
   */
  makesRoom(tried: Try<W, H>, objections: Objections, message: string, chosen?: ChosenRoom<W>): void {
    const { reporter, metrics } = this.#parts;
    const { workload, profile } = tried;
    const room = chosen === undefined ? undefined : this.#evictions.start(workload, chosen);
    if (room !== undefined) metrics.preempted(room.parties.flat().length);
    this.#count(tried, objections);
    reporter.failed(workload, profile.name, { message, isError: false }, room);
  }

  /** What was under way to make room for a workload has ended: `failed` where not all could be evicted. */
  roomMade({ attempt, workload }: Try<W, H>, objections: Objections, failed: boolean): void {
    const { queue, kept } = this.#parts;
    if (failed) kept.giveUp(workload.key);
    queue.failed(attempt, failed ? { error: true } : objections);
  }

  /** Keeps room on hosts: others of lower priority that wait for the same do not get it any more, and may look for other. */
  keepRoom(tries: readonly Try<W, H>[], hosts: ReadonlyMap<string, string>): void {
    const { cluster, kept, queue } = this.#parts;
    const losers = new Set<string>();
    for (const { workload } of tries) {
      for (const { key, priority } of cluster.nominatedOn(hosts.get(workload.key) ?? '')) {
        if (priority < workload.priority && !hosts.has(key)) losers.add(key);
      }
    }
    for (const key of losers) kept.giveUp(key);
    for (const { workload } of tries) kept.keep(workload, hosts.get(workload.key) ?? '');
    queue.activate(losers);
  }

  /** Something went wrong: the workload is tried again after a while. */
  error({ attempt, workload, profile, start }: Try<W, H>, error: unknown): void {
    const { queue, metrics, reporter, logger } = this.#parts;
    queue.failed(attempt, { error: true });
    metrics.attempted('error', profile.name, start);
    const message = error instanceof Error ? error.message : String(error);
    logger.error({ workload: workload.key, error }, 'an attempt to schedule failed');
    reporter.failed(workload, profile.name, { message, isError: true });
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

  #count({ profile, start }: Try<W, H>, { rejectedBy }: Objections): void {
    const { metrics } = this.#parts;
    metrics.attempted('unschedulable', profile.name, start);
    metrics.rejected(rejectedBy, profile.name);
  }
}
