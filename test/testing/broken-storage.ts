import { ApiError } from '../../src/core/index.js';
import type {
  Storage,
  StorageChange,
  StorageEntry,
  StorageListener,
  StorageSession,
  StorageTransaction,
} from '../../src/store/index.js';

/** What a storage does wrong: a session instead of the right one, or what its listener is told instead. */
export interface Defect {
  readonly session?: (session: StorageSession, listener: StorageListener) => Partial<StorageSession>;
  readonly listener?: (listener: StorageListener) => Partial<StorageListener>;
}

/** A storage that does right all but one thing. */
export function brokenStorage(storage: Storage, defect: Defect): Storage {
  return {
    name: 'broken',
    open: async (context) => {
      const right = context.listener;
      const told = defect.listener?.(right) ?? {};
      const listener: StorageListener = {
        changed: (change) => (told.changed ?? right.changed.bind(right))(change),
        lost: () => (told.lost ?? right.lost.bind(right))(),
        failed: (error) => (told.failed ?? right.failed.bind(right))(error),
      };
      const session = await storage.open?.({ ...context, listener });
      if (session === undefined) throw new TypeError('Expected a storage that can be opened');
      const broken = defect.session?.(session, listener) ?? {};
      const { newest } = session;
      return {
        load: (take) => session.load(take),
        commit: (transaction) => session.commit(transaction),
        replace: (entries, revision) => session.replace(entries, revision),
        compact: (revision) => session.compact(revision),
        close: () => session.close(),
        ...(newest === undefined ? {} : { newest: (collection) => newest.call(session, collection) }),
        ...broken,
      };
    },
  };
}

/** Does something else every so many times. */
function every(times: number): () => boolean {
  let count = 0;
  return () => {
    count += 1;
    return count % times === 0;
  };
}

const committing =
  (change: (transaction: StorageTransaction) => StorageTransaction): NonNullable<Defect['session']> =>
  (session) => ({ commit: (transaction) => session.commit(change(transaction)) });

const telling = (
  change: (change: StorageChange) => readonly StorageChange[],
): NonNullable<Defect['listener']> => {
  return (listener) => ({
    changed: (told) => {
      for (const each of change(told)) listener.changed(each);
    },
  });
};

const loading =
  (
    change: (entries: readonly StorageEntry[], revision: number) => [readonly StorageEntry[], number],
  ): NonNullable<Defect['session']> =>
  (session) => ({
    load: async (take) => {
      const entries: StorageEntry[] = [];
      const right = await session.load((entry) => void entries.push(entry));
      const [told, revision] = change(entries, right);
      for (const entry of told) take(entry);
      return revision;
    },
  });

