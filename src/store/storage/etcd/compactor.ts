import type { Clock, Logger, Timer } from '../../../core/index.js';
import { COMPACT } from './compact.js';
import type { EtcdClient } from './etcd-client.js';
import { EtcdError } from './etcd-error.js';
import type { Keyspace } from './keyspace.js';
import { TXN } from './txn.js';

/** What a {@link Compactor} is made from. */
export interface CompactorOptions {
  readonly client: EtcdClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keyspace: Keyspace;
  /** In milliseconds. */
  readonly interval: number;
}

/**
 * Lets etcd forget, once in each interval, what is older than the interval.
 *
 * However many do so under one prefix, one of them compacts: the one that is first to write the key that they share.
 *
 * Source: the compactor of kube-apiserver's etcd3 storage.
 */
export class Compactor {
  readonly #options: CompactorOptions;
  // how often the shared key was written, and etcd's revision, when this one looked last
  #version = 0;
  #revision = 0;
  #stopped = false;
  #timer: Timer | undefined;

  constructor(options: CompactorOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, interval, logger } = this.#options;
    this.#timer = clock.setTimer(
      interval,
      () => {
        this.#turn()
          .catch((error: unknown) => {
            if (!(error instanceof EtcdError)) throw error;
            // the next turn compacts what this one should have
            if (!this.#stopped)
              logger.warn({ error: error.message, code: error.code }, 'etcd was not compacted');
          })
          .finally(() => {
            if (!this.#stopped) this.start();
          });
      },
      { keepAlive: false },
    );
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #turn(): Promise<void> {
    const { client, keyspace } = this.#options;
    const key = keyspace.compacted;
    const old = this.#revision;
    const response = await client.call(
      TXN,
      {
        compares: [{ key, target: 'version', is: 'equal', to: this.#version }],
        success: [{ put: { key, value: String(old) } }],
        failure: [{ range: { key } }],
      },
      true,
    );
    this.#revision = response.header.revision;
    if (!response.succeeded) {
      this.#version = response.ranges[0]?.items[0]?.version ?? 0;
      return;
    }
    this.#version += 1;
    if (old > 0 && !this.#stopped) await compact(client, old);
  }
}

/** Lets etcd forget what was before a revision of it; that it has done so already is as good. */
export async function compact(client: EtcdClient, revision: number): Promise<void> {
  try {
    await client.call(COMPACT, { revision }, true);
  } catch (error) {
    if (!(error instanceof EtcdError && error.isCompacted)) throw error;
  }
}
