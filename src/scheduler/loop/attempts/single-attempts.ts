import type { Client } from '../../../client/index.js';
import type { ApiObject } from '../../../core/index.js';
import type { Cluster, HostSlot } from '../../cluster/index.js';
import type { Choice } from '../../engine/choice.js';
import { everyFilter, messageOf, objectionsIn } from './attempt-end.js';
import type { Bindings } from '../bindings/bindings.js';
import type { KeptRoom } from '../kept-room.js';
import type { News } from '../news.js';
import type { Outcomes } from './outcomes.js';
import { permit, reserve } from '../bindings/reservation.js';
import type { SchedulerMetrics } from '../scheduler-metrics.js';
import type { Try } from './try.js';

/** What {@link SingleAttempts} work with. */
export interface SingleAttemptsParts<W extends ApiObject, H extends ApiObject> {
  readonly cluster: Cluster<W, H>;
  readonly bindings: Bindings<W, H>;
  readonly kept: KeptRoom<W, H>;
  readonly outcomes: Outcomes<W, H>;
  readonly news: News<W, H>;
  readonly metrics: SchedulerMetrics;
  /** There may be nothing to do at the moment. */
  readonly onQuiet: () => void;
}

/** Places workloads that stand for themselves. */
export class SingleAttempts<W extends ApiObject, H extends ApiObject> {
  readonly #parts: SingleAttemptsParts<W, H>;

  constructor(parts: SingleAttemptsParts<W, H>) {
    this.#parts = parts;
  }

  /** Decides about a workload, and has it bound. */
  make(client: Client, tried: Try<W, H>): void {
    const { outcomes, metrics } = this.#parts;
    let choice: Choice<W, H>;
    try {
      choice = tried.profile.engine.decide(tried.workload);
    } catch (error) {
      outcomes.error(tried, error);
      return;
    }
    metrics.decided((client.clock.monotonic() - tried.start) / 1_000);
    if (choice.host === undefined) this.#unschedulable(tried, choice);
    else this.#assume(client, tried, choice.host);
  }

  /** The workload is taken to be on the host from here on. */
  #assume(client: Client, tried: Try<W, H>, host: HostSlot<W, H>): void {
    const { bindings, outcomes, news, onQuiet } = this.#parts;
    const { workload, profile } = tried;
    const waits = new Map<string, number>();
    news.hold();
    const failure = this.#reserve(tried, host, waits);
    news.release(failure !== undefined);
    if (failure !== undefined) {
      failure();
      return;
    }
    bindings.start({
      client,
      workload,
      host: host.name,
      members: profile.members,
      waits,
      onEnd(result, latest) {
        outcomes.bindingEnded(tried, host.name, result, latest);
        onQuiet();
      },
    });
  }

  /** Places the workload, and asks plugins; where one says no everything is taken back, and the answer ends the attempt. */
  #reserve(tried: Try<W, H>, host: HostSlot<W, H>, waits: Map<string, number>): (() => void) | undefined {
    const { cluster, outcomes } = this.#parts;
    const { workload, profile } = tried;
    cluster.place(workload, host.name);
    let failure: () => void;
    try {
      const verdict =
        reserve(profile.members, workload, host, cluster) ??
        permit(profile.members, workload, host, cluster, waits);
      if (verdict === undefined) return undefined;
      failure = () => outcomes.rejected(tried, verdict);
    } catch (error) {
      failure = () => outcomes.error(tried, error);
    }
    outcomes.giveBack(tried, host.name);
    return failure;
  }

  /** No host will do: somebody may have to go. */
  #unschedulable(tried: Try<W, H>, choice: Choice<W, H>): void {
    const { cluster, kept, outcomes } = this.#parts;
    const { workload, profile } = tried;
    const isLost = this.#isRoomLost(workload.key, choice);
    let room: ReturnType<typeof profile.engine.makeRoomFor>;
    try {
      room = profile.engine.makeRoomFor(workload, choice);
    } catch (error) {
      outcomes.error(tried, error);
      return;
    }
    const message = messageOf(cluster.size, choice);
    const objections = objectionsIn(choice.counts.keys(), choice.narrowedBy);
    if (room === undefined || !('host' in room)) {
      if (isLost || room?.code === 'UnschedulableAndUnresolvable') kept.giveUp(workload.key);
      const why = [message, room?.reasons.join(', ')].filter(Boolean).join(' ');
      outcomes.unschedulable(tried, cluster.size === 0 ? everyFilter(profile, objections) : objections, why);
      return;
    }
    const { host } = room;
    outcomes.keepRoom([tried], new Map([[workload.key, host]]));
    outcomes.makesRoom(tried, objections, message, {
      host,
      victims: room.victims,
      onEnd: (failed) => outcomes.roomMade(tried, objections, failed !== undefined),
    });
  }

  /** Whether room is kept on a host where the workload cannot be, whoever goes. */
  #isRoomLost(key: string, choice: Choice<W, H>): boolean {
    const { cluster, kept } = this.#parts;
    const name = kept.hostOf(key);
    if (name === undefined) return false;
    const host = cluster.host(name);
    return host === undefined || choice.verdictOf(host)?.code === 'UnschedulableAndUnresolvable';
  }
}