/** Ways in which a storage may break its contract, each with whether stores on it must go wrong as well. */
export const DEFECTS: Readonly<Record<string, { readonly make: () => Defect; readonly stores: boolean }>> = {
  'leaves out a change': {
    stores: true,
    make: () => {
      const isNow = every(5);
      return { listener: telling((change) => (isNow() ? [] : [change])) };
    },
  },
  'tells a change twice': {
    // stores take it for told
    stores: false,
    make: () => {
      const isNow = every(5);
      return { listener: telling((change) => (isNow() ? [change, change] : [change])) };
    },
  },
  'tells two changes the wrong way round': {
    stores: true,
    make: () => {
      const isNow = every(3);
      let kept: StorageChange | undefined;
      return {
        listener: telling((change) => {
          if (kept !== undefined) {
            const both = [change, kept];
            kept = undefined;
            return both;
          }
          if (!isNow()) return [change];
          kept = change;
          return [];
        }),
      };
    },
  },
  'tells a change at another revision': {
    stores: true,
    make: () => ({ listener: telling(({ revision, writes }) => [{ revision: revision + 1, writes }]) }),
  },
  'tells half of a transaction': {
    stores: true,
    make: () => ({
      listener: telling(({ revision, writes }) => [
        { revision, writes: writes.slice(0, Math.ceil(writes.length / 2)) },
      ]),
    }),
  },
  'tells the writes of a transaction in another order': {
    stores: false,
    make: () => ({
      listener: telling(({ revision, writes }) => [{ revision, writes: writes.toReversed() }]),
    }),
  },
  'tells a transaction in two parts': {
    stores: true,
    make: () => ({
      listener: telling(({ revision, writes }) => {
        if (writes.length < 2) return [{ revision, writes }];
        return [
          { revision, writes: writes.slice(0, 1) },
          { revision, writes: writes.slice(1) },
        ];
      }),
    }),
  },
  'tells nothing of deletions': {
    stores: true,
    make: () => ({
      listener: telling(({ revision, writes }) => {
        const left = writes.filter(({ value }) => value !== undefined);
        return left.length === 0 ? [] : [{ revision, writes: left }];
      }),
    }),
  },
  'decides without the compares': {
    stores: true,
    make: () => ({ session: committing(({ writes }) => ({ compares: [], writes })) }),
  },
  'decides without the compares of objects': {
    stores: true,
    make: () => ({
      session: committing(({ compares, writes }) => ({
        compares: compares.filter(({ key }) => key === undefined),
        writes,
      })),
    }),
  },
  'decides without the compares of collections': {
    stores: false,
    make: () => ({
      session: committing(({ compares, writes }) => ({
        compares: compares.filter(({ key }) => key !== undefined),
        writes,
      })),
    }),
  },
  'decides by the first compare alone': {
    stores: false,
    make: () => ({
      session: committing(({ compares, writes }) => ({ compares: compares.slice(0, 1), writes })),
    }),
  },
  'takes a transaction apart': {
    stores: true,
    make: () => ({
      session: (session) => ({
        commit: async ({ compares, writes }) => {
          let outcome = await session.commit({ compares, writes: writes.slice(0, 1) });
          for (const write of writes.slice(1)) {
            if (outcome.committed) outcome = await session.commit({ compares: [], writes: [write] });
          }
          return outcome;
        },
      }),
    }),
  },
  'refuses now and then without a reason': {
    stores: false,
    make: () => {
      const isNow = every(7);
      return {
        session: (session) => ({
          commit: async (transaction) =>
            isNow() ? { committed: false, revision: 1 } : session.commit(transaction),
        }),
      };
    },
  },
  'answers without having done it': {
    stores: true,
    make: () => {
      const isNow = every(6);
      let last = 1;
      return {
        session: (session) => ({
          commit: async (transaction) => {
            if (isNow()) return { committed: true, revision: last };
            const outcome = await session.commit(transaction);
            last = outcome.revision;
            return outcome;
          },
        }),
      };
    },
  },
  'answers with an earlier revision': {
    stores: true,
    make: () => ({
      session: (session) => ({
        commit: async (transaction) => {
          const outcome = await session.commit(transaction);
          return { ...outcome, revision: outcome.revision - 1 };
        },
      }),
    }),
  },
  'loads without one of the objects': {
    stores: true,
    make: () => ({ session: loading((entries, revision) => [entries.slice(1), revision]) }),
  },
  'loads an object twice': {
    stores: false,
    make: () => ({
      session: loading((entries, revision) => [[...entries, ...entries.slice(0, 1)], revision]),
    }),
  },
  'loads the objects with the revision of the load': {
    stores: true,
    make: () => ({
      session: loading((entries, revision) => [entries.map((entry) => ({ ...entry, revision })), revision]),
    }),
  },
  'loads at a revision that is too high': {
    stores: true,
    make: () => ({ session: loading((entries, revision) => [entries, revision + 2]) }),
  },
  'forgets what was there when it was opened': {
    stores: true,
    make: () => ({ session: loading(() => [[], 1]) }),
  },
  'cuts long values short': {
    stores: false,
    make: () => ({
      session: committing(({ compares, writes }) => ({
        compares,
        writes: writes.map(({ value, ...key }) => ({ ...key, value: value?.slice(0, 65_536) })),
      })),
    }),
  },
  'loses characters that are not Latin': {
    stores: false,
    make: () => ({
      session: committing(({ compares, writes }) => ({
        compares,
        writes: writes.map(({ value, ...key }) => ({
          ...key,
          value: value === undefined ? undefined : Buffer.from(value, 'latin1').toString('latin1'),
        })),
      })),
    }),
  },
  'takes an empty value for a deletion': {
    stores: false,
    make: () => ({
      session: committing(({ compares, writes }) => ({
        compares,
        writes: writes.map(({ value, ...key }) => ({ ...key, value: value === '' ? undefined : value })),
      })),
    }),
  },
  'does not tell names apart by case': {
    stores: false,
    make: () => ({
      session: committing(({ compares, writes }) => ({
        compares,
        writes: writes.map((write) => ({ ...write, key: write.key.toLowerCase() })),
      })),
    }),
  },
  'does not know of the newest transactions': {
    stores: true,
    make: () => ({
      session: (session) => {
        let first: Promise<number> | undefined;
        return {
          newest: (collection) => {
            first ??= session.newest?.(collection) ?? Promise.resolve(1);
            return first;
          },
        };
      },
    }),
  },
  'shares answers about the newest transaction too long': {
    // by the time that a store has answered a write, nobody shares an answer from before it
    stores: false,
    make: () => ({
      session: (session) => {
        let shared: Promise<number> | undefined;
        return {
          newest: (collection) => {
            // whoever asks while a question is under way gets its answer, although it may be older than the asking
            shared ??= (session.newest?.(collection) ?? Promise.resolve(1)).then(async (revision) => {
              for (let hop = 0; hop < 200; hop += 1) await Promise.resolve();
              shared = undefined;
              return revision;
            });
            return shared;
          },
        };
      },
    }),
  },
  'replaces without telling the others': {
    stores: false,
    make: () => ({ listener: () => ({ lost: () => undefined }) }),
  },
  'adds to what is there instead of replacing it': {
    stores: false,
    make: () => ({
      session: (session) => ({
        replace: async (entries) => {
          await session.commit({ compares: [], writes: [...entries] });
        },
      }),
    }),
  },
  'forgets objects together with the past': {
    stores: false,
    make: () => ({ session: (session) => ({ compact: (revision) => session.replace([], revision) }) }),
  },
  'accepts transactions after it was closed': {
    stores: false,
    make: () => ({
      session: (session) => {
        let isClosed = false;
        return {
          close: async () => {
            isClosed = true;
            await session.close();
          },
          commit: async (transaction) =>
            isClosed ? { committed: true, revision: 1_000 } : session.commit(transaction),
        };
      },
    }),
  },
  'is not open any more after it was closed, and says nothing': {
    stores: false,
    make: () => ({
      session: (session) => ({
        load: async (take) => session.load(take).catch(() => 1),
      }),
    }),
  },
  'calls what it does not know a failure': {
    stores: false,
    make: () => ({
      session: (session) => ({
        commit: async (transaction) => {
          try {
            return await session.commit(transaction);
          } catch (error) {
            throw ApiError.serviceUnavailable(error instanceof Error ? error.message : 'failed');
          }
        },
      }),
    }),
  },
};
