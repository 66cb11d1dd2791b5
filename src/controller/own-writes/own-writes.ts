import type { Client } from '../../client/index.js';
import { ApiError, type ApiObject, formatKey, type ObjectKey } from '../../core/index.js';
import { type Lister, type ListerSnapshot, PatchedLister } from '../../informer/index.js';
import type { AnyResource } from '../../resources/index.js';
import { Echoes, type Texted } from './echoes.js';
import { Follower, type Sight } from './follower.js';
import { OwnWrite } from './own-write.js';
import type { OwnWriteIntent } from './own-write-intent.js';
import { lastOf, type ToldChange } from './told-change.js';
import { Unshown } from './unshown.js';
import type { WatchedInformer } from './watched-informer.js';
import { readAnswer, type WriteAnswer } from './write-answer.js';

/**
 * How a controller reads what it wrote itself.
 *
 * - `'wait'`: a write resolves once the caches show it.
 * - `'overlay'`: a write resolves at once, and lies over the caches until they show it.
 * - `'off'`: neither, and its own changes make it run again.
 */
export type ReadYourWrites = 'wait' | 'overlay' | 'off';

/** What {@link OwnWrites} are made from. */
interface OwnWritesOptions {
  readonly mode: ReadYourWrites;
  readonly client: Client;
  /** Those of the controller in this store; more may come. */
  readonly informers: readonly WatchedInformer[];
  /** Lets go of everybody who waits; from then on it is as with `'off'`. */
  readonly signal: AbortSignal;
  /** Told where a write was waited for, or lay over a cache, for too long. */
  readonly onStale: (resource: AnyResource, key: ObjectKey | undefined) => void;
}

/**
 * The writes of one controller in one store: it reads what it wrote, and what it wrote does not make it run again.
 *
 * A change that a reconcile made is an echo to the request that it ran for, and asks for nothing. Other requests are asked, and so is
 * this one wherever anything else may have changed too. See {@link OwnWrite} for the life of a write.
 */
export class OwnWrites {
  readonly #options: OwnWritesOptions;
  readonly #followers = new Map<WatchedInformer, Follower>();
  readonly #echoes: Echoes;
  readonly #unshown: Unshown;

