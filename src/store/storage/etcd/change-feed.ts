import type { ApiError, Clock, Logger, Random, Timer } from '../../../core/index.js';
import type { StorageChange } from '../storage.js';
import { ChangeAssembler, type HeadAt } from './change-assembler.js';
import type { EtcdClient, WatchStream } from './etcd-client.js';
import { EtcdError, GRPC } from './etcd-error.js';
import type { Keyspace } from './keyspace.js';
import type { Lineage } from './lineage.js';
import { ReconnectDelay } from './reconnect-delay.js';
import { RANGE } from './range.js';
import { TXN } from './txn.js';
import type { WatchResponse } from './watch-messages.js';

/** The two watches of a stream: on the content, and on what says which content it is. */
const CONTENT = 1;
const META = 2;

/** What a feed tells. After `lost` and `failed`, which end it, it tells nothing. */
interface FeedListener {
  changed(change: StorageChange): void;
  lost(): void;
  failed(error: ApiError): void;
}

/** What a {@link ChangeFeed} is made from. */
export interface ChangeFeedOptions {
  readonly client: EtcdClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly keyspace: Keyspace;
  readonly lineage: Lineage;
  readonly listener: FeedListener;
  /** Of etcd: changes after it are told. */
  readonly revision: number;
  /** The head that was put last up to that revision, if any was. */
  readonly last?: HeadAt | undefined;
  /** How long etcd may take to begin a watch, in milliseconds. */
  readonly timeout: number;
}

