import { formatKey, type Logger, type ObjectKey, type Owned } from '../../core/index.js';
import type { WorkQueue } from '../../workqueue/index.js';
import type { WatchedKind } from '../controller.js';
import { passesAll } from '../predicates/index.js';
import type { Reason } from '../reason.js';
import { itself, keyFrom, QueuedRequest } from '../request.js';
import { isQuiet, reasonOf, requestsOf } from './change-requests.js';
import type { StoreScope, ToldChange } from './store-scope.js';

/** For what is asked of everything at once: whatever happens meanwhile goes first. Source: `LowPriority` in controller-runtime. */
const LOW_PRIORITY = -100;

const NONE: readonly never[] = /* @__PURE__ */ Object.freeze([]);

/** Asks the queue of a controller for reconciles: because of a change, or of everything there is. */
export class Asker {
  readonly #queue: WorkQueue<QueuedRequest, Reason>;
  readonly #log: Logger;

  constructor(queue: WorkQueue<QueuedRequest, Reason>, log: Logger) {
    this.#queue = queue;
    this.#log = log;
  }

  ask(request: QueuedRequest, reason: Reason): void {
    this.#queue.add(request, { priority: 0, reason });
  }

  /** An object of a kind that is watched has changed: asks for what that asks for, but for what the controller did itself. */
  changed(scope: StoreScope, kind: WatchedKind, change: ToldChange): void {
    const reason = reasonOf(kind, change, scope.name);
    const requests = this.#passes(kind, change) ? this.#requestsOf(scope, kind, change, reason.key) : NONE;
    const why = { priority: isQuiet(change) ? LOW_PRIORITY : 0, reason };
    const ask = (request: QueuedRequest): void => this.#queue.add(request, why);
    scope.ownWrites.told(kind.resource, change, requests, ask);
  }

  /** Asks for all objects of a store that the controller is for, as far as they are wanted. */
  askForAll(scope: StoreScope, reason: Reason, isWanted: (request: QueuedRequest) => boolean): void {
    if (!scope.hasSubjects) return;
    for (const object of scope.objects()) {
      const request = new QueuedRequest(keyFrom(object), scope.name);
      if (isWanted(request)) this.#queue.add(request, { priority: LOW_PRIORITY, reason });
    }
  }

  #passes({ resource, predicates }: WatchedKind, change: ToldChange): boolean {
    if (predicates.length === 0) return true;
    return passesAll(predicates, change, (error) =>
      this.#log.error({ error, kind: resource.kind }, 'a predicate failed, and the event passed'),
    );
  }

  /** @param key - That of the object that changed. */
  #requestsOf(
    scope: StoreScope,
    kind: WatchedKind,
    change: ToldChange,
    key: ObjectKey,
  ): readonly QueuedRequest[] {
    // an object has one name as long as it lives, which the server has judged
    return kind.targets === itself ? [new QueuedRequest(key, scope.name)] : this.#mapped(scope, kind, change);
  }

  #mapped(scope: StoreScope, kind: WatchedKind, change: ToldChange): readonly QueuedRequest[] {
    const stores = { from: scope.name, usual: scope.hasSubjects ? scope.name : undefined };
    return requestsOf(kind, change, stores, (error, object) => this.#reportMap(error, kind, object));
  }

  #reportMap(error: unknown, { resource }: WatchedKind, object: Owned): void {
    const about = { error, kind: resource.kind, object: formatKey(object.metadata as ObjectKey) };
    this.#log.error(about, 'the function that says what an event asks for failed');
  }
}
