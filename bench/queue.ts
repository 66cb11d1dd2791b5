import { WorkQueue } from 'keelson/workqueue';
import type { Row } from './harness.js';

const KEYS = 200_000;

/** The work queue, against a bare Map and array. */
export function queueRows(): readonly Row[] {
  const keys = Array.from({ length: KEYS }, (_, index) => `team-${index % 10}/web-${index}`);
  let queue = new WorkQueue<string>();
  const fresh = (): void => {
    queue = new WorkQueue<string>();
  };
  return [
    {
      name: 'floor: Map and array, add and take in turn',
      operations: KEYS,
      run: () => {
        const known = new Map<string, number>();
        const waiting: string[] = [];
        for (const key of keys) {
          known.set(key, 1);
          waiting.push(key);
          known.delete(waiting.pop() as string);
        }
      },
    },
    {
      name: 'queue: add, tryGet, done in turn',
      operations: KEYS,
      floor: 'floor: Map and array, add and take in turn',
      before: fresh,
      run: () => {
        for (const key of keys) {
          queue.add(key);
          queue.done(queue.tryGet() as string);
        }
      },
    },
    {
      name: 'queue: add, await get, done in turn',
      operations: KEYS,
      before: fresh,
      run: async () => {
        for (const key of keys) {
          queue.add(key);
          queue.done((await queue.get()) as string);
        }
      },
    },
    {
      name: 'queue: add all, then get and finish all',
      operations: KEYS,
      before: fresh,
      run: () => {
        for (const key of keys) queue.add(key);
        for (let item = queue.tryGet(); item !== undefined; item = queue.tryGet()) queue.done(item);
      },
    },
    {
      name: 'queue: add what waits already',
      operations: KEYS,
      before: fresh,
      run: () => {
        for (let turn = 0; turn < KEYS; turn += 1) queue.add(keys[turn % 1_000] as string);
      },
    },
  ];
}