/**
 * Tells of every transaction on one content after a revision: once each, in order, over as many connections as it takes.
 *
 * Before it connects again it makes sure that etcd still has what was told, and that the content is the same.
 */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #assembler: ChangeAssembler;
  readonly #delay: ReconnectDelay;
  // a revision that etcd has reached
  #seen: number;
  #stopped = false;
  // the watch has ended, and not begun again
  #isResuming = false;
  // at most one of them: the stream, with a timer until both watches have begun, or the timer before the next one
  #stream: WatchStream | undefined;
  #timer: Timer | undefined;
  // the watches of #stream that have not begun
  #awaited = new Set<number>();

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    this.#delay = new ReconnectDelay(options.random);
    this.#seen = options.revision;
    this.#assembler = new ChangeAssembler(options.lineage, options.revision, (change) => {
      // the listener may have stopped it half way through a response
      if (this.#stopped) return;
      this.#seen = Math.max(this.#seen, options.lineage.toEtcd(change.revision));
      options.listener.changed(change);
    });
  }

  start(): void {
    this.#run(() => this.#open(this.#assembler.revision));
  }

  stop(): void {
    this.#stopped = true;
    this.#disconnect();
  }

  /** Of etcd: a revision that it has reached. */
  get seen(): number {
    return this.#seen;
  }

  #run(connect: () => Promise<void>): void {
    connect().catch((error: unknown) => {
      if (!(error instanceof EtcdError)) throw error;
      this.#again(error);
    });
  }

  /** Connects once more, after a while. */
  #again(error: EtcdError): void {
    if (this.#stopped) return;
    this.#disconnect();
    this.#isResuming = true;
    const { clock, logger } = this.#options;
    const delay = this.#delay.next();
    logger.warn(
      { error: error.message, code: error.code, endpoint: error.endpoint, delay: Math.round(delay) },
      'the watch on etcd has ended and will be resumed',
    );
    this.#timer = clock.setTimer(delay, () => {
      this.#timer = undefined;
      this.#run(async () => {
        if (await this.#isSame()) await this.#open(this.#seen);
      });
    });
  }

  #disconnect(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#stream?.cancel();
    this.#stream = undefined;
    this.#assembler.reset();
  }

  /**
   * Whether etcd has the content that it had when the feed was cut off, and all that was told of it.
   *
   * If not, the listener knows. If nothing has happened since, the feed need not go back so far.
   */
  async #isSame(): Promise<boolean> {
    const { client, keyspace, lineage, listener } = this.#options;
    const seen = this.#seen;
    const { heads } = lineage.keys;
    const response = await client.call(
      TXN,
      {
        compares: [{ key: keyspace.meta, target: 'modRevision', is: 'equal', to: lineage.metaRevision }],
        success: [
          { range: { ...heads, limit: 1, newestFirst: true, keysOnly: true } },
          { range: { key: keyspace.meta } },
        ],
        failure: [{ range: { key: keyspace.meta } }],
      },
      false,
    );
    if (this.#stopped) return false;
    const meta = response.ranges.at(-1)?.items[0];
    const broken = lineage.breakWith(response.header, seen, meta);
    if (broken !== undefined) {
      this.#end(() => listener.failed(broken));
      return false;
    }
    if (!response.succeeded) {
      this.#end(() => listener.lost());
      return false;
    }
    const newest = response.ranges[0]?.items[0]?.modRevision ?? 0;
    const last = this.#assembler.last ?? this.#options.last;
    const hasLast = last === undefined || (await this.#has(last, newest));
    if (this.#stopped) return false;
    if (!hasLast) {
      this.#end(() => listener.failed(lineage.forgotten(last.modRevision, newest)));
      return false;
    }
    if (newest <= this.#assembler.revision) this.#assembler.advance(response.header.revision);
    this.#seen = Math.max(this.#seen, response.header.revision);
    return true;
  }

  /** Whether a head was put at a revision in the past that etcd has; true also where it has forgotten so much. */
  async #has({ key, modRevision: revision }: HeadAt, newest: number): Promise<boolean> {
    if (newest <= revision) return newest === revision;
    try {
      const found = await this.#options.client.call(RANGE, { key, revision, keysOnly: true }, false);
      return found.items[0]?.modRevision === revision;
    } catch (error) {
      if (error instanceof EtcdError && error.isCompacted) return true;
      throw error;
    }
  }

  /** @param checked - Of etcd: up to it, the meta key is known to be as it was. */
  async #open(checked: number): Promise<void> {
    const { client, clock, keyspace, lineage, timeout } = this.#options;
    const stream = await client.watch({
      response: (response) => this.#take(response),
      ended: (error) => {
        this.#stream = undefined;
        this.#again(error);
      },
    });
    if (this.#stopped) {
      stream.cancel();
      return;
    }
    this.#stream = stream;
    this.#awaited = new Set([CONTENT, META]);
    this.#timer = clock.setTimer(timeout, () => {
      client.turn();
      this.#again(new EtcdError(GRPC.DEADLINE_EXCEEDED, `no watch within ${timeout} ms`, client.endpoint));
    });
    stream.request({ watchId: CONTENT, ...lineage.keys.all, startRevision: this.#assembler.revision + 1 });
    stream.request({ watchId: META, key: keyspace.meta, startRevision: checked + 1 });
  }

  #take(response: WatchResponse): void {
    const { client, lineage, listener, logger } = this.#options;
    if (response.canceled) {
      // what is forgotten of the meta key is not missed: to connect again is to look at it
      if (response.compactRevision > 0 && response.watchId === CONTENT) {
        this.#end(() => listener.lost());
        return;
      }
      const why = response.compactRevision > 0 ? 'compacted' : response.cancelReason;
      this.#again(new EtcdError(GRPC.UNAVAILABLE, `the watch was canceled: ${why}`, client.endpoint));
    } else if (response.created) {
      this.#awaited.delete(response.watchId);
      if (this.#awaited.size > 0) return;
      this.#timer?.cancel();
      this.#timer = undefined;
      this.#delay.reset();
      if (this.#isResuming) logger.info({ endpoint: client.endpoint }, 'the watch on etcd was resumed');
      this.#isResuming = false;
    } else if (response.watchId === META) {
      const { metaRevision } = lineage;
      if (response.events.some(({ item }) => item.modRevision > metaRevision))
        this.#end(() => listener.lost());
    } else if (response.watchId === CONTENT) {
      if (!this.#assembler.take(response.events, response.fragment)) this.#end(() => listener.lost());
    }
  }

  #end(tell: () => void): void {
    this.stop();
    tell();
  }
}
