import { type Executor, microtaskExecutor } from 'keelson';
import { WorkQueue } from 'keelson/workqueue';
import { describe, expect, it } from 'vitest';
import type { Reason } from '../../../src/controller/reason.js';
import { QueuedRequest } from '../../../src/controller/request.js';
import { Worker } from '../../../src/controller/runner/worker.js';

const lane = { kind: 'worker', name: 'test' } as const;

/** A worker whose work is over at once, and what it did. */
function makeWorker(options: { readonly executor?: Executor; readonly isStopping?: () => boolean } = {}) {
  const queue = new WorkQueue<QueuedRequest, Reason>({ key: ({ text }) => text });
  const did: string[] = [];
  const worker = new Worker({
    queue,
    executor: options.executor ?? microtaskExecutor,
    lane,
    isStopping: options.isStopping ?? (() => false),
    needsBreath: () => did.length % 3 === 2,
    work: (request, done) => {
      did.push(request.text);
      done();
    },
    onDone: () => did.push('done'),
  });
  const add = (name: string): void => queue.add(new QueuedRequest({ name }));
  return { queue, did, worker, add };
}

describe('Worker', () => {
  it('works on one request after another, never in the stack of whoever adds it, and ends with the queue', async () => {
    const { queue, did, worker, add } = makeWorker();
    const run = worker.run();
    add('a');
    add('b');
    expect(did).toEqual([]);
    queue.shutDown();
    await run;
    expect([did, queue.length, queue.processing]).toEqual([['a', 'done', 'b', 'done'], 0, 0]);
  });

  it('hands every request over, and lets the process breathe in between where it must', async () => {
    const told: string[] = [];
    const executor: Executor = {
      ...microtaskExecutor,
      execute: (to, task) => {
        told.push(to.kind);
        microtaskExecutor.execute(to, task);
      },
      breathe: async () => void told.push('breath'),
    };
    const { queue, did, worker, add } = makeWorker({ executor });
    for (const name of ['a', 'b', 'c', 'd']) add(name);
    queue.shutDown();
    await worker.run();
    expect(did.filter((item) => item !== 'done')).toEqual(['a', 'b', 'c', 'd']);
    expect(told).toEqual(['worker', 'breath', 'worker', 'worker', 'worker']);
  });

  it('drops what is left once it is stopping, however much that is', async () => {
    const { queue, did, worker, add } = makeWorker({ isStopping: () => true });
    for (let index = 0; index < 20_000; index += 1) add(`item-${index}`);
    queue.shutDown();
    await worker.run();
    expect([did, queue.length, queue.processing]).toEqual([[], 0, 0]);
  });
});
