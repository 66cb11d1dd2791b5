import type { Client } from '../../../client/index.js';
import type { ApiObject, Lane, Logger } from '../../../core/index.js';
import type { EventRecorder } from '../../../controller/index.js';
import { WorkQueue } from '../../../workqueue/index.js';
import type { PlacedWorkload } from '../../cluster/index.js';
import type { SchedulingModel, WorkloadInfo } from '../../framework/index.js';
import type { Party, Victim } from '../../gangs/index.js';
import type { KeptRoom } from '../kept-room.js';
import { Life } from '../limits/life.js';
import { TimeLimit } from '../limits/time-limit.js';
import type { WaitingRoom } from '../bindings/waiting-room.js';
import { within } from '../limits/within.js';
import type { WorkloadWriter } from './workload-writer.js';

/** How many workloads are written about at the same time, and how many milliseconds a write may take. */
const WRITERS = 16;
const WRITE = 60_000;

/** How much sooner room is made than reports are written. */
const URGENT = 100;

/** Why a workload was not placed. */
export interface Failure {
  readonly message: string;
  /** Whether it was an error, and not a rejection. */
  readonly isError: boolean;
}

/** Room that is to be made for a workload. */
export interface RoomToMake<W extends ApiObject> {
  readonly host: string;
  /** Who has to go: once one of a party does, all of it do. */
  readonly parties: readonly Party<W>[];
  /** Whether one still is where it was; if not, it need not be evicted. */
  readonly isPlaced: (victim: WorkloadInfo<W>) => boolean;
  /** Called for each that was evicted. */
  readonly onEvicted: (victim: WorkloadInfo<W>) => void;
  /** Called once: with an error where not all of them could be evicted. */
  readonly onEnd: (failed?: { readonly error: unknown }) => void;
}

/** What is to be written about a workload. */
interface Job<W extends ApiObject, H extends ApiObject> {
  readonly workload: PlacedWorkload<W, H>;
  readonly profile: string;
  readonly why: Failure;
  readonly room: RoomToMake<W> | undefined;
}

/** What a {@link Reporter} works with. */
export interface ReporterParts<W extends ApiObject, H extends ApiObject> {
  readonly client: Client;
  readonly model: SchedulingModel<W, H>;
  readonly writer: WorkloadWriter<W>;
  readonly kept: KeptRoom<W, H>;
  readonly room: WaitingRoom<W>;
  readonly recorderOf: (profile: string) => EventRecorder;
  /** The newest state of a workload that is known. */
  readonly latest: (key: string) => W | undefined;
  readonly onQuiet: () => void;
  readonly logger: Logger;
}

/**
 * Tells people what became of attempts, and evicts those who have to go: in the background, some workloads at a time.
 *
 * Of several reports about a workload the newest is written. One that fails is logged, and written with the next attempt.
 */
export class Reporter<W extends ApiObject, H extends ApiObject> {
  readonly #parts: ReporterParts<W, H>;
  readonly #lane: Lane = { kind: 'worker', name: 'scheduler: reports' };
  // the keys of the workloads that are to be written about, and what: each key that waits in the queue has a job
  readonly #queue: WorkQueue<string>;
  readonly #jobs = new Map<string, Job<W, H>>();
  // resolve when the queue is shut down
  readonly #workers: readonly Promise<void>[];
  // writes while this process schedules; undefined while it does not
  #client: Client | undefined;
  // the writes that are under way
  readonly #writes = new Set<Life>();
  readonly #limit: TimeLimit;

  constructor(parts: ReporterParts<W, H>) {
    this.#parts = parts;
    this.#limit = new TimeLimit(parts.client.clock, WRITE);
    this.#queue = new WorkQueue({ clock: parts.client.clock });
    this.#workers = Array.from({ length: WRITERS }, () => this.#work());
  }

  /** How many workloads are still to be written about. */
  get busy(): number {
    return this.#jobs.size + this.#queue.processing;
  }

  /** Writes from now on, through a client. */
  start(client: Client): void {
    this.#client = client;
  }

  /** Writes nothing until it is started again, and forgets what it should have written. */
  pause(reason: unknown): void {
    this.#client = undefined;
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const write of this.#writes) write.end(reason);
    for (const { room } of jobs) room?.onEnd({ error: reason });
  }

