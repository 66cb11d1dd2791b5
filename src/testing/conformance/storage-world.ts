import { type Clock, noopLogger, SeededRandom, systemClock } from '../../core/index.js';
import type { Storage, StorageChange } from '../../store/index.js';
import { drive } from './drive.js';
import { Journal } from './journal.js';
import { StorageFollower } from './storage-follower.js';
import { type StorageHistory, storageViolations } from '../history/storage-history.js';

/** An empty storage that a suite may do with as it likes, and ways to treat it badly. */
export interface StorageUnderTest {
  readonly storage: Storage;
  /** The machine's clock unless given; one that stands still is moved by the suite. */
  readonly clock?: Clock;
  /** What a process that starts anew would open; `storage` again unless given. */
  readonly reopen?: () => Storage | Promise<Storage>;
  /**
   * Disturbs it in a way that its contract allows: cuts connections, delays, loses answers. Called now and then between the steps of
   * random histories; `choice` is in [0, 1). Nothing is disturbed unless given.
   */
  readonly disturb?: (choice: number) => void | Promise<void>;
  /** How many milliseconds pass between the steps of histories that are disturbed; 1 unless given. */
  readonly pace?: number;
  /** Ends every disturbance. */
  readonly heal?: () => void | Promise<void>;
  /** Everything that really happened, where there is a way to know. */
  readonly log?: () => readonly StorageChange[];
  /** Called when everything that had it open is closed. */
  readonly dispose?: () => void | Promise<void>;
}

/** How long something that must come is waited for, in milliseconds, unless told otherwise. */
const PATIENCE = 10_000;

/** One storage under test, those who have it open, and all that they saw. */
export class StorageWorld {
  readonly under: StorageUnderTest;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly journal: Journal = new Journal();
  readonly #patience: number;
  // all that were ever opened
  readonly #followers: StorageFollower[] = [];
  #storage: Storage;
  #moments = 0;

  constructor(under: StorageUnderTest, seed: number, patience: number | undefined) {
    this.under = under;
    this.clock = under.clock ?? systemClock;
    this.random = new SeededRandom(seed);
    this.#patience = patience ?? PATIENCE;
    this.#storage = under.storage;
  }

  /** Opens the storage once more. */
  async open(): Promise<StorageFollower> {
    const follower = new StorageFollower(`#${this.#followers.length + 1}`, {
      clock: this.clock,
      random: this.random,
      journal: this.journal,
      patience: this.#patience,
      moment: () => {
        this.#moments += 1;
        return this.#moments;
      },
    });
    this.#followers.push(follower);
    await follower.open(this.#storage);
    return follower;
  }

  /** Opens the storage, and expects that it cannot be. */
  async openRefused(): Promise<unknown> {
    const { clock, random } = this;
    const silent = (): void => undefined;
    const listener = { changed: silent, lost: silent, failed: silent };
    try {
      const session = await this.#storage.open?.({ clock, random, logger: noopLogger, listener });
      await session?.close();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  /** What a process that starts anew finds; everything must be closed. */
  async restart(): Promise<void> {
    this.journal.write('restart');
    if (this.under.reopen !== undefined) this.#storage = await this.under.reopen();
  }

  /** What was wrong with everything that happened. */
  violations(): readonly string[] {
    const [first] = this.#followers;
    const [loaded] = first?.tellings ?? [];
    if (loaded === undefined) return [];
    const tellings = this.#followers.flatMap((follower) => follower.tellings);
    const { log } = this.under;
    const truth =
      log === undefined
        ? []
        : [
            {
              ...loaded,
              session: 'the storage itself',
              changes: log().filter(({ revision }) => revision > loaded.revision),
            },
          ];
    const history: StorageHistory = {
      initial: loaded,
      commits: this.#followers.flatMap(({ commits }) => commits),
      tellings: [...tellings, ...truth],
      newest: this.#followers.flatMap(({ newest }) => newest),
    };
    return [...this.#followers.flatMap(({ faults }) => faults), ...storageViolations(history)];
  }

  async close(): Promise<void> {
    for (const follower of this.#followers) await follower.close();
    await this.under.dispose?.();
  }
}

/**
 * Runs work on a storage under test, and then checks everything that happened.
 *
 * @throws Error with what is wrong, the seed, and what had happened.
 */
export async function inStorageWorld(
  create: () => Promise<StorageUnderTest>,
  options: { readonly seed: number; readonly patience?: number | undefined; readonly isReplaced?: boolean },
  work: (world: StorageWorld) => Promise<void>,
): Promise<void> {
  const world = new StorageWorld(await create(), options.seed, options.patience);
  await drive(world.clock, async () => {
    try {
      await work(world);
      const violations = world.violations();
      if (violations.length > 0 && options.isReplaced !== true) throw new Error(violations.join('\n'));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${message}\nseed: ${options.seed}\nwhat happened:\n${world.journal.toString()}`, {
        cause: error,
      });
    } finally {
      await world.under.heal?.();
      await world.close();
    }
  });
}