  constructor(options: OwnWritesOptions) {
    const { client, signal, onStale } = options;
    this.#options = options;
    this.#unshown = new Unshown(client.clock, (write, isWaitedFor) => {
      const lifted = this.#all().map((follower) => follower.drop(write));
      write.forget();
      this.#echoes.over(write);
      if (isWaitedFor || lifted.includes(true)) onStale(write.intent.resource, write.key);
    });
    this.#echoes = new Echoes(client.clock, (write) => {
      for (const follower of this.#all()) follower.drop(write);
      this.#unshown.expire(write);
    });
    signal.addEventListener('abort', () => this.#close(), { once: true });
  }

  /** How many changes wait for the answer of a write before it is known whether they are echoes. */
  get undecided(): number {
    return this.#echoes.undecided;
  }

  /** How many writes are remembered: 0 once everything was answered, shown and told. */
  get remembered(): number {
    return this.#echoes.size + this.#unshown.size;
  }

  /** Sends a write of a reconcile, and resolves as the mode says. */
  write<T>(intent: OwnWriteIntent, send: () => Promise<T>): Promise<T> {
    if (intent.dryRun || this.#isOff) return send();
    const followers = this.#followersOf(intent.resource);
    return followers.length === 0 ? send() : this.#write(intent, followers, send);
  }

  /**
   * An informer told of a change, for which requests are to be asked.
   *
   * @param ask - Called with each request that did not make the change itself: now, or once that is known.
   */
  told<R extends Texted>(
    resource: AnyResource,
    change: ToldChange,
    requests: readonly R[],
    ask: (request: R) => void,
  ): void {
    if (change.type === 'delete') this.#unhide(resource, change);
    this.#echoes.told(resource, change, requests, ask);
  }

  /** What the controller sees of a kind: never less than it wrote. @throws TypeError for a kind without an informer. */
  lister(resource: AnyResource): Lister<ApiObject, string> {
    const watched = this.#watched(resource);
    return this.#options.mode === 'off' ? watched.informer.lister : this.#follower(watched).overlay;
  }

  /** What the controller sees of a kind now, until it is disposed of. @throws TypeError for a kind without an informer. */
  snapshot(resource: AnyResource): ListerSnapshot<ApiObject, string> {
    const watched = this.#watched(resource);
    const cached = watched.informer.snapshot();
    const own = this.#options.mode === 'off' ? NONE : [...this.#follower(watched).overlay.patches()];
    if (own.length === 0) return cached;
    const patched = new PatchedLister<ApiObject, string>(cached, { indexers: () => watched.indexers ?? {} });
    for (const [key, object] of own) patched.patch(key, object);
    return Object.assign(patched, { [Symbol.dispose]: () => cached[Symbol.dispose]() });
  }

  /** The informer that reads of a kind go to. */
  #watched(resource: AnyResource): WatchedInformer {
    const found = this.#options.informers.filter((item) => item.resource === resource);
    const watched = found.find(({ isWhole }) => isWhole) ?? found[0];
    if (watched !== undefined) return watched;
    const { kind, apiVersion } = resource;
    throw new TypeError(`expected a kind that is watched, got ${kind} in ${apiVersion}`);
  }

  get #isOff(): boolean {
    return this.#options.mode === 'off' || this.#options.signal.aborted;
  }

  async #write<T>(
    intent: OwnWriteIntent,
    followers: readonly Follower[],
    send: () => Promise<T>,
  ): Promise<T> {
    const seen = followers.map((follower) => follower.seen(intent.key));
    const write = new OwnWrite(intent);
    this.#echoes.sent(write);
    let answer: T;
    try {
      answer = await send();
    } catch (error) {
      if (error instanceof ApiError && !error.ambiguous) write.failed();
      else write.forget();
      this.#echoes.ended(write);
      throw error;
    }
    const read = readAnswer(intent, answer);
    const hasOthers = this.#echoes.hasOthers(write);
    const sights = followers.map((follower, index) => follower.sight(seen[index], read.object, hasOthers));
    this.#take(write, read, sights);
    this.#echoes.ended(write);
    const shown = this.#isOff || read.isEmpty ? undefined : this.#show(write, read, sights);
    if (shown !== undefined) await shown;
    return answer;
  }

  /** Takes in what a write was answered with. */
  #take(write: OwnWrite, answer: WriteAnswer, sights: readonly Sight[]): void {
    const { revision } = answer;
    // a write that finds nothing to do answers with what was there before it
    const isNew = sights.every(({ before }) => before?.metadata.resourceVersion !== revision);
    if (revision === undefined || !isNew || this.#isOff) {
      write.forget();
      return;
    }
    let informers = 0;
    for (const { sees } of sights) if (sees !== false) informers += 1;
    write.answered(answer, informers);
  }

  /** Sees to it that the controller sees a write; what it returns resolves when the writer may go on. */
  #show(write: OwnWrite, answer: WriteAnswer, sights: readonly Sight[]): Promise<void> | undefined {
    const { revision } = answer;
    const { mode } = this.#options;
    const seers = sights.filter(({ sees }) => sees !== false).map(({ follower }) => follower);
    if (revision === undefined) {
      if (mode === 'overlay' && this.#hide(write, answer, seers)) return undefined;
      return this.#passBarrier(write, answer, seers);
    }
    let late = 0;
    let isLaid = true;
    for (const { follower, sees } of sights) {
      if (sees === false || !follower.show(write, revision) || sees === undefined) continue;
      late += 1;
      isLaid = follower.lay(write, answer, revision, mode === 'wait') && isLaid;
    }
    if (late === 0) return undefined;
    if (!isLaid) return this.#unshown.wait(write, late);
    this.#unshown.add(write, late);
    return undefined;
  }

  /** Waits for everything until now, as the server has not said at which revision the write happened. */
  #passBarrier(write: OwnWrite, answer: WriteAnswer, followers: readonly Follower[]): Promise<void> {
    // until the server has answered, it counts for one informer
    const shown = this.#unshown.wait(write, 1);
    const pass = (revision: string | undefined): void => {
      if (this.#isOff) return;
      const late =
        revision === undefined ? NONE : followers.filter((follower) => follower.show(write, revision));
      this.#unshown.alsoFor(write, late.length);
      this.#unshown.shown(write);
      // nobody can say when: what is gone is hidden until the caches know
      if (revision === undefined) this.#hide(write, answer, followers);
    };
    this.#options.client.barrier().then(pass, () => this.#unshown.expire(write));
    return shown;
  }

  /** Hides an object that is gone until the caches know; false where there is none. */
  #hide(write: OwnWrite, { object, isGone }: WriteAnswer, followers: readonly Follower[]): boolean {
    if (!isGone || object === undefined) return false;
    for (const { overlay } of followers) overlay.hide(write, object, undefined);
    this.#unshown.add(write, followers.length);
    return true;
  }

  /** Hides a deleted object no more, where nothing else said that the cache knows. */
  #unhide(resource: AnyResource, change: ToldChange): void {
    const { name, namespace, uid } = (lastOf(change)?.metadata ?? {}) as Partial<ObjectKey & { uid: string }>;
    if (name === undefined || uid === undefined) return;
    for (const { overlay } of this.#followersOf(resource)) {
      const write = overlay.hiding(formatKey({ name, namespace }), uid);
      if (write === undefined) continue;
      overlay.lift(write);
      this.#unshown.shown(write);
    }
  }

  #all(): Follower[] {
    return [...this.#followers.values()];
  }

  /** Those of a kind, in whatever version. */
  #followersOf({ group, kind }: AnyResource): Follower[] {
    const found: Follower[] = [];
    for (const watched of this.#options.informers) {
      const { resource } = watched;
      if (resource.kind === kind && resource.group === group) found.push(this.#follower(watched));
    }
    return found;
  }

  #follower(watched: WatchedInformer): Follower {
    let follower = this.#followers.get(watched);
    if (follower === undefined) {
      follower = new Follower(watched, this.#shown, this.#told);
      this.#followers.set(watched, follower);
    }
    return follower;
  }

  readonly #shown = (write: OwnWrite): void => {
    write.shown();
    this.#unshown.shown(write);
  };

  readonly #told = (write: OwnWrite): void => {
    write.told();
    if (write.isOver) this.#echoes.over(write);
  };

  #close(): void {
    for (const follower of this.#all()) follower.close();
    this.#unshown.clear();
    this.#echoes.clear();
  }
}

const NONE: readonly never[] = /* @__PURE__ */ Object.freeze([]);