  /** Ends for good; resolves when nothing is being written. */
  async stop(): Promise<void> {
    this.#queue.shutDown();
    await Promise.all(this.#workers);
  }

  bound(workload: PlacedWorkload<W, H>, host: string, profile: string): void {
    this.#parts.recorderOf(profile).event(workload.object, {
      type: 'Normal',
      reason: 'Scheduled',
      action: 'Binding',
      note: `Successfully assigned ${workload.key} to ${host}`,
    });
  }

  /** An attempt came to nothing. @param room - What is done so that the next one may not. */
  failed(workload: PlacedWorkload<W, H>, profile: string, why: Failure, room?: RoomToMake<W>): void {
    if (this.#client === undefined) {
      room?.onEnd({ error: new Error('this process does not schedule any more') });
      return;
    }
    this.#parts.recorderOf(profile).event(workload.object, {
      type: 'Warning',
      reason: 'FailedScheduling',
      action: 'Scheduling',
      note: why.message,
    });
    const { key } = workload;
    this.#jobs.get(key)?.room?.onEnd({ error: new Error(`another workload has the name ${key} now`) });
    this.#jobs.set(key, { workload, profile, why, room });
    this.#queue.add(key, { priority: room === undefined ? 0 : URGENT });
  }

  async #work(): Promise<void> {
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      await new Promise<void>((resolve) => this.#parts.client.executor.execute(this.#lane, resolve));
      const job = this.#jobs.get(key);
      this.#jobs.delete(key);
      if (job !== undefined) await this.#carryOut(job);
      this.#queue.done(key);
      this.#parts.onQuiet();
    }
  }

  async #carryOut(job: Job<W, H>): Promise<void> {
    const { workload, room } = job;
    let failed: { readonly error: unknown } | undefined;
    try {
      // so that others know of the room before it is made
      await this.#report(job);
      if (room !== undefined) await this.#makeRoom(job, room);
    } catch (error) {
      failed = { error };
      if (this.#client !== undefined) {
        this.#parts.logger.error({ workload: workload.key, error }, 'a write about a workload failed');
      }
    }
    room?.onEnd(failed);
  }

  async #report({ workload, why }: Job<W, H>): Promise<void> {
    const { model, writer, kept } = this.#parts;
    const latest = this.#parts.latest(workload.key);
    if (latest?.metadata.uid !== workload.object.metadata.uid) return;
    if (model.hostOf(latest) !== undefined) return;
    const nominated = kept.hostOf(workload.key);
    await this.#write(
      () => `the report about ${workload.key}`,
      async (client, signal) => {
        await writer.report?.(client, latest, { ...why, nominated }, signal);
      },
    );
  }

  async #makeRoom(job: Job<W, H>, room: RoomToMake<W>): Promise<void> {
    for (const party of room.parties) {
      // it may be gone, or others may have the room
      if (this.#parts.kept.hostOf(job.workload.key) !== room.host) return;
      for (const victim of party) {
        // one that was not bound yet has been given back if its group has fallen with the one before
        if (!room.isPlaced(victim.workload)) continue;
        await this.#evict(job, victim);
        room.onEvicted(victim.workload);
      }
    }
  }

  async #evict(
    { workload, profile }: Job<W, H>,
    { workload: { key, object }, why }: Victim<W>,
  ): Promise<void> {
    const { room, writer, model } = this.#parts;
    const because = why === undefined ? '' : `: ${why}`;
    const waiting = room.get(key);
    let host = model.hostOf(object);
    if (waiting?.workload.object.metadata.uid === object.metadata.uid) {
      // it is not bound yet, so it need not go for good
      ({ host } = waiting);
      waiting.reject('DefaultPreemption', `preempted by ${workload.key}${because}`);
    } else {
      await this.#write(
        () => `the eviction of ${key}`,
        (client, signal) => writer.evict(client, object, workload.object, signal),
      );
    }
    this.#parts.recorderOf(profile).event(object, {
      type: 'Normal',
      reason: 'Preempted',
      action: 'Preempting',
      note: `Preempted by ${workload.key} (${workload.object.metadata.uid}) on host ${host ?? ''}${because}`,
      related: workload.object,
    });
  }

  async #write(
    what: () => string,
    write: (client: Client, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const client = this.#client;
    if (client === undefined) throw new Error('this process does not schedule any more');
    const life = new Life();
    this.#writes.add(life);
    try {
      await within({ what, limit: this.#limit, life }, ({ signal }) => write(client, signal));
    } finally {
      this.#writes.delete(life);
    }
  }
}
