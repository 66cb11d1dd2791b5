import { ApiError, type Clock, type Logger, type Random } from '../core/index.js';
import { nextOf, type Touched } from './attempt.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import { RevisionGate } from './revision-gate.js';
import type { Replacement, State, Write } from './state.js';
import { run, type Steps, wait } from './steps.js';
import type {
  Storage,
  StorageChange,
  StorageEntry,
  StorageSession,
  StorageWrite,
} from './storage/storage.js';
import type { StorageCodec } from './storage-codec.js';
import { tell, tellReplaced } from './store-target.js';
import { seal, type StoredObject } from './stored-object.js';
import type { WriteRule } from './write-rule.js';
import { WritesInFlight } from './writes-in-flight.js';

/** What the state makes of a write that was told. */
interface Followed {
  readonly write: Write;
  readonly previous: StoredObject | undefined;
  /** Undefined where this store did not make it. */
  readonly own: Touched | undefined;
}

/** A storage that is more than the memory of the store. */
export type OpenableStorage = Storage & { readonly open: NonNullable<Storage['open']> };

/**
 * The tie between a store and its storage: opens it, loads what it has, and follows what it tells.
 *
 * The storage decides what happens; the state follows what it tells, in its order, and all reads are served from the state.
 *
 * Source: the watch cache of k8s.io/apiserver.
 */
export class StorageLink {
  readonly codec: StorageCodec;
  /** The writes of this store that are under way: what is told of them is recognised, and need not be read from its text. */
  readonly inFlight: WritesInFlight = new WritesInFlight();
  readonly #storage: OpenableStorage;
  readonly #kinds: Kinds;
  readonly #state: State;
  readonly #gate: RevisionGate;
  readonly #rules: readonly WriteRule[];
  readonly #ports: { readonly clock: Clock; readonly random: Random; readonly logger: Logger };
  readonly #onReload: () => void;
  readonly #onLoaded: () => Steps<void>;
  readonly #onFailure: (error: ApiError) => void;
  // who waits for what the storage has yet to tell; closed when it will tell nothing any more
  readonly #told: RevisionGate;
  #session: StorageSession | undefined;
  // undefined until somebody asks, and again where it failed
  #opening: Promise<void> | undefined;
  #isOpen = false;
  // whether a load has ever come off
  #isLoaded = false;
  // whether the state has everything that was told since the last load: only then what is told goes on from it
  #isFollowing = false;
  // whether changes may have been missed since the last load began
  #isLost = false;
  // what is told while a load or a replacement is under way; undefined otherwise
  #held: StorageChange[] | undefined;
  // the end of the last load or replacement that was asked for: only one is under way at a time
  #lastLoad: Promise<unknown> = Promise.resolve();
  // loads what was missed, until that has come off; undefined while nothing is missed
  #reloading: Promise<void> | undefined;
  // ends the pause between two loads; undefined while there is none
  #endPause: (() => void) | undefined;
  #failure: ApiError | undefined;
  #closed = false;

  constructor(options: {
    readonly storage: OpenableStorage;
    readonly codec: StorageCodec;
    readonly kinds: Kinds;
    readonly state: State;
    readonly gate: RevisionGate;
    readonly rules: readonly WriteRule[];
    readonly ports: { readonly clock: Clock; readonly random: Random; readonly logger: Logger };
    /** Called when the state has been loaded, without what happened in between; before anything is told of later changes. */
    readonly onReload: () => void;
    /** What is left to do before the store is open. */
    readonly onLoaded: () => Steps<void>;
    /** Told when the storage takes no more writes. */
    readonly onFailure: (error: ApiError) => void;
  }) {
    this.codec = options.codec;
    this.#storage = options.storage;
    this.#kinds = options.kinds;
    this.#state = options.state;
    this.#gate = options.gate;
    this.#rules = options.rules;
    this.#ports = options.ports;
    this.#told = new RevisionGate(options.ports.clock);
    this.#onReload = options.onReload;
    this.#onLoaded = options.onLoaded;
    this.#onFailure = options.onFailure;
  }

