import type { Clock, Executor, FieldSelector, LabelSelector, ObjectKey, Random } from '../core/index.js';
import type { JsonPatchOperation } from '../patch/index.js';
import type { AnyResource, New, ObjectOf } from '../resources/index.js';
import type { ApplyConfiguration } from './apply-configuration.js';
import type { Guard } from './guard.js';
import type { Watch } from './watch.js';

/** What a server can do beyond the common ground; code that needs more must check. */
export interface Capabilities {
  /** Writes honour {@link WriteOptions.guards} in the transaction that stores them. */
  readonly guards: boolean;
  /** One counter gives all kinds their revisions, so resourceVersions of different kinds compare. */
  readonly singleRevision: boolean;
  /** Several objects can change in one commit. */
  readonly transactions: boolean;
}

/** What every request takes. */
export interface RequestOptions {
  /** Gives the request up; the promise rejects with the signal's reason. A write may have happened all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** What every write takes. */
export interface WriteOptions extends RequestOptions {
  /** Who writes, for field ownership: the controller's name in a reconcile, and `keelson` elsewhere, unless given. */
  readonly fieldManager?: string | undefined;
  /** Runs every stage of the write, answers as if it had happened, and stores nothing. */
  readonly dryRun?: boolean | undefined;
  /** Conditions on other objects that must hold when the write commits; else it is a Conflict. */
  readonly guards?: readonly Guard[] | undefined;
}

export interface CreateOptions extends WriteOptions {}

export interface UpdateOptions extends WriteOptions {
  /** `'status'` writes the status and nothing else; without it, a kind that declares a status keeps the old one. */
  readonly subresource?: 'status' | undefined;
}

export interface PatchOptions extends WriteOptions {
  /** `'status'` changes the status and nothing else. */
  readonly subresource?: 'status' | undefined;
}

export interface ApplyOptions extends WriteOptions {
  /** Takes over the fields that others own with another value, instead of a Conflict. */
  readonly force?: boolean | undefined;
  /** `'status'` applies the status and nothing else; the object must exist. */
  readonly subresource?: 'status' | undefined;
}

/** A change to an object: what to do with the newest one. */
export type Patch =
  /** RFC 6902 operations, all or none. */
  | { readonly type: 'json'; readonly patch: readonly JsonPatchOperation[] }
  /** RFC 7396: objects merge, null removes, everything else replaces. */
  | { readonly type: 'merge'; readonly patch: unknown }
  /** As `merge`, and lists merge by the rules of the kind. A real cluster takes it for built-in kinds alone. */
  | { readonly type: 'strategic'; readonly patch: unknown };

/** What becomes of the objects that a deleted object owns. */
export type PropagationPolicy =
  /** They are deleted after it. */
  | 'Background'
  /** They are deleted before it: it stays, marked, until those are gone that name it with `blockOwnerDeletion`. */
  | 'Foreground'
  /** They stay, and no longer name it. */
  | 'Orphan';

export interface DeleteOptions extends WriteOptions {
  /** The delete is a Conflict unless the object still has these. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
  /** `'Background'` unless given, or unless a finalizer of the object says otherwise. A deletion under way keeps its policy. */
  readonly propagationPolicy?: PropagationPolicy | undefined;
  /**
   * How many seconds a Pod that runs on a node is given, instead of what its spec says; 0 removes it at once. A second deletion can
   * shorten the time, and not extend it. Other kinds take no time.
   */
  readonly gracePeriodSeconds?: number | undefined;
}

/** What a delete did. */
export interface DeleteResult<O> {
  /** The object as it was last, or as it is while finalizers hold it. */
  readonly object: O;
  /** The revision of the deletion, or of the mark; absent where the server does not say. */
  readonly resourceVersion?: string;
  /** False while finalizers hold the object. */
  readonly deleted: boolean;
}

/** Which objects of a kind a list, a watch or a collection delete is about. */
export interface SelectOptions {
  /** Absent means all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | LabelSelector | undefined;
  readonly fieldSelector?: string | FieldSelector | undefined;
}

export interface GetOptions extends RequestOptions {
  /** `''` (the newest) unless given; `n` means at least as new as `n`, which is waited for up to 3 seconds. */
  readonly resourceVersion?: string | undefined;
}

export interface ListOptions extends SelectOptions, RequestOptions {
  /** The most items a page; the server may answer with fewer and a `continue` token. All unless given. */
  readonly limit?: number | undefined;
  /** The token of the page before: goes on at the same revision. */
  readonly continue?: string | undefined;
  /** `''` (the newest) unless given; one of the future is waited for up to 3 seconds. */
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan' | undefined;
}

/** One page of a list, all of it at one revision. */
export interface ObjectList<O> {
  /** Ordered by namespace, then name. */
  readonly items: readonly O[];
  /** The revision at which these were the objects: watch from here. */
  readonly resourceVersion: string;
  /** There is more: ask again with it. Absent on the last page. */
  readonly continue?: string;
  /** How many follow on later pages; absent where the server does not count. */
  readonly remainingItemCount?: number;
}

export interface WatchOptions extends SelectOptions {
  /**
   * Tells of everything after this revision. Absent, `''` or `'0'`: begins with an ADDED event for each object that is
   * there.
   */
  readonly resourceVersion?: string | undefined;
  /**
   * True: begins with an ADDED event for each object that is there (at `resourceVersion` or later), and then, where bookmarks are
   * allowed, a BOOKMARK that is annotated `k8s.io/initial-events-end`. False: begins with none. Needs `resourceVersionMatch`.
   */
  readonly sendInitialEvents?: boolean | undefined;
  /** `'NotOlderThan'` beside {@link sendInitialEvents}, and absent without it. */
  readonly resourceVersionMatch?: 'NotOlderThan' | undefined;
  /** Ends the watch after so many milliseconds, without an error; never unless given. */
  readonly timeout?: number | undefined;
  /** Sends a BOOKMARK now and then, so that a quiet watch keeps a recent revision to resume from. */
  readonly allowWatchBookmarks?: boolean | undefined;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
}

/** A subresource that is not the object itself: `status`, `scale`, `binding`, `eviction`, or a server's own. */
export type Subresource = 'status' | 'scale' | 'binding' | 'eviction' | (string & {});

/**
 * The one seam between what uses objects and what keeps them.
 *
 * The store in this process, a real cluster and every wrapper implement it. Objects that come out are deeply frozen and shared:
 * change them with `edit`. Every failure is an `ApiError` with Kubernetes' reason.
 *
 * Keys: a namespaced kind without a namespace is BadRequest on `metadata.namespace`, and so is a namespace on a cluster kind.
 */
export interface Client {
  readonly clock: Clock;
  readonly random: Random;
  readonly executor: Executor;
  readonly capabilities: Capabilities;

