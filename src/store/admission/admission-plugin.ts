import type { SelectOptions, UserInfo } from '../../client/index.js';
import type { ObjectKey } from '../../core/index.js';
import type { AnyResource, New, ObjectOf } from '../../resources/index.js';
import type { StoredObject } from '../stored-object.js';

/** A write that asks for admission. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** What the writer called. What the store does of its own accord is called the same. */
  readonly verb: 'create' | 'update' | 'patch' | 'apply' | 'delete' | 'deletecollection';
  /** The kind, in its storage version, whatever version the writer wrote. */
  readonly resource: AnyResource;
  readonly subresource: string | undefined;
  readonly key: ObjectKey;
  /**
   * What is to be stored, in the storage version, complete with defaults and system metadata but for the resourceVersion; undefined in a DELETE. An UPDATE may
   * also be one that the writer called `apply`.
   */
  readonly object: StoredObject | undefined;
  /** What is stored, in the storage version; undefined in a CREATE. */
  readonly oldObject: StoredObject | undefined;
  /** Who writes; undefined for the store itself, and for clients that were made for nobody in particular. */
  readonly user: UserInfo | undefined;
  readonly dryRun: boolean;
  /** What the store holds, as this write sees it: if what was read here changes before the write commits, it is decided anew. */
  readonly store: AdmissionReader;
}

/** The store, for plugins to look things up in, at once. */
export interface AdmissionReader {
  /** The kinds that the store serves. */
  readonly resources: readonly AnyResource[];
  /** Undefined where there is none, or where the store does not serve the kind. */
  get<R extends AnyResource>(resource: R, key: ObjectKey): ObjectOf<R> | undefined;
  /** Ordered by namespace, then name; none where the store does not serve the kind. */
  list<R extends AnyResource>(resource: R, selection?: SelectOptions): readonly ObjectOf<R>[];
}

/** The store, for plugins that write beside a write. */
export interface AdmissionWriter extends AdmissionReader {
  create<R extends AnyResource>(resource: R, object: New<NoInfer<R>>): ObjectOf<R>;
  /**
   * As {@link Client.update}; of the `status` alone where that is given. Of the object that is being written only the status can be
   * updated: it is stored with it, whatever was to be there.
   */
  update<R extends AnyResource>(
    resource: R,
    object: ObjectOf<NoInfer<R>>,
    options?: { readonly subresource?: 'status' },
  ): ObjectOf<R>;
  delete<R extends AnyResource>(resource: R, key: ObjectKey): void;
}

/**
 * A say in what is stored.
 *
 * For every write, the store asks all plugins to `mutate` in their order, judges the object by its schema again if one of them changed
 * it, and then asks all to `validate`. A plugin that throws an ApiError refuses the write with it; anything else thrown is an
 * InternalError that names the plugin. A write may be decided more than once, so plugins must have no effects of their own but through
 * what they are given, and must give the same answer to the same request.
 *
 * As long as no plugin returns a promise, writes to memory stay synchronous.
 *
 * Source: mutating and validating admission in k8s.io/apiserver.
 */
export interface AdmissionPlugin {
  readonly name: string;
  /** Whether the plugin has a say in a request at all; in all unless given. */
  readonly handles?: (request: AdmissionRequest) => boolean;
  /**
   * Answers with the object as it should be instead, or with undefined to leave it. Not asked in a DELETE. Where a later plugin changed
   * the object, it is asked once more (`isReinvocation`): it should leave alone what it already did.
   */
  readonly mutate?: (
    request: AdmissionRequest & { readonly object: StoredObject; readonly isReinvocation: boolean },
  ) => StoredObject | undefined | Promise<StoredObject | undefined>;
  /** Throws to refuse. */
  readonly validate?: (request: AdmissionRequest) => void | Promise<void>;
  /**
   * Writes to other objects that belong to this one: they happen with it, at one revision, or not at all. Asked last, at once with the
   * commit, and not in a dry run; throws to refuse. No plugin is asked about these writes. Here the operation says what happens to the
   * object: UPDATE where a deletion marks it, DELETE where it goes, be it by the update that removes its last finalizer.
   */
  readonly accompany?: (request: AdmissionRequest, store: AdmissionWriter) => void;
}
