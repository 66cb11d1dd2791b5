import { type Controller, controller, defineResource, type ObjectOf, sleep } from 'keelson';
import * as z from 'zod';

/** A number that goes up for ever, and who wrote it last. */
export const Counter = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Counter',
  fields: { count: z.number().int(), by: z.string().optional() },
});
export type Counter = ObjectOf<typeof Counter>;

/**
 * Counts every Counter up, five times a second or so, and puts the name of this process on it.
 *
 * It does so in a way that is wrong for two at a time: it reads, takes its time, and writes without saying what it has read. Where two
 * processes had the same Counter in hand, both would write the same number.
 */
export function counterController(identity: string): Controller {
  return controller('counter')
    .for(Counter)
    .options({ concurrency: 8 })
    .reconcileObject(async (_object, { key, client, clock, signal }) => {
      const { count } = await client.get(Counter, key);
      await sleep(clock, 50, signal);
      await client.patch(Counter, key, { type: 'merge', patch: { count: count + 1, by: identity } });
      return { requeueAfter: 150 };
    });
}
