import type { Client, Watch, WatchOptions } from '../../client/index.js';
import type { LoggedObject } from '../history/logged-change.js';
import type { WatchedEvent, WatchHistory } from '../history/watch-rules.js';
import { isUnavailable } from './availability.js';
import { check } from './conformance-case.js';
import type { Condition } from './drive.js';
import { Thing } from './thing.js';
import { logged } from './thing-state.js';

/** What a watcher selects, as options of a watch and as a test of an object. */
export interface Selection {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly colour?: string | undefined;
}

export function selectOptions({ namespace, name, colour }: Selection): {
  readonly namespace: string | undefined;
  readonly fieldSelector: string | undefined;
  readonly labelSelector: string | undefined;
} {
  return {
    namespace,
    fieldSelector: name === undefined ? undefined : `metadata.name=${name}`,
    labelSelector: colour === undefined ? undefined : `colour=${colour}`,
  };
}

export function isSelected({ namespace, name, colour }: Selection, object: LoggedObject): boolean {
  return (
    (namespace === undefined || namespace === object.namespace) &&
    (name === undefined || name === object.name) &&
    (colour === undefined || colour === object.labels['colour'])
  );
}

/** Reads a watch of things as fast as it can, and keeps everything. */
export class Watcher {
  readonly name: string;
  readonly selection: Selection;
  /** Why the watch ended, where it failed. */
  error: unknown;
  readonly #watch: Watch<Thing>;
  readonly #condition: Condition;
  // the revision behind which it tells; undefined until the initial events are over
  #from: number | undefined;
  readonly #initial: LoggedObject[] | undefined;
  readonly #events: WatchedEvent[] = [];
  // the newest revision up to which all is told
  #reached = 0;
  #isOver = false;

  /** @param from - The revision behind which it tells; undefined to begin with what is there. */
  constructor(
    client: Client,
    name: string,
    condition: Condition,
    from?: number,
    selection: Selection = {},
    more: WatchOptions = {},
  ) {
    this.name = name;
    this.selection = selection;
    this.#condition = condition;
    this.#from = from;
    this.#initial = from === undefined ? [] : undefined;
    const begin: WatchOptions =
      from === undefined
        ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
        : { resourceVersion: String(from) };
    this.#watch = client.watch(Thing, {
      ...selectOptions(selection),
      allowWatchBookmarks: true,
      ...begin,
      ...more,
    });
    void this.#read();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether it ended for want of a storage that answers, before it had told anything. */
  get neverBegan(): boolean {
    return this.#isOver && isUnavailable(this.error) && this.#reached === 0 && this.#events.length === 0;
  }

  get events(): readonly WatchedEvent[] {
    return this.#events;
  }

  /** The newest revision up to which everything was told, by a bookmark or an event with nothing behind it. */
  get reached(): number {
    return this.#reached;
  }

  /** What it told, for the rules; undefined where it ended before it had told what was there. */
  history(): WatchHistory | undefined {
    if (this.#from === undefined) return undefined;
    const { name, selection } = this;
    return {
      name,
      from: this.#from,
      matches: (object) => isSelected(selection, object),
      events: this.#events,
      initial: this.#initial,
    };
  }

  /** Waits until everything up to a revision was told. */
  async until(revision: number): Promise<void> {
    await this.#condition.until(
      () => this.#isOver || this.#reached >= revision,
      () => `the watch ${this.name} told of everything up to ${this.#reached}, and not up to ${revision}`,
    );
    check(
      this.#reached >= revision,
      () => `the watch ${this.name} ended at ${this.#reached}, before ${revision}: ${messageOf(this.error)}`,
    );
  }

  /** Waits until the watch has ended. */
  async end(): Promise<void> {
    await this.#condition.until(
      () => this.#isOver,
      () => `the watch ${this.name} did not end`,
    );
  }

  stop(): void {
    this.#watch.stop();
  }

  async #read(): Promise<void> {
    try {
      for await (const event of this.#watch) {
        if (event.type === 'BOOKMARK') {
          const { resourceVersion, annotations } = event.object.metadata;
          const revision = Number(resourceVersion);
          this.#reached = Math.max(this.#reached, revision);
          if (this.#from === undefined && annotations?.['k8s.io/initial-events-end'] === 'true') {
            this.#from = revision;
          } else this.#events.push({ type: 'BOOKMARK', revision });
        } else {
          const object = logged(event.object);
          if (this.#from === undefined) this.#initial?.push(object);
          else {
            this.#events.push({ type: event.type, object, more: event.more === true });
            if (event.more !== true) this.#reached = Math.max(this.#reached, object.revision);
          }
        }
        this.#condition.wake();
      }
    } catch (error) {
      this.error = error;
    }
    this.#isOver = true;
    this.#condition.wake();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'without an error';
}
