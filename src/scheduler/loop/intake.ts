import type { Client } from '../../client/index.js';
import {
  type ApiObject,
  formatKey,
  isNotFound,
  keyOf,
  type Logger,
  type ObjectKey,
} from '../../core/index.js';
import type { AnyResource } from '../../resources/index.js';
import type { Cluster } from '../cluster/index.js';
import { type GangBook, PodGroup } from '../gangs/index.js';
import type { SchedulingQueue } from '../queue/index.js';
import type { Bindings } from './bindings/bindings.js';
import type { FeedListener } from './feed.js';
import type { KeptRoom } from './kept-room.js';
import type { Profiles } from './profiles.js';

/** What an {@link Intake} fills. */
export interface IntakeParts<W extends ApiObject, H extends ApiObject> {
  readonly client: Client;
  readonly cluster: Cluster<W, H>;
  readonly queue: SchedulingQueue<W, H>;
  readonly profiles: Profiles<W, H>;
  readonly bindings: Bindings<W, H>;
  readonly kept: KeptRoom<W, H>;
  /** Undefined where there are no groups. */
  readonly book: GangBook<W> | undefined;
  readonly logger: Logger;
  /** Told of an object that makes no sense. */
  readonly onNonsense: (object: ApiObject, message: string) => void;
}

/** Takes in what the server tells: into the cluster, the queue, and the bindings that are under way. */
export class Intake<W extends ApiObject, H extends ApiObject> implements FeedListener<W> {
  readonly #parts: IntakeParts<W, H>;
  // those about which the server is asked, by key
  readonly #doubts = new Set<string>();

  constructor(parts: IntakeParts<W, H>) {
    this.#parts = parts;
  }

  workload(object: W): void {
    const { cluster, queue, bindings, kept, book } = this.#parts;
    const { model } = cluster;
    const key = formatKey(object.metadata);
    try {
      const host = model.hostOf(object);
      if (host === undefined && model.hasEnded?.(object) !== true) {
        this.#unplaced(key, object);
        return;
      }
      queue.delete(key);
      bindings.placed(key, host);
      kept.forget(key);
      if (book !== undefined) this.#notePlaced(book, key, object, host);
      cluster.set(model.workload, object);
    } catch (error) {
      this.#drop(key, object.metadata, 'makes no sense');
      this.#nonsense(object, error);
    }
  }

  /** The server says that others have placed a workload, before it is told of. */
  placedByOthers(found: W): void {
    this.workload(found);
    const { name, namespace, uid } = found.metadata;
    this.#parts.bindings.setAhead(formatKey({ name, namespace }), uid);
  }

  workloadGone(name: ObjectKey): void {
    this.#drop(formatKey(name), name, 'is gone');
  }

  other(resource: AnyResource, object: ApiObject): void {
    const { book, cluster } = this.#parts;
    try {
      // the book of groups is told before the queue is, which hears of what happens in the cluster
      const isReady = resource === PodGroup && book?.setGroup(object as PodGroup) === true;
      cluster.set(resource, object);
      if (isReady) this.#activate(formatKey(keyOf(object)));
    } catch (error) {
      // nothing is placed on a host of which it is not known what it has, nor a group of which it is not known what it asks for
      this.otherGone(resource, keyOf(object));
      this.#nonsense(object, error);
    }
  }

  otherGone(resource: AnyResource, key: ObjectKey): void {
    if (resource === PodGroup) this.#parts.book?.unsetGroup(key);
    const { cluster, bindings } = this.#parts;
    cluster.unset(resource, key);
    if (resource === cluster.model.host) bindings.hostGone(key.name);
  }

  #unplaced(key: string, object: W): void {
    const { cluster, queue, profiles, bindings, kept, book } = this.#parts;
    const { uid, deletionTimestamp } = object.metadata;
    if (bindings.isAhead(key, uid)) {
      void this.#doubt(key, object);
      return;
    }
    const workload = cluster.describe(object);
    const isOurs = deletionTimestamp === undefined && profiles.of(object) !== undefined;
    if (!isOurs) {
      queue.delete(key);
      bindings.drop(key, 'is not to be placed');
      book?.unset(key);
    }
    const binding = bindings.get(key);
    if (binding === undefined) {
      const placed = cluster.workload(key);
      if (placed !== undefined) cluster.forget(placed);
      kept.told(workload);
    } else {
      // it is taken to be on its host, whatever is said of it until then
      binding.latest = object;
    }
    if (!isOurs) return;
    // one that is being bound is placed, as its group sees it
    const isReady = binding === undefined && book?.set(workload) === true;
    queue.add(workload);
    if (isReady) this.#activate(book?.groupOf(workload));
  }

  #drop(key: string, name: ObjectKey, why: string): void {
    const { cluster, queue, bindings, kept, book } = this.#parts;
    queue.delete(key);
    bindings.drop(key, why);
    kept.forget(key);
    book?.unset(key);
    cluster.unset(cluster.model.workload, name);
  }

  /** One that has ended, or is going, holds no place in its group. */
  #notePlaced(book: GangBook<W>, key: string, object: W, host: string | undefined): void {
    const { cluster } = this.#parts;
    if (
      host === undefined ||
      object.metadata.deletionTimestamp !== undefined ||
      cluster.model.hasEnded?.(object) === true
    ) {
      book.unset(key);
      return;
    }
    const workload = cluster.describe(object);
    if (book.set(workload, host)) this.#activate(book.groupOf(workload));
  }

  /** A group has become ready: those of its members that wait may be tried. */
  #activate(group: string | undefined): void {
    const { book, queue } = this.#parts;
    if (group === undefined) return;
    queue.activate((book?.waiting(group) ?? []).map(({ key }) => key));
  }

  /** A workload was bound, and is told of as if it were not: mostly that is older news, but it may have been taken off its host again. */
  async #doubt(key: string, object: W): Promise<void> {
    const { client, cluster, bindings, logger } = this.#parts;
    if (this.#doubts.has(key)) return;
    this.#doubts.add(key);
    try {
      const found = await client.get(cluster.model.workload, keyOf(object));
      const { uid } = found.metadata;
      if (uid !== object.metadata.uid || !bindings.isAhead(key, uid)) return;
      if (cluster.model.hostOf(found) !== undefined) return;
      bindings.drop(key, 'was taken off its host');
      this.workload(found);
    } catch (error) {
      if (!isNotFound(error)) logger.warn({ workload: key, error }, 'a workload could not be looked up');
    } finally {
      this.#doubts.delete(key);
    }
  }

  #nonsense(object: ApiObject, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const { kind, metadata } = object;
    this.#parts.logger.error({ kind, key: formatKey(metadata), error }, 'an object makes no sense');
    this.#parts.onNonsense(object, message);
  }
}
