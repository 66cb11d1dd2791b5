import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/core/index.js';
import { SharedInformer } from '../../src/informer/index.js';
import { listOf, ManualExecutor, ScriptedClient, Thing, thing } from './scripted-client.js';

const NAMES = ['a', 'b', 'c', '__proto__'];

/** A server of which the informer sees what the test lets it see. */
class Server {
  readonly script: ScriptedClient;
  readonly objects = new Map<string, Thing>();
  #revision = 5;
  #uids = 0;

  constructor(executor: ManualExecutor) {
    this.script = new ScriptedClient([listOf(5)], { executor });
  }

  /** Creates, changes or deletes an object, and tells the watch unless `silent`. */
  change(name: string, action: 'put' | 'delete', silent: boolean): void {
    const old = this.objects.get(name);
    if (action === 'delete' && old === undefined) return;
    this.#revision += 1;
    const uid = old === undefined ? `uid-${(this.#uids += 1)}` : old.metadata.uid;
    const object = thing(`default/${name}`, this.#revision, { uid });
    if (action === 'delete') this.objects.delete(name);
    else this.objects.set(name, object);
    if (silent) return;
    if (action === 'delete') this.script.watchNow.deleted(object);
    else if (old === undefined) this.script.watchNow.added(object);
    else this.script.watchNow.modified(object);
  }

  /** Makes the informer list everything. */
  expire(): void {
    this.script.willList(listOf(this.#revision, ...this.objects.values()));
    this.script.watchNow.fail(ApiError.expired('too old'));
  }
}

describe('the calls of a handler', () => {
  it('are always consistent, whatever happens and however slow it is, and end with the state of the cache', async () => {
    const step = fc.record({
      do: fc.constantFrom('put', 'put', 'put', 'delete', 'tell', 'tell', 'relist', 'late'),
      name: fc.constantFrom(...NAMES),
      silent: fc.boolean(),
      count: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
        const executor = new ManualExecutor();
        const server = new Server(executor);
        const informer = new SharedInformer<Thing>(Thing, { client: server.script.client });
        const views: Map<string, Thing>[] = [];
        const watchClosely = (): void => {
          // what the handler knows, by name; every call must fit it
          const view = new Map<string, Thing>();
          views.push(view);
          const registration = informer.addEventHandler({
            onAdd(object) {
              expect(view.has(object.metadata.name)).toBe(false);
              view.set(object.metadata.name, object);
            },
            onUpdate(before, after) {
              expect(view.get(after.metadata.name)).toBe(before);
              expect(after.metadata.uid).toBe(before.metadata.uid);
              expect(Number(after.metadata.resourceVersion)).toBeGreaterThanOrEqual(
                Number(before.metadata.resourceVersion),
              );
              view.set(after.metadata.name, after);
            },
            async onDelete({ key, last }) {
              expect(view.get(key.name)?.metadata.uid).toBe(last?.metadata.uid);
              view.delete(key.name);
            },
          });
          expect(registration.pending).toBeLessThanOrEqual(NAMES.length);
        };
        const faults: unknown[] = [];
        informer.events.on('fault', (fault) => faults.push(fault));
        watchClosely();
        informer.start();
        await server.script.settle();
        let missed = false;
        for (const { do: action, name, silent, count } of steps) {
          if (action === 'put' || action === 'delete') {
            // once a change was missed, the watch is blind until the list
            missed ||= silent;
            server.change(name, action, missed);
          } else if (action === 'relist') {
            server.expire();
            await server.script.clock.advance(120_000);
            missed = false;
          } else if (action === 'late') {
            watchClosely();
          } else {
            for (let told = 0; told < count; told += 1) executor.waiting.shift()?.task();
          }
          await server.script.settle();
        }
        server.expire();
        await server.script.clock.advance(120_000);
        const idle = informer.idle();
        while (executor.waiting.length > 0) {
          executor.runAll();
          await server.script.settle();
        }
        await idle;
        expect(faults).toEqual([]);
        const cached = new Map(informer.lister.list().map((object) => [object.metadata.name, object]));
        expect(cached).toEqual(server.objects);
        for (const view of views) expect(view).toEqual(cached);
        await informer.stop();
      }),
    );
  });
});
