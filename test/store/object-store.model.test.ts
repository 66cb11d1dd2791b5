import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, Note, setUp, told } from './kit.js';
import { ModelRun, modelled, options } from './model-run.js';
import { anySelection, anyStep, some } from './model-steps.js';
import { matches, type ModelEvent, StoreModel } from './store-model.js';

// a run that fails prints its seed too; KEELSON_SEED repeats it
const seed = Number(process.env['KEELSON_SEED'] ?? Math.floor(Math.random() * 0x7fff_ffff));
process.stdout.write(`object-store.model.test.ts: KEELSON_SEED=${seed}\n`);

describe('an ObjectStore, for any sequence of requests', () => {
  it('answers as the model does; its lists, pages and watches agree with each other at every revision', async () => {
    const script = fc.array(anyStep, { maxLength: 80, size: 'max' });
    await fc.assert(
      fc.asyncProperty(script, anySelection, async (steps, last) => {
        const run = new ModelRun();
        for (const each of steps) await run.follow(each);
        await run.check();
        await run.checkHistory(last);
      }),
      { seed, numRuns: 150 },
    );
  });

  it('says Expired for what it has forgotten, and the truth about everything else', async () => {
    const script = fc.array(
      anyStep.filter(({ do: what }) => what !== 'watch' && what !== 'read' && what !== 'page'),
      { maxLength: 60, size: 'max' },
    );
    await fc.assert(
      fc.asyncProperty(
        script,
        anySelection,
        fc.integer({ min: 1, max: 12 }),
        async (steps, chosen, history) => {
          const run = new ModelRun(history);
          for (const each of steps) await run.follow(each);
          const { client, model } = run;
          // whatever takes a revision is a change of the log, so it reaches back as far as it holds changes
          const oldest = Math.max(1, model.revision - history);
          for (let revision = 1; revision <= model.revision; revision += 1) {
            const resourceVersion = String(revision);
            const list = client.list(Note, {
              ...options(chosen),
              resourceVersion,
              resourceVersionMatch: 'Exact',
            });
            const watch = client.watch(Note, { ...options(chosen), resourceVersion });
            if (revision < oldest) {
              await expect(list).rejects.toMatchObject({ reason: 'Expired' });
              await expect(watch.next()).rejects.toMatchObject({ reason: 'Expired' });
            } else {
              expect((await list).items.map(modelled)).toEqual(model.list(chosen, revision));
              const events = (await told(client, watch)).filter((event) => event.type !== 'BOOKMARK');
              expect(events.map(({ type, object }) => ({ type, object: modelled(object) }))).toEqual(
                model.events(chosen, revision),
              );
            }
            watch.stop();
          }
        },
      ),
      { seed, numRuns: 60 },
    );
  });

  it('lets a reader that was cut off go on from the last event that it read', async () => {
    const burst = fc.record({
      writes: fc.array(fc.record(some), { maxLength: 12 }),
      reads: fc.nat(6),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(burst, { maxLength: 12 }),
        anySelection,
        fc.integer({ min: 1, max: 4 }),
        async (bursts, chosen, watchBuffer) => {
          const { client } = setUp({ watchBuffer });
          const model = new StoreModel();
          const seen: ModelEvent[] = [];
          let after = 1;
          let watch = client.watch(Note, { ...options(chosen), resourceVersion: String(after) });
          const read = async (): Promise<boolean> => {
            try {
              const { value } = await watch.next();
              if (value === undefined || value.type === 'BOOKMARK') return false;
              seen.push({ type: value.type, object: modelled(value.object) });
              after = Number(value.object.metadata.resourceVersion);
            } catch (error) {
              expect(error).toMatchObject({ reason: 'Expired' });
              watch = client.watch(Note, { ...options(chosen), resourceVersion: String(after) });
            }
            return true;
          };
          for (const { writes, reads } of bursts) {
            for (const write of writes) {
              const { namespace, name, label, value } = write;
              if (model.get(namespace, name) === undefined) {
                model.create({ ...write, held: false });
                await client.create(Note, {
                  metadata: { ...at(name, namespace), labels: { colour: label } },
                  value,
                });
              } else if (value === 0) {
                model.delete(write);
                await client.delete(Note, at(name, namespace));
              } else {
                model.change(write, { label, value });
                const patch = { metadata: { labels: { colour: label } }, value };
                await client.patch(Note, at(name, namespace), { type: 'merge', patch });
              }
            }
            for (let count = 0; count < reads && seen.length < model.events(chosen, 1).length; count += 1)
              await read();
          }
          while (seen.length < model.events(chosen, 1).length) await read();
          expect(seen).toEqual(model.events(chosen, 1));
          expect(seen.every(({ type, object }) => type === 'DELETED' || matches(chosen, object))).toBe(true);
          watch.stop();
        },
      ),
      { seed, numRuns: 100 },
    );
  });
});
