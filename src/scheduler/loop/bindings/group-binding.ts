import type { Clock, Timer } from '../../../core/index.js';
import { unschedulable, type Verdict } from '../../framework/index.js';

/** What a {@link GroupBinding} asks and tells. */
export interface GroupBindingHooks {
  /** Whether a host is still there: those on one that is gone are about to leave. */
  isThere(host: string): boolean;
  /** Whether too few members are placed by now for any of them to be bound. */
  isShort(): boolean;
  /** Takes back a member that is not bound yet, which then has {@link GroupBinding.left}. */
  reject(key: string, verdict: Verdict): void;
  /** Called once: members that are placed from now on are no business of this one any more. */
  ended(): void;
}

/** A member that is placed and not bound. */
interface Held {
  readonly host: string;
  /** Lets it go on where it is ready; undefined where it is not. */
  goOn: (() => void) | undefined;
}

/**
 * Holds back the members of a group that are placed until all of them may be bound; where too few are left, none is.
 *
 * It ends when all members are ready, and are bound then, or when it has fallen, or nobody is left.
 */
export class GroupBinding {
  readonly #hooks: GroupBindingHooks;
  readonly #timer: Timer | undefined;
  // the members that have not left, by key, and how many of them are not ready; none once it has ended
  readonly #members = new Map<string, Held>();
  #unready = 0;
  // while it falls: the members that have been taken back, and what ends their attempts
  #fallen: Map<string, (own: ReadonlySet<string>) => void> | undefined;

  /** @param timeout - It falls after so many milliseconds; never unless given. */
  constructor(clock: Clock, timeout: number | undefined, hooks: GroupBindingHooks) {
    this.#hooks = hooks;
    this.#timer = timeout === undefined ? undefined : clock.setTimer(timeout, () => this.#late(timeout));
  }

  /** One more member is placed. */
  join(key: string, host: string): void {
    this.#members.set(key, { host, goOn: undefined });
    this.#unready += 1;
  }

  /** A member may be bound: resolves when all may. Undefined where it is the last, so that it need not wait. */
  ready(key: string): Promise<void> | undefined {
    this.#unready -= 1;
    if (this.#mayOpen()) {
      this.#open();
      return undefined;
    }
    return new Promise((resolve) => {
      // one that is to be bound has not left
      (this.#members.get(key) as Held).goOn = resolve;
    });
  }

  /**
   * A member is not going to be bound, and was taken back.
   *
   * @param why - What the others are told where they cannot be bound without it.
   * @param end - Ends its attempt, as soon as all are taken back who are with it: called once, with their keys.
   */
  left(key: string, why: Verdict, end: (own: ReadonlySet<string>) => void): void {
    if (this.#fallen !== undefined) {
      this.#fallen.set(key, end);
      return;
    }
    const member = this.#members.get(key);
    if (member !== undefined) {
      if (member.goOn === undefined) this.#unready -= 1;
      this.#members.delete(key);
      if (this.#hooks.isShort()) {
        this.#fall(why, new Map([[key, end]]));
        return;
      }
      if (this.#mayOpen()) this.#open();
    }
    end(new Set([key]));
  }

  #late(timeout: number): void {
    const why = unschedulable(`the group could not be bound within ${timeout}ms of its placement`);
    this.#fall({ ...why, plugin: '' }, new Map());
  }

  #mayOpen(): boolean {
    if (this.#unready > 0) return false;
    for (const { host } of this.#members.values()) if (!this.#hooks.isThere(host)) return false;
    return true;
  }

  #open(): void {
    for (const { goOn } of this.#end().values()) goOn?.();
  }

  /** Takes back all who are held. */
  #fall(why: Verdict, fallen: Map<string, (own: ReadonlySet<string>) => void>): void {
    this.#fallen = fallen;
    for (const key of this.#end().keys()) this.#hooks.reject(key, why);
    this.#fallen = undefined;
    const own = new Set(fallen.keys());
    for (const end of fallen.values()) end(own);
  }

  /** Ends it, and answers who was left. */
  #end(): ReadonlyMap<string, Held> {
    this.#timer?.cancel();
    const left = new Map(this.#members);
    this.#members.clear();
    this.#hooks.ended();
    return left;
  }
}
