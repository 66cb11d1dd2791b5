import {
  ApiError,
  type ApiObject,
  type Clock,
  isNotFound,
  keyOf,
  preview,
  sleep,
} from '../../../core/index.js';
import type { Cluster } from '../../cluster/index.js';
import { PluginError } from '../../engine/plugin-error.js';
import { type BindContext, SKIP, type Verdict } from '../../framework/index.js';
import { Binding, type BindRequest, type BindResult } from './binding.js';
import type { Pace } from '../pace.js';
import type { SchedulerMetrics } from '../scheduler-metrics.js';
import { StepContext } from './step-context.js';
import { TimeLimit } from '../limits/time-limit.js';
import type { WaitingRoom } from './waiting-room.js';
import { within } from '../limits/within.js';

/** How many milliseconds lie between two questions whether a workload was bound: twice as many each time, and how many an answer may take. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
const ANSWER = 10_000;

/** What {@link Bindings} work with. */
export interface BindingsParts<W extends ApiObject, H extends ApiObject> {
  readonly cluster: Cluster<W, H>;
  readonly clock: Clock;
  readonly room: WaitingRoom<W>;
  readonly metrics: SchedulerMetrics;
  readonly pace: Pace;
  /** How many milliseconds each step of a binding may take. */
  readonly timeout: number;
  /** The server has one workload less to answer about. */
  readonly onAnswer: () => void;
  /** There may be nothing to do at the moment. */
  readonly onQuiet: () => void;
}

/**
 * Binds workloads to the hosts that were chosen for them, each in its own time.
 *
 * One that is bound is kept in mind until it is told of: what comes before may be older.
 */
export class Bindings<W extends ApiObject, H extends ApiObject> {
  readonly #parts: BindingsParts<W, H>;
  // those that have not ended, by key of the workload
  readonly #running = new Map<string, Binding<W, H>>();
  // how many of them were sent, and there was no answer yet
  #sent = 0;
  // how many of them wait for others of their group
  #ready = 0;
  // the uids of those that are bound, as the server has answered, and were not told of yet, by key
  readonly #ahead = new Map<string, string>();
  // for the steps that are under way, and for the questions
  readonly #steps: TimeLimit;
  readonly #answers: TimeLimit;

  constructor(parts: BindingsParts<W, H>) {
    this.#parts = parts;
    this.#steps = new TimeLimit(parts.clock, parts.timeout);
    this.#answers = new TimeLimit(parts.clock, ANSWER);
  }

  /** How many are under way; those that plugins hold back do not count, nor those that wait for others of their group. */
  get busy(): number {
    return this.#running.size - this.#parts.room.size - this.#ready;
  }

  /** How many the server has to answer about. */
  get sent(): number {
    return this.#sent;
  }

  /** How many workloads are kept in mind. */
  get size(): number {
    return this.#running.size + this.#ahead.size;
  }

  /** The binding of a workload that is under way. */
  get(key: string): Binding<W, H> | undefined {
    return this.#running.get(key);
  }

  /** Whether the server has placed a workload which is told of as if it were not. */
  isAhead(key: string, uid: string): boolean {
    return this.#ahead.get(key) === uid;
  }

  /** The server has placed a workload, whatever is told of it until it tells that. */
  setAhead(key: string, uid: string): void {
    this.#ahead.set(key, uid);
  }

  /** A workload is told to be on a host, or to have ended on it: a binding to another is at an end. */
  placed(key: string, host: string | undefined): void {
    this.#ahead.delete(key);
    const binding = this.#running.get(key);
    if (binding === undefined) return;
    const { stage } = binding;
    const mayBeOurs = stage === 'sent' || (stage === 'unknown' && !binding.isRefused);
    if (host !== binding.request.host || !mayBeOurs) {
      this.#end(binding, { end: 'dropped' }, new Error(`${key} was placed by others`));
      return;
    }
    binding.isSeen = true;
    // whoever sends it may have something to do still
    if (stage === 'unknown') this.#end(binding, { end: 'bound' });
  }

  /** A host is gone: nobody is bound to it who is not sent there already. */
  hostGone(host: string): void {
    for (const binding of this.#running.values()) {
      const { request, stage } = binding;
      if (request.host !== host || (stage !== 'waiting' && stage !== 'preparing')) continue;
      const error = goneError(host);
      this.#end(binding, { end: 'failed', error }, error);
    }
  }

  /** A workload is gone, or not to be placed. */
  drop(key: string, why: string): void {
    this.#ahead.delete(key);
    const binding = this.#running.get(key);
    if (binding !== undefined) this.#end(binding, { end: 'dropped' }, new Error(`${key} ${why}`));
  }

  /** A workload is not to be bound there; nothing happens where it may be bound already. */
  reject(key: string, verdict: Verdict): void {
    const binding = this.#running.get(key);
    if (binding?.stage === 'waiting' || binding?.stage === 'preparing') {
      this.#end(binding, { end: 'rejected', verdict }, new Error(verdict.reasons.join(', ')));
    }
  }

