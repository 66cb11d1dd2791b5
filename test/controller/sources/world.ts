import type { Client } from '../../../src/client/index.js';
import {
  type Logger,
  microtaskExecutor,
  type ObjectKey,
  SeededRandom,
  VirtualClock,
} from '../../../src/core/index.js';
import type { Reason } from '../../../src/controller/reason.js';
import { type Source, SourceRun } from '../../../src/controller/sources/index.js';

/** A run of a source on a virtual clock, what it asked for and what it logged. */
export class World {
  readonly clock = new VirtualClock();
  readonly asked: string[] = [];
  readonly reasons = new Set<Reason>();
  readonly logged: {
    readonly level: string;
    readonly message: string;
    readonly error: unknown;
    readonly source: unknown;
  }[] = [];
  readonly log: Logger;
  readonly client: Client;
  /** Whether `run` has resolved. */
  isOver = false;
  readonly #stop = new AbortController();
  #over: Promise<void> | undefined;

  constructor() {
    const at = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
      void this.logged.push({ level, message, error: fields['error'], source: fields['source'] });
    this.log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
    // nothing else of a client is asked for
    this.client = {
      clock: this.clock,
      random: new SeededRandom(1),
      executor: microtaskExecutor,
    } as unknown as Client;
  }

  /** Runs a source of names, each of which asks for the objects that it lists. */
  start(
    source: Source<string>,
    keys: (item: string) => Iterable<ObjectKey> = (item) => item.split(',').map((name) => ({ name })),
  ): this {
    const run = new SourceRun({
      source,
      name: 'machines',
      keys,
      ask: ({ name }, reason) => {
        this.asked.push(name);
        this.reasons.add(reason);
      },
      signal: this.#stop.signal,
      client: this.client,
      log: this.log,
    });
    this.#over = run.run().then(() => {
      this.isOver = true;
    });
    return this;
  }

  /** Waits for everything that can go on without time. */
  async settle(): Promise<void> {
    await this.clock.advance(0);
  }

  abort(): void {
    this.#stop.abort(new Error('stopped'));
  }

  async stop(): Promise<void> {
    this.abort();
    await this.#over;
  }

  /** What {@link SourceRun.run} gave. */
  get over(): Promise<void> | undefined {
    return this.#over;
  }
}
