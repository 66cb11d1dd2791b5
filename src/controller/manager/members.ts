import { preview } from '../../core/index.js';
import type { Controller } from '../controller.js';
import { ControllerRunner } from '../runner/controller-runner.js';
import { UNDIVIDED } from '../runner/duty.js';
import type { SharedParts } from '../runner/runner-parts.js';
import type { Elections } from './elections.js';
import { checkController } from './manager-options.js';
import type { Rights } from './rights.js';

/** A controller in a manager, and whose duties it has. */
interface Member {
  readonly runner: ControllerRunner;
  readonly rights: Rights;
}

/** What {@link Members} are made from. */
interface MembersOptions {
  readonly parts: SharedParts;
  readonly elections: Elections;
  /** Of those who need no leadership. */
  readonly always: Rights;
  /** How many milliseconds work may take to end when it is told to now. */
  readonly patience: () => number;
}

/** The controllers of a manager: those that are in it, and those that were taken out and have not ended yet. */
export class Members {
  readonly #options: MembersOptions;
  // by the name of the controller
  readonly #members = new Map<string, Member>();
  // those that were taken out and have not ended yet, by name; another one of a name joins only when that is over
  readonly #leaving = new Map<string, Promise<void>>();

  constructor(options: MembersOptions) {
    this.#options = options;
  }

  get all(): readonly Member[] {
    return [...this.#members.values()];
  }

  get runners(): readonly ControllerRunner[] {
    return Array.from(this.#members.values(), ({ runner }) => runner);
  }

  /** The member of a name; undefined where there is none. */
  get(name: string): Member | undefined {
    return this.#members.get(name);
  }

  /** Whether a member was not taken out. */
  has(member: Member): boolean {
    return this.#members.get(member.runner.controller.name) === member;
  }

  /** Resolves when the one of a name that was taken out has ended; undefined where there is none. */
  leaving(name: string): Promise<void> | undefined {
    return this.#leaving.get(name);
  }

  /** @throws TypeError for a name that is taken, and what is no controller. */
  join(controller: Controller): Member {
    checkController(controller);
    const { name } = controller;
    if (this.#members.has(name)) {
      throw new TypeError(
        `Manager: controllers: expected one controller of a name, got two named ${preview(name)}`,
      );
    }
    const { parts, elections, always } = this.#options;
    const leadership = elections.join(controller);
    const division = leadership?.division ?? UNDIVIDED;
    const runner = new ControllerRunner({ ...parts, controller, division });
    const member: Member = { runner, rights: leadership?.rights ?? always };
    this.#members.set(name, member);
    return member;
  }

  /** Lets controllers work, as far as they may, and stands for the elections that are theirs alone. */
  async work(members: readonly Member[]): Promise<void> {
    for (const { runner, rights } of members) {
      runner.start();
      rights.add(runner);
    }
    const { elections } = this.#options;
    await Promise.all(members.map(({ runner }) => elections.campaign(runner.controller.name)));
  }

  /** Takes a controller out; resolves when it has ended. */
  leave(member: Member, reason: unknown): Promise<void> {
    const { name } = member.runner.controller;
    this.#members.delete(name);
    const leaving = this.#end(member, reason).finally(() => this.#leaving.delete(name));
    this.#leaving.set(name, leaving);
    return leaving;
  }

  /** Resolves when all have ended, those that were taken out too; their duties have ended before. */
  async stop(reason: unknown): Promise<void> {
    await Promise.all(this.#leaving.values());
    await Promise.all(this.runners.map((runner) => runner.stop(reason, this.#options.patience())));
  }

  async #end({ runner, rights }: Member, reason: unknown): Promise<void> {
    const { elections, patience } = this.#options;
    runner.leave(reason);
    await elections.leave(runner.controller.name, reason);
    await rights.remove(runner);
    await runner.stop(reason, patience());
  }
}
