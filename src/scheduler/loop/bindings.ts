import type { Client } from '../../client/index.js';
import { ApiError, type ApiObject, type Clock, isNotFound, keyOf } from '../../core/index.js';
import type { Cluster, PlacedWorkload } from '../cluster/index.js';
import { PluginError } from '../engine/plugin-error.js';
import type { Member } from '../engine/profile.js';
import { type BindContext, SKIP, type Verdict } from '../framework/index.js';
import type { WaitingRoom } from './waiting-room.js';

/** How often it is asked whether a workload was bound after all, and how many milliseconds lie between. */
const QUESTIONS = 5;
const BETWEEN = 1_000;

/** What became of a binding. */
export type BindResult =
  | { readonly end: 'bound' }
  | { readonly end: 'rejected'; readonly verdict: Verdict }
  | { readonly end: 'failed'; readonly error: unknown };

/** What a binding is about. */
export interface BindRequest<W extends ApiObject, H extends ApiObject> {
  readonly workload: PlacedWorkload<W, H>;
  readonly host: string;
  readonly members: readonly Member<W, H>[];
  /** The plugins that hold it back, with their time-outs in milliseconds. */
  readonly waits: ReadonlyMap<string, number>;
}

/** Binds workloads to the hosts that were chosen for them, each in its own time. */
export class Bindings<W extends ApiObject, H extends ApiObject> {
  readonly #cluster: Cluster<W, H>;
  readonly #clock: Clock;
  readonly #room: WaitingRoom<W>;
  readonly #timeout: number;
  // those under way, by key
  readonly #running = new Map<string, AbortController>();

  constructor(cluster: Cluster<W, H>, clock: Clock, room: WaitingRoom<W>, timeout: number) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#room = room;
    this.#timeout = timeout;
  }

  /** How many are under way. */
  get size(): number {
    return this.#running.size;
  }

  has(key: string): boolean {
    return this.#running.has(key);
  }

  /** Gives a binding up, if there is one. */
  abort(key: string, reason: unknown): void {
    this.#running.get(key)?.abort(reason);
  }

  abortAll(reason: unknown): void {
    for (const controller of this.#running.values()) controller.abort(reason);
  }

  /** Waits for permission, and binds; never rejects. */
  async bind(client: Client, request: BindRequest<W, H>): Promise<BindResult> {
    const { key } = request.workload;
    const controller = new AbortController();
    const late = new Error(`the binding of ${key} did not end within ${this.#timeout} ms`);
    const timer = this.#clock.setTimer(this.#timeout, () => controller.abort(late), { keepAlive: false });
    this.#running.set(key, controller);
    try {
      return await this.#run(client, request, controller.signal);
    } finally {
      timer.cancel();
      this.#running.delete(key);
    }
  }

  async #run(client: Client, request: BindRequest<W, H>, signal: AbortSignal): Promise<BindResult> {
    const { workload, host, waits } = request;
    let isSent = false;
    try {
      if (waits.size > 0) {
        const verdict = await this.#room.wait(workload, host, waits, signal);
        if (verdict !== undefined) return { end: 'rejected', verdict };
      }
      const context: BindContext<W, H> = { client, cluster: this.#cluster, signal };
      await this.#preBind(request, context);
      if (this.#cluster.host(host) === undefined) throw new Error(`the host ${JSON.stringify(host)} is gone`);
      isSent = true;
      await unlessAborted(this.#askBinders(request, context), signal);
      return { end: 'bound' };
    } catch (error) {
      const isKnown = !isSent || (error instanceof PluginError && isAnswer(error.cause));
      if (!isKnown && (await this.#wasBound(client, workload, host))) return { end: 'bound' };
      return { end: 'failed', error };
    }
  }

  async #preBind({ members, workload, host }: BindRequest<W, H>, context: BindContext<W, H>): Promise<void> {
    for (const { plugin, name } of members) {
      if (plugin.preBind === undefined) continue;
      try {
        await unlessAborted(plugin.preBind(workload, host, context), context.signal);
      } catch (error) {
        throw new PluginError(name, 'preBind', error);
      }
    }
  }

  async #askBinders(
    { members, workload, host }: BindRequest<W, H>,
    context: BindContext<W, H>,
  ): Promise<void> {
    for (const { plugin, name } of members) {
      if (plugin.bind === undefined) continue;
      try {
        if ((await plugin.bind(workload, host, context)) !== SKIP) return;
      } catch (error) {
        throw new PluginError(name, 'bind', error);
      }
    }
    throw new TypeError('Scheduler: expected a plugin that binds, and none of the profile did');
  }

  /** Whether a workload was bound although it was not said so. Where nobody can tell, it counts as not bound. */
  async #wasBound(client: Client, workload: PlacedWorkload<W, H>, host: string): Promise<boolean> {
    const { model } = this.#cluster;
    for (let asked = 0; asked < QUESTIONS; asked += 1) {
      try {
        const found = await client.get(model.workload, keyOf(workload.object));
        return found.metadata.uid === workload.object.metadata.uid && model.hostOf(found) === host;
      } catch (error) {
        if (isNotFound(error)) return false;
      }
      await new Promise<void>((resolve) => {
        this.#clock.setTimer(BETWEEN, resolve, { keepAlive: false });
      });
    }
    return false;
  }
}

/** Whether a server has answered, so that it is known that nothing was written. */
function isAnswer(error: unknown): boolean {
  return error instanceof ApiError && !error.ambiguous;
}

/** What `work` comes to; rejects as soon as `signal` aborts, whatever becomes of the work. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      abort = (): void => reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      work.then(resolve, reject);
    });
  } finally {
    if (abort !== undefined) signal.removeEventListener('abort', abort);
  }
}