  /**
   * Stores a new object.
   *
   * @throws ApiError AlreadyExists, Invalid (with the fields at fault), BadRequest.
   */
  create<R extends AnyResource>(
    resource: R,
    object: New<NoInfer<R>>,
    options?: CreateOptions,
  ): Promise<ObjectOf<R>>;

  /** @throws ApiError NotFound. */
  get<R extends AnyResource>(resource: R, key: ObjectKey, options?: GetOptions): Promise<ObjectOf<R>>;

  /** One page, or everything. @throws ApiError Expired when the `continue` token's revision is gone. */
  list<R extends AnyResource>(resource: R, options?: ListOptions): Promise<ObjectList<ObjectOf<R>>>;

  /** Everything at one revision, fetched page by page (`limit` objects each, 500 unless given). */
  listAll<R extends AnyResource>(resource: R, options?: ListOptions): Promise<ObjectList<ObjectOf<R>>>;

  /**
   * Tells of every change, from now on: it begins when it is called, not when it is first read.
   *
   * Consumed once. Buffers boundedly: a reader that falls too far behind gets an Expired error, and resumes or lists again.
   */
  watch<R extends AnyResource>(resource: R, options?: WatchOptions): Watch<ObjectOf<R>>;

  /**
   * Replaces an object that has not changed since `object` was read.
   *
   * An update that changes nothing keeps the revision and tells nobody.
   *
   * @throws ApiError Conflict when it has changed, NotFound, Invalid.
   */
  update<R extends AnyResource>(
    resource: R,
    object: ObjectOf<NoInfer<R>>,
    options?: UpdateOptions,
  ): Promise<ObjectOf<R>>;

  /** Changes the newest object. @throws ApiError NotFound, Invalid, BadRequest; Conflict where the patch names a revision. */
  patch<R extends AnyResource>(
    resource: R,
    key: ObjectKey,
    patch: Patch,
    options?: PatchOptions,
  ): Promise<ObjectOf<R>>;

  /**
   * Says what its writer wants of an object, and makes it so: server-side apply.
   *
   * `object` has the fields that the writer has an opinion about, and no others. They become the writer's own; those that it applied
   * earlier and applies no more are removed, unless others own them too. Creates the object where there is none. Works on the newest
   * object; a `metadata.resourceVersion` is a condition. An apply that changes nothing keeps the revision and tells nobody.
   *
   * @throws ApiError Conflict where another manager owns a field with another value (its causes name the field and the owner);
   * Invalid, BadRequest; NotFound for the status of an object that is not there.
   * Source: kubernetes.io "Server-Side Apply".
   */
  apply<R extends AnyResource>(
    resource: R,
    object: ApplyConfiguration<NoInfer<R>>,
    options?: ApplyOptions,
  ): Promise<ObjectOf<R>>;

  /** Deletes an object, or marks it where finalizers hold it. @throws ApiError NotFound, Conflict. */
  delete<R extends AnyResource>(
    resource: R,
    key: ObjectKey,
    options?: DeleteOptions,
  ): Promise<DeleteResult<ObjectOf<R>>>;

  /** Deletes what the selection covers; answers with the objects as they were before. */
  deleteCollection<R extends AnyResource>(
    resource: R,
    selection?: SelectOptions,
    options?: DeleteOptions,
  ): Promise<ObjectList<ObjectOf<R>>>;

  /**
   * Reads a subresource (without `body`) or writes it.
   *
   * @throws ApiError NotFound where the kind or the server has no such subresource.
   */
  subresource<R extends AnyResource>(
    resource: R,
    key: ObjectKey,
    name: Subresource,
    body?: unknown,
    options?: WriteOptions,
  ): Promise<unknown>;

  /**
   * Waits for the server's own background work and answers with the revision it then has, to which every open watch of this
   * client is pushed, by a bookmark if nothing matches; undefined where the server cannot say.
   */
  barrier(): Promise<string | undefined>;
}