  /** The open storage. */
  get session(): StorageSession {
    if (this.#session === undefined) throw new TypeError(`Expected ${this.#storage.name} to be open`);
    return this.#session;
  }

  /** Whether everything is loaded, so that reads need not wait. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the state may lack what has happened, since others write to the storage too or something was missed: {@link refresh} it. */
  get isShared(): boolean {
    return this.#session?.newest !== undefined || this.#reloading !== undefined;
  }

  /** Opens the storage and loads what it has, once. @throws ApiError where it cannot be opened; the next call tries again. */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** Resolves when it is open; undefined where it is by now. @throws As {@link open}. */
  opened(): Promise<void> | undefined {
    return this.#session === undefined ? this.open() : undefined;
  }

  /** @throws ApiError where nothing can be written any more. */
  checkWritable(): void {
    if (this.#closed) throw closed();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits until the state has all up to a revision that the storage has reached. @throws ApiError where it will not be told of it. */
  async reached(revision: number): Promise<void> {
    if (revision <= this.#state.revision) return;
    await this.#told.reached(revision, { patience: Number.POSITIVE_INFINITY });
    if (revision > this.#state.revision) throw this.#failure ?? closed();
  }

  /** {@link reached}, of a write that has happened; undefined where the state has it by now. @throws ApiError, which is ambiguous. */
  landed(revision: number): Promise<void> | undefined {
    if (revision <= this.#state.revision) return undefined;
    return this.reached(revision).catch((error: unknown) => {
      // whoever closes the store meanwhile wants to see no more of it
      if (!this.#closed) throw ambiguously(error as ApiError);
    });
  }

  /** Waits until the state has everything that has happened to a kind (to all where it is undefined) by now. */
  *refresh(kind: Kind | undefined): Steps<void> {
    const { session } = this;
    if (session.newest === undefined) {
      if (this.#reloading !== undefined) yield this.#reloading;
      return;
    }
    const revision = yield* wait(session.newest(kind?.collection));
    if (revision > this.#state.revision) yield this.reached(revision);
  }

  /** Lets the storage forget the past before a revision. */
  compact(revision: number): Promise<void> {
    return this.session.compact(revision);
  }

  /**
   * Puts other content in the place of all there is, at a revision of at least `revision`, and loads it.
   *
   * @throws ApiError, with `ambiguous` unless everything certainly stays as it is.
   */
  async replace(objects: Iterable<StoredObject>, revision: number): Promise<void> {
    this.checkWritable();
    const { session } = this;
    await this.#alone(async () => {
      // what is told from now on may be about the new content
      this.#held ??= [];
      try {
        await session.replace(this.#writesOf(objects), revision);
      } catch (error) {
        if (error instanceof ApiError && !error.ambiguous) this.#release();
        else this.#loadAnew();
        throw error;
      }
      this.#loadAnew();
    });
    await this.#reloading;
    if (this.#state.revision < revision) throw ambiguously(this.#failure ?? closed());
  }

  /** Waits for what is under way, and closes the storage. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#isOpen = false;
    this.#told.close();
    this.#endPause?.();
    await Promise.all([this.#session?.close(), this.#opening?.catch(() => undefined)]);
    // it may have come only now
    await this.#session?.close();
  }

  /** Drops what was told: it may be of another content. */
  #loadAnew(): void {
    this.#stopFollowing();
    this.#lost();
  }

  async #open(): Promise<void> {
    if (this.#closed) throw closed();
    const listener = {
      changed: (change: StorageChange): void => this.#changed(change),
      lost: (): void => this.#lost(),
      failed: (error: ApiError): void => this.#failed(error),
    };
    this.#session ??= await this.#storage.open({ ...this.#ports, listener });
    if (this.#isLoaded) await this.#reloading;
    else await this.#load();
    await run(this.#onLoaded());
    if (this.#closed) throw closed();
    this.#isOpen = true;
  }

  /** Runs work when all loads and replacements before it have ended. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastLoad.then(work);
    this.#lastLoad = result.catch(() => undefined);
    return result;
  }

  /** Makes the state what the storage has. */
  #load(): Promise<void> {
    return this.#alone(async () => {
      this.#held = [];
      this.#isLost = false;
      const contents = new Map<Kind, StoredObject[]>();
      const revision = await this.#read(contents).catch((error: unknown) => {
        this.#stopFollowing();
        throw error;
      });
      if (this.#closed) throw closed();
      const replacements = this.#state.reload(contents, this.#kinds.all(), revision);
      this.#isLoaded = true;
      this.#isFollowing = true;
      this.#onReload();
      tellReplaced(this.#rules, replacements.flatMap(apart));
      this.#advance(revision);
      this.#release();
      if (this.#isLost) this.#lost();
    });
  }

  async #read(contents: Map<Kind, StoredObject[]>): Promise<number> {
    const failures: unknown[] = [];
    const revision = await this.session.load((entry) => {
      // a storage need not reckon with errors in the middle of its work
      try {
        this.#take(entry, contents);
      } catch (error) {
        failures.push(error);
      }
    });
    if (failures.length > 0) throw failures[0];
    return revision;
  }

  /** From now on, until the next load, what is told would be told of another state. */
  #stopFollowing(): void {
    this.#isFollowing = false;
    this.#held = undefined;
  }

  /** Goes on with what was told meanwhile. */
  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const change of held) this.#changed(change);
  }

  #advance(revision: number): void {
    this.#gate.advance(revision);
    this.#told.advance(revision);
  }

  #take(entry: StorageEntry, contents: Map<Kind, StoredObject[]>): void {
    const place = this.codec.placeOf(entry);
    if (place === undefined) return;
    const object = seal(this.codec.decode(place, entry.value), String(entry.revision));
    const objects = contents.get(place.kind);
    if (objects === undefined) contents.set(place.kind, [object]);
    else objects.push(object);
  }

  #changed(change: StorageChange): void {
    if (this.#held !== undefined) {
      this.#held.push(change);
      return;
    }
    const { revision } = change;
    if (this.#closed || !this.#isFollowing || revision <= this.#state.revision) return;
    let followed: readonly Followed[];
    try {
      followed = change.writes.flatMap((told) => this.#follow(told) ?? []);
    } catch (error) {
      this.#stopFollowing();
      this.#failed(error as ApiError);
      return;
    }
    const objects = this.#state.commit(
      followed.map(({ write }) => write),
      revision,
    );
    followed.forEach(({ write, own, previous }, index) => {
      const object = objects[index] as StoredObject;
      if (own !== undefined) own.result = object;
      tell(this.#rules, write, previous, object);
    });
    this.#advance(revision);
  }

  /** What the state makes of what is told; undefined where that changes nothing. @throws ApiError where it is no object. */
  #follow(told: StorageWrite): Followed | undefined {
    const inFlight = this.inFlight.get(told);
    const touched = inFlight?.value === told.value ? inFlight?.touched : undefined;
    // of what is told of the object, only the first can be this write
    const own = touched?.result === undefined ? touched : undefined;
    const place = own ?? this.codec.placeOf(told);
    if (place === undefined) return undefined;
    const { kind, namespace, name } = place;
    const slot = kind.table.get(namespace, name);
    const previous = slot?.object;
    if (told.value === undefined) {
      return slot === undefined ? undefined : { write: { kind, slot, next: undefined }, own, previous };
    }
    const next = (own && nextOf(own)) ?? this.codec.decode(place, told.value);
    const write = slot === undefined ? { kind, slot, next } : { kind, slot, next };
    return { write, own, previous };
  }

  #lost(): void {
    this.#isLost = true;
    if (this.#closed || !this.#isLoaded) return;
    this.#reloading ??= this.#reload();
  }

  /** Loads what was missed, until that has come off, or cannot any more. */
  async #reload(): Promise<void> {
    while (this.#isLost && !this.#closed) {
      try {
        await this.#load();
      } catch (error) {
        this.#isLost = true;
        if (this.#closed || this.#failure !== undefined) break;
        this.#ports.logger.error(
          { error, storage: this.#storage.name },
          'the store could not load what it missed',
        );
        await this.#pause();
      }
    }
    this.#reloading = undefined;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#ports.clock.setTimer(RETRY, resolve, { keepAlive: false });
      this.#endPause = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #failed(error: ApiError): void {
    if (this.#closed || this.#failure !== undefined) return;
    this.#failure = error;
    this.#onFailure(error);
    this.#told.close();
  }

  *#writesOf(objects: Iterable<StoredObject>): Generator<StorageWrite, void> {
    for (const object of objects) {
      const kind = this.#kinds.find(object) as Kind;
      const { name, namespace = '' } = object.metadata;
      yield { ...this.codec.keyOf({ kind, namespace, name }), value: this.codec.encode(object) };
    }
  }
}

/** How long a load that failed waits before it is tried again, in milliseconds. */
const RETRY = 1_000;

/** What became of a place, for rules to be told: one object that went and another that came are two things. */
function apart(replacement: Replacement): readonly Replacement[] {
  const { previous, object } = replacement;
  if (previous === undefined || object === undefined || previous.metadata.uid === object.metadata.uid) {
    return [replacement];
  }
  return [
    { ...replacement, object: undefined },
    { ...replacement, previous: undefined },
  ];
}

export function isOpenable(storage: Storage): storage is OpenableStorage {
  return storage.open !== undefined;
}

function closed(): ApiError {
  return ApiError.serviceUnavailable('the store is closed');
}

/** The error of a write that may have happened, although nobody can be told so. */
function ambiguously(cause: ApiError): ApiError {
  return new ApiError({ reason: cause.reason, message: cause.message, ambiguous: true, cause });
}
