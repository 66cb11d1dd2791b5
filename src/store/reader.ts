import type { ListOptions, ObjectList, WatchOptions } from '../client/index.js';
import { ApiError, type Executor, FieldError, type ObjectKey, preview } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import { type ContinueToken, formatContinue, NEWEST, parseContinue } from './continue-token.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import { parseRevision, tooLarge, tooOld } from './revision.js';
import { selectionOf } from './selection.js';
import { Snapshot } from './snapshot.js';
import type { State } from './state.js';
import { checkKey } from './check-key.js';
import { StoreWatch } from './store-watch.js';
import type { StoredObject } from './stored-object.js';
import type { WatchHub } from './watch-hub.js';

/**
 * The verbs that read: get, list and watch.
 *
 * Source: kubernetes.io "API concepts" (resourceVersion, paging, watch) and `storage.Interface` in k8s.io/apiserver.
 */
export class Reader {
  readonly #kinds: Kinds;
  readonly #state: State;
  readonly #hub: WatchHub;
  readonly #executor: Executor;
  readonly #watchBuffer: number;

  constructor(options: {
    readonly kinds: Kinds;
    readonly state: State;
    readonly hub: WatchHub;
    readonly executor: Executor;
    readonly watchBuffer: number;
  }) {
    this.#kinds = options.kinds;
    this.#state = options.state;
    this.#hub = options.hub;
    this.#executor = options.executor;
    this.#watchBuffer = options.watchBuffer;
  }

