import type { ObjectList, SelectOptions } from '../client/index.js';
import { ApiError, type ApiObject, keyOf, type ObjectKey, preview } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import type { Change } from './change.js';
import type { Reader } from './reader.js';
import { parseRevision, tooLarge, tooOld } from './revision.js';
import type { State } from './state.js';
import type { StoredObject } from './stored-object.js';

/** What became of one object between two revisions. */
export interface Difference {
  /** `ADDED` has no `before`, `DELETED` no `after`. An object that was deleted and created anew is both, in this order. */
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly apiVersion: string;
  readonly kind: string;
  readonly key: ObjectKey;
  readonly before?: ApiObject;
  readonly after?: ApiObject;
}

/** The past of a store, as far back as its log reaches. */
export class History {
  readonly #state: State;
  readonly #reader: Reader;

  constructor(state: State, reader: Reader) {
    this.#state = state;
    this.#reader = reader;
  }

  /** @throws ApiError NotFound where there was none; Expired, Timeout or BadRequest for a revision that cannot be read. */
  getAt(resource: AnyResource, key: ObjectKey, resourceVersion: string): StoredObject {
    return this.#reader.getAt(resource, key, this.#revision(resourceVersion, 'resourceVersion'));
  }

  /** @throws ApiError Expired, Timeout or BadRequest for a revision that cannot be read. */
  listAt(
    resource: AnyResource,
    resourceVersion: string,
    selection: SelectOptions = {},
  ): ObjectList<StoredObject> {
    this.#revision(resourceVersion, 'resourceVersion');
    return this.#reader.list(resource, { ...selection, resourceVersion, resourceVersionMatch: 'Exact' });
  }

  /**
   * What differs between two revisions, in the order in which the objects were first changed; what came and went is left out.
   *
   * @throws ApiError Expired, Timeout or BadRequest for revisions that cannot be read, or in the wrong order.
   */
  diff(from: string, to: string | undefined): readonly Difference[] {
    const begin = this.#revision(from, 'from');
    const end = to === undefined ? this.#state.revision : this.#revision(to, 'to');
    if (end < begin) {
      throw ApiError.badRequest(`expected a revision from ${begin} on, got ${preview(to)}`, 'to');
    }
    const spans = new Map<string, { readonly first: Change; last: Change }>();
    for (const change of this.#state.log.after(begin)) {
      if (change.revision > end) break;
      const { apiVersion, kind } = change.kind.resource;
      const id = `${apiVersion}\n${kind}\n${change.namespace}\n${change.name}`;
      const span = spans.get(id);
      if (span === undefined) spans.set(id, { first: change, last: change });
      else span.last = change;
    }
    return [...spans.values()].flatMap(({ first, last }) =>
      differencesOf(first.previous, last.type === 'DELETED' ? undefined : last.object),
    );
  }

  /** Forgets the past before a revision, which stays readable; the newest unless given. Answers with that revision. */
  compact(resourceVersion: string | undefined): number {
    const { revision } = this.#state;
    const to = resourceVersion === undefined ? revision : this.#revision(resourceVersion, 'resourceVersion');
    this.#state.log.compact(to);
    return to;
  }

  #revision(text: string, field: string): number {
    const revision = typeof text === 'string' ? parseRevision(text) : undefined;
    if (revision === undefined || revision === 0) {
      throw ApiError.badRequest(`expected a revision, got ${preview(text)}`, field);
    }
    if (revision > this.#state.revision) throw tooLarge(revision, this.#state.revision);
    if (revision < this.#state.log.compacted) throw tooOld(revision, this.#state.log.compacted);
    return revision;
  }
}

function differencesOf(
  before: StoredObject | undefined,
  after: StoredObject | undefined,
): readonly Difference[] {
  if (before !== undefined && after !== undefined) {
    if (before.metadata.uid !== after.metadata.uid) {
      return [...differencesOf(before, undefined), ...differencesOf(undefined, after)];
    }
    return [{ type: 'MODIFIED', ...named(after), before, after }];
  }
  if (after !== undefined) return [{ type: 'ADDED', ...named(after), after }];
  return before === undefined ? [] : [{ type: 'DELETED', ...named(before), before }];
}

function named(object: StoredObject): Pick<Difference, 'apiVersion' | 'kind' | 'key'> {
  return { apiVersion: object.apiVersion, kind: object.kind, key: keyOf(object) };
}
