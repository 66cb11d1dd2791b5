import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObjectStore, type Storage } from '../../../src/store/index.js';
import { HOSTILE_CORPUS, HOSTILE_KINDS, prepareHostileStore } from '../../store/hostile-corpus.js';
import { everything, isSame, runHostileCase } from '../../store/hostile-run.js';

/** Where a store of the corpus keeps its objects. */
interface Engine {
  /** The storage, the same content each time; undefined for none. */
  readonly open: () => Storage | undefined;
  /** Whether what was stored is still there when the storage was closed and opened again. */
  readonly isDurable?: boolean;
  readonly dispose?: () => Promise<void>;
}

const TIMEOUT = 60_000;

/** The hostile corpus on one engine: one store for all of it, which must be as it should at the end too. */
export function describeHostile(where: string, start: () => Engine | Promise<Engine>): void {
  describe(`a store ${where} that is sent what nobody means well with`, () => {
    let engine: Engine;
    let store: ObjectStore;
    const open = (): ObjectStore => {
      const storage = engine.open();
      return new ObjectStore({ resources: HOSTILE_KINDS, ...(storage === undefined ? {} : { storage }) });
    };

    beforeAll(async () => {
      engine = await start();
      store = open();
      await prepareHostileStore(store.client());
    }, TIMEOUT);
    afterAll(async () => {
      await store.close();
      await engine.dispose?.();
    }, TIMEOUT);

    for (const hostile of HOSTILE_CORPUS) {
      const { name, reason } = hostile;
      const outcome = reason === undefined ? 'takes' : `answers ${reason} to`;
      it(`${outcome} ${name}`, () => runHostileCase(hostile, store), TIMEOUT);
    }

    it(
      'has all that was legal, and nothing else, when it is opened again',
      async () => {
        const before = await everything(store.client());
        if (engine.isDurable !== true) return;
        await store.close();
        store = open();
        const after = await everything(store.client());
        expect(after.length).toBe(before.length);
        expect(after.findIndex((object, index) => !isSame(object, before[index]))).toBe(-1);
      },
      TIMEOUT,
    );
  });
}