  get(resource: AnyResource, key: ObjectKey, resourceVersion: string | undefined): StoredObject {
    const version = this.#kinds.version(resource);
    const { kind } = version;
    checkKey(kind.resource, key);
    const wanted = parseRevision(resourceVersion);
    if (wanted !== undefined && wanted > this.#state.revision) throw tooLarge(wanted, this.#state.revision);
    const slot = kind.table.get(key.namespace ?? '', key.name);
    if (slot === undefined) throw ApiError.notFound(kind.resource, key.name);
    return version.show(slot.object);
  }

  /** The object as it was at a revision that the log reaches. @throws ApiError NotFound where there was none. */
  getAt(resource: AnyResource, key: ObjectKey, revision: number): StoredObject {
    const version = this.#kinds.version(resource);
    const { kind } = version;
    checkKey(kind.resource, key);
    const object = this.#snapshot(kind, key.namespace ?? '', revision).get(key.namespace ?? '', key.name);
    if (object === undefined) throw ApiError.notFound(kind.resource, key.name);
    return version.show(object);
  }

  list(resource: AnyResource, options: ListOptions = {}): ObjectList<StoredObject> {
    const version = this.#kinds.version(resource);
    const { kind } = version;
    const { namespace, name, matches } = selectionOf(version.resource, options);
    const limit = checkLimit(options.limit);
    const token =
      options.continue === undefined || options.continue === '' ? undefined : parseContinue(options.continue);
    const revision =
      token === undefined ? this.#listRevision(options) : this.#continueRevision(token, options);
    const items: StoredObject[] = [];
    const take = (object: StoredObject): void => {
      if (matches === undefined || matches(version.whole(object))) items.push(version.show(object));
    };
    const resourceVersion = String(revision);
    if (
      name !== undefined &&
      namespace !== undefined &&
      token === undefined &&
      revision === this.#state.revision
    ) {
      const slot = kind.table.get(namespace, name);
      if (slot !== undefined) take(slot.object);
      return { items, resourceVersion };
    }
    const snapshot = this.#snapshot(kind, namespace, revision);
    let more = false;
    snapshot.visit(token, (object) => {
      more = items.length === limit;
      if (!more) take(object);
      return !more;
    });
    if (!more) return { items, resourceVersion };
    const { metadata: last } = items.at(-1) as StoredObject;
    const position = { namespace: last.namespace ?? '', name: last.name };
    const next = formatContinue({ revision, ...position });
    // where a selector decides, counting would mean asking it about everything
    if (matches !== undefined) return { items, resourceVersion, continue: next };
    return { items, resourceVersion, continue: next, remainingItemCount: snapshot.countBehind(position) };
  }

  watch(resource: AnyResource, options: WatchOptions, onEnd: (watch: StoreWatch) => void): StoreWatch {
    const version = this.#kinds.version(resource);
    const { kind } = version;
    const selection = selectionOf(version.resource, options);
    const wanted = parseRevision(options.resourceVersion) ?? 0;
    const initial = wantsInitialEvents(kind.resource, options, wanted);
    if (initial && wanted > this.#state.revision) throw tooLarge(wanted, this.#state.revision);
    if (!initial && wanted !== 0) this.#retained(wanted);
    const watch = new StoreWatch(
      {
        version,
        selection,
        executor: this.#executor,
        limit: this.#watchBuffer,
        bookmarks: options.allowWatchBookmarks === true,
        onEnd: (ended) => {
          this.#hub.remove(ended);
          onEnd(ended);
        },
      },
      Math.max(wanted, this.#state.revision),
    );
    if (initial) {
      this.#snapshot(kind, selection.namespace, this.#state.revision).visit(undefined, (object) => {
        if (selection.matches === undefined || selection.matches(version.whole(object)))
          watch.offerInitial(object);
        return true;
      });
    } else if (wanted !== 0) {
      watch.replay(this.#state.log.after(wanted));
    }
    // whoever begins or resumes learns how far it is by now, even where nothing matched
    if (watch.bookmarks && wanted <= this.#state.revision) {
      if (options.sendInitialEvents === true) watch.offerInitialEnd(this.#state.revision);
      else if (wanted < this.#state.revision) watch.offerBookmark(this.#state.revision);
    }
    this.#hub.add(watch);
    return watch;
  }

  #listRevision(options: ListOptions): number {
    const wanted = parseRevision(options.resourceVersion);
    const match = options.resourceVersionMatch;
    if (match !== undefined && match !== 'Exact' && match !== 'NotOlderThan') {
      throw ApiError.badRequest(
        `expected 'Exact' or 'NotOlderThan', got ${preview(match)}`,
        'resourceVersionMatch',
      );
    }
    if (match !== undefined && wanted === undefined) {
      throw ApiError.badRequest('expected a resourceVersion beside it, got none', 'resourceVersionMatch');
    }
    const current = this.#state.revision;
    if (wanted === undefined || wanted === 0) {
      if (match === 'Exact')
        throw ApiError.badRequest("expected a revision other than '0' with 'Exact'", 'resourceVersion');
      return current;
    }
    if (wanted > current) throw tooLarge(wanted, current);
    // without a match parameter, a limit makes the revision exact
    const exact =
      match === 'Exact' || (match === undefined && options.limit !== undefined && options.limit > 0);
    return exact ? this.#retained(wanted) : current;
  }

  #continueRevision(token: ContinueToken, options: ListOptions): number {
    for (const field of ['resourceVersion', 'resourceVersionMatch'] as const) {
      if (options[field] !== undefined && options[field] !== '') {
        throw ApiError.badRequest(
          `expected none beside a continue token, got ${preview(options[field])}`,
          field,
        );
      }
    }
    const { revision } = token;
    if (revision === NEWEST) return this.#state.revision;
    if (revision > this.#state.revision) throw tooLarge(revision, this.#state.revision);
    if (revision < this.#state.log.compacted) {
      throw new ApiError({
        reason: 'Expired',
        message:
          'The provided continue parameter is too old to display a consistent list result: list again without it, or go on at the newest revision with the token of this error',
        continue: formatContinue({ ...token, revision: NEWEST }),
      });
    }
    return revision;
  }

  #retained(revision: number): number {
    if (revision < this.#state.log.compacted) throw tooOld(revision, this.#state.log.compacted);
    return revision;
  }

  #snapshot(kind: Kind, namespace: string | undefined, revision: number): Snapshot {
    return new Snapshot(kind, namespace, revision, this.#state.log);
  }
}

/** Whether a watch begins with what is there. @throws ApiError Invalid for options that do not go together. */
function wantsInitialEvents(resource: AnyResource, options: WatchOptions, wanted: number): boolean {
  const { sendInitialEvents, resourceVersionMatch } = options;
  const refuse = (field: string, value: unknown, why: string): never => {
    throw ApiError.invalid({ ...resource, kind: 'ListOptions', group: 'meta.k8s.io' }, '', [
      FieldError.forbidden(field, value, why),
    ]);
  };
  if (sendInitialEvents === undefined) {
    if (resourceVersionMatch !== undefined) {
      refuse('resourceVersionMatch', resourceVersionMatch, 'a watch takes it beside sendInitialEvents alone');
    }
    return wanted === 0;
  }
  if (resourceVersionMatch !== 'NotOlderThan') {
    refuse('resourceVersionMatch', resourceVersionMatch, "expected 'NotOlderThan' beside sendInitialEvents");
  }
  return sendInitialEvents;
}

function checkLimit(limit: number | undefined): number | undefined {
  if (limit === undefined || limit === 0) return undefined;
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw ApiError.badRequest(`expected a whole number, 0 or more, got ${preview(limit)}`, 'limit');
  }
  return limit;
}
