import type { Client } from '../../client/index.js';
import { preview } from '../../core/index.js';
import type { Controller } from '../controller.js';
import { fillCaches } from './fill-caches.js';
import type { Lifetime } from './lifetime.js';
import { checkController } from './manager-options.js';
import type { Members } from './members.js';
import type { Stores } from './stores.js';

/** What {@link Alterations} are made on. */
interface AlterationsOptions {
  readonly life: Lifetime;
  readonly members: Members;
  readonly stores: Stores;
  /** What the start resolves; undefined before it was asked for: what is there by then it sees to itself. */
  readonly started: () => Promise<void> | undefined;
}

/** Puts controllers and stores into a manager and takes them out, also while it runs. */
export class Alterations {
  readonly #options: AlterationsOptions;

  constructor(options: AlterationsOptions) {
    this.#options = options;
  }

  /** See `Manager.add`. */
  async addController(controller: Controller): Promise<void> {
    const { life, members, stores, started } = this.#options;
    life.expectNotStopping('add');
    checkController(controller);
    // one of its name may still be at work
    const leaving = members.leaving(controller.name);
    if (leaving !== undefined) await life.unlessStopping('add', () => leaving);
    const member = members.join(controller);
    const start = started();
    if (start === undefined) return;
    await start;
    try {
      await life.unlessStopping('add', () => fillCaches([member.runner], [...stores], stores));
      if (!members.has(member)) {
        throw new Error(`Manager: add: the controller ${controller.name} was removed`);
      }
    } catch (error) {
      if (members.has(member)) await members.leave(member, error);
      throw error;
    }
    await members.work([member]);
  }

  /** See `Manager.remove`. */
  async removeController(name: string): Promise<void> {
    const { members } = this.#options;
    const member = members.get(name);
    if (member === undefined) {
      throw new TypeError(`Manager: remove: expected the name of a controller, got ${preview(name)}`);
    }
    await members.leave(member, new Error(`the controller ${name} was removed`));
  }

  /** See `Manager.addStore`. */
  async addStore(name: string, client: Client): Promise<void> {
    const { life, members, stores, started } = this.#options;
    life.expectNotStopping('addStore');
    const store = stores.add(name, client);
    const start = started();
    if (start === undefined) return;
    await start;
    const concerned = members.runners.filter((runner) => runner.concerns(name));
    try {
      await life.unlessStopping('addStore', () => fillCaches(concerned, [store], stores));
      if (!stores.has(store)) throw new Error(`Manager: addStore: the store ${name} was removed`);
    } catch (error) {
      if (stores.has(store)) await this.removeStore(name);
      throw error;
    }
    for (const runner of concerned) runner.meet(name);
  }

  /** See `Manager.removeStore`. */
  async removeStore(name: string): Promise<void> {
    const { life, members, stores } = this.#options;
    const store = stores.take(name);
    const reason = new Error(`the store ${name} was removed`);
    const patience = life.patience();
    await Promise.all(members.runners.map((runner) => runner.unwatch(name, reason, patience)));
    await store.informers.stop(reason);
  }
}
