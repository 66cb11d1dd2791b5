import type { Gauge, MetricsProvider } from '../../core/index.js';
import type { Reason } from '../reason.js';
import type { QueuedRequest } from '../request.js';
import type { Division, Duty } from './duty.js';
import { OwnDuty } from './own-duty.js';
import { Parked } from './parked.js';

/** So many keys may wait for the leadership of this process, before it is looked which of them are of objects that are gone. */
const MOST_PARKED = 10_000;

/** What {@link Duties} are made from. */
interface DutiesOptions {
  readonly controller: string;
  readonly division: Division;
  readonly metrics: MetricsProvider;
  readonly ask: (request: QueuedRequest, reason: Reason) => void;
  /** Asks for all objects that are wanted. */
  readonly askForAll: (reason: Reason, isWanted: (request: QueuedRequest) => boolean) => void;
  /** Whether there is no object that a request is about. */
  readonly isGone: (request: QueuedRequest) => boolean;
}

/** The duties of this process for a controller, one a shard at most, and the requests that wait for one. */
export class Duties {
  readonly #options: DutiesOptions;
  readonly #parkedGauge: Gauge;
  // by shard; one that is over may stand here until its end is told
  readonly #duties = new Map<number, OwnDuty>();
  // the shards that there has been a duty for
  readonly #known = new Set<number>();
  // requests of shards without a duty; what is in it is neither queued nor running
  readonly #parked = new Parked();
  // when there are more, those whose objects are gone are dropped; doubled where that leaves more than half
  #mostParked = MOST_PARKED;

  constructor(options: DutiesOptions) {
    this.#options = options;
    this.#parkedGauge = options.metrics.gauge({
      name: 'keelson_controller_parked',
      help: 'How many keys wait until this process leads.',
      labelNames: ['controller'],
    });
  }

  /** The duty to work on a request; undefined where there is none now. */
  for(request: QueuedRequest): OwnDuty | undefined {
    const duty = this.#duties.get(this.#shardOf(request));
    return duty?.isOver === false ? duty : undefined;
  }

  /** A duty begins: asks for what has waited for it, and for all of its shard where there was one before. */
  begin(duty: Duty): void {
    const { shard } = duty;
    this.#duties.set(shard, new OwnDuty(duty));
    const asked = new Set<string>();
    for (const { request, reasons } of this.#parked.take(shard)) {
      asked.add(request.text);
      for (const reason of reasons) this.#options.ask(request, reason);
    }
    this.#showParked();
    // somebody else worked on them meanwhile, and what he had in mind to do later is lost with him
    if (this.#known.has(shard)) this.#askForShard(shard, { type: 'takeover' }, asked);
    this.#known.add(shard);
  }

  /** A duty has ended; one that another has followed already is no more here. */
  end(duty: Duty): void {
    const own = this.#duties.get(duty.shard);
    if (own?.root !== duty) return;
    this.#duties.delete(duty.shard);
    own.end(duty.signal.reason);
  }

  /** All are over for this controller. */
  endAll(reason: unknown): void {
    for (const duty of this.#duties.values()) duty.end(reason);
  }

  /** Asks for everything, one shard after another. */
  askForAll(reason: Reason): void {
    for (let shard = 0; shard < this.#options.division.shards; shard += 1) this.#askForShard(shard, reason);
  }

  /** Puts a request aside until there is a duty to work on it. */
  park(request: QueuedRequest, reasons: readonly Reason[]): void {
    // another term may have begun while the last reconcile of the one before came to its end
    if (this.for(request) !== undefined) {
      for (const reason of reasons) this.#options.ask(request, reason);
      return;
    }
    this.#parked.add(this.#shardOf(request), request, reasons);
    if (this.#parked.size > this.#mostParked) {
      this.#parked.dropGone(this.#options.isGone);
      this.#mostParked = Math.max(MOST_PARKED, 2 * this.#parked.size);
    }
    this.#showParked();
  }

  #askForShard(shard: number, reason: Reason, asked?: ReadonlySet<string>): void {
    const isWanted = (request: QueuedRequest): boolean =>
      this.#shardOf(request) === shard && asked?.has(request.text) !== true;
    this.#options.askForAll(reason, isWanted);
  }

  #shardOf({ text }: QueuedRequest): number {
    return this.#options.division.shardOf(text);
  }

  #showParked(): void {
    this.#parkedGauge.set(this.#parked.size, { controller: this.#options.controller });
  }
}
