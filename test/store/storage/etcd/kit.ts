import * as grpc from '@grpc/grpc-js';
import { type ApiError, noopLogger, systemClock, systemRandom } from '../../../../src/core/index.js';
import { etcdStorage, type EtcdStorageOptions } from '../../../../src/store/storage/etcd/index.js';
import { EtcdClient } from '../../../../src/store/storage/etcd/etcd-client.js';
import { TXN } from '../../../../src/store/storage/etcd/txn.js';
import type {
  StorageChange,
  StorageContext,
  StorageEntry,
  StorageSession,
  StorageWrite,
} from '../../../../src/store/storage/storage.js';
import type { RealEtcd } from './real-etcd.js';

/** A listener that keeps what it was told. */
export class Recorder {
  readonly changes: StorageChange[] = [];
  readonly logged: string[] = [];
  lostCount = 0;
  failure: ApiError | undefined;
  // those who wait for something to be told
  #waiting: (() => void)[] = [];

  readonly context: StorageContext = {
    clock: systemClock,
    random: systemRandom,
    logger: {
      ...noopLogger,
      info: (_fields, message) => {
        this.logged.push(message);
        this.#wake();
      },
    },
    listener: {
      changed: (change) => {
        this.changes.push(change);
        this.#wake();
      },
      lost: () => {
        this.lostCount += 1;
        this.#wake();
      },
      failed: (error) => {
        if (this.failure !== undefined) throw new Error('failed was told twice');
        this.failure = error;
        this.#wake();
      },
    },
  };

  /** Every write that was told, as text. */
  get writes(): readonly string[] {
    return this.changes.flatMap(({ revision, writes }) =>
      writes.map((write) => `${revision} ${textOf(write)}`),
    );
  }

  /** Resolves when a condition holds, which is looked at whenever something was told. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when all changes up to a revision were told. */
  async reached(revision: number): Promise<void> {
    await this.until(() => (this.changes.at(-1)?.revision ?? 0) >= revision);
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

export function textOf({ collection, key, value }: StorageWrite): string {
  return `${collection}/${key}=${value ?? '(deleted)'}`;
}

/** A session that was opened, with what it tells. */
export interface Opened {
  readonly session: StorageSession;
  readonly recorder: Recorder;
}

export async function open(options: EtcdStorageOptions): Promise<Opened> {
  const recorder = new Recorder();
  const storage = etcdStorage({ compactionInterval: 0, ...options });
  const session = await storage.open?.(recorder.context);
  if (session === undefined) throw new Error('Expected a storage that can be opened');
  return { session, recorder };
}

/** Everything that a session loads, by name, and the revision. */
export async function loaded(
  session: StorageSession,
): Promise<{ readonly revision: number; readonly entries: ReadonlyMap<string, StorageEntry> }> {
  const entries = new Map<string, StorageEntry>();
  const revision = await session.load((entry) => entries.set(`${entry.collection}/${entry.key}`, entry));
  return { revision, entries };
}

/** Puts or deletes one object, whatever it was. */
export async function put(session: StorageSession, key: string, value: string | undefined): Promise<number> {
  const outcome = await session.commit({ compares: [], writes: [{ collection: 'pods', key, value }] });
  if (!outcome.committed) throw new Error('Expected the transaction to happen');
  return outcome.revision;
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    return error as ApiError;
  }
  throw new Error('Expected a rejection');
}

/** etcd itself, past any storage. */
export function rawClient(etcd: RealEtcd): EtcdClient {
  const channel = new grpc.Channel(`127.0.0.1:${etcd.port}`, grpc.credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  });
  const members = [{ endpoint: etcd.endpoint, channel }];
  return new EtcdClient({ grpc, clock: systemClock, members, timeout: 10_000 });
}

/** Puts a key of etcd itself; the revision. */
export async function rawPut(client: EtcdClient, key: string, value: string): Promise<number> {
  const response = await client.call(TXN, { compares: [], success: [{ put: { key, value } }] }, true);
  return response.header.revision;
}

/** Asks until the answer is as it should be. */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  isGood: (answer: Answer) => boolean,
): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (isGood(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