  /** Nothing is bound any more. */
  dropAll(reason: unknown): void {
    for (const binding of this.#running.values()) this.#end(binding, { end: 'dropped' }, reason);
  }

  /** Waits for permission, and binds. */
  start(request: BindRequest<W, H>): void {
    const binding = new Binding(request);
    this.#running.set(request.workload.key, binding);
    void this.#run(binding);
  }

  async #run(binding: Binding<W, H>): Promise<void> {
    const { request, life } = binding;
    try {
      if (binding.stage === 'waiting' && !(await this.#isPermitted(binding))) return;
      const turn = this.#turn();
      if (turn !== undefined) await turn;
      if (life.hasEnded) return;
      await this.#preBind(binding);
      if (life.hasEnded) return;
      const others = request.together?.();
      if (others !== undefined) await this.#waitFor(binding, others);
      if (life.hasEnded) return;
      if (this.#parts.cluster.host(request.host) === undefined) {
        throw goneError(request.host);
      }
      await this.#send(binding);
      this.#end(binding, { end: 'bound' });
    } catch (error) {
      if (binding.stage === 'sent') await this.#ask(binding, error);
      else if (!life.hasEnded) this.#end(binding, { end: 'failed', error }, error);
    }
  }

  /** Waits for its turn where the decision has used up a whole slice, and counts in the next one then. */
  #turn(): Promise<void> | undefined {
    const { pace } = this.#parts;
    return pace.overrun()?.then(() => void pace.rest());
  }

  async #isPermitted(binding: Binding<W, H>): Promise<boolean> {
    const { room, clock, metrics } = this.#parts;
    const { workload, host, waits } = binding.request;
    const since = clock.monotonic();
    const verdict = await room.wait(workload, host, waits, binding.life.signal);
    metrics.permitted(verdict === undefined ? 'allowed' : 'rejected', (clock.monotonic() - since) / 1_000);
    if (verdict !== undefined) this.#end(binding, { end: 'rejected', verdict });
    else if (binding.stage === 'waiting') binding.stage = 'preparing';
    return binding.stage === 'preparing';
  }

  async #preBind(binding: Binding<W, H>): Promise<void> {
    const { members, workload, host } = binding.request;
    for (const { plugin, name } of members) {
      if (plugin.preBind === undefined) continue;
      try {
        const working = this.#within(binding, 'preBind', (context) =>
          plugin.preBind?.(workload, host, context),
        );
        if (working !== undefined) await working;
      } catch (error) {
        throw new PluginError(name, 'preBind', error);
      }
    }
  }

  /** Waits for the others of its group; it may wait without end where the binding is at an end before. */
  async #waitFor({ life }: Binding<W, H>, others: Promise<void>): Promise<void> {
    const leave = (): void => {
      this.#ready -= 1;
    };
    this.#ready += 1;
    life.listen(leave);
    this.#parts.onQuiet();
    await others;
    // then it has left
    if (life.hasEnded) return;
    life.leave(leave);
    leave();
  }

  async #send(binding: Binding<W, H>): Promise<void> {
    const { request } = binding;
    binding.stage = 'sent';
    this.#sent += 1;
    try {
      await this.#within(binding, 'the binding', (context) => this.#askBinders(request, context));
    } finally {
      this.#sent -= 1;
      this.#parts.onAnswer();
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

  #within(
    { request: { client, workload }, life }: Binding<W, H>,
    step: string,
    work: (context: BindContext<W, H>) => Promise<void> | void,
  ): Promise<void> | void {
    const { cluster } = this.#parts;
    const bounds = { what: () => `${step} of ${workload.key}`, limit: this.#steps, life };
    return within<void>(bounds, (own) => work(new StepContext(client, cluster, own)));
  }

  /** Finds out what has become of a workload that may be bound although an error says otherwise. */
  async #ask(binding: Binding<W, H>, error: unknown): Promise<void> {
    binding.stage = 'unknown';
    binding.isRefused = isAnswer(error);
    const { clock } = this.#parts;
    try {
      for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
        const result =
          binding.isSeen && !binding.isRefused ? { end: 'bound' as const } : await this.#find(binding, error);
        if (result !== undefined) {
          this.#end(binding, result, error);
          return;
        }
        await sleep(clock, pause, binding.life.signal);
      }
    } catch (failure) {
      // it has ended meanwhile
      if (!binding.life.hasEnded) this.#end(binding, { end: 'failed', error }, failure);
    }
  }

  /** What the server says; undefined where it says nothing. */
  async #find(
    { request, life, latest, isRefused }: Binding<W, H>,
    error: unknown,
  ): Promise<BindResult<W> | undefined> {
    const { model } = this.#parts.cluster;
    const { client, workload, host } = request;
    const bounds = { what: () => `asking for ${workload.key}`, limit: this.#answers, life };
    try {
      const found = await within(bounds, ({ signal }) =>
        client.get(model.workload, keyOf(latest), { signal }),
      );
      if (found.metadata.uid !== latest.metadata.uid) return { end: 'dropped' };
      const where = model.hostOf(found);
      if (where === undefined) return { end: 'failed', error };
      return where === host && !isRefused ? { end: 'bound' } : { end: 'dropped', found };
    } catch (failure) {
      if (isNotFound(failure)) return { end: 'dropped' };
      return isRefused ? { end: 'failed', error } : undefined;
    }
  }

  #end(binding: Binding<W, H>, result: BindResult<W>, reason?: unknown): void {
    const { stage, request, latest } = binding;
    if (stage === 'ended') return;
    const { key } = request.workload;
    this.#running.delete(key);
    if (result.end === 'bound' && !binding.isSeen) this.setAhead(key, latest.metadata.uid);
    binding.end(result, reason);
  }
}

function goneError(host: string): Error {
  return new Error(`the host ${preview(host)} is gone`);
}

/** Whether a server has answered, so that it is known that nothing was written. */
function isAnswer(error: unknown): boolean {
  return error instanceof PluginError && error.cause instanceof ApiError && !error.cause.ambiguous;
}
